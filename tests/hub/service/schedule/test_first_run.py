"""A sample is monitored and counted once, and an interrupted start is continued."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.model.scheduled_jobs import Job
from hub.sample.make import make_sample
from hub.sample.planted import PLANTED
from hub.service.schedule.running import last_runs, run_first

pytestmark = pytest.mark.anyio
ALERTS = "select count(*), count(distinct (finding, household_id, person_id, evidence)) from alert"
RUNS = "select count(*), count(finished_at) from monitoring_run"
COUNTED = "select count(*), count(*) filter (where region = '41'), min(as_of), max(as_of) from coverage"


class Killed(Exception):
    """The process ends here."""


def until(most: int) -> Callable[[int, int], None]:
    """A progress callback that ends the process when a number of items is done."""

    def told(done: int, _total: int) -> None:
        if done == most:
            raise Killed

    return told


def never(_done: int, _total: int) -> None:
    raise AssertionError("it was done again")


async def one(database: Database, statement: str) -> tuple[int, ...]:
    async with database.read() as connection:
        return tuple((await connection.execute(sa.text(statement))).one())


async def test_a_sample_is_monitored_and_counted_once_and_goes_on_where_it_was_cut(
    database: Database, secrecy: Secrecy
) -> None:
    await make_sample(database, secrecy, len(PLANTED), 1, today(), lambda _done, _total: None)

    with pytest.raises(Killed):
        await run_first(database, Job.MONITORING, until(12))
    assert await one(database, RUNS) == (1, 0)
    begun, _ = await one(database, ALERTS)
    ((cut, runs),) = await last_runs(database)
    assert (cut.outcome, runs) == (None, False)
    seen: list[tuple[int, int]] = []
    await run_first(database, Job.MONITORING, lambda done, total: seen.append((done, total)))
    whole, different = await one(database, ALERTS)
    assert 0 < begun <= whole == different
    assert seen[-1][0] == seen[-1][1] > 0
    await run_first(database, Job.MONITORING, never)
    assert (await one(database, RUNS), await one(database, ALERTS)) == ((2, 1), (whole, different))

    with pytest.raises(Killed):
        await run_first(database, Job.COVERAGE, until(3))
    townships, province, *_ = await one(database, COUNTED)
    assert (townships > 0, province) == (True, 0)
    seen.clear()
    await run_first(database, Job.COVERAGE, lambda done, total: seen.append((done, total)))
    counted = await one(database, COUNTED)
    assert (seen[-1][0] == seen[-1][1], counted[0] > townships, counted[1]) == (True, True, 1)
    await run_first(database, Job.COVERAGE, never)
    assert await one(database, COUNTED) == counted

    results = {row.job: (row.outcome, row.result) for row, _ in await last_runs(database)}
    assert {job: outcome for job, (outcome, _) in results.items()} == {
        Job.MONITORING: "DONE",
        Job.COVERAGE: "DONE",
    }
    assert results[Job.MONITORING][1]["found"] >= whole
    assert results[Job.COVERAGE][1]["counties"] > 0
