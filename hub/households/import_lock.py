"""The lock for registering households and writing files."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.household_queues import PLACE, Place

_REGISTERING = 4_600_001
"""An advisory lock; the number is arbitrary."""
_CROWD = UUID(int=_REGISTERING)
"""The crowd of those who want it: no household has this id."""


async def one_at_a_time(session: AsyncSession) -> None:
    """Hold the lock until the transaction ends, so that no person is registered twice at the same time. A file waits for its turn
    as long as a job may; a request as long as for a household. Raises Crowded and WaitedTooLong where the writer has a place."""
    place: Place | None = session.info.get(PLACE)
    if place is not None:
        place.enter((_CROWD,))
    locking = session.execute(sa.select(sa.func.pg_advisory_xact_lock(_REGISTERING)))
    await (locking if place is None else place.within(locking))
