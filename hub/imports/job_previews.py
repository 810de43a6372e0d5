"""The preview of an upload: the file is imported on trial, its agency reads what would happen and confirms it, and the file
is imported.

Before the import the preview is made again. If the result is different, nothing is imported, and the new preview waits for
confirmation.
"""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.imports import job_leases
from hub.imports.jobs import Job, check_scopes, counts_of, find_job, store_files
from hub.imports.refusals import PreviewOutdated
from hub.imports.report import ImportReport
from hub.model.import_jobs import ImportJobRow
from hub.model.sealed_parts import JobFile, JobStatus

_job = table_of(ImportJobRow)


class NoPreview(HubError):
    """This import has no preview that waits to be confirmed.
    该导入没有待确认的预览。
    """


async def confirm(session: AsyncSession, grant: Grant, job_id: UUID, digest: str) -> Job:
    """Import what a preview showed, identified by its hash. To confirm it again changes nothing. Raises NotFound, NoPreview,
    PreviewOutdated, ReportScopesMissing."""
    job = await find_job(session, grant, job_id, locked=True)
    digest = digest.strip().lower()
    if not job["preview"] and job["preview_hash"] == digest and job["status"] != JobStatus.CANCELLED:
        return job
    if job["status"] != JobStatus.PREVIEWED:
        raise NoPreview
    check_scopes(grant, job)
    if job["preview_hash"] != digest:
        raise PreviewOutdated
    confirmed = {"preview": False, "confirms": digest, "status": JobStatus.WAITING, "rows_done": 0,
                 "changed": None, "refused": None, "code": None, "message": None, "message_zh": None}  # fmt: skip
    await session.execute(sa.update(_job).where(_job.c.id == job_id).values(**confirmed))
    return await find_job(session, grant, job_id)


async def compared(session: AsyncSession, job: Job) -> None:
    """Note that the new preview equals the confirmed one: a process that takes the job up from now on continues the import."""
    await job_leases.renew_lease(session, _job, job, confirms=None)


async def show(
    session: AsyncSession,
    secrecy: Secrecy,
    job: Job,
    report: ImportReport,
    files: Mapping[JobFile, bytes],
    *,
    outdated: bool,
) -> None:
    """Store the preview, which now waits for confirmation. The work on it does not count as an attempt to import. `outdated`:
    another preview had been confirmed."""
    reason = job_leases.reason_of(PreviewOutdated()) if outdated else {}
    shown = {"status": JobStatus.PREVIEWED, "preview": True, "preview_hash": report.preview, "confirms": None,
             "attempts": job["attempts"], **counts_of(report), **reason}  # fmt: skip
    if await job_leases.end(session, _job, job, **shown):
        await store_files(session, secrecy, job["id"], files)
