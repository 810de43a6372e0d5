"""The scheduler of a process: a thread that checks every few seconds whether a job is due, and every second whether
households need a new evaluation."""

import asyncio
from functools import partial

from hub.evaluation.live.refreshing import refresh_stale
from hub.foundation.database import Database
from hub.service.background import WorkerThread, look_for_work
from hub.service.schedule.plan import Plan
from hub.service.schedule.running import run_due

EVERY = 20.0
"""Seconds between two checks for a job."""
EVALUATES_EVERY = 1.0
"""Seconds between two checks for households that were written to, or whose day has passed."""


class Scheduler(WorkerThread):
    """Runs the jobs of a plan and evaluates households while the context is open; an empty plan starts nothing. Leaving
    cancels a running job: its results so far stay, and the next process does the rest."""

    def __init__(self, database: Database, plan: Plan, every: float = EVERY) -> None:
        super().__init__("scheduler", "a job", database, starts=bool(plan))
        self._plan, self._every = plan, every

    async def work(self, database: Database) -> None:
        """Check for jobs and for households, the first time at once."""
        async with asyncio.TaskGroup() as both:
            due, stale = partial(run_due, database, self._plan), partial(refresh_stale, database)
            both.create_task(look_for_work("the schedule", _set(), self._every, due))
            both.create_task(look_for_work("the evaluation", _set(), EVALUATES_EVERY, stale))


def _set() -> asyncio.Event:
    """An event that is set."""
    event = asyncio.Event()
    event.set()
    return event
