"""Jobs that one process holds at a time, imports and exports alike; their tables have `id`, `client_id`, `status`, `attempts`,
`held_until`.

Whoever takes a job up counts an attempt, and holds it as long as it says so again; times are the database's. A job as it was
taken up (`RowMapping`) has the attempts before. The clients whose jobs wait have their turns one after the other.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.errors import HubError
from hub.model.sealed_parts import JobStatus

HELD = timedelta(seconds=30)
"""How long a job is a process's own."""
AGAIN_AFTER = 60
"""Seconds after which somebody who has too many jobs may ask again."""
_MOST_REMEMBERED = 1_000


class ClientsInTurn:
    """Whose jobs a process took up, the latest last."""

    def __init__(self) -> None:
        self._served: dict[str, None] = {}

    def order(self, client: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
        """Clients that had no turn come first, then those whose turn is the longest ago."""
        served = sa.cast(list(self._served), pg.ARRAY(sa.Text))
        return sa.func.array_position(served, sa.cast(client, sa.Text)).asc().nulls_first()

    def serve(self, client: str) -> None:
        """A client has its turn."""
        self._served.pop(client, None)
        self._served[client] = None
        if len(self._served) > _MOST_REMEMBERED:
            del self._served[next(iter(self._served))]


async def take_up(
    session: AsyncSession, table: sa.Table, turns: ClientsInTurn, *which: sa.ColumnElement[bool]
) -> sa.RowMapping | None:
    """The next job that nobody is at, held by this process from now on: of the client whose turn it is, the one that waits
    longest, or whose process is gone. `which`: further conditions."""
    free = sa.or_(
        sa.and_(table.c.status == JobStatus.WAITING, table.c.held_until.is_(None)),
        sa.and_(
            table.c.status.in_((JobStatus.WAITING, JobStatus.RUNNING)), table.c.held_until < sa.func.now()
        ),
    )
    by_turn = (turns.order(table.c.client_id), table.c.id)
    query = sa.select(table).where(free, *which).order_by(*by_turn).limit(1).with_for_update(skip_locked=True)
    job = (await session.execute(query)).mappings().one_or_none()
    if job is not None:
        held = {
            "status": JobStatus.RUNNING,
            "attempts": job["attempts"] + 1,
            "held_until": sa.func.now() + HELD,
        }
        await session.execute(sa.update(table).where(table.c.id == job["id"]).values(held))
        turns.serve(job["client_id"])
    return job


async def hold(session: AsyncSession, table: sa.Table, job: sa.RowMapping, **values: Any) -> bool:
    """Hold a job further, and set what is new of it; answers whether it is still this process's."""
    return await _set_held(session, table, job, held_until=sa.func.now() + HELD, **values)


async def end(session: AsyncSession, table: sa.Table, job: sa.RowMapping, **values: Any) -> bool:
    """Hold a job no further, and set what came of it; answers whether it was still this process's. Where it was not, whoever took
    it up or cancelled it has the say, and nothing may be kept of it or forgotten."""
    return await _set_held(session, table, job, held_until=None, **values)


async def leave(session: AsyncSession, table: sa.Table, job: sa.RowMapping, after: timedelta) -> None:
    """Leave a job that is still this process's, so that it is taken up again after some time; the attempt does not count."""
    until, attempts = sa.func.now() + after, job["attempts"]
    await _set_held(session, table, job, status=JobStatus.WAITING, held_until=until, attempts=attempts)


async def _set_held(session: AsyncSession, table: sa.Table, job: sa.RowMapping, **values: Any) -> bool:
    """Set columns of a job where whoever took it up is still at it; answers whether it is. Who leaves it takes its own attempt
    back and no earlier one, so that whoever lost it before does not find its own number again."""
    held = (
        table.c.id == job["id"],
        table.c.status == JobStatus.RUNNING,
        table.c.attempts == job["attempts"] + 1,
    )
    updated = sa.update(table).where(*held).values(values).returning(table.c.id)
    return (await session.execute(updated)).one_or_none() is not None


def reason_of(refusal: HubError) -> dict[str, str]:
    """Why a job came to no good end, by column."""
    return {"code": refusal.code, "message": refusal.message, "message_zh": refusal.message_zh}
