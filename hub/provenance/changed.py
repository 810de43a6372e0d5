"""What each event changed, as one Core subquery that both executors read like a table.

What an import or a request changed in a household or a person was kept with the event; what was changed in a certification
or in aid stands in the bodies of the events themselves, one after the other.
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
from hub.provenance.sources import EVENT, fields_open, holds_field, value_of

_change = table_of(FieldChangeRow)
_PLACES = {name: place for place, name in enumerate((*OF_HOUSEHOLD, *OF_PERSON, "members"))}
_FROM_NOTHING = (EventType.CERTIFICATION_ENDED,)
"""Events that give a value where there was none; the first event of other types makes its object."""


def changed(grant: Grant) -> Subquery:
    """The fields that events changed, as far as a grant may know, in the columns of `CHANGE`.

    The rows of all households: it must be held to the row policies.
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
            holds_field(earlier, field, grant),
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
        .select_from(
            event.join(field, holds_field(event, field, grant)).join(before, sa.true(), isouter=True)
        )
        .where(
            visible(event, grant, household_seen=True),
            sa.or_(
                from_nothing,
                sa.and_(_held_before(event, field, grant), before.c.value.is_distinct_from(after)),
            ),
        )
    ]


def _held_before(event: sa.FromClause, field: sa.FromClause, grant: Grant) -> sa.ColumnElement[bool]:
    """Whether the object of an event had the field before; else the event made it, and changed nothing."""
    first = EVENT.alias()
    return (
        sa.exists()
        .where(
            first.c.household_id == event.c.household_id,
            first.c.subject_id == event.c.subject_id,
            first.c.number < event.c.number,
            holds_field(first, field, grant),
        )
        .correlate_except(first)
    )
