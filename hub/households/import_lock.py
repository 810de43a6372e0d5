"""The lock for registering households and writing files."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.household_queues import PLACE, Place

_REGISTERING = 4_600_001
"""The number of an advisory lock; it is arbitrary."""
_QUEUE = UUID(int=_REGISTERING)
"""The queue of its writers; no household has this id."""


async def one_at_a_time(session: AsyncSession) -> None:
    """Take the lock until the transaction ends, so that no person is registered twice at the same time. A writer with a place
    waits as long as its place allows: for a file as long as a job may wait, for a request as long as for a household. Raises
    HouseholdQueueFull and WaitedTooLong for such a writer."""
    place: Place | None = session.info.get(PLACE)
    if place is not None:
        place.enter((_QUEUE,))
    locking = session.execute(sa.select(sa.func.pg_advisory_xact_lock(_REGISTERING)))
    await (locking if place is None else place.within(locking))
