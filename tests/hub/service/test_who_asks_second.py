"""Two requests for one import or export at the same time, or a request beside the process that is at it: whoever comes second
waits for the first and sees what it did, and no file is left of what was cancelled."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import Database, table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.imports import job_undoing, jobs
from hub.imports.job_leases import RoundRobin
from hub.imports.job_previews import confirm
from hub.imports.jobs import Job, JobDraft
from hub.imports.report import ImportReport
from hub.imports.sealed_parts import sizes_of_parts, store_part
from hub.model.export_jobs import ExportFormat, ExportJobRow
from hub.model.import_jobs import ImportJobRow
from hub.model.import_runs import ImportKind
from hub.model.sealed_parts import JobFile
from hub.service.exports import jobs as exports
from tests.fixtures.served import Owner
from tests.hub.imports.conftest import COUNTY_OFFICE

pytestmark = pytest.mark.anyio
HASH = "ef" * 32
REPORT = ImportReport(rows=1, accepted=1, changed=1, refused=[], warnings=[])
WAITING = (
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)
_import, _export = table_of(ImportJobRow), table_of(ExportJobRow)
Step = Callable[[AsyncSession, Secrecy, Job], Awaitable[Any]]


async def cancelled(session: AsyncSession, _secrecy: Secrecy, job: Job) -> None:
    """The import is cancelled."""
    await jobs.cancel(session, COUNTY_OFFICE, job["id"])


async def part_added(session: AsyncSession, secrecy: Secrecy, job: Job) -> None:
    """The next part of its file comes."""
    await jobs.add_part(session, COUNTY_OFFICE, secrecy, job["id"], 1, b"a")


async def completed(session: AsyncSession, _secrecy: Secrecy, job: Job) -> None:
    """Its file is whole."""
    await jobs.complete(session, COUNTY_OFFICE, job["id"], 1)


async def imported(session: AsyncSession, secrecy: Secrecy, job: Job) -> None:
    """The process that is at it has imported its file."""
    await jobs.finish(session, secrecy, job, REPORT, {JobFile.REPORT: b"what came of it"})


async def confirmed(session: AsyncSession, _secrecy: Secrecy, job: Job) -> None:
    """What its preview showed is to be imported."""
    await confirm(session, COUNTY_OFFICE, job["id"], HASH)


async def undoing(session: AsyncSession, _secrecy: Secrecy, job: Job) -> None:
    """It is to be undone."""
    await job_undoing.request_undo(session, COUNTY_OFFICE, job["id"])


async def undoing_begun(session: AsyncSession, secrecy: Secrecy, job: Job) -> None:
    """It is to be undone, and a process is at it."""
    await undoing(session, secrecy, job)
    assert await jobs.claim_job(session, RoundRobin(), 1) is not None


OF_IMPORTS: Mapping[str, tuple[str, Step, Step, str | None, str]] = {
    "completed, cancelled": ("RECEIVING", completed, cancelled, None, "CANCELLED"),
    "cancelled, completed": ("RECEIVING", cancelled, completed, "UPLOAD_ENDED", "CANCELLED"),
    "completed twice": ("RECEIVING", completed, completed, "UPLOAD_ENDED", "WAITING"),
    "a part added, cancelled": ("RECEIVING", part_added, cancelled, None, "CANCELLED"),
    "cancelled, a part added": ("RECEIVING", cancelled, part_added, "UPLOAD_ENDED", "CANCELLED"),
    "a part added twice": ("RECEIVING", part_added, part_added, "UPLOAD_OFFSET_MISMATCH", "RECEIVING"),
    "cancelled twice": ("RUNNING", cancelled, cancelled, None, "CANCELLED"),
    "cancelled, imported": ("RUNNING", cancelled, imported, None, "CANCELLED"),
    "imported, cancelled": ("RUNNING", imported, cancelled, None, "DONE"),
    "imported, to be undone": ("RUNNING", imported, undoing, None, "WAITING"),
    "cancelled, to be undone": ("RUNNING", cancelled, undoing, "NOTHING_TO_UNDO", "CANCELLED"),
    "cancelled, confirmed": ("PREVIEWED", cancelled, confirmed, "NO_PREVIEW", "CANCELLED"),
    "confirmed, cancelled": ("PREVIEWED", confirmed, cancelled, None, "CANCELLED"),
    "confirmed twice": ("PREVIEWED", confirmed, confirmed, None, "WAITING"),
    "undone twice": ("DONE", undoing, undoing, None, "WAITING"),
    "undone again while it is undone": ("DONE", undoing_begun, undoing, None, "RUNNING"),
    "cancelled while it is undone": ("DONE", undoing_begun, cancelled, None, "RUNNING"),
}
"""How the import stands, the first request, the second, its refusal, and how the import stands then."""


async def export_cancelled(session: AsyncSession, _secrecy: Secrecy, job: Job) -> None:
    """The export is cancelled."""
    await exports.cancel_export(session, COUNTY_OFFICE, job["id"])


async def rows_added(session: AsyncSession, secrecy: Secrecy, job: Job) -> None:
    """The process that is at it keeps the rows of another page."""
    await exports.store_rows(session, secrecy, job, 2, b"{}\n", None, (), ())


async def exported(session: AsyncSession, _secrecy: Secrecy, job: Job) -> None:
    """The process that is at it has made its file."""
    await exports.finish_export(session, job)


OF_EXPORTS: Mapping[str, tuple[str, Step, Step, str | None, str]] = {
    "exported, cancelled": ("RUNNING", exported, export_cancelled, None, "DONE"),
    "cancelled, exported": ("RUNNING", export_cancelled, exported, None, "CANCELLED"),
    "rows added, cancelled": ("RUNNING", rows_added, export_cancelled, None, "CANCELLED"),
    "cancelled, rows added": ("RUNNING", export_cancelled, rows_added, None, "CANCELLED"),
    "cancelled twice": ("RUNNING", export_cancelled, export_cancelled, None, "CANCELLED"),
}


NO_FILE: set[JobFile] = set()
FILES: Mapping[tuple[str, str], set[JobFile]] = {
    ("import", "RECEIVING"): {JobFile.UPLOAD},
    ("import", "WAITING"): {JobFile.UPLOAD},
    ("import", "RUNNING"): {JobFile.UPLOAD},
    ("import", "imported, cancelled"): {JobFile.REPORT},
    ("import", "imported, to be undone"): {JobFile.REPORT},
    ("import", "CANCELLED"): NO_FILE,
    ("export", "DONE"): {JobFile.ROWS},
    ("export", "CANCELLED"): NO_FILE,
}
"""Which files are there afterwards, by how the job stands, or by what came to it."""


async def new_import(session: AsyncSession, secrecy: Secrecy) -> Job:
    """An import whose file of one byte is there."""
    job, _ = await jobs.create_job(session, COUNTY_OFFICE, JobDraft(ImportKind.HOUSEHOLDS, "户籍.csv"))
    await store_part(session, secrecy, job["id"], JobFile.UPLOAD, 0, b"x")
    return job


async def new_export(session: AsyncSession, secrecy: Secrecy) -> Job:
    """An export of which the rows of a page are there."""
    request = exports.ExportRequest("{ viewer { purposes } }")
    job = await exports.create_export(session, COUNTY_OFFICE, secrecy, request, ExportFormat.JSONL)
    await store_part(session, secrecy, job["id"], JobFile.ROWS, 0, b"{}\n")
    return job


async def stands(session: AsyncSession, table: sa.Table, job_id: UUID) -> str:
    """How a job stands."""
    return str(await session.scalar(sa.select(table.c.status).where(table.c.id == job_id)))


@pytest.fixture
def owner(database_url: str) -> Iterator[Owner]:
    """The owner's access to the database."""
    opened = Owner(database_url)
    yield opened
    opened.close()


@pytest.mark.parametrize("noun", ["import", "export"])
async def test_whoever_asks_second_sees_what_the_first_did(
    database: Database, secrecy: Secrecy, owner: Owner, noun: str
) -> None:
    async def refusal_of(step: Step, job: Job) -> str | None:
        try:
            async with database.write() as session:
                await step(session, secrecy, job)
        except HubError as refusal:
            return refusal.code
        return None

    of_imports = noun == "import"
    table, pairs = (_import, OF_IMPORTS) if of_imports else (_export, OF_EXPORTS)
    for name, (status, first, second, refusal, after) in pairs.items():
        changes: dict[str, Any] = {"status": status, "attempts": int(status == "RUNNING")}
        if of_imports:
            changes |= {"received": 1, "preview": status == "PREVIEWED", "preview_hash": HASH}
            changes |= {} if status == "RECEIVING" else {"size": 1}
        async with database.write() as session:
            job = await (new_import if of_imports else new_export)(session, secrecy)
            await session.execute(sa.update(table).where(table.c.id == job["id"]).values(changes))
        async with database.write() as session:
            await first(session, secrecy, job)
            answer = asyncio.create_task(refusal_of(second, job))
            while owner.rows(WAITING, ()) == [(0,)]:
                assert not answer.done(), name
                await asyncio.sleep(0.01)
        assert await answer == refusal, name
        async with database.write() as session:
            assert await stands(session, table, job["id"]) == after, name
            left = {file for file in JobFile if sum(await sizes_of_parts(session, job["id"], file))}
            assert left == FILES[noun, name if (noun, name) in FILES else after], name
        owner.rows(f"delete from {table.name} returning 1", ())
