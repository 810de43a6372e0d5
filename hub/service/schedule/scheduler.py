"""The scheduler of a process: a thread that looks every few seconds whether a job is due.

A thread with an event loop and database connections of its own, so that neither a job's work in Python nor its waiting
for the database holds up a request.
"""

import asyncio
import logging
from types import TracebackType

from hub.foundation.database import Database, new_id
from hub.service.background import Background
from hub.service.schedule.plan import Plan
from hub.service.schedule.running import run_due

EVERY = 20.0
"""Seconds between two looks."""

_log = logging.getLogger(__name__)


class Scheduler:
    """Runs what a plan says from entering to leaving; an empty plan starts nothing. Leaving cuts a run that is under way:
    what it did stays, and the next process makes up for the rest."""

    def __init__(self, database: Database, plan: Plan, every: float = EVERY) -> None:
        self._database = database
        self._plan = plan
        self._every = every
        self._thread = Background("scheduler", "a job", self._look)

    async def __aenter__(self) -> "Scheduler":
        if self._plan:
            self._thread.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        await self._thread.stop()

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
