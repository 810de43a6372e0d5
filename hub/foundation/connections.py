"""Open connections to the database, and the handling of those that died while idle.

The server may restart, an administrator may end the session, a firewall may drop it silently: the next request must not fail
for it.

- `pool` (SQLAlchemy's, for transactions) asks for the time before each use: no transaction begins on a dead connection, and
  the process learns the database's clock (`hub.foundation.clock`). `pool_pre_ping` needs three round trips for it.
- `Driver` (for single statements, such as the compiled reads) checks only connections that were idle for some seconds,
  since a round trip costs a twentieth of a small read. If a connection turns out dead, its statement is sent again on a new
  one, so each statement must be safe to run twice.

If one connection is dead, the free ones that were open with it are dropped too, untried. Every await has a deadline
(`hub.foundation.deadlines`): a connection that does not answer is a dead one.
"""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from time import monotonic
from typing import Any

import asyncpg
import sqlalchemy as sa
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from hub.foundation.database_url import asyncpg_arguments
from hub.foundation.deadlines import Connector, DeadlineConnection
from hub.foundation.weighted_lru import WeightedLru

MOST_PREPARED, HEAVIEST = 500, 600_000
"""The most statements that a connection keeps prepared, and the most characters of all together: PostgreSQL takes 60 bytes
for each character, 36 MB."""
_OUTDATED = (asyncpg.exceptions.InvalidCachedStatementError, asyncpg.exceptions.OutdatedSchemaCacheError)
"""Errors of a prepared statement after the schema has changed."""
_LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""Errors of a connection that died or does not answer, among other errors; `_is_dead` distinguishes them."""
_IDLE_SECONDS = 5.0
"""A connection that was idle for so long may be dead, and is checked before use; the cost matters little then."""
_PATIENCE = 5.0
"""Seconds to wait for a free connection."""


class _Session:
    """A connection and its prepared statements. A statement that drops out of the cache is closed on the server (DEALLOCATE)
    when the next is prepared; one that is too heavy for the cache is prepared for a single use."""

    def __init__(self, connection: DeadlineConnection) -> None:
        self.connection = connection
        self.used = 0.0  # the time of the last use, by the event loop's clock
        self._prepared: WeightedLru[str, PreparedStatement] = WeightedLru(MOST_PREPARED, HEAVIEST)
        self._numbers = count()

    async def fetch(self, statement: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of a statement; it is prepared again if the schema has changed."""
        prepared = self._prepared.find(statement) or await self._prepare(statement)
        rows: list[asyncpg.Record]
        try:
            rows = await prepared.fetch(*values)
        except _OUTDATED:
            self._prepared.forget(statement)
            rows = await (await self._prepare(statement)).fetch(*values)
        return rows

    async def lives(self) -> bool:
        """Whether the connection answers."""
        try:
            await self.connection.read_clock()
        except _LOST:
            return False
        return True

    async def _prepare(self, statement: str) -> PreparedStatement:
        # With a name: without its own cache the driver gives none, and PostgreSQL keeps no unnamed statement.
        made = await self.connection.prepare(statement, name=f"hub_{next(self._numbers)}")
        return self._prepared.store(statement, made, len(statement))


class Driver:
    """Connections of the bare driver, for transactions of one statement: compiled reads, which are prepared once for each
    connection, and access records. Only whole connections are shared, so a list is enough; the driver's own pool shields and
    times each use, which costs a twelfth of a small read."""

    def __init__(
        self,
        url: str,
        size: int,
        server_settings: Mapping[str, str],
        seconds: float,
        connector: Connector,
        *,
        twice: bool = False,
    ) -> None:
        """`seconds`: the deadline of an answer. `twice`: a statement without an answer by then is sent once more; both waits
        together must not be longer than a caller waits."""
        self._arguments = asyncpg_arguments(url, server_settings)
        self._seconds, self._connector, self._twice = seconds, connector, twice
        self._room = asyncio.Semaphore(size)
        self._free: list[_Session] = []

    async def fetch(self, statement: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of a statement that is safe to run twice: one that only reads, or that writes nothing the second time.

        Raises asyncpg.PostgresError, and OSError if there is no connection or no answer in time.
        """
        async with self._room:
            session = self._last_used()
            if session is not None and monotonic() - session.used > _IDLE_SECONDS:
                session = await self._checked(session)
            if session is not None:
                try:
                    return await self._fetched(session, statement, values)
                except _LOST as error:
                    if not _is_dead(session.connection, error):
                        raise
                    self._forget()
                    if isinstance(error, TimeoutError) and not self._twice:
                        raise
            return await self._fetched(await self._connected(), statement, values)

    def close(self) -> None:
        """Close every connection that is free."""
        self._forget()

    def _last_used(self) -> _Session | None:
        """The most recently used session that is not known to be dead."""
        while self._free:
            session = self._free.pop()
            if not session.connection.is_closed():
                return session
        return None

    async def _checked(self, session: _Session) -> _Session | None:
        """The session if it answers; otherwise all free sessions are dropped."""
        alive = False
        try:
            alive = await session.lives()
        finally:
            if not alive:
                session.connection.terminate()
                self._forget()
        return session if alive else None

    async def _connected(self) -> _Session:
        # Prepared statements are limited by weight, which the driver's own cache does not know.
        arguments = {**self._arguments, "statement_cache_size": 0}
        return _Session(await self._connector.connect(arguments, self._seconds))

    async def _fetched(
        self, session: _Session, statement: str, values: Sequence[Any]
    ) -> list[asyncpg.Record]:
        """The rows. After any error but that of a statement, the connection is not used again."""
        try:
            rows = await session.fetch(statement, values)
        except asyncpg.PostgresError:
            self._free.append(session)
            raise
        except BaseException:
            session.connection.terminate()
            raise
        finally:
            session.used = monotonic()
        self._free.append(session)
        return rows

    def _forget(self) -> None:
        """Close all free connections."""
        while self._free:
            self._free.pop().connection.terminate()


def pool(
    url: str, size: int, server_settings: Mapping[str, str], seconds: float, connector: Connector
) -> AsyncEngine:
    """An engine that checks each connection before use; an answer may take `seconds`."""
    arguments = asyncpg_arguments(url, server_settings)
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connector.connect(arguments, seconds),
        pool_size=size,
        max_overflow=0,
        pool_timeout=_PATIENCE,
        hide_parameters=True,  # the log of an incident shows the statement, never the values
    )

    def check(connection: Any, _record: object, _lent: object) -> None:
        """Raises InvalidatePoolError for a dead connection; SQLAlchemy then opens new ones."""
        connection.driver_connection.allow(seconds)
        try:
            connection.run_async(DeadlineConnection.read_clock)
        except _LOST as error:
            raise InvalidatePoolError from error

    sa.event.listen(engine.sync_engine, "checkout", check)
    return engine


def _is_dead(connection: asyncpg.Connection, error: Exception) -> bool:
    """Whether an error ends a connection. FATAL is the server's last message in a session that it ends. If it came while the
    connection was idle, the driver goes into a state (InternalClientError) in which it sends nothing."""
    return (
        connection.is_closed()
        or isinstance(error, OSError | asyncpg.InternalClientError)
        or getattr(error, "severity_en", None) == "FATAL"
    )
