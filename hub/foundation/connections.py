"""Connections to the database that are kept open, and what is done about one that died while nobody used it.

The server restarts, an administrator ends the session, a firewall drops it without a word: whoever comes next must not
hear of it.

- `pool` (SQLAlchemy's, for transactions) asks the time before it lends: so no transaction begins on a dead connection, nothing
  of it was sent, and the process learns the database's clock (`hub.foundation.clock`). `pool_pre_ping` needs three
  round trips for it.
- `Driver` (for single statements, the compiled reads among them) asks only what has been idle for some seconds, since a round
  trip is a twentieth of a small read: a statement whose connection turned out dead is sent once more, on a new one. So each must
  be safe to run twice.

One dead connection is taken for all that were open with it; none of the others is tried. Every await has a deadline
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
from hub.foundation.deadlines import DeadlineConnection, Way
from hub.foundation.weighted_lru import Recent

MOST_PREPARED, HEAVIEST = 500, 600_000
"""Statements that a connection keeps prepared, and characters of all together: PostgreSQL takes 60 bytes for each, 36 MB."""
_OUTDATED = (asyncpg.exceptions.InvalidCachedStatementError, asyncpg.exceptions.OutdatedSchemaCacheError)
"""What a prepared statement meets when the schema has changed since."""
_LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What a connection that died is met with, or that stays silent; and other errors, which `_is_dead` tells apart."""
_IDLE_SECONDS = 5.0
"""After so long a connection may have died unseen, and is asked before it is used: it costs little then."""
_PATIENCE = 5.0
"""Seconds to wait for a free connection."""


class _Session:
    """A connection and the statements that are prepared on it. One that is forgotten is closed on the server (DEALLOCATE)
    when the next is prepared; one that alone is too heavy is prepared for a single use."""

    def __init__(self, connection: DeadlineConnection) -> None:
        self.connection = connection
        self.used = 0.0  # when, by the event loop's clock
        self._prepared: Recent[str, PreparedStatement] = Recent(MOST_PREPARED, HEAVIEST)
        self._numbers = count()

    async def fetch(self, statement: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of a statement, which is prepared anew where the schema changed since it was."""
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
            await self.connection.ask_the_time()
        except _LOST:
            return False
        return True

    async def _prepare(self, statement: str) -> PreparedStatement:
        # Under a name of ours: without its own cache the driver gives none, and PostgreSQL keeps nothing.
        made = await self.connection.prepare(statement, name=f"hub_{next(self._numbers)}")
        return self._prepared.keep(statement, made, len(statement))


class Driver:
    """Connections of the bare driver, for what is one statement and so its own transaction: compiled reads, which are
    prepared once for a connection, and access records. Nothing is shared but whole connections, so there is no more to
    them than a list; the driver's own pool shields and times each use, at a twelfth of a small read."""

    def __init__(
        self,
        url: str,
        size: int,
        server_settings: Mapping[str, str],
        seconds: float,
        way: Way,
        *,
        twice: bool = False,
    ) -> None:
        """`seconds`: how long an answer may take. `twice`: a statement that was not answered in that time is sent once more,
        where both together are no longer than a caller waits."""
        self._arguments = asyncpg_arguments(url, server_settings)
        self._seconds, self._way, self._twice = seconds, way, twice
        self._room = asyncio.Semaphore(size)
        self._free: list[_Session] = []

    async def fetch(self, statement: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of a statement that is safe to run twice: one that only reads, or writes nothing the second time.

        Raises asyncpg.PostgresError, and OSError where there is no connection to be had or no answer came in time.
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
        """The session last used, of those that are open as far as is known."""
        while self._free:
            session = self._free.pop()
            if not session.connection.is_closed():
                return session
        return None

    async def _checked(self, session: _Session) -> _Session | None:
        """A session, where it answers that it lives; else none of those that are free is used again."""
        alive = False
        try:
            alive = await session.lives()
        finally:
            if not alive:
                session.connection.terminate()
                self._forget()
        return session if alive else None

    async def _connected(self) -> _Session:
        # What is kept prepared goes by its weight, which the driver's own cache does not know.
        arguments = {**self._arguments, "statement_cache_size": 0}
        return _Session(await self._way.connect(arguments, self._seconds))

    async def _fetched(
        self, session: _Session, statement: str, values: Sequence[Any]
    ) -> list[asyncpg.Record]:
        """The rows; a connection that anything but an error of the statement befell is not used again."""
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
        """Use none of the free connections again."""
        while self._free:
            self._free.pop().connection.terminate()


def pool(url: str, size: int, server_settings: Mapping[str, str], seconds: float, way: Way) -> AsyncEngine:
    """An engine whose connections are asked before they are lent, and each of whose answers may take some `seconds`."""
    arguments = asyncpg_arguments(url, server_settings)
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: way.connect(arguments, seconds),
        pool_size=size,
        max_overflow=0,
        pool_timeout=_PATIENCE,
        hide_parameters=True,  # an incident's log tells the statement, never whom it was about
    )

    def ask(connection: Any, _record: object, _lent: object) -> None:
        """Raises InvalidatePoolError, at which SQLAlchemy opens new ones, where a connection does not live."""
        connection.driver_connection.allow(seconds)
        try:
            connection.run_async(DeadlineConnection.ask_the_time)
        except _LOST as error:
            raise InvalidatePoolError from error

    sa.event.listen(engine.sync_engine, "checkout", ask)
    return engine


def _is_dead(connection: asyncpg.Connection, error: Exception) -> bool:
    """Whether an error is the end of a connection. FATAL is what the server says last in a session that it ends; where
    that came while nobody listened, the driver finds itself in a state (InternalClientError) in which it sends nothing."""
    return (
        connection.is_closed()
        or isinstance(error, OSError | asyncpg.InternalClientError)
        or getattr(error, "severity_en", None) == "FATAL"
    )
