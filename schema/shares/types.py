"""Monthly shares: numbers without persons (46-4.2), for readers of statistics, and for each registry its own lists.

No department got a new scope for this: `statistics:read` belongs to departments that supervise the whole, and a registry
must see whether its own list arrived.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.circumstances.rules import REGISTRIES
from hub.evaluation.coverage.withholding import FEW
from hub.foundation.calendar import TODAY
from hub.foundation.database import table_of
from hub.foundation.months import first_day
from hub.model.agencies import Department
from hub.model.circumstances import CircumstanceKind
from hub.model.shares import MonthlyShareRow
from hub.policy.facts.shares import arrived, late
from hub.policy.permissions.implying_rows import registries_open_to
from schema.engine.declare.field_sources import Reads
from schema.engine.declare.fields import column, derived, to_one, where
from schema.engine.declare.filters import one_of
from schema.engine.declare.row_types import OnRows, on_rows
from schema.regions.arguments import region_of
from schema.regions.types import Agency, Region


def _rows(share: FromClause, grant: Grant) -> ColumnElement[Any]:
    """Numbers under five are only for callers who could count the facts themselves."""
    is_open = sa.or_(share.c.source_registry.in_(registries_open_to(grant)), share.c.rows >= FEW)
    return sa.case((sa.and_(arrived(share), is_open), share.c.rows))


def _late(share: FromClause) -> ColumnElement[bool]:
    return late(share, TODAY)


@on_rows(
    Reads("MonthlyShare", table_of(MonthlyShareRow), ("source_registry", "kind", "month", "region")),
    "每月共享名单 The list of a registry for a county and a month: when it was received, or by when it is due (46-2.2, 46-2.3)",
)
class MonthlyShare(OnRows):
    """每月共享."""

    registry: Department | None = column("source_registry", "部门 Whose list")
    kind: CircumstanceKind | None = column("kind", "情形 What it is a list of")
    month: date | None = column("month", "月份 The month, by its first day")
    region: Region | None = to_one("Region", {"code": "region"}, "区县 The county")
    policy_basis: str | None = column("policy_basis", "依据条款 Clause that requires it; null: none")
    due_on: date | None = column("due_on", "截止日期 The last day in time; null: it is never late")
    rows: int | None = derived(
        _rows,
        "条数 How many facts it named, each counted once; null: not received, or numbers under 5 are withheld from you",
    )
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "共享单位 Who shared it last")
    first_shared_at: datetime | None = column(
        "first_shared_at", "首次共享时间 When it was first received; null: not yet"
    )
    shared_at: datetime | None = column("shared_at", "最近共享时间 When its last part was received")
    late: bool | None = derived(
        lambda share, _: _late(share),
        "是否逾期 Received after its last day, or not received and that day is over",
        made_of=("MonthlyShare.dueOn", "MonthlyShare.firstSharedAt"),
    )
    found_late_at: datetime | None = column(
        "found_late_at", "预警时间 When monitoring found it late (MONTHLY_SHARE_LATE)"
    )
    late_closed_at: datetime | None = column(
        "late_closed_at", "预警关闭时间 When monitoring found that it had been received"
    )


@strawberry.input(description="每月共享筛选 Which shares; all fields must match")
class MonthlyShareFilter:
    """By registry, county, month and lateness."""

    registry: list[Department] | None = where(
        "MonthlyShare.registry",
        lambda share, v, _: one_of(share.c.source_registry, v, REGISTRIES),
        "部门 Of one of these",
    )
    kind: list[CircumstanceKind] | None = where(
        "MonthlyShare.kind", lambda share, v, _: one_of(share.c.kind, v), "情形 A list of one of these"
    )
    region: str | None = where(
        "MonthlyShare.region",
        lambda share, v, _: share.c.region.op("^@")(region_of(v)),
        "区划 Of the counties inside this region",
    )
    month: date | None = where(
        "MonthlyShare.month",
        lambda share, v, _: share.c.month == v.bind(sa.Date, first_day),
        "月份 Of this month, named by its first day, as 2026-11-01; another day is refused 须填当月首日",
    )
    late: bool | None = where(
        "MonthlyShare.late", lambda share, v, _: _late(share) == v.bind(sa.Boolean), "是否逾期 Late or not"
    )
