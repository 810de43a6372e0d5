"""Jobs that one process works on at a time: imports and exports. Their tables have the columns `id`, `client_id`, `status`,
`attempts` and `held_until`.

A process that takes a job up counts an attempt, and reserves the job for a short time, which it must extend. Times are the
database's. A job as it was taken up (`RowMapping`) has the earlier number of attempts. Clients with waiting jobs are served
one after another.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.errors import HubError
from hub.model.sealed_parts import JobStatus

HELD = timedelta(seconds=30)
"""How long a job stays reserved for a process."""
AGAIN_AFTER = 60
"""Seconds after which a client with too many jobs may try again."""
_MOST_REMEMBERED = 1_000


class RoundRobin:
    """The clients whose jobs a process took up, the latest last."""

    def __init__(self) -> None:
        self._served: dict[str, None] = {}

    def order(self, client: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
        """Clients that were never served come first, then those that were served the longest time ago."""
        served = sa.cast(list(self._served), pg.ARRAY(sa.Text))
        return sa.func.array_position(served, sa.cast(client, sa.Text)).asc().nulls_first()

    def serve(self, client: str) -> None:
        """Note that a client is served now."""
        self._served.pop(client, None)
        self._served[client] = None
        if len(self._served) > _MOST_REMEMBERED:
            del self._served[next(iter(self._served))]


async def claim(
    session: AsyncSession, table: sa.Table, turns: RoundRobin, *which: sa.ColumnElement[bool]
) -> sa.RowMapping | None:
    """The next job that no process works on, now reserved for this process: a job of the client who is next, the oldest that
    waits or whose reservation expired. `which`: further conditions."""
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


async def renew_lease(session: AsyncSession, table: sa.Table, job: sa.RowMapping, **values: Any) -> bool:
    """Extend the reservation of a job, and set new values. Returns whether the job is still this process's."""
    return await _update_leased(session, table, job, held_until=sa.func.now() + HELD, **values)


async def end(session: AsyncSession, table: sa.Table, job: sa.RowMapping, **values: Any) -> bool:
    """End the reservation of a job, and set its results. Returns whether the job was still this process's. If not, another
    process took it up or it was cancelled: then nothing may be stored or deleted for it."""
    return await _update_leased(session, table, job, held_until=None, **values)


async def leave(session: AsyncSession, table: sa.Table, job: sa.RowMapping, after: timedelta) -> None:
    """Release a job that is still this process's, so that it is taken up again after some time. The attempt does not count."""
    until, attempts = sa.func.now() + after, job["attempts"]
    await _update_leased(session, table, job, status=JobStatus.WAITING, held_until=until, attempts=attempts)


async def _update_leased(session: AsyncSession, table: sa.Table, job: sa.RowMapping, **values: Any) -> bool:
    """Set columns of a job if it is still this process's; returns whether it is. `leave` takes back its own attempt only, so
    a process that lost the job earlier cannot match its own attempt number again."""
    held = (
        table.c.id == job["id"],
        table.c.status == JobStatus.RUNNING,
        table.c.attempts == job["attempts"] + 1,
    )
    updated = sa.update(table).where(*held).values(values).returning(table.c.id)
    return (await session.execute(updated)).one_or_none() is not None


def check_scopes(grant: Grant, job: sa.RowMapping, missing: type[HubError]) -> None:
    """Raises `missing`, with the names of the `scopes`, if the grant lacks a scope with which the job was begun."""
    if lacking := set(job["scopes"]) - grant.scopes:
        raise missing(scopes=", ".join(sorted(lacking)))


def reason_of(refusal: HubError) -> dict[str, str]:
    """The reason for which a job failed or was refused, by column."""
    return {"code": refusal.code, "message": refusal.message, "message_zh": refusal.message_zh}
