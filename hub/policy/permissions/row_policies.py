"""The one place for row rules: every read of a guarded table uses a predicate from here.

An agency sees the households of its jurisdiction (region prefix), and those that are shown to it for a reason that has not
ended (`sight`). It may see what it wrote itself without the household. A row of a household whose existence reveals a guarded
fact also needs the scopes of that fact (`implying_rows`). A table without a rule here cannot be read for a grant.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ClauseElement, ColumnElement, FromClause

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.bare_tables import bare_table_of
from hub.foundation.database import table_of
from hub.foundation.prepared_sql import PreparedSql, render
from hub.model.agencies import AgencyRow, ShownBecause
from hub.model.aid import DETAIL_OF, AidRecordRow
from hub.model.alerts import AlertRow
from hub.model.households import HouseholdRow
from hub.model.monitoring import MonitoringRunRow
from hub.policy.permissions.counted_rows import (
    CountPredicate,
    Predicate,
    households_counted,
    not_hidden,
    not_hidden_or_own,
)
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
from hub.policy.permissions.jurisdiction import grant_shape, in_jurisdiction
from hub.policy.permissions.sight import ON_DUTY, agency_of, shown_for, shown_now


@dataclass(frozen=True)
class Rule:
    """The rows of a table that a grant may see. `within`: the condition that remains if the row's household is in sight.
    `counted` and `within` together give the same rows as `everywhere`, written for counts, which read many rows. `counted`
    returns None if there is no such form: then `everywhere` is used."""

    everywhere: Predicate
    within: Predicate
    counted: CountPredicate = lambda _table, _grant: None


_household = bare_table_of(HouseholdRow)
_alert = bare_table_of(AlertRow)
_run = bare_table_of(MonitoringRunRow)
_aid = bare_table_of(AidRecordRow)
_agency = bare_table_of(AgencyRow)


class UndeclaredTable(Exception):
    """A table has no row rule; declare one in hub/policy/permissions/row_policies.py before anything reads it."""


def _household_rule(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.or_(
        in_jurisdiction(household.c.region, grant),
        shown_now(household.c.id, grant, ON_DUTY),
    )


def _to_visit_rule(row: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The same for a row with its household's id and region, so that no household is looked up."""
    return sa.or_(
        in_jurisdiction(row.c.region, grant),
        shown_now(row.c.household_id, grant, ON_DUTY),
    )


def _or_own(because: ShownBecause, own: Predicate) -> Predicate:
    """All rows of a household in sight. If only the agency's own records show the household, only the agency's own rows.

    The first condition is about the household alone, so that the planner can start from it. The second reads a row only if
    the agency has a line for the reason.
    """

    def rule(table: FromClause, grant: Grant) -> ColumnElement[bool]:
        household = _household.alias()
        somehow = sa.or_(
            in_jurisdiction(household.c.region, grant),
            shown_now(household.c.id, grant, (*ON_DUTY, because)),
        )
        _, lines = shown_for(because, grant)
        no_line = sa.not_(sa.exists().where(lines))
        whole_or_own = sa.or_(no_line, _household_rule(household, grant), own(table, grant))
        return sa.exists().where(household.c.id == table.c.household_id, somehow, whole_or_own)

    return rule


def _wrote(column: str) -> Predicate:
    """The rows whose column contains the agency."""
    return lambda table, grant: table.c[column] == agency_of(grant)


def _of_own_aid(record: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Records that the agency wrote outside its jurisdiction, and their details.

    A subselect that PostgreSQL hashes when the first row needs it. It reads only the key of the row, so that an index is
    enough to count records.
    """
    aid = _aid.alias()
    shown, lines = shown_for(ShownBecause.OWN_RECORD, grant)
    own = (
        sa.select(aid.c.household_id, aid.c.id)
        .join(shown, shown.c.household_id == aid.c.household_id)
        .where(lines, aid.c.agency_id == agency_of(grant))
    )
    return sa.tuple_(record.c.household_id, record.c.id).in_(own)


def _of_household(table: FromClause, grant: Grant) -> ColumnElement[bool]:
    household = _household.alias()
    return sa.exists().where(household.c.id == table.c.household_id, _household_rule(household, grant))


def _aid_in_sight(record: FromClause, grant: Grant) -> ColumnElement[bool]:
    own_too = _or_own(ShownBecause.OWN_RECORD, _of_own_aid)
    return sa.and_(own_too(record, grant), aid_is_there(record, grant))


def _need_in_sight(referral: FromClause, grant: Grant) -> ColumnElement[bool]:
    own_too = _or_own(ShownBecause.REFERRAL_SENT, _wrote("from_agency"))
    return sa.and_(own_too(referral, grant), need_is_there(referral, grant))


def _visit_in_sight(visit: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(visit, grant), visit_is_there(visit, grant))


def _recovery_in_sight(recovery: FromClause, grant: Grant) -> ColumnElement[bool]:
    own_too = _or_own(ShownBecause.OWN_RECORD, _wrote("agency_id"))
    return sa.and_(own_too(recovery, grant), recovery_is_there(recovery, grant))


def _event_in_sight(event: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(event, grant), event_is_there(event, grant))


def _kind_in_sight(table: FromClause, grant: Grant) -> ColumnElement[bool]:
    own_too = _or_own(ShownBecause.OWN_RECORD, _wrote("agency_id"))
    return sa.and_(own_too(table, grant), of_read_kind(table, grant))


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
    """A change of a field is visible to readers of that field."""
    return change.c.field.in_(open_fields({**OF_HOUSEHOLD, **OF_PERSON}, grant))


def _field_in_sight(change: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(change, grant), _field_rule(change, grant))


def _run_rule(run: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Runs of monitoring contain facts of all households of their region. So they are visible only to callers who see the
    whole region."""
    return in_jurisdiction(run.c.region, grant)


def _of_run_in_sight(result: FromClause, grant: Grant) -> ColumnElement[bool]:
    run = _run.alias()
    seen = sa.exists().where(run.c.id == result.c.run_id, _run_rule(run, grant))
    return sa.and_(seen, needs_no_more(result, grant))


def _circumstance_rule(circumstance: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(circumstance, grant), of_open_registry(circumstance, grant))


def _conference_in_sight(conference: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(conference, grant), takes_part(conference, grant))


def _overlap_in_sight(case: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Both agencies of a case see it, wherever the households are. The records to which it points have their own rules."""
    if not grant.scopes & {Scope.OVERLAP_WRITE, Scope.AUDIT_READ}:
        return is_party(case, grant)
    first = _household.alias()
    of_first = sa.exists().where(first.c.id == case.c.first_household_id, _household_rule(first, grant))
    return sa.or_(is_party(case, grant), _of_household(case, grant), of_first)


def _audit_rule(record: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The access records of agencies in the auditor's regions, and the records without an authenticated caller, which belong
    to no region. The agencies are one array, so that the planner expects most records to match."""
    if Scope.AUDIT_READ not in grant.scopes:
        return sa.false()
    agency = _agency.alias()
    own = sa.select(agency.c.id).where(in_jurisdiction(agency.c.region, grant)).scalar_subquery()
    nobody = record.c.agency_id == sa.literal_column("''")
    return sa.or_(nobody, record.c.agency_id == sa.any_(sa.func.array(own)))


def _notice_rule(notice: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The accesses to households of the caller's own regions. For a household that is shown from another region, only its own
    county shows them."""
    if Scope.HOUSEHOLD_ACCESS_READ not in grant.scopes:
        return sa.false()
    return in_jurisdiction(notice.c.region, grant)


def _auditors(_table: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.true() if Scope.AUDIT_READ in grant.scopes else sa.false()


def _statistics_rule(numbers: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The numbers of the caller's own regions and of the regions inside them."""
    if Scope.STATISTICS_READ not in grant.scopes:
        return sa.false()
    return in_jurisdiction(numbers.c.region, grant)


def _share_rule(share: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The lists of the caller's own regions (numbers without persons): of every registry with the scope for statistics,
    otherwise of the registries that the caller reads."""
    of_registry = (
        sa.true()
        if Scope.STATISTICS_READ in grant.scopes
        else share.c.source_registry.in_(registries_open_to(grant))
    )
    return sa.and_(in_jurisdiction(share.c.region, grant), of_registry)


def _near_relative_rule(_declaration: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.true() if Scope.CERTIFICATION_NEAR_RELATIVE_READ in grant.scopes else sa.false()


def _near_relative_in_sight(declaration: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(declaration, grant), _near_relative_rule(declaration, grant))


def _liability_rule(_decision: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.true() if Scope.LIABILITY_READ in grant.scopes else sa.false()


def _liability_in_sight(decision: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(decision, grant), _liability_rule(decision, grant))


def _disclosure_rule(listed: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The published lists of the caller's own regions and of the regions inside them."""
    if Scope.DISCLOSURE_READ not in grant.scopes:
        return sa.false()
    return in_jurisdiction(listed.c.region, grant)


def _objection_rule(_objection: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Objections are visible to readers of alerts, because an objection raises an alert."""
    return sa.true() if Scope.ALERT_READ in grant.scopes else sa.false()


def _objection_in_sight(objection: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(objection, grant), _objection_rule(objection, grant))


def _public(_table: FromClause, _grant: Grant) -> ColumnElement[bool]:
    return sa.true()


_REFERENCE = Rule(_public, _public)
_HOUSEHOLDS = Rule(_of_household, _public)
_BY_NEED = Rule(_needs_in_sight, needs_no_more, not_hidden)
_CONFERENCES = Rule(_conference_in_sight, takes_part)
_BY_KIND = Rule(_kind_in_sight, of_read_kind)
_AID_DETAILS = Rule(_or_own(ShownBecause.OWN_RECORD, _of_own_aid), _public)
_DISCLOSED = Rule(_disclosure_rule, _disclosure_rule)
_STATISTICS = Rule(_statistics_rule, _statistics_rule)
_SHARES = Rule(_share_rule, _share_rule)

RULES: dict[str, Rule] = {
    "region": _REFERENCE,
    "agency": _REFERENCE,
    "poverty_line": _REFERENCE,
    "charity_offer": _REFERENCE,
    "county_option": _REFERENCE,
    "household": Rule(_household_rule, _public, households_counted),
    "person": _HOUSEHOLDS,
    "certification": _HOUSEHOLDS,
    "circumstance": Rule(_circumstance_rule, of_open_registry),
    "aid_record": Rule(_aid_in_sight, aid_is_there, not_hidden_or_own(ShownBecause.OWN_RECORD, _of_own_aid)),
    **{str(table_of(detail).name): _AID_DETAILS for detail in DETAIL_OF.values()},
    "liability_decision": Rule(_liability_in_sight, _liability_rule),
    "near_relative": Rule(_near_relative_in_sight, _near_relative_rule),
    "disclosure": _DISCLOSED,
    "disclosure_entry": _DISCLOSED,
    "disclosure_objection": Rule(_objection_in_sight, _objection_rule),
    "recovery": Rule(_recovery_in_sight, recovery_is_there),
    "recovery_repayment": _BY_KIND,
    "referral": Rule(
        _need_in_sight, need_is_there, not_hidden_or_own(ShownBecause.REFERRAL_SENT, _wrote("from_agency"))
    ),
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
    "household_to_visit": Rule(_to_visit_rule, _public),
    "monitoring_run": Rule(_run_rule, _run_rule),
    "monitoring_result": Rule(_of_run_in_sight, _of_run_in_sight),
    "chain_event": Rule(_event_in_sight, event_is_there, not_hidden),
    "field_change": Rule(_field_in_sight, _field_rule),
    "change": _HOUSEHOLDS,
    "provenance": _HOUSEHOLDS,
    "access_record": Rule(_audit_rule, _audit_rule),
    "access_notice": Rule(_notice_rule, _notice_rule),
    "coordinate_set": Rule(_auditors, _auditors),
    "operation_text": Rule(_auditors, _auditors),
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
    table: FromClause, grant: Grant, *, household_seen: bool = False, counted: bool = False, name: str = ""
) -> ColumnElement[bool]:
    """The predicate of a table (or an alias of it) for a grant; raises UndeclaredTable.

    `household_seen`: the rows are joined to a household that passed its own rule in the same statement. `counted`: the rows
    are only counted. `name`: the declared name of a subquery, which has no name itself.
    """
    source = table.element if isinstance(table, sa.Alias) else table
    name = source.name if isinstance(source, sa.TableClause) else name
    if name not in RULES:
        raise UndeclaredTable(f"{name}: {UndeclaredTable.__doc__}")
    rule = RULES[name]
    if counted and (of_households := rule.counted(table, grant)) is not None:
        return sa.and_(of_households, rule.within(table, grant))
    return rule.within(table, grant) if household_seen else rule.everywhere(table, grant)


_SHAPES_KEPT = 100


class ForGrants:
    """A statement with row rules, rendered once for all grants of one shape, and executed with `grant_parameters`."""

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
