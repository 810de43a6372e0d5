"""The parts of large files, encrypted: uploads of agencies, and files that are made for them. A part that nobody needs any
more is emptied. Its row stays, because the service deletes no rows."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import table_of
from hub.foundation.encryption import SEALED_BYTES, Secrecy, place_of
from hub.model.sealed_parts import JobFile, SealedPartRow

PART_BYTES = 1 << 20
"""The bytes of a file that are encrypted and stored as one part."""
_part = table_of(SealedPartRow)


async def store_part(
    session: AsyncSession, secrecy: Secrecy, job_id: UUID, file: JobFile, number: int, content: bytes
) -> None:
    """Store a part of a job's file, counted from 0. It replaces an emptied part."""
    sealed = secrecy.seal_bytes(content, _place(job_id, file, number))
    insert = pg.insert(_part).values(job_id=job_id, file=file, number=number, sealed=sealed)
    emptied = sa.func.octet_length(_part.c.sealed) == 0
    await session.execute(
        insert.on_conflict_do_update(constraint=_part.primary_key, set_={"sealed": sealed}, where=emptied)
    )


async def part_of(session: AsyncSession, secrecy: Secrecy, job_id: UUID, file: JobFile, number: int) -> bytes:
    """A part of a job's file; empty if there is none."""
    query = sa.select(_part.c.sealed).where(*_is_part(job_id, file), _part.c.number == number)
    sealed = await session.scalar(query)
    return secrecy.open_bytes(sealed, _place(job_id, file, number)) if sealed else b""


async def count_parts(session: AsyncSession, job_id: UUID, file: JobFile) -> int:
    """The number of parts of a file."""
    query = sa.select(sa.func.count()).select_from(_part).where(*_is_part(job_id, file))
    return await session.scalar(query) or 0


async def sizes_of_parts(session: AsyncSession, job_id: UUID, file: JobFile) -> list[int]:
    """The number of bytes of each part of a file, in order; 0 for an emptied part."""
    size = sa.func.greatest(sa.func.octet_length(_part.c.sealed) - SEALED_BYTES, 0)
    query = sa.select(size).where(*_is_part(job_id, file)).order_by(_part.c.number)
    return list((await session.execute(query)).scalars())


async def empty_parts(
    session: AsyncSession, jobs: Sequence[UUID] | sa.Select[tuple[UUID]], file: JobFile | None = None
) -> None:
    """Empty all files of jobs, or one of them. The index has no emptied parts, so their number does not matter."""
    which = [_part.c.job_id.in_(jobs), sa.func.octet_length(_part.c.sealed) > 0]
    if file is not None:
        which.append(_part.c.file == file)
    await session.execute(sa.update(_part).where(*which).values(sealed=b""))


def _is_part(job_id: UUID, file: JobFile) -> tuple[sa.ColumnElement[bool], ...]:
    return (_part.c.job_id == job_id, _part.c.file == file)


def _place(job_id: UUID, file: JobFile, number: int) -> bytes:
    return place_of(f"sealed_part.{file}.{number}", job_id.bytes)
