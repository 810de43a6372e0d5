"""Cases of overlapping aid (重复救助核实单), as the two agencies and civil affairs see them (46-2.1, 46-4.3).

Both agencies see a case, wherever the households live. Fields that reveal the other record need its household to be
visible; each has its own scopes.
"""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.model.households import HouseholdRow
from hub.model.overlaps import OverlapCaseRow, OverlapCode, OverlapDisposition, OverlapSide, OverlapStatus
from hub.overlaps.rules import OVERLAP_RULES, OverlapRule
from hub.policy.permissions.row_policies import visible
from hub.policy.permissions.sight import agency_of
from schema.engine.declare.field_sources import Derive, Reads
from schema.engine.declare.fields import column, derived, to_one, where
from schema.engine.declare.filters import one_of
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.type_names import LazyAidRecord, LazyAlert, LazyHousehold, LazyPerson

_household = table_of(HouseholdRow)


def _in_sight(household_id: ColumnElement[object], grant: Grant) -> ColumnElement[bool]:
    household = _household.alias()
    return (
        sa.exists()
        .where(household.c.id == household_id, visible(household, grant))
        .correlate_except(household)
    )


def _is_caller(agency: ColumnElement[str], grant: Grant) -> ColumnElement[bool]:
    return agency == agency_of(grant)


def _first(case: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Whether the caller may read the side of the first record."""
    return sa.or_(_is_caller(case.c.first_agency, grant), _in_sight(case.c.first_household_id, grant))


def _second(case: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Whether the caller may read the side of the second record, and the rule, which the second agency knows."""
    return sa.or_(_is_caller(case.c.second_agency, grant), _in_sight(case.c.household_id, grant))


def _where(open_to: Callable[[FromClause, Grant], ColumnElement[bool]], name: str) -> Derive:
    return lambda case, grant: sa.case((open_to(case, grant), case.c[name]))


def _of_rule(value: Callable[[OverlapRule], str]) -> Derive:
    words = {rule.code.value: value(rule) for rule in OVERLAP_RULES}
    return lambda case, grant: sa.case(
        (_second(case, grant), sa.case(words, value=sa.cast(case.c.rule, sa.Text)))
    )


def _your_side(case: FromClause, grant: Grant) -> ColumnElement[str]:
    return sa.case(
        (_is_caller(case.c.first_agency, grant), sa.literal(OverlapSide.FIRST.value, sa.Text)),
        (_is_caller(case.c.second_agency, grant), sa.literal(OverlapSide.SECOND.value, sa.Text)),
    )


@on_rows(
    Reads(
        "OverlapCase",
        table_of(OverlapCaseRow),
        ("household_id", "id"),
        ("household_id", "id"),
        beyond_sight=True,
    ),
    "重复救助核实单 Two aid records that may be duplicates, or that exclude each other; civil affairs decides",
)
class OverlapCase(OnRows, Node):
    """重复救助核实单."""

    household: LazyHousehold | None = to_one(
        "Household",
        {"id": "household_id"},
        "家庭 The household of the second record",
    )
    person: LazyPerson | None = to_one(
        "Person",
        {"household_id": "household_id", "id": "person_id"},
        "人员 The person; null: the household as a whole",
    )
    your_side: OverlapSide | None = derived(
        _your_side, "本单位为哪一方 Which record is your agency's; null: neither"
    )
    rule: OverlapCode | None = derived(_where(_second, "rule"), "规则 The rule for the two records")
    clause: str | None = derived(_of_rule(lambda rule: rule.clause), "依据条款 Clause of the rule")
    text: str | None = derived(_of_rule(lambda rule: rule.text), "条款原文 The policy's words")
    first: LazyAidRecord | None = to_one(
        "AidRecord",
        {"household_id": "first_household_id", "id": "first_id"},
        "先登记的记录 The earlier record; null: out of your sight",
    )
    first_agency: str | None = derived(
        _where(_first, "first_agency"),
        "先登记单位 Code of its agency, where its household is in sight",
    )
    second: LazyAidRecord | None = to_one(
        "AidRecord",
        {"household_id": "household_id", "id": "second_id"},
        "后登记的记录 The later record; null: refused, or out of your sight",
    )
    second_agency: str | None = derived(
        _where(_second, "second_agency"),
        "后登记单位 Code of its agency, where its household is in sight",
    )
    external_id: str | None = derived(
        lambda case, grant: sa.case((_is_caller(case.c.second_agency, grant), case.c.second_external_id)),
        "外部编号 The second record's id in its agency's own system, for that agency",
    )
    said: str | None = column("said", "说明 The statement of the refused agency, for both sides")
    to_agency: str | None = derived(
        _where(_second, "to_agency"),
        "核定单位 Code of civil affairs of the household's county, who decides",
    )
    opened_at: datetime | None = column("opened_at", "发现时间 Opened at")
    status: OverlapStatus | None = column("status", "状态 Status")
    disposition: OverlapDisposition | None = column("disposition", "处置 What is to be done")
    withdrawn: OverlapSide | None = column(
        "withdrawn", "撤回哪一方 Which record is withdrawn by CORRECT or RECOVER"
    )
    reason: str | None = column("reason", "核定理由 Why, for both sides")
    decided_by: str | None = derived(
        _where(_second, "decided_by"), "核定单位 Code of the agency that decided"
    )
    decided_at: datetime | None = column("decided_at", "核定时间 Decided at")
    alert: LazyAlert | None = to_one(
        "Alert",
        {"household_id": "household_id", "id": "alert_id"},
        "预警 The alert of the case; open until one of the records is withdrawn or both are confirmed",
    )
    version: int | None = column("version", "版本 For expectedVersion")


@strawberry.input(description="核实单筛选 Which cases; all fields must match")
class OverlapCaseFilter:
    """Each filter needs the scopes of the field that it uses."""

    status: list[OverlapStatus] | None = where(
        "OverlapCase.status", lambda c, v, _: one_of(c.c.status, v), "状态 One of these"
    )
    disposition: list[OverlapDisposition] | None = where(
        "OverlapCase.disposition", lambda c, v, _: one_of(c.c.disposition, v), "处置 One of these"
    )
