"""The caller, and the permissions of all departments."""

import strawberry
from strawberry.types.info import Info

from auth.departments import DEPARTMENTS
from hub.evaluation.entitlements.withheld import rules_withheld
from hub.evaluation.monitoring.rules import findings_withheld
from hub.evaluation.visits.rules import VisitReason, reasons_withheld
from hub.model.agencies import Department
from hub.model.alerts import Finding
from schema.engine.declare.field_sources import TYPES
from schema.engine.declare.fields import computed
from schema.regions.types import Agency


@strawberry.type(
    description="未向调用方列全的内容 What lists omit for the caller, because its scopes do not open every fact: even an empty"
    " list does not prove that there is nothing"
)
class Withheld:
    """未列全的内容."""

    entitlements: list[str] = strawberry.field(
        description="应享救助规则 The rules whose entitlements are not all listed"
    )
    alerts: list[Finding] = strawberry.field(description="预警类型 The findings whose alerts are not listed")
    visit_reasons: list[VisitReason] = strawberry.field(
        description="走访原因 The reasons whose households are not all on the visit list"
    )


@strawberry.type(description="当前调用方 The caller, with the permissions of its token")
class Viewer:
    """当前调用方."""

    agency: Agency | None = strawberry.field(description="单位 Agency")
    client: str = strawberry.field(description="客户端 Client id")
    scopes: list[str] = strawberry.field(description="权限 Scopes")
    regions: list[str] = strawberry.field(description="管辖区划 Region prefixes of its jurisdiction")
    purpose: str = strawberry.field(description="本次使用用途 Purpose of this request (header Hub-Purpose)")
    purposes: list[str] = strawberry.field(description="可用的使用用途 Purposes it may claim")
    withheld: Withheld = strawberry.field(
        description="未列全的内容 What its lists omit because of its scopes"
    )


@strawberry.type(description="部门权限 What a department may read and write")
class DepartmentPermissions:
    """部门权限."""

    department: Department = strawberry.field(description="部门 Department")
    name: str = strawberry.field(description="名称 Its name in Chinese")
    scopes: list[str] = strawberry.field(
        description="权限 All scopes that a client of the department can have"
    )
    purposes: list[str] = strawberry.field(
        description="可用的使用用途 Purposes its clients may claim; the first by default"
    )


async def _viewer(info: Info) -> Viewer:
    grant = info.context.grant
    return Viewer(
        agency=await info.context.loaders.by_key(TYPES["Agency"], ("id",), (grant.agency,)),
        client=grant.client,
        scopes=sorted(grant.scopes),
        regions=list(grant.regions),
        purpose=grant.purpose,
        purposes=list(grant.purposes),
        withheld=Withheld(
            entitlements=rules_withheld(grant),
            alerts=findings_withheld(grant),
            visit_reasons=reasons_withheld(grant),
        ),
    )


def _matrix() -> list[DepartmentPermissions]:
    return [
        DepartmentPermissions(
            department=Department(department.department),
            name=department.name_zh,
            scopes=sorted(department.scopes),
            purposes=list(department.purposes),
        )
        for department in DEPARTMENTS.values()
    ]


@strawberry.type
class ViewerQueries:
    """Queries about permissions."""

    viewer: Viewer = computed(_viewer, "当前调用方 The caller and its permissions")
    permission_matrix: list[DepartmentPermissions] = computed(_matrix, "权限矩阵 What each department may do")
