"""Runs the jobs that are due. Any number of processes may check at once: exactly one runs a job, and each of its times counts
once.

The process that runs a job holds its advisory lock, which PostgreSQL releases when the process dies. The job's row has the
last time that was run. So the next check repeats a run that was cut or failed, and makes up, once, for times that passed
while no process was running.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import Database, new_id, now, table_of
from hub.model.scheduled_jobs import Job, Outcome, ScheduledJobRow
from hub.service.schedule.jobs import JOBS, Progress
from hub.service.schedule.plan import Plan, last_time

AGAIN_AFTER = timedelta(minutes=10)
"""The time after a failure, or after the start of a run that was cut, until a job is tried again."""
_LOCKS = 4_600_003
"""The advisory locks of jobs: this number, and the job's index; the number is arbitrary."""

_log = logging.getLogger(__name__)
_job = table_of(ScheduledJobRow)


async def run_due(database: Database, plan: Plan) -> list[Job]:
    """Run each job that is due and that no other process runs; returns the jobs that ran."""
    return [job for job in plan if await _run_if_due(database, plan, job)]


async def _run_if_due(database: Database, plan: Plan, job: Job) -> bool:
    async with database.write() as guard:  # a transaction without a snapshot, so it does not hold back vacuum
        if not await _locked(guard, job):
            return False
        at = now()
        due = last_time(plan[job], at)
        row = await _row(database, job, at)
        if row.done_for >= due or _failed_lately(row, at):
            return False
        await _run(database, job, due)
    return True


async def _run(database: Database, job: Job, due: datetime) -> None:
    """Run a job for one of its times; a failure is logged as an incident and written to its row."""
    await _begin(database, job)
    try:
        result = dict(await JOBS[job].run(database, lambda _done, _total: None))
    except Exception as error:
        incident = new_id()
        _log.error("incident %s: the job %s", incident, job.value, exc_info=error)
        await _set(database, job, finished_at=now(), outcome=Outcome.FAILED, incident=incident)
    else:
        _log.info("the job %s: %s", job.value, result)
        await _set(database, job, finished_at=now(), outcome=Outcome.DONE, result=result, done_for=due)


async def run_first(database: Database, job: Job, progress: Progress) -> None:
    """Run a job that never finished, whatever its times, unless another process runs it: so a new sample has its results from
    the start. Raises the job's errors; the row then shows a run that was cut."""
    async with database.write() as guard:
        if not await _locked(guard, job) or (await _row(database, job, now())).outcome is Outcome.DONE:
            return
        await _begin(database, job)
        result = dict(await JOBS[job].run(database, progress))
        await _set(database, job, finished_at=now(), outcome=Outcome.DONE, result=result)


async def _begin(database: Database, job: Job) -> None:
    started: dict[str, Any] = {"started_at": now(), "finished_at": None, "outcome": None, "result": None}
    await _set(database, job, **started, incident=None)


def _failed_lately(row: sa.Row[Any], at: datetime) -> bool:
    """Whether the last run failed or was cut too recently for another attempt: a run may have ended its process."""
    ended = row.finished_at or row.started_at
    return row.outcome is not Outcome.DONE and ended is not None and ended > at - AGAIN_AFTER


async def _locked(session: AsyncSession, job: Job) -> bool:
    place = list(Job).index(job)
    locked: bool | None = await session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCKS, place)))
    return bool(locked)


async def _row(database: Database, job: Job, at: datetime) -> sa.Row[Any]:
    """The row of a job; a job that was never planned waits for its next time."""
    async with database.write() as session:
        await session.execute(pg.insert(_job).values(job=job, done_for=at).on_conflict_do_nothing())
        return (await session.execute(sa.select(_job).where(_job.c.job == job))).one()


async def _set(database: Database, job: Job, **values: Any) -> None:
    async with database.write() as session:
        await session.execute(sa.update(_job).where(_job.c.job == job).values(values))


async def last_runs(database: Database) -> Sequence[tuple[sa.Row[Any], bool]]:
    """Every job that was ever planned, and whether it is running now."""
    async with database.write() as session:
        rows = (await session.execute(sa.select(_job).order_by(_job.c.job))).all()
        return [(row, not await _locked(session, row.job)) for row in rows]
