"""Turns: limits the requests that run at once, in total and for each client, and decides who is next.

Waiting requests are in the queue of their client, and the queues take turns: a client with a thousand requests is served as
often as one with a single request. A queue has a maximum length, and nobody waits longer than `LONGEST_WAIT`.
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
"""Seconds; the refusal then reaches the client within five seconds."""
SHORT_WAIT = 1.5
"""Seconds that a small request waits at most: it is answered within two, or refused."""
LONGEST_LINE = 100
"""The most waiting requests of one client."""
_MOST_WAITING = 2_000
_PLANNED_AT_ONCE = 2
_WEIGHT = 0.05
"""The weight of the last turn in the pace, against earlier ones."""
PAUSE = 2
"""Seconds after which a client may try again."""


class TooManyAtOnce(HubError, numbers=("most", "retry_after_seconds")):
    """Your client has as many requests under way as it may, {most} at once; try again in {retry_after_seconds} s.
    您的客户端同时处理的请求已达上限({most} 个),请 {retry_after_seconds} 秒后再试。
    """


class RequestQueue:
    """The turns of one process: at most `size` at once, at most `each` of one client."""

    def __init__(self, size: int, each: int, wait: float = LONGEST_WAIT) -> None:
        self._size, self._each, self._wait = size, each, wait
        self._taken = 0
        self._running: dict[str, int] = {}
        self._lines: OrderedDict[str, deque[asyncio.Future[bool]]] = OrderedDict()
        self._waiting = 0
        self._pace = 0.0  # seconds between the ends of two turns, while requests wait
        self._ended = 0.0

    @asynccontextmanager
    async def slot(self, client: str) -> AsyncIterator[None]:
        """A turn of a client, for as long as the context is open; entering it raises TooManyAtOnce, ServerBusy."""
        if not self.try_enter(client):
            await self.wait(client)
        try:
            yield
        finally:
            self.leave(client)

    def try_enter(self, client: str) -> bool:
        """Take a free turn for a client, until `leave`; returns whether one was free."""
        running = self._running.get(client, 0)
        if self._taken >= self._size or running >= self._each:
            return False
        self._taken += 1
        self._running[client] = running + 1
        return True

    async def wait(self, client: str) -> None:
        """Wait in the queue for a turn, which ends with `leave`; raises TooManyAtOnce and ServerBusy, at once if the expected
        wait is too long."""
        ahead = len(self._lines.get(client, ()))
        if ahead >= LONGEST_LINE or self._expected(client, ahead) > self._wait:
            raise self._refusal(client)
        if self._waiting >= _MOST_WAITING:
            raise ServerBusy(retry_after_seconds=PAUSE)
        loop = asyncio.get_running_loop()
        called: asyncio.Future[bool] = loop.create_future()
        self._lines.setdefault(client, deque()).append(called)
        self._waiting += 1
        late = loop.call_later(self._wait, self._time_out, client, called)
        try:
            has_turn = await called
        except BaseException:
            if called.done() and not called.cancelled() and called.result():
                self.leave(client)  # it got its turn while it was cancelled
            else:
                self._go(client, called)
            raise
        finally:
            late.cancel()
        if not has_turn:
            raise self._refusal(client)

    def leave(self, client: str) -> None:
        """End a turn."""
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
        """The expected wait in seconds of a client with `ahead` requests in its queue: the queues take turns."""
        lines = len(self._lines) + (client not in self._lines)
        return min((ahead + 1) * lines, self._waiting + 1) * self._pace

    def _note_pace(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._ended:
            took = now - self._ended
            self._pace = self._pace + _WEIGHT * (took - self._pace) if self._pace else took
        self._ended = now

    def _time_out(self, client: str, called: asyncio.Future[bool]) -> None:
        """End a wait that took too long."""
        if not called.done():
            self._go(client, called)
            called.set_result(False)

    def _go(self, client: str, called: asyncio.Future[bool]) -> None:
        """Leave the queue, if it is still in it."""
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
        """Give the free turns to waiting requests, one client after another."""
        for client in list(self._lines):
            if self._taken >= self._size:
                return
            if not self._may(client):
                continue
            line = self._lines.pop(client)
            self._waiting -= len(line)
            called = line.popleft()
            while called.done() and line:  # it was cancelled at this moment
                called = line.popleft()
            if line:
                self._lines[client] = line  # at the end: the other clients come first
                self._waiting += len(line)
            if not called.done():
                self.try_enter(client)
                called.set_result(True)


class QueueSlot:
    """A turn of a client, which can be given back while the request waits for something else."""

    def __init__(self, queue: RequestQueue, client: str) -> None:
        self._queue, self._client = queue, client
        self._held = True

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """Give the turn back for this block, then take or wait for another; raises TooManyAtOnce, ServerBusy."""
        self.leave()
        yield
        if not self._queue.try_enter(self._client):
            await self._queue.wait(self._client)
        self._held = True

    def leave(self) -> None:
        """End the turn, if it is held."""
        if self._held:
            self._held = False
            self._queue.leave(self._client)


LARGE = 5_000
"""The lowest cost of a large read."""
BATCH = 1_000
"""The lowest cost of a batch write; its answers count as a thousand."""
FEW = 50
"""The most list entries of a write that is no batch."""


class RequestQueues:
    """The turns, separate for each kind of request. Large reads have a quarter of the readers' connections and never take the
    others: small reads do not wait for large ones, however many there are. Batches have the same share of the writers'."""

    def __init__(self, connections: int) -> None:
        large = max(1, connections // 4)
        small = max(1, connections - large)
        self._small = RequestQueue(small, max(1, small - 1), SHORT_WAIT)
        self._large = RequestQueue(large, max(1, large - 1))
        self._writes = RequestQueue(small, max(1, min(small - 1, connections // 2)))
        self._batches = RequestQueue(large, large)
        self._planning = RequestQueue(_PLANNED_AT_ONCE, 1)

    def of(self, cost: int, entries: int | None) -> RequestQueue:
        """The turns for a request of this cost; `entries`: the number of list entries that it writes, None for a read."""
        if entries is not None:
            return self._batches if cost >= BATCH or entries > FEW else self._writes
        return self._large if cost >= LARGE else self._small

    async def plan(self, client: str, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Run slow Python code outside the event loop, one call at a time for each client; raises TooManyAtOnce, ServerBusy,
        and the errors of the work."""
        async with self._planning.slot(client):
            return await asyncio.to_thread(work, *args, **named)
