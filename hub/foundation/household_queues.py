"""Limits the writers of one household: how many of a process may hold its lock, or wait for it, with a connection each.

The others wait here in a queue, without a connection. So a household that is locked for long delays only those who write to
it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Iterable
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")
_LEAST = 0.5
"""Seconds that a writer waits for a lock at least, even if its command was slow before."""
PLACE = "place"
"""The key of a session's info for the place of its writer."""


class HouseholdQueueFull(Exception):
    """As many as may have the household's lock, or wait for it; the writer has to roll back and wait in line."""

    def __init__(self, household: UUID) -> None:
        super().__init__()
        self.household = household


class WaitedTooLong(Exception):
    """The lock of a household was not to be had in the time that a writer waits."""


class HouseholdQueues:
    """The queues of one process: at most `most` writers at each household."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside: dict[UUID, int] = {}
        self._lines: dict[UUID, deque[asyncio.Future[None]]] = {}

    def place(self, seconds: float) -> "Place":
        """A writer's place. Its waits take `seconds` at most, together; call `leave` at the end."""
        return Place(self, asyncio.get_running_loop().time() + seconds)

    def enter(self, household: UUID) -> bool:
        """Take a place at a household, if one is free and nobody waits for it; returns whether it did."""
        inside = self._inside.get(household, 0)
        if inside >= self._most or household in self._lines:
            return False
        self._inside[household] = inside + 1
        return True

    async def wait(self, household: UUID) -> None:
        """Wait in the queue for a place."""
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line = self._lines.setdefault(household, deque())
        line.append(called)
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():  # it got a place while it was cancelled
                self.leave(household)
            else:
                line.remove(called)
                if not line:
                    self._lines.pop(household, None)
            raise

    def leave(self, household: UUID) -> None:
        """Give the place back; the first in the queue takes it."""
        line = self._lines.get(household)
        while line:
            called = line.popleft()
            if not line:
                del self._lines[household]
            if not called.done():
                called.set_result(None)
                return
        self._inside[household] -= 1
        if not self._inside[household]:
            del self._inside[household]


class Place:
    """The places of one writer, at each household that it locks."""

    def __init__(self, household_queues: HouseholdQueues, until: float) -> None:
        self._queues, self._until = household_queues, until
        self._households: set[UUID] = set()

    def enter(self, households: Iterable[UUID]) -> None:
        """Take places at households before they are locked; raises HouseholdQueueFull."""
        for household in sorted(set(households) - self._households):
            if not self._queues.enter(household):
                raise HouseholdQueueFull(household)
            self._households.add(household)

    async def wait(self, household: UUID) -> None:
        """Wait for a place at a household; raises WaitedTooLong."""
        await self.within(self._queues.wait(household))
        self._households.add(household)

    async def within(self, waiting: Awaitable[T]) -> T:
        """The result of `waiting`; raises WaitedTooLong if the writer's time is over first."""
        try:
            until = max(self._until, asyncio.get_running_loop().time() + _LEAST)
            async with asyncio.timeout_at(until):
                return await waiting
        except TimeoutError:
            raise WaitedTooLong from None

    def leave(self) -> None:
        """Give all places back."""
        while self._households:
            self._queues.leave(self._households.pop())
