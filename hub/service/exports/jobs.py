"""Exports as they stand in the database: each function is one step in the caller's transaction. An export is its client's alone:
for any other it does not exist."""

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
from hub.imports import held_jobs
from hub.imports.held_jobs import ClientsInTurn
from hub.imports.sealed_parts import count_parts, empty_parts, keep_part
from hub.model.export_jobs import ExportFormat, ExportJobRow
from hub.model.sealed_parts import JobFile, JobStatus

MOST_OPEN = 4
"""Exports of one client that are not at their end."""
MOST_ATTEMPTS = 5
KEPT_FOR = timedelta(days=1)
"""How long a file is there."""
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


@dataclass(frozen=True)
class ExportRequest:
    """The query whose pages are exported."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None


async def create_export(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, request: ExportRequest, form: ExportFormat
) -> Job:
    """An export that waits for its turn; raises TooManyExports."""
    await session.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"export {grant.client}")))
    )
    still_open = sa.select(sa.func.count()).where(_job.c.client_id == grant.client, _job.c.status.in_(_OPEN))
    if (await session.scalar(still_open) or 0) >= MOST_OPEN:
        raise TooManyExports(most=MOST_OPEN, retry_after_seconds=held_jobs.AGAIN_AFTER)
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
    """The caller's exports, the newest first."""
    query = sa.select(_job).where(_is_own(grant)).order_by(_job.c.id.desc()).limit(first)
    found = await session.execute(query if after is None else query.where(_job.c.id < after))
    return found.mappings().all()


def _is_own(grant: Grant) -> sa.ColumnElement[bool]:
    return sa.and_(_job.c.agency_id == grant.agency, _job.c.client_id == grant.client)


async def readable_export(session: AsyncSession, grant: Grant, job_id: UUID) -> Job:
    """An export whose file is there. Raises NotFound, ExportNotFinished, ExportExpired."""
    job = await find_export(session, grant, job_id)
    if job["status"] != JobStatus.DONE:
        raise ExportNotFinished
    is_old = sa.select(_job.c.finished_at + KEPT_FOR < sa.func.now()).where(_job.c.id == job_id)
    if await session.scalar(is_old):
        raise ExportExpired
    return job


async def cancel_export(session: AsyncSession, grant: Grant, job_id: UUID) -> Job:
    """Cancel an export and forget its file; again, or at its end, it is as it was."""
    is_open = (_is_own(grant), _job.c.id == job_id, _job.c.status.in_(_OPEN))
    cancelled = {"status": JobStatus.CANCELLED, "finished_at": sa.func.now(), "held_until": None}
    ended = sa.update(_job).where(*is_open).values(cancelled).returning(_job.c.id)
    if (await session.execute(ended)).one_or_none() is not None:
        await empty_parts(session, [job_id])
    return await find_export(session, grant, job_id)


async def take_up_export(session: AsyncSession, turns: ClientsInTurn) -> Job | None:
    """The next export that nobody is at, held by this process from now on."""
    return await held_jobs.take_up(session, _job, turns)


async def keep_rows(
    session: AsyncSession, secrecy: Secrecy, job: Job, rows: int, content: bytes, position: str | None,
    columns: Sequence[str], withheld: Sequence[str],
) -> bool:  # fmt: skip
    """Keep what pages held, and where the next begins, and hold the job further; answers whether it is still this process's."""
    sealed = None if position is None else secrecy.seal(position, _place("position", job["id"]))
    if not await held_jobs.hold(
        session, _job, job, rows=rows, position=sealed, columns=list(columns), withheld=list(withheld)
    ):
        return False
    if content:
        number = await count_parts(session, job["id"], JobFile.ROWS)
        await keep_part(session, secrecy, job["id"], JobFile.ROWS, number, content)
    return True


async def hold_export(session: AsyncSession, job: Job) -> bool:
    """Hold an export further; answers whether it is still this process's, and then it stays so in this transaction."""
    return await held_jobs.hold(session, _job, job)


async def forget_table(session: AsyncSession, job: Job) -> None:
    """Forget a table that another process did not finish."""
    await empty_parts(session, [job["id"]], JobFile.TABLE)


async def keep_table_part(
    session: AsyncSession, secrecy: Secrecy, job: Job, number: int, content: bytes
) -> bool:
    """Keep a part of the table that is made of the rows, and hold the job further; answers whether it is still this process's."""
    if not await hold_export(session, job):
        return False
    await keep_part(session, secrecy, job["id"], JobFile.TABLE, number, content)
    return True


async def finish_export(session: AsyncSession, job: Job) -> None:
    """The file is there."""
    await _end(session, job, status=JobStatus.DONE)


async def end_export(session: AsyncSession, job: Job, status: JobStatus, reason: Mapping[str, str]) -> None:
    """There is no file, and why; `reason`: code, message, message_zh."""
    if await _end(session, job, status=status, **reason):
        await empty_parts(session, [job["id"]])


async def leave_export(session: AsyncSession, job: Job, after: timedelta) -> None:
    """Leave an export, so that it goes on after some time; the attempt does not count."""
    await held_jobs.leave(session, _job, job, after)


async def forget_old_exports(session: AsyncSession) -> None:
    """Forget files that are no longer kept."""
    await empty_parts(session, sa.select(_job.c.id).where(_job.c.finished_at < sa.func.now() - KEPT_FOR))


def request_of(secrecy: Secrecy, job: Job) -> ExportRequest:
    """What is exported."""
    return ExportRequest(**orjson.loads(secrecy.open_bytes(job["request"], _place("request", job["id"]))))


def position_of(secrecy: Secrecy, job: Job) -> str | None:
    """The cursor after the last page that is kept."""
    sealed = job["position"]
    return None if sealed is None else secrecy.open(sealed, _place("position", job["id"]))


async def _end(session: AsyncSession, job: Job, **values: Any) -> bool:
    """Bring an export to its end, where it is still this process's; answers whether it was."""
    return await held_jobs.end(session, _job, job, finished_at=sa.func.now(), **values)


def _place(column: str, job_id: UUID) -> bytes:
    return place_of(f"export_job.{column}", job_id.bytes)
