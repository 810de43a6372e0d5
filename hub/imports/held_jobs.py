"""Jobs that one process holds at a time, imports and exports alike; their tables have `id`, `status`, `attempts`, `held_until`.

Whoever takes a job up counts an attempt, and holds it as long as it says so again; times are the database's. A job as it was
taken up (`RowMapping`) has the attempts before.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.errors import HubError
from hub.model.sealed_parts import JobStatus

HELD = timedelta(seconds=30)
"""How long a job is a process's own."""


async def take_up(session: AsyncSession, table: sa.Table) -> sa.RowMapping | None:
    """The next job that nobody is at, held by this process from now on: the one that waits longest, or whose process is gone."""
    free = sa.or_(
        table.c.status == JobStatus.WAITING,
        sa.and_(table.c.status == JobStatus.RUNNING, table.c.held_until < sa.func.now()),
    )
    query = sa.select(table).where(free).order_by(table.c.id).limit(1).with_for_update(skip_locked=True)
    job = (await session.execute(query)).mappings().one_or_none()
    if job is not None:
        held = {
            "status": JobStatus.RUNNING,
            "attempts": job["attempts"] + 1,
            "held_until": sa.func.now() + HELD,
        }
        await session.execute(sa.update(table).where(table.c.id == job["id"]).values(held))
    return job


async def hold(session: AsyncSession, table: sa.Table, job: sa.RowMapping, **values: Any) -> bool:
    """Hold a job further, and set what is new of it; answers whether it is still this process's."""
    still_held = (
        table.c.id == job["id"],
        table.c.status == JobStatus.RUNNING,
        table.c.attempts == job["attempts"] + 1,
    )
    held = sa.update(table).where(*still_held).values(held_until=sa.func.now() + HELD, **values)
    return (await session.execute(held.returning(table.c.id))).one_or_none() is not None


async def leave(session: AsyncSession, table: sa.Table, job: sa.RowMapping, after: timedelta) -> None:
    """Leave a job, so that it is taken up again after some time; the attempt does not count."""
    await session.execute(
        sa.update(table)
        .where(table.c.id == job["id"], table.c.status == JobStatus.RUNNING)
        .values(held_until=sa.func.now() + after, attempts=job["attempts"])
    )


def reason_of(refusal: HubError) -> dict[str, str]:
    """Why a job came to no good end, by column."""
    return {"code": refusal.code, "message": refusal.message, "message_zh": refusal.message_zh}
