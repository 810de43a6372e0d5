"""Connections to the database that are kept open, and what is done about one that died while nobody used it.

The server restarts, an administrator ends the session, a firewall drops it without a word: whoever comes next must not
hear of it.

- `pool` (SQLAlchemy's, for transactions) asks before it lends: an empty query, so that no transaction begins on a dead
  connection and nothing of it was sent. `pool_pre_ping` does the same in three round trips instead of one.
- `Driver` (for single statements, the compiled reads among them) does not ask, since a round trip is a twentieth of a
  small read: a statement whose connection turned out dead is sent once more, on a new one. So each must be safe to run twice.

One dead connection is taken for all that were open with it; none of the others is tried.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from hub.foundation.database_url import asyncpg_arguments

_STATEMENTS_KEPT = 500
_LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, ConnectionError)
"""What a connection that died is met with; and other errors, which `_is_dead` tells apart."""


class Driver:
    """Connections of the bare driver, for what is one statement and so its own transaction: compiled reads, which are
    prepared once for a connection, and access records. Nothing is shared but whole connections, so there is no more to
    them than a list; the driver's own pool shields and times each use, at a twelfth of a small read."""

    def __init__(self, url: str, size: int, server_settings: Mapping[str, str]) -> None:
        self._arguments = asyncpg_arguments(url, server_settings)
        self._room = asyncio.Semaphore(size)
        self._free: list[asyncpg.Connection] = []

    async def fetch(self, statement: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of a statement that is safe to run twice: one that only reads, or writes nothing the second time.

        Raises asyncpg.PostgresError, and OSError where there is no connection to be had.
        """
        async with self._room:
            connection = self._last_used()
            if connection is not None:
                try:
                    return await self._fetched(connection, statement, values)
                except _LOST as error:
                    if not _is_dead(connection, error):
                        raise
                self._forget()
            return await self._fetched(await self._connected(), statement, values)

    async def close(self) -> None:
        """Close every connection."""
        while self._free:
            await self._free.pop().close()

    def _last_used(self) -> asyncpg.Connection | None:
        """The connection last used, of those that are open as far as is known."""
        while self._free:
            connection = self._free.pop()
            if not connection.is_closed():
                return connection
        return None

    async def _connected(self) -> asyncpg.Connection:
        return await asyncpg.connect(
            **self._arguments, statement_cache_size=_STATEMENTS_KEPT, max_cacheable_statement_size=0
        )

    async def _fetched(
        self, connection: asyncpg.Connection, statement: str, values: Sequence[Any]
    ) -> list[asyncpg.Record]:
        """The rows; a connection that anything but an error of the statement befell is not used again."""
        try:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *values)
        except asyncpg.PostgresError:
            self._free.append(connection)
            raise
        except BaseException:
            connection.terminate()
            raise
        self._free.append(connection)
        return rows

    def _forget(self) -> None:
        """Use none of the free connections again."""
        while self._free:
            self._free.pop().terminate()


def pool(url: str, size: int, server_settings: Mapping[str, str]) -> AsyncEngine:
    """An engine whose connections are asked before they are lent."""
    arguments = asyncpg_arguments(url, server_settings)
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(**arguments),
        pool_size=size,
        max_overflow=0,
        hide_parameters=True,  # an incident's log tells the statement, never whom it was about
    )
    sa.event.listen(engine.sync_engine, "checkout", _ask)
    return engine


def _ask(connection: Any, _record: object, _lent: object) -> None:
    """Whether a connection lives; raises InvalidatePoolError, at which SQLAlchemy opens new ones, where it does not."""
    try:
        connection.run_async(lambda driver: driver.fetchrow(";"))
    except _LOST as error:
        raise InvalidatePoolError from error


def _is_dead(connection: asyncpg.Connection, error: Exception) -> bool:
    """Whether an error is the end of a connection. FATAL is what the server says last in a session that it ends; where
    that came while nobody listened, the driver finds itself in a state (InternalClientError) in which it sends nothing."""
    return (
        connection.is_closed()
        or isinstance(error, ConnectionError | asyncpg.InternalClientError)
        or getattr(error, "severity_en", None) == "FATAL"
    )
