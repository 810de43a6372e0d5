"""Background work of a process, and regular checks for work.

A thread has its own event loop and database connections, so that neither its Python code nor its database waits delay a
request.
"""

import asyncio
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from hub.foundation.database import Database, new_id
from hub.foundation.troubles import trouble_of

TO_STOP = 4.0
"""Seconds that cancelled work may take to stop."""
_log = logging.getLogger(__name__)


class WorkerThread(ABC):
    """Runs work in a thread of its own while the context is open; leaving cancels the work. `name` is the thread's name;
    `what` describes the work in the log. If `starts` is false, there is nothing to do and no thread starts."""

    def __init__(self, name: str, what: str, database: Database, *, starts: bool = True) -> None:
        self._what, self._database, self._starts = what, database, starts
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._in_thread, name=name, daemon=True)

    @abstractmethod
    async def work(self, database: Database) -> None:
        """The work of the thread until it is cancelled, with a database of its own."""

    async def __aenter__(self) -> Self:
        if self._starts:
            self._thread.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
            await asyncio.to_thread(self._thread.join, TO_STOP)
        if self._thread.is_alive():  # the thread ends with the process
            _log.error("%s did not stop in %d s", self._what, TO_STOP)
        else:
            self._loop.close()

    def call(self, function: Callable[[], object]) -> None:
        """Call a function in the thread soon."""
        self._loop.call_soon_threadsafe(function)

    def _in_thread(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        working = asyncio.create_task(self._work_apart())
        await self._stopped.wait()
        working.cancel()
        await asyncio.wait([working])

    async def _work_apart(self) -> None:
        database = self._database.apart()
        try:
            await self.work(database)
        finally:
            await database.close()


async def look_for_work(
    name: str, woken: asyncio.Event, every: float, work: Callable[[], Awaitable[object]]
) -> None:
    """Do the work whenever `woken` is set, and every `every` seconds; a failure is logged, and the work is tried again next
    time."""
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
