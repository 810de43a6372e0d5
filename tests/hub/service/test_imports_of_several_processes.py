"""An import belongs to one process at a time: a process that lost it ends nothing, and deletes no file that another process
reads."""

from collections.abc import Awaitable, Callable, Mapping

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import Database, table_of
from hub.foundation.encryption import Secrecy
from hub.imports import job_previews, job_undoing, jobs
from hub.imports.job_leases import RoundRobin
from hub.imports.jobs import ImportInterrupted, Job, JobDraft
from hub.imports.report import ImportReport
from hub.imports.sealed_parts import part_of, sizes_of_parts
from hub.model.import_jobs import ImportJobRow
from hub.model.import_runs import ImportKind
from hub.model.sealed_parts import JobFile, JobStatus
from tests.hub.imports.conftest import COUNTY_OFFICE

pytestmark = pytest.mark.anyio
CONTENT, MADE = b"what the agency sent", {JobFile.REPORT: b"what the process made"}
REPORT = ImportReport(rows=1, accepted=1, changed=1, refused=[], warnings=[], preview="00")
REASON = ImportInterrupted(count=1)
Ending = Callable[[AsyncSession, Secrecy, Job], Awaitable[None]]
ENDINGS: Mapping[str, Ending] = {
    "imported": lambda session, secrecy, job: jobs.finish(session, secrecy, job, REPORT, MADE),
    "refused": lambda session, _, job: jobs.refuse(session, job, REASON),
    "failed": lambda session, _, job: jobs.fail(session, job, REASON),
    "previewed": lambda session, secrecy, job: job_previews.show(
        session, secrecy, job, REPORT, MADE, outdated=False
    ),
    "undone": lambda session, _, job: job_undoing.undone(session, job),
    "not undone": lambda session, _, job: job_undoing.undone(session, job, REASON),
}
_job = table_of(ImportJobRow)


async def taken_up(database: Database, secrecy: Secrecy) -> Job:
    """An import with a complete file, taken up by a process."""
    async with database.write() as session:
        draft = JobDraft(ImportKind.HOUSEHOLDS, "户籍.csv")
        created, _ = await jobs.create_job(session, COUNTY_OFFICE, draft)
        await jobs.add_part(session, COUNTY_OFFICE, secrecy, created["id"], 0, CONTENT)
        await jobs.complete(session, COUNTY_OFFICE, created["id"], len(CONTENT))
    return await next_job(database)


async def next_job(database: Database) -> Job:
    """Take up the next job."""
    async with database.write() as session:
        job = await jobs.claim_job(session, RoundRobin(), len(CONTENT))
    assert job is not None
    return job


async def status_of(database: Database, job: Job) -> JobStatus:
    """The status of a job."""
    async with database.write() as session:
        return JobStatus((await jobs.find_job(session, COUNTY_OFFICE, job["id"]))["status"])


@pytest.mark.parametrize("ending", ENDINGS)
async def test_whoever_lost_an_import_to_another_process_ends_nothing(
    database: Database, secrecy: Secrecy, ending: str
) -> None:
    lost = await taken_up(database, secrecy)
    async with database.write() as session:
        before = {"held_until": sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, 1)}
        await session.execute(sa.update(_job).where(_job.c.id == lost["id"]).values(before))
    held = await next_job(database)
    assert held["id"] == lost["id"]
    async with database.write() as session:
        await ENDINGS[ending](session, secrecy, lost)
    async with database.write() as session:
        assert await part_of(session, secrecy, held["id"], JobFile.UPLOAD, 0) == CONTENT
        assert await sizes_of_parts(session, held["id"], JobFile.REPORT) == []
        assert await jobs.go_on(session, held, 0, 1), "the other process is still at it"
        await jobs.finish(session, secrecy, held, REPORT, MADE)
    assert await status_of(database, held) is JobStatus.DONE


@pytest.mark.parametrize("ending", ENDINGS)
async def test_an_import_that_was_cancelled_stays_so_and_leaves_no_file(
    database: Database, secrecy: Secrecy, ending: str
) -> None:
    job = await taken_up(database, secrecy)
    async with database.write() as session:
        await jobs.cancel(session, COUNTY_OFFICE, job["id"])
        await ENDINGS[ending](session, secrecy, job)
    assert await status_of(database, job) is JobStatus.CANCELLED
    async with database.write() as session:
        assert sum(await sizes_of_parts(session, job["id"], JobFile.REPORT)) == 0
        assert sum(await sizes_of_parts(session, job["id"], JobFile.UPLOAD)) == 0
