"""Work beside the requests of a process: a thread with an event loop of its own, and the look for work every now and then."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

from hub.foundation.database import new_id
from hub.foundation.troubles import trouble_of

TO_STOP = 4.0
"""Seconds that work which is cut may take."""
_log = logging.getLogger(__name__)


class Background:
    """A coroutine in a thread of its own from `start` to `stop`, which cuts it. `what` it is stands in the log."""

    def __init__(self, name: str, what: str, work: Callable[[], Awaitable[None]]) -> None:
        self._what, self._work = what, work
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._in_thread, name=name, daemon=True)

    def start(self) -> None:
        """Begin; where it is never called, nothing is done."""
        self._thread.start()

    async def stop(self) -> None:
        """Cut it, where it was begun, and wait for its end."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
            await asyncio.to_thread(self._thread.join, TO_STOP)
        if self._thread.is_alive():  # it ends with the process
            _log.error("%s did not stop in %d s", self._what, TO_STOP)
        else:
            self._loop.close()

    def call(self, function: Callable[[], object]) -> None:
        """Have the thread call a function soon."""
        self._loop.call_soon_threadsafe(function)

    def _in_thread(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        working = asyncio.ensure_future(self._work())
        await self._stopped.wait()
        working.cancel()
        await asyncio.wait([working])


async def look_for_work(
    name: str, woken: asyncio.Event, every: float, work: Callable[[], Awaitable[None]]
) -> None:
    """Do the work whenever it is called for, and every so many seconds; what fails is logged, and tried again then."""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(every):
                await woken.wait()
        woken.clear()
        try:
            await work()
        except Exception as error:
            trouble = trouble_of(error)
            word = trouble.code if trouble else f"incident {new_id()}"
            _log.error("%s: %s", name, word, exc_info=None if trouble else error)
