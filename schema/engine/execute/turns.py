"""Turns: how many requests run at once, of all clients and of each, and who comes next.

Who has to wait stands in the line of its client, and the clients' lines are served in turn: a client that sends a
thousand requests is served as often as one that sends one. A line has an end, and nobody waits longer than
`LONGEST_WAIT`.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import ParamSpec, TypeVar

from hub.foundation.errors import HubError
from hub.foundation.troubles import ServerBusy

P = ParamSpec("P")
T = TypeVar("T")
LONGEST_WAIT = 4.5
"""Seconds; with what is left of five the refusal reaches the client within them."""
SHORT_WAIT = 1.5
"""Seconds that a small request waits: it is answered within two, or refused."""
LONGEST_LINE = 100
"""Requests of one client that may wait."""
_MOST_WAITING = 2_000
_PLANNED_AT_ONCE = 2
_WEIGHT = 0.05
"""Of the last turn in the pace, beside those before."""
PAUSE = 2
"""Seconds after which a client may try again."""


class TooManyAtOnce(HubError, numbers=("most", "retry_after_seconds")):
    """Your client has as many requests under way as it may, {most} at once; try again in {retry_after_seconds} s.
    您的客户端同时处理的请求已达上限({most} 个),请 {retry_after_seconds} 秒后再试。
    """


class Turns:
    """The turns of one process: `size` at once, `each` of them of one client at the most."""

    def __init__(self, size: int, each: int, wait: float = LONGEST_WAIT) -> None:
        self._size, self._each, self._wait = size, each, wait
        self._taken = 0
        self._running: dict[str, int] = {}
        self._lines: OrderedDict[str, deque[asyncio.Future[bool]]] = OrderedDict()
        self._waiting = 0
        self._pace = 0.0  # seconds from the end of one turn to that of the next, while somebody waits
        self._ended = 0.0

    @asynccontextmanager
    async def turn(self, client: str) -> AsyncIterator[None]:
        """A turn of a client, for as long as the context is open; entering it raises TooManyAtOnce, ServerBusy."""
        if not self.take(client):
            await self.wait(client)
        try:
            yield
        finally:
            self.leave(client)

    def take(self, client: str) -> bool:
        """Take a turn of a client, which `leave` ends, where one is free; answers whether there was one."""
        running = self._running.get(client, 0)
        if self._taken >= self._size or running >= self._each:
            return False
        self._taken += 1
        self._running[client] = running + 1
        return True

    async def wait(self, client: str) -> None:
        """Wait in line for a turn, which is taken when this returns and which `leave` ends; raises TooManyAtOnce, ServerBusy,
        at once where the wait would be too long by the pace of late."""
        ahead = len(self._lines.get(client, ()))
        if ahead >= LONGEST_LINE or self._expected(client, ahead) > self._wait:
            raise self._refusal(client)
        if self._waiting >= _MOST_WAITING:
            raise ServerBusy(retry_after_seconds=PAUSE)
        loop = asyncio.get_running_loop()
        called: asyncio.Future[bool] = loop.create_future()
        self._lines.setdefault(client, deque()).append(called)
        self._waiting += 1
        late = loop.call_later(self._wait, self._give_up, client, called)
        try:
            has_turn = await called
        except BaseException:
            if called.done() and not called.cancelled() and called.result():
                self.leave(client)  # it was called in the moment in which it went
            else:
                self._go(client, called)
            raise
        finally:
            late.cancel()
        if not has_turn:
            raise self._refusal(client)

    def leave(self, client: str) -> None:
        """End a turn that was taken."""
        self._taken -= 1
        self._running[client] -= 1
        if not self._running[client]:
            del self._running[client]
        if self._lines:
            self._note_pace()
            self._call_next()
        else:
            self._ended = self._pace = 0.0

    def _expected(self, client: str, ahead: int) -> float:
        """Seconds that a client which has so many in line would wait for one more: the lines are served in turn."""
        lines = len(self._lines) + (client not in self._lines)
        return min((ahead + 1) * lines, self._waiting + 1) * self._pace

    def _note_pace(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._ended:
            took = now - self._ended
            self._pace = self._pace + _WEIGHT * (took - self._pace) if self._pace else took
        self._ended = now

    def _give_up(self, client: str, called: asyncio.Future[bool]) -> None:
        """End the waiting of who has waited too long."""
        if not called.done():
            self._go(client, called)
            called.set_result(False)

    def _go(self, client: str, called: asyncio.Future[bool]) -> None:
        """Leave the line, where it still stands in it."""
        line = self._lines.get(client)
        if line is not None and called in line:
            line.remove(called)
            self._waiting -= 1
            if not line:
                del self._lines[client]

    def _may(self, client: str) -> bool:
        return self._running.get(client, 0) < self._each

    def _refusal(self, client: str) -> HubError:
        if self._may(client):
            return ServerBusy(retry_after_seconds=PAUSE)
        return TooManyAtOnce(most=self._each, retry_after_seconds=PAUSE)

    def _call_next(self) -> None:
        """Give the free turns to those who wait, one client after the other."""
        for client in list(self._lines):
            if self._taken >= self._size:
                return
            if not self._may(client):
                continue
            line = self._lines.pop(client)
            self._waiting -= len(line)
            called = line.popleft()
            while called.done() and line:  # it went away in this moment
                called = line.popleft()
            if line:
                self._lines[client] = line  # at the end: the others come first
                self._waiting += len(line)
            if not called.done():
                self.take(client)
                called.set_result(True)


class Turn:
    """A turn that a client holds, and may lay down while it waits for something else."""

    def __init__(self, turns: Turns, client: str) -> None:
        self._turns, self._client = turns, client
        self._held = True

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """Lay the turn down until the end of the context, and take or wait for another then; raises TooManyAtOnce, ServerBusy."""
        self.leave()
        yield
        if not self._turns.take(self._client):
            await self._turns.wait(self._client)
        self._held = True

    def leave(self) -> None:
        """End the turn, where it is held."""
        if self._held:
            self._held = False
            self._turns.leave(self._client)


LARGE = 5_000
"""The cost from which a read is a large one."""
BATCH = 1_000
"""The cost from which a write is one of batches, whose answers are counted as a thousand."""
FEW = 50
"""How many entries of lists a write may bring that is no batch."""


class Lanes:
    """The turns by what a request does. Large reads have a quarter of the readers' connections to themselves and never take
    the others: who reads little does not wait for who reads much, however many these are. So have batches of the writers'."""

    def __init__(self, connections: int) -> None:
        large = max(1, connections // 4)
        small = max(1, connections - large)
        self._small = Turns(small, max(1, small - 1), SHORT_WAIT)
        self._large = Turns(large, max(1, large - 1))
        self._writes = Turns(small, max(1, min(small - 1, connections // 2)))
        self._batches = Turns(large, large)
        self._planning = Turns(_PLANNED_AT_ONCE, 1)

    def of(self, cost: int, entries: int | None) -> Turns:
        """The turns of a request that costs so much; `entries`: how many entries of lists it writes, None where it only reads."""
        if entries is not None:
            return self._batches if cost >= BATCH or entries > FEW else self._writes
        return self._large if cost >= LARGE else self._small

    async def plan(self, client: str, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Do what takes long in Python beside the event loop, for each client one after the other; raises TooManyAtOnce,
        ServerBusy, and what the work raises."""
        async with self._planning.turn(client):
            return await asyncio.to_thread(work, *args, **named)
