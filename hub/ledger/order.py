"""The global order of events: positions from 1 without gaps, in the order of commits.

A transaction writes its events in its last statement, which takes their positions from the counter row. The next transaction
waits for that row until this one has ended. So a reader who sees a position sees every earlier one, whatever transactions are
open, and a rolled back transaction leaves no gap. Nothing is locked after the counter, so it causes no deadlock. Positions
are ordinary data: they stay the same after a dump, a restore, an upgrade, and on a replica.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from hub.foundation.database import before_commit, commit_with, of_transaction, table_of
from hub.foundation.prepared_sql import PreparedSql, fetch, json_of, render, rows_of_json
from hub.model.ledger import ChainEventRow, FeedCounterRow

_event, _counter = table_of(ChainEventRow), table_of(FeedCounterRow)
_WRITTEN = tuple(column.name for column in _event.columns if column.name != "position")
_LARGEST_STATEMENT = 5_000
"""The most events that one statement writes; a transaction with more repeats it, and the positions still follow one another."""
_WAITING = "events waiting"
"""The key of a session's info for the events that its transaction has yet to write."""


_EVENTS, _COUNT = (sa.literal_column(f"'hub.{name}'", sa.Text) for name in ("events", "event_count"))
"""The settings that pass a transaction's events to the last statement: values are sent as parameters before anything is
locked."""


def _send() -> PreparedSql:
    """Pass events, and their number, to the server."""
    events, count = (sa.bindparam(name, type_=sa.Text) for name in ("events", "count"))
    return render(
        sa.select(
            sa.func.set_config(_EVENTS, events, sa.true()), sa.func.set_config(_COUNT, count, sa.true())
        )
    )


def _write() -> PreparedSql:
    """Take positions for the passed events, which are JSON, and write them, in one statement. If the counter's row is
    missing, they have no position and are refused."""
    count = sa.cast(sa.func.current_setting(_COUNT), sa.BigInteger)
    taken = (
        sa.update(_counter)
        .values(newest=_counter.c.newest + count)
        .returning((_counter.c.newest - count).label("before"))
        .cte("taken")
    )
    columns = (sa.column(name, _event.c[name].type) for name in _WRITTEN)
    given = rows_of_json(sa.func.current_setting(_EVENTS), *columns, sa.column("place", sa.BigInteger))
    rows = sa.select(*(given.c[name] for name in _WRITTEN), taken.c.before + given.c.place).select_from(
        given.outerjoin(taken, sa.true())
    )
    return render(pg.insert(_event).from_select([*_WRITTEN, "position"], rows, include_defaults=False))


_SEND, _WRITE = _send(), _write()


def write_last(session: AsyncSession, events: Sequence[Mapping[str, Any]]) -> None:
    """Write events when the session's transaction commits: the columns of `ChainEventRow` except the position."""
    waiting = of_transaction(session, _WAITING, list[Mapping[str, Any]])
    if not waiting and events:
        before_commit(session, _write_waiting)
    waiting.extend(events)


async def _write_waiting(session: AsyncSession) -> None:
    waiting = of_transaction(session, _WAITING, list[Mapping[str, Any]])
    *parts, last = (
        waiting[start : start + _LARGEST_STATEMENT] for start in range(0, len(waiting), _LARGEST_STATEMENT)
    )
    for part in parts:
        await _send_events(session, part)
        await fetch(session, _WRITE, {})
    await _send_events(session, last)
    await commit_with(session, _WRITE.text)


async def _send_events(session: AsyncSession, events: Sequence[Mapping[str, Any]]) -> None:
    placed = [{**event, "place": place} for place, event in enumerate(events, 1)]
    await fetch(session, _SEND, {"events": json_of(placed), "count": str(len(events))})


@dataclass(frozen=True, slots=True)
class OrderState:
    """The state of the order: the number of events, their least and greatest position, and the counter."""

    events: int
    first: int
    last: int
    newest: int

    @property
    def whole(self) -> bool:
        """Whether the positions run from 1 to the counter without a gap. Positions are unique."""
        return self.events == self.last == self.newest and self.first in (0, 1)


async def read_order(connection: AsyncConnection) -> OrderState:
    """Count the events and read their positions, in one snapshot."""
    position = _event.c.position
    counted = sa.select(
        sa.func.count(),
        sa.func.coalesce(sa.func.min(position), 0),
        sa.func.coalesce(sa.func.max(position), 0),
        sa.select(_counter.c.newest).scalar_subquery(),
    ).select_from(_event)
    return OrderState(*(await connection.execute(counted)).one())
