"""Row rules for records whose existence reveals a guarded fact (`implied_facts`): the household must be in sight, and the
grant must open the fact.

If the scopes exclude no row, a rule returns SQL's true, so that the statement has no unnecessary condition.
"""

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.sql.elements import True_

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.bare_tables import bare_table_of
from hub.foundation.database import CODE
from hub.model.aid import AidKind, AidRecordRow, OtherDetailRow
from hub.model.alerts import AlertRow
from hub.model.conferences import ConferenceParticipantRow, ConferenceRow
from hub.model.ledger import EventType
from hub.model.overlaps import OverlapCaseRow
from hub.model.recoveries import RecoveryRow
from hub.model.referrals import ReferralRow
from hub.model.visits import VisitRow
from hub.policy.permissions.aid_scopes import read_scope
from hub.policy.permissions.field_scopes import OF_HOUSEHOLD, OF_PERSON, PERSON, open_fields, opened_by
from hub.policy.permissions.implied_facts import EVENT_ABOUT, FORM_IMPLIES, SIGHT_EVENTS, kind_is_there_for
from hub.policy.permissions.registry_scopes import REGISTRIES
from hub.policy.permissions.registry_scopes import read_scope as read_scope_of_registry
from hub.policy.permissions.sight import agency_of

_participant, _form = bare_table_of(ConferenceParticipantRow), bare_table_of(OtherDetailRow)
_alert = bare_table_of(AlertRow)
_MEMBERS = ("members", "rejoined", "left")
"""What an update of a household lists in addition to the fields of the table: a person joined, came back, or left."""


def registries_open_to(grant: Grant) -> list[str]:
    """The registries whose circumstances the grant opens."""
    return sorted(
        registry.value for registry in REGISTRIES if read_scope_of_registry(registry) in grant.scopes
    )


def of_open_registry(circumstance: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A registry's report is visible to readers of that registry."""
    return circumstance.c.source_registry.in_(registries_open_to(grant))


def of_read_kind(table: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A row that shows amounts of a kind of aid is visible to readers of that kind."""
    return table.c.kind.in_([kind.value for kind in AidKind if read_scope(kind) in grant.scopes])


def kinds_there_for(grant: Grant) -> list[AidKind]:
    """The kinds of aid whose records are visible to a grant."""
    return [kind for kind in AidKind if grant.covers(kind_is_there_for(kind))]


def aid_is_there(record: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A record is visible to readers of its kind or of the facts that it implies, and to auditors."""
    if Scope.AUDIT_READ in grant.scopes:
        return sa.true()
    open_kinds = kinds_there_for(grant)
    of_kind = _among(record.c.kind, open_kinds, AidKind)
    if AidKind.OTHER not in open_kinds:
        return of_kind
    open_form = _of_open_form(record.c.household_id, record.c.id, grant)
    return of_kind if isinstance(open_form, True_) else sa.and_(of_kind, open_form)


def recovery_is_there(recovery: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A recovery shows an amount of a kind. It is visible to readers of that kind who also see the aid record; to auditors
    with a scope for the kind always."""
    of_kind = of_read_kind(recovery, grant)
    if Scope.AUDIT_READ in grant.scopes:
        return of_kind
    return sa.and_(of_kind, _of_open_form(recovery.c.household_id, recovery.c.aid_id, grant))


def _of_open_form(
    household_id: ColumnElement[Any], aid_id: ColumnElement[Any], grant: Grant
) -> ColumnElement[bool]:
    """Whether other aid has no form that implies a fact which the grant does not open."""
    hidden = [form.value for form, scopes in FORM_IMPLIES.items() if not grant.covers(scopes)]
    if not hidden:
        return sa.true()
    form = _form.alias()
    of_hidden = sa.exists().where(
        form.c.household_id == household_id, form.c.id == aid_id, form.c.form.in_(hidden)
    )
    return sa.not_(of_hidden.correlate_except(form))


def visit_is_there(visit: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A visit that checked an alert is visible to callers who may know the alert's finding."""
    if _sees_all_that_happened(grant):
        return sa.true()
    alert = _alert.alias()
    seen = sa.exists().where(
        alert.c.household_id == visit.c.household_id,
        alert.c.id == visit.c.alert_id,
        needs_no_more(alert, grant),
    )
    return sa.or_(visit.c.alert_id.is_(None), seen.correlate_except(alert))


def need_is_there(referral: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A need is visible like aid of its kind, and also to the agencies that sent it, received it or were informed about its
    delay (46-2.1)."""
    of_kind = _among(referral.c.need, kinds_there_for(grant), AidKind)
    if isinstance(of_kind, True_):
        return of_kind
    agency = agency_of(grant)
    parties = (referral.c.from_agency, referral.c.to_agency, referral.c.escalated_to)
    return sa.or_(of_kind, *(sa.func.coalesce(party == agency, sa.false()) for party in parties))


def _sees_all_that_happened(grant: Grant) -> bool:
    """Whether the grant is an auditor's, or reads everything that an event can be about or need."""
    return Scope.AUDIT_READ in grant.scopes or grant.covers(opened_by("ChainEvent.number"))


def needs_no_more(table: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A row that lists the scopes it needs (an event, an alert, a number of alerts) is visible to callers with these scopes,
    and to auditors."""
    if _sees_all_that_happened(grant):
        return sa.true()
    own = sorted(scope.value for scope in grant.scopes if scope.endswith(":read"))
    had: ColumnElement[bool] = table.c.needs.contained_by(sa.cast(pg.array(own, type_=CODE), pg.ARRAY(CODE)))
    return had


def takes_part(conference: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The conferences in which the agency takes part. Civil affairs, which calls conferences, and auditors see all."""
    if grant.scopes & {Scope.CONFERENCE_WRITE, Scope.AUDIT_READ}:
        return sa.true()
    of = "id" if "called_by" in conference.c else "conference_id"
    part = _participant.alias()
    return sa.exists().where(
        part.c.household_id == conference.c.household_id,
        part.c.conference_id == conference.c[of],
        part.c.agency_id == agency_of(grant),
    )


def is_party(case: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The cases of the two agencies whose records overlap."""
    agency = agency_of(grant)
    return sa.or_(case.c.first_agency == agency, case.c.second_agency == agency)


def case_is_there(case: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The cases of a household in sight: all for civil affairs, which decides, and for auditors; otherwise those of the
    agency's own records."""
    everyone = bool(grant.scopes & {Scope.OVERLAP_WRITE, Scope.AUDIT_READ})
    return sa.true() if everyone else is_party(case, grant)


_OBJECTS: dict[str, tuple[type, Callable[[FromClause, Grant], ColumnElement[bool]]]] = {
    "aidRecord": (AidRecordRow, aid_is_there),
    "referral": (ReferralRow, need_is_there),
    "recovery": (RecoveryRow, recovery_is_there),
    "alert": (AlertRow, needs_no_more),
    "visit": (VisitRow, visit_is_there),
    "conference": (ConferenceRow, takes_part),
    "overlapCase": (OverlapCaseRow, case_is_there),
}
"""The objects of events that have a row rule in addition to the household's. Events about other objects list the scopes they
need."""


def event_is_there(event: FromClause, grant: Grant) -> ColumnElement[bool]:
    """An event is visible to callers who see its object. An update of the household is visible to readers of a field that it
    changed. Auditors see every event."""
    if _sees_all_that_happened(grant):
        return sa.true()
    decides = Scope.OVERLAP_WRITE in grant.scopes and grant.covers(opened_by("ChainEvent.household"))
    open_types: list[EventType] = [*SIGHT_EVENTS] if decides else []
    looked_at: list[ColumnElement[bool]] = []
    for field, types in EVENT_ABOUT.items():
        if not grant.covers(opened_by(f"ChainEvent.{field}")):
            continue
        seen = (
            _changes_open_field(event, grant)
            if field == "household"
            else _object_visible(event, field, grant)
        )
        if isinstance(seen, True_):
            open_types += types
        else:
            looked_at.append(sa.and_(_among(event.c.type, types, EventType), seen))
    there = sa.or_(_among(event.c.type, open_types, EventType), *looked_at)
    return sa.and_(needs_no_more(event, grant), there)


def _changes_open_field(event: FromClause, grant: Grant) -> ColumnElement[bool]:
    fields = {**OF_HOUSEHOLD, **OF_PERSON}
    known = open_fields(fields, grant)
    if grant.covers(PERSON.base):
        known += _MEMBERS
        if len(known) == len(fields) + len(_MEMBERS):
            return sa.true()
    names = sa.cast(pg.array(known, type_=CODE), pg.ARRAY(sa.Text))
    changed = sa.func.jsonb_exists_any(event.c.body["changed"], names, type_=sa.Boolean)
    return sa.or_(event.c.type == EventType.HOUSEHOLD_REGISTERED, sa.func.coalesce(changed, sa.false()))


def _object_visible(event: FromClause, field: str, grant: Grant) -> ColumnElement[bool]:
    if field not in _OBJECTS:
        return sa.true()
    row, rule = _OBJECTS[field]
    table = bare_table_of(row).alias()
    seen = rule(table, grant)
    if isinstance(seen, True_):
        return seen
    households = [table.c[name] for name in ("household_id", "first_household_id") if name in table.c]
    of_event = sa.or_(*(household == event.c.household_id for household in households))
    return sa.exists().where(of_event, table.c.id == event.c.subject_id, seen).correlate_except(table)


def _among(column: ColumnElement[str], words: Iterable[str], of: Iterable[str]) -> ColumnElement[bool]:
    """Whether a word is in a list; true if the list has all words of the enum."""
    some = sorted({str(word) for word in words})
    return sa.true() if some == sorted({str(word) for word in of}) else column.in_(some)
