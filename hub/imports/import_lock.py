"""The lock under which imports write."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import without_limits_of_requests

_IMPORTS = 4_600_001
"""The advisory lock of imports; any number of our own."""


async def one_import_at_a_time(session: AsyncSession) -> None:
    """Hold the lock of imports until the transaction ends, so that two never register a person twice.

    A transaction here is a few thousand households, and waits for its turn.
    """
    await without_limits_of_requests(session)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_IMPORTS)))
