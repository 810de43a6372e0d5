"""How long uploads, previews, reports and files of exports exist, to the second, and the number of attempts after which a
failing job is given up."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import Database, new_id, table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.imports import jobs as imports
from hub.imports.jobs import JobDraft
from hub.imports.sealed_parts import sizes_of_parts, store_part
from hub.model.export_jobs import ExportFormat, ExportJobRow
from hub.model.import_jobs import ImportJobRow
from hub.model.import_runs import ImportKind
from hub.model.sealed_parts import JobFile
from hub.service.exports import jobs as exports
from tests.fixtures.served import Served
from tests.hub.imports.conftest import COUNTY_OFFICE
from tests.hub.imports.office import family, member, write_csv
from tests.hub.service.test_exports import HOUSEHOLDS
from tests.hub.service.test_exports import ended as exported
from tests.hub.service.test_uploads import OFFICE, client_of, codes, ended

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
STATUSES = (
    "RECEIVING",
    "WAITING",
    "RUNNING",
    "PREVIEWED",
    "DONE",
    "UNDONE",
    "REFUSED",
    "FAILED",
    "CANCELLED",
)
BROKE_OFF = "status = 'RUNNING', attempts = %s, held_until = now() - interval '1 second', finished_at = null"
_import, _export = table_of(ImportJobRow), table_of(ExportJobRow)


async def new_import(session: AsyncSession, secrecy: Secrecy, file: JobFile, **values: Any) -> UUID:
    """An import with these values and a file: a copy of an import that was just started."""
    job, _ = await imports.create_job(session, COUNTY_OFFICE, JobDraft(ImportKind.HOUSEHOLDS, "户籍.csv"))
    await imports.cancel(session, COUNTY_OFFICE, job["id"])
    job_id = new_id()
    await session.execute(sa.insert(_import).values({**job, "id": job_id, **values}))
    await store_part(session, secrecy, job_id, file, 0, b"what is in it")
    return job_id


async def stands(session: AsyncSession, job_id: UUID, file: JobFile) -> tuple[str, bool]:
    """The status of an import, and whether its file exists."""
    job = await imports.find_job(session, COUNTY_OFFICE, job_id)
    return str(job["status"]), any(await sizes_of_parts(session, job_id, file))


@pytest.mark.anyio
async def test_an_upload_or_a_preview_is_cancelled_after_a_day_and_no_other_import(
    database: Database, secrecy: Secrecy
) -> None:
    async with database.write() as session:
        made = {}
        for age, statuses in ((DAY + SECOND, STATUSES), (DAY - SECOND, ("RECEIVING", "PREVIEWED"))):
            for status in statuses:
                created = {"status": status, "created_at": sa.func.now() - age}
                made[age, status] = await new_import(session, secrecy, JobFile.UPLOAD, **created)
        await imports.forget_old(session)
        for (age, status), job_id in made.items():
            is_late = age > DAY and status in {"RECEIVING", "PREVIEWED"}
            expected = ("CANCELLED", False) if is_late else (status, True)
            assert await stands(session, job_id, JobFile.UPLOAD) == expected, (age, status)


@pytest.mark.anyio
async def test_the_report_of_an_import_is_there_for_thirty_days(database: Database, secrecy: Secrecy) -> None:
    month = 30 * DAY
    async with database.write() as session:
        for age, is_there in ((month - SECOND, True), (month + SECOND, False)):
            finished = {"status": "DONE", "finished_at": sa.func.now() - age}
            job_id = await new_import(session, secrecy, JobFile.REPORT, **finished)
            await imports.forget_old(session)
            assert await stands(session, job_id, JobFile.REPORT) == ("DONE", is_there), age
        with pytest.raises(imports.ReportExpired):
            await imports.readable_report(session, COUNTY_OFFICE, job_id, JobFile.REPORT)


@pytest.mark.anyio
async def test_the_file_of_an_export_is_there_for_a_day(database: Database, secrecy: Secrecy) -> None:
    async with database.write() as session:
        for age, is_there in ((DAY - SECOND, True), (DAY + SECOND, False)):
            request = exports.ExportRequest(HOUSEHOLDS)
            job = await exports.create_export(session, COUNTY_OFFICE, secrecy, request, ExportFormat.JSONL)
            await store_part(session, secrecy, job["id"], JobFile.ROWS, 0, b"{}")
            finished = {"status": "DONE", "finished_at": sa.func.now() - age}
            await session.execute(sa.update(_export).where(_export.c.id == job["id"]).values(finished))
            try:
                await exports.readable_export(session, COUNTY_OFFICE, job["id"])
                refusal = None
            except HubError as error:
                refusal = error.code
            assert refusal == (None if is_there else "EXPORT_EXPIRED"), age
            await exports.forget_old_exports(session)
            sizes = await sizes_of_parts(session, job["id"], JobFile.ROWS)
            assert any(sizes) == is_there, age


def error_of(done: Mapping[str, Any]) -> tuple[str, str | None]:
    """The status of a job that ended, and the code of its error."""
    return done["status"], done["error"] and done["error"]["code"]


def test_an_export_that_broke_off_five_times_is_tried_no_more(hub_of_jobs: Served) -> None:
    def begin(client: httpx.Client) -> str:
        return str(client.post("/exports", json={"query": HOUSEHOLDS}).json()["id"])

    with client_of(hub_of_jobs, OFFICE) as office:
        job = begin(office)
        assert error_of(exported(office, job)) == ("DONE", None)
        for attempts, ending in ((4, ("DONE", None)), (5, ("FAILED", "EXPORT_INTERRUPTED"))):
            hub_of_jobs.rows(f"update export_job set {BROKE_OFF} where id = %s returning 1", attempts, job)
            exported(office, begin(office))  # this wakes the exporter
            done = exported(office, job)
            assert error_of(done) == ending, attempts
        assert "5 times" in done["error"]["message"]


def file_of(folder: Path, number: int) -> bytes:
    """A family of three that is in no other file, and a row without a name."""
    rows = [*family(f"T-{number}", 92_000 + 10 * number, 3), member("T-0", 92_000, 姓名="")]
    return write_csv(folder / "户籍.csv", rows).read_bytes()


def test_an_import_that_broke_off_three_times_is_tried_no_more(hub_of_jobs: Served, tmp_path: Path) -> None:
    file = file_of(tmp_path, 1)
    params = {"kind": "households"}
    broke_off = f"update import_job set size = received, {BROKE_OFF} where id = %s returning 1"
    with client_of(hub_of_jobs, OFFICE) as office:
        for attempts, ending in ((2, ("DONE", None)), (3, ("FAILED", "IMPORT_INTERRUPTED"))):
            begun = office.post("/imports", params=params, content=file, headers={"upload-complete": "?0"})
            hub_of_jobs.rows(broke_off, attempts, begun.json()["id"])
            ended(
                office, office.post("/imports", params=params, content=file).json()["id"]
            )  # this wakes the importer
            done = ended(office, begun.json()["id"])
            assert error_of(done) == ending, attempts
        assert "3 times" in done["error"]["message"]


def test_an_undoing_that_broke_off_three_times_after_an_import_that_did_is_tried_no_more_and_the_import_stays_done(
    hub_of_jobs: Served, tmp_path: Path
) -> None:
    file = file_of(tmp_path, 2)
    params = {"kind": "households"}
    broke_off = f"update import_job set undo = true, {BROKE_OFF} where id = %s returning 1"
    with client_of(hub_of_jobs, OFFICE) as office:
        job = office.post("/imports", params=params, content=file).json()["id"]
        ended(office, job)
        for attempts, ending in ((6, ("DONE", "IMPORT_INTERRUPTED")), (5, ("UNDONE", None))):
            hub_of_jobs.rows("update import_job set code = null where id = %s returning 1", job)
            hub_of_jobs.rows(broke_off, attempts, job)
            office.post(f"/imports/{job}/undo")  # as before; this wakes the importer
            done = ended(office, job)
            assert error_of(done) == ending, attempts
            report = office.get(f"/imports/{job}/report")
            assert report.status_code == (200 if ending[0] == "DONE" else 409)


def test_an_undoing_that_was_refused_may_be_asked_for_as_often_as_one_likes(
    hub_of_jobs: Served, tmp_path: Path
) -> None:
    file = file_of(tmp_path, 3)
    params = {"kind": "households"}
    with client_of(hub_of_jobs, OFFICE) as office:
        job = office.post("/imports", params=params, content=file).json()["id"]
        ended(office, job)
        changed = file.replace(b"812.50", b"700.00")
        later = office.post("/imports", params=params, content=changed).json()["id"]
        ended(office, later)
        for _ in range(7):
            assert office.post(f"/imports/{job}/undo").status_code == 200
            assert error_of(ended(office, job)) == ("DONE", "IMPORT_HAS_LATER_CHANGES")
        for undone in (later, job):
            assert office.post(f"/imports/{undone}/undo").status_code == 200
            assert error_of(ended(office, undone)) == ("UNDONE", None)
            refused = office.get(f"/imports/{undone}/report")
            assert (refused.status_code, codes(refused)) == (409, ["IMPORT_NOT_FINISHED"])
