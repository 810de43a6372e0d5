"""The source of each shared field (46-2.2: 确保信息完整、真实可靠), as one Core subquery that both executors read like a table:
the event that set the current value, and the value it replaced.

Fields that a grant does not open are not in its subquery. Conditions on household and subject are passed down to the
tables.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select, Subquery

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import table_of
from hub.model.aid import AidRecordRow
from hub.model.certifications import CertificationRow
from hub.model.changes import FieldChangeRow
from hub.model.circumstances import CircumstanceRow
from hub.model.households import HouseholdRow
from hub.model.import_runs import IMPORTER, ImportRunRow
from hub.model.ledger import EventType
from hub.model.persons import PersonRow
from hub.model.provenance import Origin
from hub.policy.facts.versions import current
from hub.policy.permissions.aid_fields import AID_RECORD
from hub.policy.permissions.field_scopes import CERTIFICATION, OF_HOUSEHOLD, OF_PERSON, open_fields
from hub.policy.permissions.nouns import Noun
from hub.policy.permissions.row_policies import visible
from hub.provenance.sources import EVENT, EVENT_FIELDS, fields_open, has_field, value_of

_household, _person = table_of(HouseholdRow), table_of(PersonRow)
_certification, _circumstance, _aid = (
    table_of(CertificationRow),
    table_of(CircumstanceRow),
    table_of(AidRecordRow),
)
_change, _run = table_of(FieldChangeRow), table_of(ImportRunRow)

_OF_CIRCUMSTANCE = {
    "kind": "kind",
    "since": "since",
    "until": "until",
    "disabilityType": "disability_type",
    "disabilityGrade": "disability_grade",
    "educationStage": "education_stage",
    "school": "school",
    "amount": "amount",
    "note": "note",
}
_SAMPLE = "sample"


def origins(grant: Grant) -> Subquery:
    """The open fields of households, persons, certifications, circumstances and aid with their sources, in the columns of
    `PROVENANCE`.

    It holds the rows of all households: the caller must apply the row policies.
    """
    parts = [
        *_registered(grant, _household, OF_HOUSEHOLD),
        *_registered(grant, _person, OF_PERSON),
        *_of_events(grant, _certification, CERTIFICATION),
        *_of_events(grant, _aid, AID_RECORD),
        _reported(grant),
    ]
    found = sa.union_all(*parts).subquery()
    # A caller who may not read the client learns only whether it was an import, a sample or a request.
    way = sa.func.split_part(found.c.client_id, ":", 1)
    of_run = sa.case(
        (
            found.c.client_id.regexp_match(f"^{IMPORTER}:[0-9a-f-]{{36}}$"),
            sa.cast(sa.func.split_part(found.c.client_id, ":", 2), sa.Uuid),
        )
    )
    run = (
        sa.select(_run.c.kind, _run.c.file_name, _run.c.started_at).where(_run.c.id == of_run).lateral("run")
    )
    origin = sa.case(
        (way == IMPORTER, Origin.IMPORT.value),
        (way == _SAMPLE, Origin.SAMPLE.value),
        else_=Origin.REQUEST.value,
    )
    return (
        sa.select(
            found,
            origin.label("origin"),
            _perhaps(run.c.kind).label("import_kind"),
            _perhaps(run.c.file_name).label("import_file"),
            _perhaps(run.c.started_at).label("import_started_at"),
        )
        .select_from(found.join(run, sa.true(), isouter=True))
        .subquery()
    )


def _registered(grant: Grant, table: sa.Table, fields: Mapping[str, frozenset[Scope]]) -> list[Select[Any]]:
    """A field of a household or a person: the last event that changed it, else the event that registered the subject, who
    may have joined the household later."""
    known = _names(list(fields), open_fields(fields, grant))
    if known is None:
        return []
    subject, event, change = table.alias(), EVENT.alias(), _change.alias()
    of_person = "household_id" in subject.c
    household_id = subject.c.household_id if of_person else subject.c.id
    own = sa.and_(event.c.type == EventType.HOUSEHOLD_UPDATED, event.c.subject_id == subject.c.id)
    changed = sa.and_(own, _names_field(event, known.c.field))
    began = event.c.type == EventType.HOUSEHOLD_REGISTERED
    if of_person:
        began = sa.or_(began, sa.and_(own, _names_field(event, sa.literal("members", sa.Text))))
    last = (
        _event(event)
        .where(
            event.c.household_id == household_id,
            sa.or_(changed, began),
            visible(event, grant, household_seen=True),
        )
        .order_by(changed.desc(), event.c.number.desc())
        .limit(1)
        .lateral("last")
    )
    replaced = (
        sa.select(change.c.before)
        .where(
            change.c.household_id == household_id,
            change.c.number == last.c.number,
            change.c.field == known.c.field,
            visible(change, grant, household_seen=True),
        )
        .correlate_except(change)
        .scalar_subquery()
    )
    return [
        sa.select(
            household_id.label("household_id"),
            subject.c.id.label("subject_id"),
            known.c.place,
            known.c.field,
            last.c.number,
            last.c.agency_id,
            last.c.at,
            last.c.client_id,
            replaced.label("replaced"),
        )
        .select_from(subject.join(known, sa.true()).join(last, sa.true()))
        .where(visible(subject, grant, household_seen=True))
    ]


def _of_events(grant: Grant, table: sa.Table, of: Noun) -> list[Select[Any]]:
    """A field of a certification or of aid: the last event with a value that differs from the previous one."""
    known = fields_open(grant, [field for field in EVENT_FIELDS if field.of is of])
    if known is None:
        return []
    subject, event = table.alias(), EVENT.alias()
    last = _last_recorded(
        subject, event, known, sa.and_(has_field(event, known, grant), _sight(event, grant))
    )
    is_current = current(subject) if "superseded_at" in subject.c else sa.true()
    return [
        sa.select(
            subject.c.household_id,
            subject.c.id.label("subject_id"),
            known.c.place,
            known.c.field,
            last.c.number,
            last.c.agency_id,
            last.c.at,
            last.c.client_id,
            last.c.replaced,
        )
        .select_from(subject.join(known, sa.true()).join(last, sa.true()))
        .where(is_current, visible(subject, grant, household_seen=True))
    ]


def _reported(grant: Grant) -> Select[Any]:
    """A field of a circumstance: every event of a circumstance holds all its fields."""
    known = _names(list(_OF_CIRCUMSTANCE), list(_OF_CIRCUMSTANCE), _OF_CIRCUMSTANCE)
    assert known is not None
    subject, event = _circumstance.alias(), EVENT.alias()
    last = _last_recorded(subject, event, known, _sight(event, grant))
    has = sa.case(
        *(
            (known.c.field == name, subject.c[column].is_not(None))
            for name, column in _OF_CIRCUMSTANCE.items()
        )
    )
    return (
        sa.select(
            subject.c.household_id,
            subject.c.id.label("subject_id"),
            known.c.place,
            known.c.field,
            last.c.number,
            last.c.agency_id,
            last.c.at,
            last.c.client_id,
            last.c.replaced,
        )
        .select_from(subject.join(known, sa.true()).join(last, sa.true()))
        .where(has, visible(subject, grant, household_seen=True))
    )


def _last_recorded(
    subject: FromClause, event: FromClause, known: FromClause, holding: ColumnElement[bool]
) -> FromClause:
    """The last event of a subject whose value of a field differs from the previous one, with that value."""
    value = value_of(event, known)
    values = (
        _event(event)
        .add_columns(
            value.label("value"),
            sa.func.lag(value).over(order_by=event.c.number).label("replaced"),
            sa.func.row_number().over(order_by=event.c.number).label("nth"),
        )
        .where(event.c.household_id == subject.c.household_id, event.c.subject_id == subject.c.id, holding)
        .correlate(subject, known)
        .subquery("each")
    )
    return (
        sa.select(values)
        .where(sa.or_(values.c.nth == 1, values.c.value.is_distinct_from(values.c.replaced)))
        .order_by(values.c.number.desc())
        .limit(1)
        .lateral("last")
    )


def _sight(event: FromClause, grant: Grant) -> ColumnElement[bool]:
    return visible(event, grant, household_seen=True)


def _perhaps(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column of a row that may be missing."""
    return sa.type_coerce(column, column.type)


def _event(event: FromClause) -> Select[Any]:
    return sa.select(event.c.number, event.c.agency_id, event.c.recorded_at.label("at"), event.c.client_id)


def _names_field(event: FromClause, field: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether an event lists a field as changed."""
    return sa.func.jsonb_exists(event.c.body["changed"], field, type_=sa.Boolean)


def _names(
    fields: Sequence[str], known: Sequence[str], keys: Mapping[str, str] | None = None
) -> FromClause | None:
    """Fields as rows (place, field) and, with `keys`, the key of each field in event bodies; None if no field is open."""
    if not known:
        return None
    columns: list[sa.ColumnClause[Any]] = [sa.column("place", sa.Integer), sa.column("field", sa.Text)]
    if keys is not None:
        columns.append(sa.column("key", sa.Text))
    data = [
        (
            sa.literal_column(str(fields.index(name)), sa.Integer),
            *(sa.cast(sa.literal(text), sa.Text) for text in (name, *([keys[name]] if keys else []))),
        )
        for name in known
    ]
    return sa.values(*columns, name="known").data(data)
