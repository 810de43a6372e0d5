"""Two processes evaluate at the same time: each household once, none is left behind, and neither waits for the other."""

import asyncio

import pytest
import sqlalchemy as sa

from hub.evaluation.live.refreshing import refresh_stale
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from tests.hub.evaluation.live.test_reading import Kept, kept

__all__ = ["kept"]

pytestmark = pytest.mark.anyio
LONGEST = 30.0


async def test_two_processes_evaluate_each_household_once_and_leave_none(
    kept: Kept, settings: Settings
) -> None:
    households = await kept.stale()
    other = Database(kept.url, settings)
    async with asyncio.timeout(LONGEST):
        parts = await asyncio.gather(refresh_stale(kept.database, 20), refresh_stale(other, 20))
    await other.close()
    assert sum(parts) == len(households) > 200
    assert min(parts) >= 20, "both were at it"
    assert not await kept.stale()
    await kept.agrees()


async def test_who_comes_while_another_is_at_a_part_takes_the_rest_and_does_not_wait(
    kept: Kept, settings: Settings
) -> None:
    households = await kept.stale()
    other = Database(kept.url, settings)
    async with asyncio.timeout(LONGEST):
        async with other.write() as session:
            part = await session.execute(
                sa.text("select household_id from live_household order by 1 limit 50 for update")
            )
            taken = {row.household_id for row in part}
            assert await refresh_stale(kept.database) == len(households) - len(taken)
            assert await kept.stale() == taken
        assert await refresh_stale(other) == len(taken), "whose process was gone before it was done"
    await other.close()
    assert not await kept.stale()
