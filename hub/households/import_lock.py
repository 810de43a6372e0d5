"""The lock for registering households and writing files."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import with_limits_of_jobs

_REGISTERING = 4_600_001
"""An advisory lock; the number is arbitrary."""


async def one_at_a_time(session: AsyncSession) -> None:
    """Hold the lock until the transaction ends, so that no person is registered twice at the same time.

    A transaction writes a few thousand households and waits for its turn.
    """
    await with_limits_of_jobs(session)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_REGISTERING)))
