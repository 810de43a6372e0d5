"""The lock under which households are registered, and files written."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import without_limits_of_requests

_REGISTERING = 4_600_001
"""An advisory lock; any number of our own."""


async def one_at_a_time(session: AsyncSession) -> None:
    """Hold the lock until the transaction ends, so that two never register a person twice.

    A transaction here is a few thousand households, and waits for its turn.
    """
    await without_limits_of_requests(session)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_REGISTERING)))
