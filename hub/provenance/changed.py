"""The changes of each event, as one Core subquery that both executors read like a table.

Changes of a household or a person are saved with the event. Changes of certifications and aid are computed from the bodies
of successive events.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select, Subquery

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.model.changes import FieldChangeRow
from hub.model.ledger import EventType
from hub.policy.permissions.field_scopes import OF_HOUSEHOLD, OF_PERSON
from hub.policy.permissions.row_policies import visible
from hub.provenance.sources import EVENT, fields_open, has_field, value_of

_change = table_of(FieldChangeRow)
_PLACES = {name: place for place, name in enumerate((*OF_HOUSEHOLD, *OF_PERSON, "members"))}
_FROM_NOTHING = (EventType.CERTIFICATION_ENDED,)
"""Events that set a value for the first time. The first event of other types creates its object."""


def changed(grant: Grant) -> Subquery:
    """The changed fields that a grant may read, in the columns of `CHANGE`.

    It holds the rows of all households: the caller must apply the row policies.
    """
    parts = [_recorded_changes(grant), *_changes_in_events(grant)]
    return sa.union_all(*parts).subquery()


def _recorded_changes(grant: Grant) -> Select[Any]:
    change = _change.alias()
    place = sa.case(_PLACES, value=change.c.field, else_=len(_PLACES))
    return sa.select(
        change.c.household_id,
        change.c.number,
        place.label("place"),
        sa.cast(change.c.field, sa.Text).label("field"),
        change.c.before,
        change.c.after,
    ).where(visible(change, grant, household_seen=True))


def _changes_in_events(grant: Grant) -> list[Select[Any]]:
    field = fields_open(grant)
    if field is None:
        return []
    event, earlier = EVENT.alias(), EVENT.alias()
    before = (
        sa.select(value_of(earlier, field).label("value"))
        .where(
            earlier.c.household_id == event.c.household_id,
            earlier.c.subject_id == event.c.subject_id,
            earlier.c.number < event.c.number,
            has_field(earlier, field, grant),
        )
        .order_by(earlier.c.number.desc())
        .limit(1)
        .lateral("before")
    )
    after = value_of(event, field)
    from_nothing = sa.and_(event.c.type.in_(_FROM_NOTHING), after.is_not(None))
    return [
        sa.select(
            event.c.household_id,
            event.c.number,
            field.c.place,
            field.c.field,
            before.c.value.label("before"),
            after.label("after"),
        )
        .select_from(event.join(field, has_field(event, field, grant)).join(before, sa.true(), isouter=True))
        .where(
            visible(event, grant, household_seen=True),
            sa.or_(
                from_nothing,
                sa.and_(_existed_before(event, field, grant), before.c.value.is_distinct_from(after)),
            ),
        )
    ]


def _existed_before(event: sa.FromClause, field: sa.FromClause, grant: Grant) -> sa.ColumnElement[bool]:
    """Whether the object had the field before the event; if not, the event created it and changed nothing."""
    first = EVENT.alias()
    return (
        sa.exists()
        .where(
            first.c.household_id == event.c.household_id,
            first.c.subject_id == event.c.subject_id,
            first.c.number < event.c.number,
            has_field(first, field, grant),
        )
        .correlate_except(first)
    )
