"""Export jobs in the database: each function is one step in the caller's transaction. Only the client that began an export
may see it; for any other it does not exist."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import new_id, table_of
from hub.foundation.encryption import Secrecy, place_of
from hub.foundation.errors import HubError, NotFound
from hub.imports import job_leases
from hub.imports.job_leases import RoundRobin
from hub.imports.sealed_parts import count_parts, empty_parts, store_part
from hub.model.export_jobs import ExportFormat, ExportJobRow
from hub.model.sealed_parts import JobFile, JobStatus

MOST_OPEN = 4
"""The most unfinished exports of one client."""
MOST_ATTEMPTS = 5
KEPT_FOR = timedelta(days=1)
"""The time for which a file is stored."""
_job = table_of(ExportJobRow)
_OPEN = (JobStatus.WAITING, JobStatus.RUNNING)
Job = sa.RowMapping
"""The columns of `ExportJobRow`."""


class TooManyExports(HubError, numbers=("most", "retry_after_seconds")):
    """You have {most} exports that are not finished; cancel one, or try again in {retry_after_seconds} s.
    您已有 {most} 项未完成的导出,请取消其中一项,或 {retry_after_seconds} 秒后再试。
    """


class ExportNotFinished(HubError):
    """The export is not finished, so it has no file yet.
    导出尚未完成,暂无文件。
    """


class ExportExpired(HubError):
    """The file is no longer kept: an export is there for a day.
    导出文件仅保存一天,现已删除。
    """


class ExportScopesMissing(HubError):
    """The file holds what was read with the scopes with which the export was begun; you lack {scopes}.
    导出文件含有以发起导出时的权限读取的内容,您缺少:{scopes}。
    """


@dataclass(frozen=True)
class ExportRequest:
    """The query whose pages are exported."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None


async def create_export(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, request: ExportRequest, form: ExportFormat
) -> Job:
    """Create an export that waits for its turn; raises TooManyExports."""
    await session.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"export {grant.client}")))
    )
    still_open = sa.select(sa.func.count()).where(_job.c.client_id == grant.client, _job.c.status.in_(_OPEN))
    if (await session.scalar(still_open) or 0) >= MOST_OPEN:
        raise TooManyExports(most=MOST_OPEN, retry_after_seconds=job_leases.AGAIN_AFTER)
    job_id = new_id()
    sealed = secrecy.seal_bytes(orjson.dumps(asdict(request)), _place("request", job_id))
    made = (
        sa.insert(_job)
        .values(
            id=job_id, agency_id=grant.agency, client_id=grant.client, person=grant.person,
            scopes=sorted(grant.scopes), regions=list(grant.regions), purpose=grant.purpose, request=sealed,
            format=form, status=JobStatus.WAITING, attempts=0, rows=0, columns=[], withheld=[],
            created_at=sa.func.now(),
        )
        .returning(_job)
    )  # fmt: skip
    job: Job = (await session.execute(made)).mappings().one()
    return job


async def find_export(session: AsyncSession, grant: Grant, job_id: UUID) -> Job:
    """An export of the caller; raises NotFound."""
    query = sa.select(_job).where(_is_own(grant), _job.c.id == job_id)
    found = (await session.execute(query)).mappings().one_or_none()
    if found is None:
        raise NotFound(noun="export", noun_zh="导出")
    return found


async def list_exports(session: AsyncSession, grant: Grant, after: UUID | None, first: int) -> Sequence[Job]:
    """The caller's exports, newest first."""
    query = sa.select(_job).where(_is_own(grant)).order_by(_job.c.id.desc()).limit(first)
    found = await session.execute(query if after is None else query.where(_job.c.id < after))
    return found.mappings().all()


def _is_own(grant: Grant) -> sa.ColumnElement[bool]:
    return sa.and_(_job.c.agency_id == grant.agency, _job.c.client_id == grant.client)


async def readable_export(session: AsyncSession, grant: Grant, job_id: UUID) -> Job:
    """An export whose file is complete and still stored, for who has the scopes with which it was read. Raises NotFound,
    ExportNotFinished, ExportScopesMissing, ExportExpired."""
    job = await find_export(session, grant, job_id)
    if job["status"] != JobStatus.DONE:
        raise ExportNotFinished
    job_leases.check_scopes(grant, job, ExportScopesMissing)
    is_old = sa.select(_job.c.finished_at + KEPT_FOR < sa.func.now()).where(_job.c.id == job_id)
    if await session.scalar(is_old):
        raise ExportExpired
    return job


async def cancel_export(session: AsyncSession, grant: Grant, job_id: UUID) -> Job:
    """Cancel an export and delete its file; a cancelled or ended export stays as it is."""
    is_open = (_is_own(grant), _job.c.id == job_id, _job.c.status.in_(_OPEN))
    cancelled = {"status": JobStatus.CANCELLED, "finished_at": sa.func.now(), "held_until": None}
    ended = sa.update(_job).where(*is_open).values(cancelled).returning(_job.c.id)
    if (await session.execute(ended)).one_or_none() is not None:
        await empty_parts(session, [job_id])
    return await find_export(session, grant, job_id)


async def claim_export(session: AsyncSession, turns: RoundRobin) -> Job | None:
    """The next export that no process works on; this process holds it from now on."""
    return await job_leases.claim(session, _job, turns)


async def store_rows(
    session: AsyncSession,
    secrecy: Secrecy,
    job: Job,
    rows: int,
    content: bytes,
    position: str | None,
    columns: Sequence[str],
    withheld: Sequence[str],
) -> bool:
    """Store the rows of pages, and the position of the next page, and renew the hold; returns whether this process still
    holds the job."""
    sealed = None if position is None else secrecy.seal(position, _place("position", job["id"]))
    if not await job_leases.renew_lease(
        session, _job, job, rows=rows, position=sealed, columns=list(columns), withheld=list(withheld)
    ):
        return False
    if content:
        number = await count_parts(session, job["id"], JobFile.ROWS)
        await store_part(session, secrecy, job["id"], JobFile.ROWS, number, content)
    return True


async def renew_export_lease(session: AsyncSession, job: Job) -> bool:
    """Renew the hold on an export; returns whether this process still holds it, which then remains true in this transaction."""
    return await job_leases.renew_lease(session, _job, job)


async def forget_table(session: AsyncSession, job: Job) -> None:
    """Delete a table that another process did not finish."""
    await empty_parts(session, [job["id"]], JobFile.TABLE)


async def store_table_part(
    session: AsyncSession, secrecy: Secrecy, job: Job, number: int, content: bytes
) -> bool:
    """Store a part of the table that is made from the rows, and renew the hold; returns whether this process still holds the
    job."""
    if not await renew_export_lease(session, job):
        return False
    await store_part(session, secrecy, job["id"], JobFile.TABLE, number, content)
    return True


async def finish_export(session: AsyncSession, job: Job) -> None:
    """Mark an export as done; its file is complete."""
    await _end(session, job, status=JobStatus.DONE)


async def end_export(session: AsyncSession, job: Job, status: JobStatus, reason: Mapping[str, str]) -> None:
    """End an export without a file; `reason`: code, message, message_zh."""
    if await _end(session, job, status=status, **reason):
        await empty_parts(session, [job["id"]])


async def leave_export(session: AsyncSession, job: Job, after: timedelta) -> None:
    """Release an export until `after` has passed; the attempt does not count."""
    await job_leases.leave(session, _job, job, after)


async def forget_old_exports(session: AsyncSession) -> None:
    """Delete files that have passed their time."""
    await empty_parts(session, sa.select(_job.c.id).where(_job.c.finished_at < sa.func.now() - KEPT_FOR))


def request_of(secrecy: Secrecy, job: Job) -> ExportRequest:
    """The exported query."""
    return ExportRequest(**orjson.loads(secrecy.open_bytes(job["request"], _place("request", job["id"]))))


def position_of(secrecy: Secrecy, job: Job) -> str | None:
    """The cursor after the last stored page."""
    sealed = job["position"]
    return None if sealed is None else secrecy.open(sealed, _place("position", job["id"]))


async def _end(session: AsyncSession, job: Job, **values: Any) -> bool:
    """End an export if this process still holds it; returns whether it did."""
    return await job_leases.end(session, _job, job, finished_at=sa.func.now(), **values)


def _place(column: str, job_id: UUID) -> bytes:
    return place_of(f"export_job.{column}", job_id.bytes)
