"""The events of an import, and later events of others that depend on them: events that follow from one, that change the same
record, or that concern a household or person that the import registered.

The hub's own events (sight, cases of monitoring and of overlaps) and undone events do not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import table_of
from hub.foundation.errors import HubError
from hub.model.import_runs import IMPORTER, UNDOER, ImportRunRow
from hub.model.ledger import ChainEventRow, EventType

_event, _run = table_of(ChainEventRow), table_of(ImportRunRow)
_BY_ITSELF = (
    EventType.SIGHT_GIVEN,
    EventType.SIGHT_ENDED,
    EventType.ALERT_RAISED,
    EventType.ALERT_CLOSED,
    EventType.OVERLAP_FOUND,
)
MEMBERS = "members"
"""The field name that an update of a household lists if a person joined it."""


class ImportHasLaterChanges(HubError, numbers=("count", "households")):
    """Later entries of others ({count}, in {households} households) depend on this import; it can no longer be undone as a whole.
    已有 {households} 户在此次导入之后另有 {count} 条后续记录,不能再整批撤销。
    """


@dataclass(frozen=True, slots=True)
class BuiltOn:
    """The number of events that depend on an import, and of the households with such events."""

    events: int
    households: int


async def built_on(session: AsyncSession, client: str) -> BuiltOn | None:
    """Counts the events of others that depend on the import of a client; None if there are none."""
    own, later = _event.alias("own"), _event.alias("later")
    undone = sa.select(sa.func.concat(f"{IMPORTER}:", _run.c.id)).where(_run.c.undone_at.is_not(None))
    joined = sa.and_(_changed(own).contains([MEMBERS]), later.c.person_id == own.c.person_id)
    follows = sa.or_(
        own.c.number == sa.any_(later.c.answers),
        own.c.type == EventType.HOUSEHOLD_REGISTERED,
        sa.and_(own.c.type == EventType.HOUSEHOLD_UPDATED, joined),
        later.c.subject_id == own.c.subject_id,
    )
    found = (
        sa.select(later.c.household_id, later.c.number)
        .distinct()
        .join_from(
            own, later, sa.and_(later.c.household_id == own.c.household_id, later.c.number > own.c.number)
        )
        .where(
            own.c.client_id == client,
            later.c.client_id != client,
            later.c.type.not_in(_BY_ITSELF),
            sa.not_(later.c.client_id.startswith(f"{UNDOER}:")),
            later.c.client_id.not_in(undone),
            follows,
        )
        .subquery()
    )
    counts = sa.select(sa.func.count(), sa.func.count(found.c.household_id.distinct())).select_from(found)
    events, households = (await session.execute(counts)).one()
    return BuiltOn(events, households) if events else None


async def households_of(session: AsyncSession, client: str) -> Sequence[UUID]:
    """The ids of the households in whose chains an import wrote, sorted."""
    query = sa.select(_event.c.household_id).where(_event.c.client_id == client).distinct()
    return sorted(await session.scalars(query))


async def events_of(
    session: AsyncSession, client: str, households: Sequence[UUID]
) -> Sequence[sa.RowMapping]:
    """The events of an import in some households, ordered by household and number. `first`: no earlier event has the same
    subject; `recorded_at`: when the event was recorded."""
    before = _event.alias("before")
    first = ~(
        sa.exists()
        .where(
            before.c.household_id == _event.c.household_id,
            before.c.subject_id == _event.c.subject_id,
            before.c.number < _event.c.number,
        )
        .correlate(_event)
    )
    query = (
        sa.select(
            _event.c.household_id,
            _event.c.type,
            _event.c.person_id,
            _event.c.subject_id,
            _event.c.body,
            first.label("first"),
            _event.c.recorded_at,
        )
        .where(_event.c.household_id.in_(households), _event.c.client_id == client)
        .order_by(_event.c.household_id, _event.c.number)
    )
    return (await session.execute(query)).mappings().all()


def _changed(event: sa.FromClause) -> Any:
    return event.c.body["changed"]
