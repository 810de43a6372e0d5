"""The scheduler of a process: a thread that looks every few seconds whether a job is due, and every second whether a household
is to be evaluated anew.

A thread with an event loop and database connections of its own, so that neither a job's work in Python nor its waiting
for the database holds up a request.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType

from hub.evaluation.live.refreshing import refresh_stale
from hub.foundation.database import Database, new_id
from hub.service.background import Background
from hub.service.schedule.plan import Plan
from hub.service.schedule.running import run_due

EVERY = 20.0
"""Seconds between two looks for a job."""
EVALUATES_EVERY = 1.0
"""Seconds between two looks for households that were written to, or whose day has passed."""

_log = logging.getLogger(__name__)


class Scheduler:
    """Runs what a plan says from entering to leaving, and evaluates households beside it; an empty plan starts nothing. Leaving
    cuts a run that is under way: what it did stays, and the next process makes up for the rest."""

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
            async with asyncio.TaskGroup() as both:
                both.create_task(
                    _again_and_again("the schedule", self._every, lambda: run_due(database, self._plan))
                )
                both.create_task(
                    _again_and_again("the evaluation", EVALUATES_EVERY, lambda: refresh_stale(database))
                )
        finally:
            await database.close()


async def _again_and_again(what: str, every: float, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await work()
        except Exception as error:  # the database is away, for one: it is asked again
            _log.error("incident %s: %s", new_id(), what, exc_info=error)
        await asyncio.sleep(every)
