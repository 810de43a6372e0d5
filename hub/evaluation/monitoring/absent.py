"""Aid that is due and was not granted: every entitlement that is MISSING after its deadline (46-2.3:
现行救助政策是否落实到位).

All these findings come from one evaluation of the entitlements, shared by all findings of a statement. A line of `ABSENCES`
connects an entitlement with its finding and says when it is overdue. An entitlement without a line has a condition that only
the department in charge can judge (`to_check`), so it has no day on which it is overdue. An entitlement that depends on a
county's option (46-3.5) is overdue if the county recorded the option.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CTE, ColumnElement, FromClause, Select

from auth.grant import Grant
from auth.scopes import Scope
from hub.evaluation.entitlements.entitled import entitled
from hub.evaluation.entitlements.rules import RULE_BY_CODE, EntitlementRule
from hub.evaluation.monitoring.household_part import (
    CIRCUMSTANCE,
    DAY,
    DEATHS,
    Condition,
    Conditions,
    facts,
    in_part,
)
from hub.model.alerts import Finding
from hub.model.entitlements import EntitlementStatus
from hub.policy.facts.aid import month_due
from hub.policy.facts.certifications import began_before, certified, in_force
from hub.policy.facts.circumstances import began_by, lasting
from hub.policy.facts.sight import everything
from hub.policy.permissions.aid_scopes import read_scope as read_scope_of_kind
from hub.policy.permissions.field_scopes import CERTIFICATION as FIELDS_OF_CERTIFICATION

_PLATFORM = Grant("civil_affairs@41", "monitoring", frozenset(Scope), ("41",), "monitoring")
"""The grant of the search: the hub itself, which reads every fact. Each alert names the scopes of its facts."""
_YEAR, _MONTH, _DAY = "YYYY", "YYYY-MM", "YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class Absence:
    """When an entitlement is overdue, and what identifies its alert: the first day of its window, in the format `evidence`.

    `days`: overdue this many days after its window began. `settled`: only if the certification and the reports for it existed
    before the last month that is due; `since_window`: before its window began. Without these three: overdue at once, and the
    deadline is the alert's own.
    """

    rule: str
    evidence: str = ""
    days: int = 0
    settled: bool = False
    since_window: bool = False


ABSENCES: Mapping[Finding, tuple[Absence, ...]] = MappingProxyType(
    {
        Finding.ALLOWANCE_MISSING: (
            Absence("SUBSISTENCE_ALLOWANCE", _MONTH),
            Absence("SUBSISTENCE_ALLOWANCE_OF_MEMBER", _MONTH),
            Absence("EXTREME_HARDSHIP_SUPPORT", _MONTH),
        ),
        Finding.PREMIUM_NOT_IN_FULL: (Absence("PREMIUM_IN_FULL", _YEAR, since_window=True),),
        Finding.PREMIUM_MISSING: (Absence("PREMIUM_FIXED_PART", _YEAR, since_window=True),),
        Finding.MEDICAL_AID_MISSING: (Absence("MEDICAL_COST_AID", settled=True),),
        Finding.STUDENT_WITHOUT_AID: (
            Absence("EDUCATION_AID", _YEAR),
            Absence("EDUCATION_AID_OF_LISTED", _YEAR),
        ),
        Finding.DISASTER_AID_MISSING: (Absence("DISASTER_AID", _DAY, days=10),),
        Finding.HEATING_MISSING: (Absence("HEATING", _YEAR),),
        Finding.FUNERAL_FEES_MISSING: (Absence("FUNERAL_FEES", _DAY, days=30),),
        Finding.DISABILITY_ALLOWANCE_MISSING: (
            Absence("DISABILITY_LIVING", settled=True),
            Absence("DISABILITY_LIVING_OF_MARGIN", settled=True),
            Absence("DISABILITY_LIVING_OF_OTHERS", settled=True),
        ),
    }
)
"""By finding. Of MONTHLY_SUPPLEMENT and ZERO_EMPLOYMENT the findings in `amounts` and `unfulfilled` see more."""
EMPLOYMENT = Absence("EMPLOYMENT_AID")
"""A line of the finding in `unfulfilled`, which also covers people without this entitlement."""


@cache
def _missing() -> CTE:
    """All that is MISSING on the day: one evaluation, for any number of findings in a statement."""
    lines = (*(absence for of_finding in ABSENCES.values() for absence in of_finding), EMPLOYMENT)
    rules = [RULE_BY_CODE[absence.rule] for absence in lines]
    claim = entitled(_PLATFORM, DAY, rules, within=partial(_concerned, rules=rules))
    return (
        sa.select(claim.c.household_id, claim.c.person_id, claim.c.rule, claim.c.window_from)
        .where(claim.c.status == EntitlementStatus.MISSING, claim.c.to_check.is_(None))
        .cte("missing")
    )


def absences(*lines: Absence) -> Select[Any]:
    """The entitlements of these lines that are MISSING and overdue."""
    missing = _missing()
    form = sa.case({absence.rule: absence.evidence for absence in lines}, value=missing.c.rule)
    return (
        facts(
            missing.c.household_id,
            missing.c.person_id,
            sa.func.coalesce(sa.func.to_char(missing.c.window_from, form), ""),
        )
        .distinct()
        .where(sa.or_(*(_is_overdue(missing, absence) for absence in lines)))
    )


def _concerned(household: FromClause, rules: list[EntitlementRule]) -> ColumnElement[bool]:
    """Whether a household of the part may have one of the entitlements, because of a certification or a report."""
    there = []
    categories = {category for rule in rules if not rule.event for category in rule.categories}
    if categories:
        there.append(certified(household.c.id, None, DAY, everything, *sorted(categories)))
    kinds = {kind for rule in rules if rule.event or not rule.categories for kind in rule.evidence}
    if kinds:
        report = CIRCUMSTANCE.alias()
        reported = sa.exists().where(
            report.c.household_id == household.c.id, report.c.kind.in_(sorted(kinds)), lasting(report, DAY)
        )
        there.append(reported.correlate_except(report))
    return sa.and_(in_part(household.c.id), sa.or_(*there))


def _is_overdue(missing: FromClause, absence: Absence) -> ColumnElement[bool]:
    conditions = [missing.c.rule == absence.rule]
    if absence.days:
        conditions.append(missing.c.window_from + absence.days < DAY)
    if absence.settled or absence.since_window:
        before = missing.c.window_from if absence.since_window else month_due(DAY)[0]
        rule = RULE_BY_CODE[absence.rule]
        person = None if not rule.of_person else missing.c.person_id
        conditions.append(
            certified(
                missing.c.household_id,
                person,
                DAY,
                everything,
                *rule.categories,
                holds=lambda row, day: sa.and_(in_force(row, day), began_before(row, before)),
            )
        )
        conditions += [_known_before(missing, rule, before)] if rule.evidence else []
    return sa.and_(*conditions)


def _known_before(
    missing: FromClause, rule: EntitlementRule, before: ColumnElement[date]
) -> ColumnElement[bool]:
    """Whether a registry's report began before a day. True if there is no report: then the township registered the fact
    itself."""
    report = CIRCUMSTANCE.alias()
    of_person = [
        report.c.household_id == missing.c.household_id,
        report.c.person_id == missing.c.person_id,
        report.c.kind.in_(rule.evidence),
        lasting(report, DAY),
    ]
    there = sa.exists().where(*of_person).correlate_except(report)
    early = sa.exists().where(*of_person, began_by(report, before - 1)).correlate_except(report)
    return sa.or_(early, sa.not_(there))


def needs_of(*lines: Absence) -> tuple[Scope, ...]:
    """The scopes of the facts of the entitlements, and of the aid that would fulfil them."""
    scopes: set[Scope] = {FIELDS_OF_CERTIFICATION.only("category"), DEATHS}
    for absence in lines:
        rule = RULE_BY_CODE[absence.rule]
        scopes |= {read_scope_of_kind(rule.kind)}
        scopes |= {
            scope
            for fact in rule.facts
            for source in fact.sources
            for all_of in source.scopes
            for scope in all_of
        }
    return tuple(sorted(scopes))


CONDITIONS: Conditions = {
    finding: Condition(partial(absences, *lines), needs_of(*lines), by_entitlements=True)
    for finding, lines in ABSENCES.items()
}
