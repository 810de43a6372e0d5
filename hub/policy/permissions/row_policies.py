"""The one choke point for rows: the predicate that every read of a guarded table passes through.

An agency sees the households of its jurisdiction (region prefix), and those shown to it by a referral it sent
or received or by its own record. What of a household tells a guarded fact by being there is further held to the scopes of
that fact (`implying_rows`). A table that is not declared here cannot be read for a grant.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ClauseElement, ColumnElement, FromClause

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import CODE, table_of
from hub.foundation.prepared_sql import PreparedSql, render
from hub.model.agencies import ShownHouseholdRow
from hub.model.alerts import AlertRow
from hub.model.households import HouseholdRow
from hub.model.monitoring import MonitoringRunRow
from hub.policy.permissions.field_scopes import OF_HOUSEHOLD, OF_PERSON, open_fields
from hub.policy.permissions.implying_rows import (
    aid_is_there,
    case_is_there,
    event_is_there,
    is_party,
    need_is_there,
    needs_no_more,
    of_open_registry,
    of_read_kind,
    recovery_is_there,
    registries_open_to,
    takes_part,
    visit_is_there,
)

Predicate = Callable[[FromClause, Grant], ColumnElement[bool]]


@dataclass(frozen=True)
class Rule:
    """Which rows of a table a grant may see; `within` is what remains of it where the row's household is in sight."""

    everywhere: Predicate
    within: Predicate


_household = table_of(HouseholdRow)
_alert = table_of(AlertRow)
_run = table_of(MonitoringRunRow)


class UndeclaredTable(Exception):
    """A table has no row rule; declare one in hub/policy/permissions/row_policies.py before anything reads it."""


def end_of(prefix: str) -> str:
    """The first text that is after every text with a prefix of digits."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


_WHOLE_CITY = 4
"""Digits of a city's code (GB/T 2260). Such prefixes, and shorter ones, stand in the text of a statement: they are few
and cover nearly every row, which the planner should know once. As parameters they would make it plan every request anew,
and every other prefix is one."""


def _in_text(prefix: str) -> bool:
    """Whether a region stands in a statement's text; one answer for the text and for the shape that plans are kept by."""
    return len(prefix) <= _WHOLE_CITY


def grant_shape(grant: Grant) -> Hashable:
    """What of a grant stands in a statement itself. One that was made for a grant serves every other of the same shape,
    once `grant_parameters` are set."""
    return grant.scopes, *(prefix if _in_text(prefix) else None for prefix in grant.regions)


def grant_parameters(grant: Grant) -> dict[str, str]:
    """The values of the parameters by which the rules know a grant."""
    regions = {f"grant_region_{place}": prefix for place, prefix in enumerate(grant.regions)}
    ends = {f"grant_region_{place}_end": end_of(prefix) for place, prefix in enumerate(grant.regions)}
    return {"grant_agency": grant.agency, **regions, **ends}


def _in_jurisdiction(region: ColumnElement[str], grant: Grant) -> ColumnElement[bool]:
    """Whether a region code lies in the grant's regions, as ranges that a B-tree index answers."""
    values = grant_parameters(grant)

    def parameter(name: str, prefix: str) -> ColumnElement[str]:
        if _in_text(prefix):
            return sa.literal(values[name], CODE)
        return sa.bindparam(name, values[name], type_=CODE)

    return sa.or_(
        sa.false(),
        *(
            sa.and_(
                region >= parameter(f"grant_region_{place}", prefix),
                region < parameter(f"grant_region_{place}_end", prefix),
            )
            for place, prefix in enumerate(grant.regions)
        ),
    )


def _household_rule(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    shown = table_of(ShownHouseholdRow)
    agency = sa.bindparam("grant_agency", grant.agency, type_=CODE)
    return sa.or_(
        _in_jurisdiction(household.c.region, grant),
        sa.exists().where(shown.c.household_id == household.c.id, shown.c.agency_id == agency),
    )


def _of_household(table: FromClause, grant: Grant) -> ColumnElement[bool]:
    household = _household.alias()
    return sa.exists().where(household.c.id == table.c.household_id, _household_rule(household, grant))


def _aid_in_sight(record: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(record, grant), aid_is_there(record, grant))


def _need_in_sight(referral: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(referral, grant), need_is_there(referral, grant))


def _visit_in_sight(visit: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(visit, grant), visit_is_there(visit, grant))


def _recovery_in_sight(recovery: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(recovery, grant), recovery_is_there(recovery, grant))


def _event_in_sight(event: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(event, grant), event_is_there(event, grant))


def _kind_in_sight(table: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(table, grant), of_read_kind(table, grant))


def _needs_in_sight(table: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(table, grant), needs_no_more(table, grant))


def _of_alert_in_sight(link: FromClause, grant: Grant) -> ColumnElement[bool]:
    alert = _alert.alias()
    return sa.exists().where(
        alert.c.household_id == link.c.household_id,
        alert.c.id == link.c.alert_id,
        _needs_in_sight(alert, grant),
    )


def _field_rule(change: FromClause, grant: Grant) -> ColumnElement[bool]:
    """What was changed in a field is open to those to whom the field is."""
    return change.c.field.in_(open_fields({**OF_HOUSEHOLD, **OF_PERSON}, grant))


def _field_in_sight(change: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(change, grant), _field_rule(change, grant))


def _run_rule(run: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Runs of monitoring tell of every household of their region, so to those alone who see all of it."""
    return _in_jurisdiction(run.c.region, grant)


def _of_run_in_sight(result: FromClause, grant: Grant) -> ColumnElement[bool]:
    run = _run.alias()
    seen = sa.exists().where(run.c.id == result.c.run_id, _run_rule(run, grant))
    return sa.and_(seen, needs_no_more(result, grant))


def _circumstance_rule(circumstance: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(circumstance, grant), of_open_registry(circumstance, grant))


def _conference_in_sight(conference: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(conference, grant), takes_part(conference, grant))


def _overlap_in_sight(case: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A case is its two agencies' wherever the households are. What it points at has rules of its own."""
    if not grant.scopes & {Scope.OVERLAP_WRITE, Scope.AUDIT_READ}:
        return is_party(case, grant)
    first = _household.alias()
    of_first = sa.exists().where(first.c.id == case.c.first_household_id, _household_rule(first, grant))
    return sa.or_(is_party(case, grant), _of_household(case, grant), of_first)


def _audit_rule(record: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Access records of the agencies in the auditor's regions."""
    if Scope.AUDIT_READ not in grant.scopes:
        return sa.false()
    return _in_jurisdiction(sa.func.split_part(record.c.agency_id, "@", 2).collate("C"), grant)


def _auditors(_table: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.true() if Scope.AUDIT_READ in grant.scopes else sa.false()


def _statistics_rule(numbers: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The numbers of the caller's own regions, and of what lies inside them."""
    if Scope.STATISTICS_READ not in grant.scopes:
        return sa.false()
    return _in_jurisdiction(numbers.c.region, grant)


def _share_rule(share: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The lists of the caller's own regions, numbers without persons: of every registry, or of those that it reads."""
    of_registry = (
        sa.true()
        if Scope.STATISTICS_READ in grant.scopes
        else share.c.source_registry.in_(registries_open_to(grant))
    )
    return sa.and_(_in_jurisdiction(share.c.region, grant), of_registry)


def _near_relative_rule(_declaration: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.true() if Scope.CERTIFICATION_NEAR_RELATIVE_READ in grant.scopes else sa.false()


def _near_relative_in_sight(declaration: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(declaration, grant), _near_relative_rule(declaration, grant))


def _disclosure_rule(listed: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The lists of the caller's own regions, and of what lies inside them."""
    if Scope.DISCLOSURE_READ not in grant.scopes:
        return sa.false()
    return _in_jurisdiction(listed.c.region, grant)


def _objection_rule(_objection: FromClause, grant: Grant) -> ColumnElement[bool]:
    """What was objected tells what an alert tells."""
    return sa.true() if Scope.ALERT_READ in grant.scopes else sa.false()


def _objection_in_sight(objection: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(objection, grant), _objection_rule(objection, grant))


def _public(_table: FromClause, _grant: Grant) -> ColumnElement[bool]:
    return sa.true()


_REFERENCE = Rule(_public, _public)
_HOUSEHOLDS = Rule(_of_household, _public)
_BY_NEED = Rule(_needs_in_sight, needs_no_more)
_CONFERENCES = Rule(_conference_in_sight, takes_part)
_BY_KIND = Rule(_kind_in_sight, of_read_kind)
_DISCLOSED = Rule(_disclosure_rule, _disclosure_rule)
_STATISTICS = Rule(_statistics_rule, _statistics_rule)
_SHARES = Rule(_share_rule, _share_rule)

RULES: dict[str, Rule] = {
    "region": _REFERENCE,
    "agency": _REFERENCE,
    "poverty_line": _REFERENCE,
    "charity_offer": _REFERENCE,
    "household": Rule(_household_rule, _public),
    "person": _HOUSEHOLDS,
    "certification": _HOUSEHOLDS,
    "circumstance": Rule(_circumstance_rule, of_open_registry),
    "aid_record": Rule(_aid_in_sight, aid_is_there),
    "basic_living_detail": _HOUSEHOLDS,
    "medical_detail": _HOUSEHOLDS,
    "education_detail": _HOUSEHOLDS,
    "housing_detail": _HOUSEHOLDS,
    "employment_detail": _HOUSEHOLDS,
    "disaster_detail": _HOUSEHOLDS,
    "temporary_detail": _HOUSEHOLDS,
    "service_detail": _HOUSEHOLDS,
    "other_detail": _HOUSEHOLDS,
    "charity_detail": _HOUSEHOLDS,
    "near_relative": Rule(_near_relative_in_sight, _near_relative_rule),
    "disclosure": _DISCLOSED,
    "disclosure_entry": _DISCLOSED,
    "disclosure_objection": Rule(_objection_in_sight, _objection_rule),
    "recovery": Rule(_recovery_in_sight, recovery_is_there),
    "recovery_repayment": _BY_KIND,
    "referral": Rule(_need_in_sight, need_is_there),
    "application": _HOUSEHOLDS,
    "referral_aid": _HOUSEHOLDS,
    "sent_household": _HOUSEHOLDS,
    "sent_member": _HOUSEHOLDS,
    "sent_certification": _HOUSEHOLDS,
    "sent_circumstance": Rule(_circumstance_rule, of_open_registry),
    "conference": _CONFERENCES,
    "conference_participant": _CONFERENCES,
    "conference_measure": _CONFERENCES,
    "alert": _BY_NEED,
    "alert_referral": Rule(_of_alert_in_sight, _of_alert_in_sight),
    "overlap_case": Rule(_overlap_in_sight, case_is_there),
    "visit": Rule(_visit_in_sight, visit_is_there),
    "household_to_visit": _HOUSEHOLDS,
    "monitoring_run": Rule(_run_rule, _run_rule),
    "monitoring_result": Rule(_of_run_in_sight, _of_run_in_sight),
    "chain_event": Rule(_event_in_sight, event_is_there),
    "field_change": Rule(_field_in_sight, _field_rule),
    "change": _HOUSEHOLDS,
    "provenance": _HOUSEHOLDS,
    "access_record": Rule(_audit_rule, _audit_rule),
    "coordinate_set": Rule(_auditors, _auditors),
    "entitlement": _HOUSEHOLDS,
    "coverage": _STATISTICS,
    "coverage_category": _STATISTICS,
    "coverage_kind": _STATISTICS,
    "monthly_share": _SHARES,
}


def is_public(table: FromClause) -> bool:
    """Whether everybody may see every row of a table."""
    return isinstance(table, sa.TableClause) and RULES.get(table.name) is _REFERENCE


def visible(
    table: FromClause, grant: Grant, *, household_seen: bool = False, name: str = ""
) -> ColumnElement[bool]:
    """The predicate of a table (or an alias of it) for a grant; raises UndeclaredTable.

    `household_seen`: the rows are joined to a household that passed its own rule in the same statement. `name`: what
    a subquery, which has none of its own, is declared as.
    """
    source = table.element if isinstance(table, sa.Alias) else table
    name = source.name if isinstance(source, sa.TableClause) else name
    if name not in RULES:
        raise UndeclaredTable(f"{name}: {UndeclaredTable.__doc__}")
    rule = RULES[name]
    return rule.within(table, grant) if household_seen else rule.everywhere(table, grant)


_SHAPES_KEPT = 100


class ForGrants:
    """A statement with row rules in it, rendered once for all grants that give it one shape, and run with
    `grant_parameters`."""

    def __init__(self, make: Callable[[Grant], ClauseElement]) -> None:
        self._make = make
        self._rendered: dict[Hashable, PreparedSql] = {}

    def rendered(self, grant: Grant) -> PreparedSql:
        """The statement for a grant."""
        shape = grant_shape(grant)
        if shape not in self._rendered:
            if len(self._rendered) == _SHAPES_KEPT:
                self._rendered.clear()
            self._rendered[shape] = render(self._make(grant))
        return self._rendered[shape]
