"""Crowds: few writers hold connections for one household, the others wait in a queue, and a writer that waited too long gets
an error."""

import asyncio
from uuid import UUID

import pytest

from hub.foundation.household_queues import HouseholdQueueFull, HouseholdQueues, WaitedTooLong

pytestmark = pytest.mark.anyio
ONE, OTHER = UUID(int=1), UUID(int=2)


async def test_as_many_as_may_enter_and_the_next_is_told_of_which_household() -> None:
    household_queues = HouseholdQueues(2)
    first, second, third = (household_queues.place(1) for _ in range(3))
    first.enter([ONE, OTHER])
    second.enter([ONE])
    second.enter([ONE])
    with pytest.raises(HouseholdQueueFull) as full:
        third.enter([OTHER, ONE])
    assert full.value.household == ONE


async def test_who_waits_comes_in_by_turn_and_nobody_overtakes_it() -> None:
    household_queues = HouseholdQueues(1)
    first, second, third = (household_queues.place(1) for _ in range(3))
    first.enter([ONE])
    waiting = asyncio.create_task(second.wait(ONE))
    await asyncio.sleep(0)
    first.leave()
    with pytest.raises(HouseholdQueueFull):
        third.enter([ONE])
    await waiting
    second.enter([ONE])
    second.leave()
    third.enter([ONE])


async def test_who_waited_its_time_goes_and_leaves_nothing_behind() -> None:
    household_queues = HouseholdQueues(1)
    first, second, third = household_queues.place(1), household_queues.place(0), household_queues.place(1)
    first.enter([ONE])
    with pytest.raises(WaitedTooLong):
        await second.wait(ONE)
    first.leave()
    third.enter([ONE])


async def test_a_lock_that_is_free_is_taken_also_late() -> None:
    place = HouseholdQueues(1).place(-10)
    place.enter([ONE])
    assert await place.within(asyncio.sleep(0.01, "locked")) == "locked"
