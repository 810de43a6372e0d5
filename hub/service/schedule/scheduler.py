"""The scheduler of a process: a thread that looks every few seconds whether a job is due.

A thread with an event loop and database connections of its own, so that neither a job's work in Python nor its waiting
for the database holds up a request.
"""

import asyncio
import logging
import threading
from types import TracebackType

from hub.foundation.database import Database, new_id
from hub.service.schedule.plan import Plan
from hub.service.schedule.running import run_due

EVERY = 20.0
"""Seconds between two looks."""
TO_STOP = 4.0
"""Seconds that a job which is cut may take."""

_log = logging.getLogger(__name__)


class Scheduler:
    """Runs what a plan says from entering to leaving; an empty plan starts nothing. Leaving cuts a run that is under way:
    what it did stays, and the next process makes up for the rest."""

    def __init__(self, database: Database, plan: Plan, every: float = EVERY) -> None:
        self._database = database
        self._plan = plan
        self._every = every
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._in_thread, name="scheduler", daemon=True)

    async def __aenter__(self) -> "Scheduler":
        if self._plan:
            self._thread.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
            await asyncio.to_thread(self._thread.join, TO_STOP)
        if self._thread.is_alive():  # it ends with the process
            _log.error("a job did not stop in %d s", TO_STOP)
        else:
            self._loop.close()

    def _in_thread(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        looking = asyncio.create_task(self._look())
        await self._stopped.wait()
        looking.cancel()
        await asyncio.wait([looking])

    async def _look(self) -> None:
        database = self._database.apart()
        try:
            while True:
                try:
                    await run_due(database, self._plan)
                except Exception as error:  # the database is away, for one: it is asked again
                    _log.error("incident %s: the schedule", new_id(), exc_info=error)
                await asyncio.sleep(self._every)
        finally:
            await database.close()
