"""Scheduled jobs: each runs once, whatever the number of processes; a missed run is made up for, and a failed run is
repeated."""

import asyncio
import logging
import time as clock
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from hub.foundation.database import Database
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from hub.model.scheduled_jobs import Job
from hub.service.schedule.plan import Plan, plan_of
from hub.service.schedule.running import last_runs, run_due
from hub.service.schedule.scheduler import Scheduler
from tests.fixtures.served import serve

pytestmark = pytest.mark.anyio
PLAN = plan_of("monitoring=02:00 coverage=04:00 reminders=07:30,13:00")
_ALL_EVALUATED = "select 1 where not exists (select from live_household where next_change_on <= current_date)"
YESTERDAY = "update scheduled_job set done_for = now() - interval '25 hours'"


class Installed:
    """A copy of the sample, with every job planned before its last time."""

    def __init__(self, database: Database, url: str) -> None:
        self.database = database
        self.url = url

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement as the owner; returns its rows."""
        with psycopg.connect(self.url) as owner:
            done = owner.execute(statement.encode())
            return done.fetchall() if done.description else []

    def wait_for(self, query: str) -> None:
        """Wait until a query returns a row."""
        until = clock.monotonic() + 60
        while not self.run(query):
            assert clock.monotonic() < until, query
            clock.sleep(0.02)

    def jobs(self) -> dict[str, tuple[Any, ...]]:
        """For each job: the outcome, the result, and whether a time is still due."""
        rows = self.run(
            "select job, outcome, result, done_for < now() - interval '24 hours' from scheduled_job"
        )
        return {row[0]: row[1:] for row in rows}


@pytest.fixture
async def installed(sample_copy_url: str, settings: Settings) -> AsyncIterator[Installed]:
    """A copy of the sample, planned, a day later."""
    database = Database(sample_copy_url, settings)
    one = Installed(database, sample_copy_url)
    assert await run_due(database, PLAN) == [], "what was never planned waits for its next time"
    one.run(YESTERDAY)
    yield one
    await database.close()


async def test_what_is_due_runs_once_however_many_look_and_says_what_came_of_it(
    installed: Installed, settings: Settings
) -> None:
    processes = [Database(installed.url, settings) for _ in range(4)]
    ran = await asyncio.gather(*(run_due(process, PLAN) for process in processes))
    for process in processes:
        await process.close()
    assert sorted(job for jobs in ran for job in jobs) == sorted(Job)
    assert installed.run("select count(*) from monitoring_run where finished_at is not null") == [(1,)]
    jobs = installed.jobs()
    assert {outcome for outcome, _, _ in jobs.values()} == {"DONE"}
    assert jobs["monitoring"][1]["raised"] > 10
    assert jobs["coverage"][1] == {"counties": 0}, "the sample's coverage was counted within the last hours"
    assert jobs["reminders"][1]["escalated"] > 0
    assert await run_due(installed.database, PLAN) == [], "a day that was missed is made up for once"


async def test_a_failure_is_an_incident_and_is_tried_again_after_a_while(
    installed: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    installed.run("alter table monitoring_result rename to away")
    with caplog.at_level(logging.ERROR):
        assert await run_due(installed.database, PLAN) == list(PLAN), "the other jobs run all the same"
    ((row, running),) = [run for run in await last_runs(installed.database) if run[0].job is Job.MONITORING]
    assert (row.outcome, row.result, running) == ("FAILED", None, False)
    assert f"incident {row.incident}" in caplog.text
    installed.run("alter table away rename to monitoring_result")
    assert await run_due(installed.database, PLAN) == [], "not at once"
    installed.run("update scheduled_job set finished_at = finished_at - interval '11 minutes'")
    assert await run_due(installed.database, PLAN) == [Job.MONITORING]
    assert installed.jobs()["monitoring"][0] == "DONE"
    assert await run_due(installed.database, PLAN) == []


async def test_a_run_that_was_cut_by_the_stop_of_the_service_is_made_up_for(installed: Installed) -> None:
    only: Plan = {Job.MONITORING: PLAN[Job.MONITORING]}
    with psycopg.connect(installed.url) as owner:
        owner.execute("lock table monitoring_result in exclusive mode")  # the run gets as far as its last row
        async with Scheduler(installed.database, only, every=0.05):
            await asyncio.to_thread(installed.wait_for, "select id from monitoring_run")
            assert [running for _, running in await last_runs(installed.database)][1:2] == [True]
            assert await run_due(installed.database, only) == [], "somebody is at it"
            stopped = clock.perf_counter()
        assert clock.perf_counter() - stopped < 5
    assert installed.jobs()["monitoring"] == (None, None, True)
    assert [running for _, running in await last_runs(installed.database)] == [False] * len(Job)
    assert await run_due(installed.database, only) == [], "it may be what ended the process"
    installed.run("update scheduled_job set started_at = started_at - interval '11 minutes'")
    assert await run_due(installed.database, only) == [Job.MONITORING]
    assert installed.jobs()["monitoring"][0] == "DONE"


async def test_the_service_runs_its_jobs_while_it_answers_and_whatever_fails(
    installed: Installed, settings: Settings, keys: Keys
) -> None:
    installed.run("alter table monitoring_result rename to away")
    planned = settings.model_copy(update={"schedule": "monitoring=02:00 reminders=07:30"})

    def work() -> None:
        with serve(installed.url, planned, keys) as served:
            until = clock.monotonic() + 60
            while installed.jobs()["monitoring"][0] is None or installed.jobs()["reminders"][0] is None:
                assert clock.monotonic() < until, installed.jobs()
                assert served.ask("civil_affairs@4101", "{ viewer { agency { code } } }").status == 200
                clock.sleep(0.1)
            installed.wait_for(_ALL_EVALUATED)
            assert served.ask("civil_affairs@4101", "{ viewer { agency { code } } }").data

    await asyncio.to_thread(work)
    assert [installed.jobs()[name][0] for name in ("monitoring", "reminders", "coverage")] == [
        "FAILED",
        "DONE",
        None,
    ]
