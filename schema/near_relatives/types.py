"""Near-relative declarations: relatives of officials among aid recipients (46-4.3)."""

from datetime import date

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.model.near_relatives import Kinship, NearRelativeRow
from hub.policy.facts.near_relatives import in_force
from hub.policy.permissions.row_policies import visible
from schema.engine.declare.field_sources import Reads
from schema.engine.declare.fields import column, to_one, where
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.regions.arguments import is_agency
from schema.regions.types import Agency
from schema.type_names import LazyHousehold, LazyPerson

_near_relative = table_of(NearRelativeRow)


def near_relative_declared(certification: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Whether a declaration is in force for the person of a certification, or for a member of its household."""
    declaration = _near_relative.alias()
    return (
        sa.exists()
        .where(
            declaration.c.household_id == certification.c.household_id,
            in_force(declaration),
            sa.or_(certification.c.person_id.is_(None), declaration.c.person_id == certification.c.person_id),
            visible(declaration, grant, household_seen=True),
        )
        .correlate_except(declaration)
    )


@on_rows(
    Reads(
        "NearRelative",
        table_of(NearRelativeRow),
        ("household_id", "id"),
        ("household_id", "id"),
    ),
    "近亲属备案 A member of a household who is a near relative of an official, as an agency declared (46-4.3)",
)
class NearRelative(OnRows, Node):
    """近亲属备案."""

    household: LazyHousehold | None = to_one(
        "Household",
        {"id": "household_id"},
        "家庭 The household",
    )
    person: LazyPerson | None = to_one(
        "Person",
        {"household_id": "household_id", "id": "person_id"},
        "人员 The relative",
    )
    kinship: Kinship | None = column("kinship", "关系 What the person is to the official")
    office: str | None = column("office", "任职单位 Where the official serves")
    post: str | None = column("post", "职务 The official's post")
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "备案单位 Who declared it")
    declared_on: date | None = column("declared_on", "备案日期 When it was declared")
    ended_on: date | None = column("ended_on", "终止日期 When it ended; null: in force")
    end_reason: str | None = column("end_reason", "终止原因 Why it ended")
    policy_basis: str | None = column("policy_basis", "依据条款 Clause")
    version: int | None = column("version", "版本 For expectedVersion")


@strawberry.input(description="近亲属备案筛选 Which declarations; all fields must match")
class NearRelativeFilter:
    """Each filter needs the scopes of the field that it uses."""

    agency: str | None = where(
        "NearRelative.agency", lambda n, v, _: is_agency(n.c.agency_id, v), "备案单位 Agency code"
    )
    stands: bool | None = where(
        "NearRelative.endedOn",
        lambda n, v, _: in_force(n) == v.bind(sa.Boolean),
        "是否有效 It has not ended",
    )
