"""Uploads and their imports. A job receives its file in parts, waits, is imported by the first process that takes it up, and
leaves a report.

Every function is one step in the caller's transaction. A job belongs to its agency; for other agencies it does not exist.
Times are the database's, so that all processes agree on which process works on a job.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import new_id, table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError, NotFound
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.imports import job_leases
from hub.imports.imports import check_may_import
from hub.imports.job_leases import RoundRobin
from hub.imports.report import ImportReport
from hub.imports.sealed_parts import PART_BYTES, count_parts, empty_parts, sizes_of_parts, store_part
from hub.model.import_jobs import ImportJobRow
from hub.model.import_runs import ImportKind
from hub.model.sealed_parts import JobFile, JobStatus

MOST_OPEN = 20
"""The most unfinished jobs of one agency."""
MOST_ATTEMPTS = 3
UPLOAD_WITHIN, REPORT_FOR = timedelta(days=1), timedelta(days=30)
"""The time within which an upload must be completed, and the time for which the report of refused rows is stored."""
_LONGEST_NAME = 200
_job = table_of(ImportJobRow)
_Status = JobStatus
_OPEN = (_Status.RECEIVING, _Status.WAITING, _Status.RUNNING, _Status.PREVIEWED)
Job = sa.RowMapping
"""The columns of `ImportJobRow`."""


class UploadOffsetMismatch(HubError, numbers=("actual",)):
    """The hub has {actual} bytes of this file; continue from there.
    平台已收到该文件的 {actual} 字节,请从此处继续上传。
    """


class UploadEnded(HubError):
    """Nothing can be added to this file: it is complete, or the import was cancelled.
    该文件已上传完毕或导入已取消,不能再追加内容。
    """


class UploadTooLarge(HubError, numbers=("most",)):
    """The file is larger than {most} bytes; divide it.
    文件超过 {most} 字节,请拆分后上传。
    """


class UploadConflict(HubError):
    """This externalId was already used for another upload; use a new one.
    该外部编号已用于另一次上传,请使用新的编号。
    """


class TooManyImports(HubError, numbers=("most", "retry_after_seconds")):
    """Your agency has {most} imports that are not finished; cancel one, or try again in {retry_after_seconds} s.
    贵单位已有 {most} 项未完成的导入,请取消其中一项,或 {retry_after_seconds} 秒后再试。
    """


class ImportNotFinished(HubError):
    """The import is not finished, so it has no report yet.
    导入尚未完成,暂无报告。
    """


class NothingRefused(HubError):
    """No row of this file was refused.
    该文件没有未通过的行。
    """


class ReportExpired(HubError, numbers=("most",)):
    """The report was deleted: reports are stored for {most} days.
    报告仅保存 {most} 天,现已删除。
    """


class ReportScopesMissing(HubError):
    """The report of a file, its rest, its import and its undoing need the scopes with which it was sent; you lack {scopes}.
    查看报告、续传、导入或撤销均需具备上传该文件时的权限,您缺少:{scopes}。
    """


class ImportInterrupted(HubError, numbers=("count",)):
    """The import was interrupted {count} times; inform the hub's operators. What was imported before stays.
    导入已中断 {count} 次,请联系平台运维人员;此前已导入的内容仍有效。
    """


@dataclass(frozen=True)
class JobDraft:
    """What a caller states about a file. `month`: it is (part of) the list of this month, identified by its first day.
    `preview`: it is imported on trial until its agency confirms the result."""

    kind: ImportKind
    file_name: str
    month: date | None = None
    external_id: str | None = None
    preview: bool = False


async def create_job(session: AsyncSession, grant: Grant, draft: JobDraft) -> tuple[Job, bool]:
    """A job that receives its file, and whether it is new: the same externalId returns the same job. Raises the errors of
    `check_may_import`, InvalidInput, TooManyImports, UploadConflict."""
    check_may_import(draft.kind, grant, draft.month)
    required_text("fileName", draft.file_name, _LONGEST_NAME)
    if draft.external_id is not None:
        required_text("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
    # Requests of one agency wait for each other here, so that the limit and the externalId are checked correctly.
    await session.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"import_job {grant.agency}")))
    )
    of_agency = _job.c.agency_id == grant.agency
    if draft.external_id is not None:
        known = sa.select(_job).where(of_agency, _job.c.external_id == draft.external_id)
        if (found := (await session.execute(known)).mappings().one_or_none()) is not None:
            earlier = JobDraft(
                found["kind"], found["file_name"], found["month"], found["external_id"], draft.preview
            )
            as_before = draft.preview == (found["preview"] or found["preview_hash"] is not None)
            if earlier != draft or not as_before or found["client_id"] != grant.client:
                raise UploadConflict
            return found, False
    still_open = sa.select(sa.func.count()).where(of_agency, _job.c.status.in_(_OPEN))
    if (await session.scalar(still_open) or 0) >= MOST_OPEN:
        raise TooManyImports(most=MOST_OPEN, retry_after_seconds=job_leases.AGAIN_AFTER)
    made = (
        sa.insert(_job)
        .values(
            id=new_id(), agency_id=grant.agency, client_id=grant.client, person=grant.person,
            scopes=sorted(grant.scopes), regions=list(grant.regions), purpose=grant.purpose,
            external_id=draft.external_id, kind=draft.kind, month=draft.month, file_name=draft.file_name,
            preview=draft.preview,
            status=_Status.RECEIVING, received=0, attempts=0, rows_done=0, created_at=sa.func.now(),
        )
        .returning(_job)
    )  # fmt: skip
    return (await session.execute(made)).mappings().one(), True


async def find_job(session: AsyncSession, grant: Grant, job_id: UUID, *, locked: bool = False) -> Job:
    """A job of the caller's agency; raises NotFound."""
    query = sa.select(_job).where(_job.c.id == job_id, _job.c.agency_id == grant.agency)
    found = (await session.execute(query.with_for_update() if locked else query)).mappings().one_or_none()
    if found is None:
        raise NotFound(noun="import", noun_zh="导入")
    return found


def check_scopes(grant: Grant, job: Job) -> None:
    """Raises ReportScopesMissing if the grant lacks a scope with which the file was sent. These are needed to read the file's
    values, to add to it, and to have it imported or undone."""
    job_leases.check_scopes(grant, job, ReportScopesMissing)


async def list_jobs(session: AsyncSession, grant: Grant, after: UUID | None, first: int) -> Sequence[Job]:
    """The jobs of the caller's agency, the newest first."""
    query = sa.select(_job).where(_job.c.agency_id == grant.agency).order_by(_job.c.id.desc()).limit(first)
    return (
        (await session.execute(query if after is None else query.where(_job.c.id < after))).mappings().all()
    )


async def add_part(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, job_id: UUID, offset: int, content: bytes
) -> int:
    """Store a part of the file that begins at an offset; returns the offset of the next part. Raises as `receiving` does."""
    job = await receiving(session, grant, job_id, offset)
    number = await count_parts(session, job_id, JobFile.UPLOAD)
    await store_part(session, secrecy, job_id, JobFile.UPLOAD, number, content)
    received: int = job["received"] + len(content)
    await _set(session, job_id, received=received)
    return received


async def complete(session: AsyncSession, grant: Grant, job_id: UUID, offset: int) -> None:
    """The file is complete. From now on the job waits to be taken up. Raises as `receiving` does."""
    await receiving(session, grant, job_id, offset)
    await _set(session, job_id, status=_Status.WAITING, size=offset)


async def cancel(session: AsyncSession, grant: Grant, job_id: UUID) -> Job:
    """Cancel a job and delete its file. What was imported from it stays. If the job is cancelled or finished, nothing
    changes. A request to undo an import can be cancelled until the undoing begins; then the import is undone as a whole."""
    job = await find_job(session, grant, job_id, locked=True)
    at_its_end = {"finished_at": sa.func.now(), "held_until": None}
    if job["undo"]:
        if job["status"] == _Status.WAITING:
            await _set(session, job_id, undo=False, status=_Status.DONE, **at_its_end)
    elif job["status"] in _OPEN:
        await _set(session, job_id, status=_Status.CANCELLED, **at_its_end)
        await empty_parts(session, [job_id])
    return await find_job(session, grant, job_id)


async def receiving(session: AsyncSession, grant: Grant, job_id: UUID, offset: int) -> Job:
    """A job, locked, whose file goes on at an offset. Raises NotFound, UploadEnded, ReportScopesMissing, UploadOffsetMismatch."""
    job = await find_job(session, grant, job_id, locked=True)
    if job["status"] != _Status.RECEIVING:
        raise UploadEnded
    check_scopes(grant, job)
    if job["received"] != offset:
        raise UploadOffsetMismatch(actual=job["received"])
    return job


async def claim_job(session: AsyncSession, turns: RoundRobin, most_bytes: int) -> Job | None:
    """The next job that no process works on, now reserved for this process, whose file has at most `most_bytes` bytes."""
    return await job_leases.claim(session, _job, turns, _job.c.size <= most_bytes)


async def go_on(session: AsyncSession, job: Job, done: int, total: int | None) -> bool:
    """Store the progress of a job and extend its reservation. Returns whether it is still this process's."""
    return await job_leases.renew_lease(session, _job, job, rows_done=done, rows_total=total)


async def release(session: AsyncSession, job: Job, after: timedelta) -> None:
    """Release a job, so that it is taken up again after some time. The attempt does not count."""
    await job_leases.leave(session, _job, job, after)


async def finish(
    session: AsyncSession, secrecy: Secrecy, job: Job, report: ImportReport, files: Mapping[JobFile, bytes]
) -> None:
    """The import is done. Store its files: the report as CSV, the refused rows as a workbook."""
    if await _end(session, job, status=_Status.DONE, **counts_of(report)):
        await store_files(session, secrecy, job["id"], files)


def counts_of(report: ImportReport) -> dict[str, int]:
    """The numbers of a report, by column of a job."""
    return {
        "rows_done": report.rows,
        "rows_total": report.rows,
        "changed": report.changed,
        "refused": report.refused_rows,
    }


async def store_files(
    session: AsyncSession, secrecy: Secrecy, job_id: UUID, files: Mapping[JobFile, bytes]
) -> None:
    """Store the files that were made from an upload, in place of earlier ones."""
    for file, content in files.items():
        await empty_parts(session, [job_id], file)
        for number, start in enumerate(range(0, len(content), PART_BYTES)):
            await store_part(session, secrecy, job_id, file, number, content[start : start + PART_BYTES])


async def refuse(session: AsyncSession, job: Job, reason: HubError) -> None:
    """The file was refused as a whole."""
    await _end(session, job, status=_Status.REFUSED, **job_leases.reason_of(reason))


async def fail(session: AsyncSession, job: Job, reason: HubError) -> None:
    """The hub could not import the file."""
    await _end(session, job, status=_Status.FAILED, **job_leases.reason_of(reason))


async def _end(session: AsyncSession, job: Job, **values: Any) -> bool:
    """End a job and delete the agency's file, if the job is still this process's. Returns whether it was."""
    is_held = await job_leases.end(session, _job, job, finished_at=sa.func.now(), **values)
    if is_held:
        await empty_parts(session, [job["id"]], JobFile.UPLOAD)
    return is_held


async def readable_report(session: AsyncSession, grant: Grant, job_id: UUID, file: JobFile) -> Job:
    """The job whose report, refused rows or preview the caller may read. Raises NotFound, NothingRefused, ImportNotFinished,
    ReportExpired, ReportScopesMissing."""
    job = await find_job(session, grant, job_id)
    if job["status"] not in {_Status.DONE, _Status.PREVIEWED}:
        raise ImportNotFinished
    check_scopes(grant, job)
    if file is JobFile.REJECTED and not job["refused"]:
        raise NothingRefused
    if not sum(await sizes_of_parts(session, job_id, file)):
        raise ReportExpired(most=REPORT_FOR.days)
    return job


async def forget_old(session: AsyncSession) -> None:
    """Cancel uploads that were not completed or confirmed in time, and delete reports after their time."""
    late = (
        sa.update(_job)
        .where(
            _job.c.status.in_((_Status.RECEIVING, _Status.PREVIEWED)),
            _job.c.created_at < sa.func.now() - UPLOAD_WITHIN,
        )
        .values(status=_Status.CANCELLED, finished_at=sa.func.now())
        .returning(_job.c.id)
    )
    await empty_parts(session, list((await session.execute(late)).scalars()))
    await empty_parts(session, sa.select(_job.c.id).where(_job.c.finished_at < sa.func.now() - REPORT_FOR))


async def _set(session: AsyncSession, job_id: UUID, **values: Any) -> None:
    await session.execute(sa.update(_job).where(_job.c.id == job_id).values(values))
