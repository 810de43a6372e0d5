"""Undoing an upload that was imported: its agency requests it, and a process undoes it as a whole (`undo.py`)."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.foundation.errors import HubError
from hub.imports import job_leases
from hub.imports.jobs import Job, check_scopes, find_job
from hub.model.import_jobs import ImportJobRow
from hub.model.sealed_parts import JobStatus

_job = table_of(ImportJobRow)


class NothingToUndo(HubError):
    """This import is not done, so there is nothing to undo.
    该导入尚未完成,没有可撤销的内容。
    """


async def request_undo(session: AsyncSession, grant: Grant, job_id: UUID) -> Job:
    """Request that an import is undone. To request it again changes nothing. Raises NotFound, NothingToUndo,
    ReportScopesMissing."""
    job = await find_job(session, grant, job_id, locked=True)
    if job["undo"] and job["status"] in {JobStatus.WAITING, JobStatus.RUNNING, JobStatus.UNDONE}:
        return job
    if job["status"] != JobStatus.DONE:
        raise NothingToUndo
    check_scopes(grant, job)
    requested = {
        "undo": True,
        "status": JobStatus.WAITING,
        "finished_at": None,
        "code": None,
        "message": None,
        "message_zh": None,
    }
    await session.execute(sa.update(_job).where(_job.c.id == job_id).values(**requested))
    return await find_job(session, grant, job_id)


async def undone(session: AsyncSession, job: Job, refusal: HubError | None = None) -> None:
    """Note that the import is undone or, with `refusal`, that it stays done for this reason. A refused attempt does not count
    as an attempt to import."""
    if refusal is None:
        ended: dict[str, Any] = {"status": JobStatus.UNDONE}
    else:
        ended = {
            "status": JobStatus.DONE,
            "undo": False,
            "attempts": job["attempts"],
            **job_leases.reason_of(refusal),
        }
    await job_leases.end(session, _job, job, finished_at=sa.func.now(), **ended)
