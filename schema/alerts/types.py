"""Alerts (预警) and visits (走访核查), their filters and order (46-2.3, 46-2.4)."""

from datetime import date, datetime

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.database import table_of
from hub.glossary.code_sets import term
from hub.model.alerts import (
    AlertReferralRow,
    AlertRow,
    AlertStatus,
    ClosedBecause,
    Disposition,
    Finding,
    Severity,
)
from hub.model.visits import Recommendation, VisitKind, VisitRow
from hub.policy.facts.alerts import overdue
from hub.visits.rules import kind_of
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, derived, to_many, to_one, where
from schema.engine.declare.filters import DateRange, in_range, one_of, order_input
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.orders import NEWEST_OVERLAP, NEWEST_REFERRAL, NEWEST_VISIT
from schema.regions.arguments import is_agency
from schema.regions.types import Agency
from schema.type_names import (
    LazyCertification,
    LazyConference,
    LazyHousehold,
    LazyOverlapCase,
    LazyPerson,
    LazyReferral,
)


def _words(language: int) -> dict[str, str]:
    return {finding.value: (f"{term(finding).en}.", term(finding).zh)[language] for finding in Finding}


def _overdue(alert: FromClause) -> ColumnElement[bool]:
    return overdue(alert, sa.func.now())


@on_rows(
    Reads("Visit", table_of(VisitRow), ("household_id", "id"), ("household_id", "id")),
    "走访核查 A visit to a household at home, with what was found and what is recommended (46-2.3, 46-2.4)",
)
class Visit(OnRows, Node):
    """走访核查."""

    household: LazyHousehold | None = to_one(
        "Household",
        {"id": "household_id"},
        "家庭 The household",
    )
    person: LazyPerson | None = to_one(
        "Person",
        {"household_id": "household_id", "id": "person_id"},
        "人员 The person; null: the household as a whole",
    )
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "走访单位 Who visited")
    kind: VisitKind | None = derived(
        lambda visit, _: kind_of(visit),
        "走访类型 Whose duty it is, by the department of the agency",
        made_of=("Visit.agency",),
    )
    visited_on: date | None = column("visited_on", "走访日期 When")
    visitors: str | None = column("visitors", "走访人 The people who went")
    found: str | None = column("found", "核查情况 What they found")
    recommendation: Recommendation | None = column("recommendation", "救助帮扶建议 What they recommend")
    recorded_at: datetime | None = column("recorded_at", "登记时间 When it was recorded")


@on_rows(
    Reads("Alert", table_of(AlertRow), ("household_id", "id"), ("household_id", "id")),
    "预警 What monitoring or an agency found, with a deadline and one of four dispositions (46-2.4)",
)
class Alert(OnRows, Node):
    """预警."""

    household: LazyHousehold | None = to_one(
        "Household",
        {"id": "household_id"},
        "家庭 The household",
    )
    person: LazyPerson | None = to_one(
        "Person",
        {"household_id": "household_id", "id": "person_id"},
        "人员 The person; null: the household as a whole",
    )
    finding: Finding | None = column("finding", "发现 What was found")
    words: str | None = derived(
        lambda alert, _: sa.case(_words(0), value=alert.c.finding),
        "发现的文字说明(英文) The finding in words",
        made_of=("Alert.finding",),
    )
    words_zh: str | None = derived(
        lambda alert, _: sa.case(_words(1), value=alert.c.finding),
        "发现的文字说明 The finding in words, in Chinese",
        made_of=("Alert.finding",),
    )
    severity: Severity | None = column("severity", "紧急程度 How urgent")
    evidence: str | None = column(
        "evidence", "依据 What the finding is about: a school year, a month, the id of a record"
    )
    reason: str | None = column("reason", "说明 In the words of the agency that raised it")
    policy_basis: str | None = column("policy_basis", "依据条款 Clause of the duty")
    raised_by: Agency | None = to_one("Agency", {"id": "raised_by"}, "发起单位 Who raised it")
    to_agency: Agency | None = to_one("Agency", {"id": "to_agency"}, "核查单位 Who is to check it", name="to")
    raised_at: datetime | None = column("raised_at", "预警时间 Raised at")
    due_at: datetime | None = column("due_at", "核查期限 To be checked and disposed of by")
    overdue: bool | None = derived(
        lambda alert, _: _overdue(alert),
        "是否逾期 Not disposed of, and past its deadline",
        made_of=("Alert.status", "Alert.dueAt"),
    )
    status: AlertStatus | None = column("status", "状态 Status")
    visits: list[Visit] | None = to_many(
        "Visit",
        Join({"household_id": "household_id", "alert_id": "id"}),
        NEWEST_VISIT,
        "走访 The visits that checked it",
    )
    disposition: Disposition | None = column("disposition", "处置 The disposition")
    disposition_reason: str | None = column("disposition_reason", "处置理由 Why it was disposed of so")
    disposed_by: Agency | None = to_one("Agency", {"id": "disposed_by"}, "处置单位 Who disposed of it")
    disposed_at: datetime | None = column("disposed_at", "处置时间 Disposed of at")
    referrals: list[LazyReferral] | None = to_many(
        "Referral",
        Join(
            {"household_id": "household_id"},
            through=(
                table_of(AlertReferralRow),
                {"household_id": "household_id", "alert_id": "id"},
                {"referral_id": "id"},
            ),
        ),
        NEWEST_REFERRAL,
        "转办单 The needs that were pushed because of it",
    )
    conference: LazyConference | None = to_one(
        "Conference",
        {"household_id": "household_id", "id": "conference_id"},
        "会议 The conference that it was taken to",
    )
    certification: LazyCertification | None = to_one(
        "Certification",
        {"household_id": "household_id", "id": "certification_id"},
        "认定 The certification that was ended, or by which the household was included",
    )
    overlap_case: LazyOverlapCase | None = to_one(
        "OverlapCase",
        {"household_id": "household_id", "alert_id": "id"},
        "核实单 The case of overlapping aid of a DUPLICATE_AID alert",
        order=NEWEST_OVERLAP,
    )
    closed_at: datetime | None = column("closed_at", "关闭时间 Closed at")
    closed_because: ClosedBecause | None = column("closed_because", "关闭原因 Why it was closed")
    version: int | None = column("version", "版本 For expectedVersion")


@strawberry.input(description="预警筛选 Which alerts; all fields must match")
class AlertFilter:
    """Each filter needs the scopes of the field that it uses."""

    finding: list[Finding] | None = where(
        "Alert.finding", lambda a, v, _: one_of(a.c.finding, v), "发现 One of these"
    )
    severity: list[Severity] | None = where(
        "Alert.severity", lambda a, v, _: one_of(a.c.severity, v), "紧急程度 One of these"
    )
    status: list[AlertStatus] | None = where(
        "Alert.status", lambda a, v, _: one_of(a.c.status, v), "状态 One of these"
    )
    disposition: list[Disposition] | None = where(
        "Alert.disposition", lambda a, v, _: one_of(a.c.disposition, v), "处置 One of these"
    )
    to_agency: str | None = where(
        "Alert.to", lambda a, v, _: is_agency(a.c.to_agency, v), "核查单位 Agency code"
    )
    overdue: bool | None = where(
        "Alert.overdue", lambda a, v, _: _overdue(a) == v.bind(sa.Boolean), "是否逾期 Past its deadline"
    )


@strawberry.input(description="走访筛选 Which visits; all fields must match")
class VisitFilter:
    """Each filter needs the scopes of the field that it uses."""

    agency: str | None = where(
        "Visit.agency", lambda v, value, _: is_agency(v.c.agency_id, value), "走访单位 Agency code"
    )
    recommendation: list[Recommendation] | None = where(
        "Visit.recommendation", lambda v, value, _: one_of(v.c.recommendation, value), "建议 One of these"
    )
    visited_on: DateRange | None = where(
        "Visit.visitedOn",
        lambda v, value, _: in_range(v.c.visited_on, value),
        "走访日期 In this span of days",
    )


AlertOrder = order_input(
    "Alert",
    "预警",
    {
        "RAISED_AT": ("raised_at", "Alert.raisedAt", "预警时间 By when it was raised"),
        "DUE_AT": ("due_at", "Alert.dueAt", "核查期限 By its deadline"),
    },
)
