"""Unusual accesses as findings, for auditors."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from strawberry.types.info import Info

from hub.evaluation.access import unusual
from hub.evaluation.access.rules import UnusualAccessKind
from schema.engine.declare.field_sources import TYPES
from schema.engine.declare.fields import computed
from schema.regions.types import Agency
from schema.type_names import LazyHousehold


async def _agency(root: Any, info: Info) -> Any:
    code = root.finding.agency
    return None if code is None else await info.context.loaders.by_key(TYPES["Agency"], ("id",), (code,))


async def _household(root: Any, info: Info) -> Any:
    key = root.finding.household
    return None if key is None else await info.context.loaders.by_key(TYPES["Household"], ("id",), (key,))


@strawberry.type(
    description="异常访问 Unusual accesses of a client on a day, and why they are unusual; a hint where to look, not an"
    " accusation"
)
class UnusualAccess:
    """异常访问."""

    finding: strawberry.Private[unusual.UnusualAccess]
    kind: UnusualAccessKind | None = computed(lambda root: root.finding.kind, "类型 Why it is unusual")
    words: str | None = computed(lambda root: root.finding.kind.term.noted, "说明(英文) The reason in words")
    words_zh: str | None = computed(
        lambda root: root.finding.kind.term.noted_zh, "说明 The reason in Chinese words"
    )
    agency: Agency | None = computed(
        _agency, "单位 The agency that made the request; null: the caller was not authenticated"
    )
    client: str | None = computed(lambda root: root.finding.client, "客户端 Which client")
    person: str | None = computed(lambda root: root.finding.person, "操作人 The natural person; null: none")
    day: date | None = computed(lambda root: root.finding.day, "日期 On which day, in China")
    count: int | None = computed(lambda root: root.finding.count, "次数 How many there were on the day")
    bound: int | None = computed(
        lambda root: root.finding.bound, "界限 The number in a day from which it is unusual"
    )
    household: LazyHousehold | None = computed(
        _household, "家庭 The household that the reason concerns; null: none, or you do not see it"
    )


async def _unusual(
    info: Info,
    from_: Annotated[datetime, strawberry.argument(name="from", description="起 From this instant")],
    until: Annotated[
        datetime,
        strawberry.argument(description=f"止 Before this instant, at most {unusual.MOST_DAYS} days later"),
    ],
) -> list[UnusualAccess]:
    context = info.context
    found = await context.read(
        lambda connection: unusual.find_unusual(connection, context.grant, from_, until)
    )
    return [UnusualAccess(finding=finding) for finding in found]


@strawberry.type
class AuditQueries:
    """Queries over all access records, for auditors."""

    unusual_access: list[UnusualAccess] | None = computed(
        _unusual,
        f"异常访问 Unusual accesses of a span of time, furthest over their bound first, at most {unusual.MOST_FOUND}",
    )
