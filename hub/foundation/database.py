"""The database: conventions for the tables' columns, and the connection pools of the service.

There are two pools and two roles, each with its own login. Readers run as `hub_reader` in REPEATABLE READ, READ ONLY
transactions and can take no other role; writers run as `hub_writer`. Their privileges: `hub/model/privileges.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from hub.foundation.clock import CLOCK
from hub.foundation.connections import Driver, pool
from hub.foundation.deadlines import (
    MORE_THAN_THE_SERVER,
    ON_THE_SERVER,
    PING_SECONDS,
    Connector,
    DeadlineConnection,
)
from hub.foundation.household_queues import PLACE, HouseholdQueues, Place
from hub.foundation.privileges import READER, WRITER
from hub.foundation.settings import Settings
from hub.foundation.troubles import OutcomeUnknown, is_lost

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

CODE = sa.Text(collation="C")
"""Codes that are compared by prefix or order: `C` collation, so that ranges use plain B-tree indexes."""

YUAN = sa.Numeric(12, 2)
MOST_YUAN = Decimal("9999999999.99")
"""The largest amount that a column of money holds."""
TIMESTAMP = sa.TIMESTAMP(timezone=True)
T = TypeVar("T")
LastAct = Callable[[AsyncSession], Awaitable[None]]
_LAST_ACTS = "last acts"
"""The key of a session's info for the actions that run before its commit."""
_DRIVER = "driver"
"""The key of a session's info for its transaction and the driver's connection of it."""
GROUP = "group"
"""The key of a column's info for its group of fields."""


def table_of(row: type[SQLModel]) -> sa.Table:
    """The table behind a row class, for Core statements."""
    table = sa.inspect(row).local_table
    assert isinstance(table, sa.Table)
    return table


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562): ordered by time, so that inserts touch few index pages."""
    return uuid7()


now = CLOCK.now
"""The present instant in UTC, by the database's clock."""


def words(enum: type[StrEnum]) -> sa.Enum:
    """A text column for the values of an enum; no PostgreSQL enum type is made. Its CHECK: `hub.foundation.words`."""
    return sa.Enum(
        enum,
        native_enum=False,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def code_column(**options: Any) -> Any:
    """A column for a region code (GB/T 2260) or an agency's id."""
    return Field(sa_type=CODE, **options)


def word_column(enum: type[StrEnum], **options: Any) -> Any:
    """A column for the values of an enum."""
    return Field(sa_type=words(enum), **options)


def guarded_column(group: str, enum: type[StrEnum] | None = None) -> Any:
    """A column in a group of its noun's fields, which one scope opens (`hub.policy.permissions.groups`). `enum`: the enum of
    its values, if any. It is nullable, as guarded fields are in the schema."""
    of_words: dict[str, Any] = {} if enum is None else {"sa_type": words(enum)}
    return Field(default=None, sa_column_kwargs={"info": {GROUP: group}}, **of_words)


def yuan_column(**options: Any) -> Any:
    """A column for money, in yuan with two decimals."""
    return Field(sa_type=YUAN, **options)


def instant_column(**options: Any) -> Any:
    """A column for an instant, with time zone."""
    return Field(sa_type=TIMESTAMP, **options)


def of_transaction(session: AsyncSession, key: str, make: Callable[[], T]) -> T:
    """The value that a session holds under a key for its present transaction; `make` makes it once for each transaction."""
    transaction = session.sync_session.get_transaction()
    held: tuple[object, T] | None = session.info.get(key)
    if transaction is None or held is None or held[0] is not transaction:
        held = session.info[key] = (transaction, make())
    return held[1]


def before_commit(session: AsyncSession, act: LastAct) -> None:
    """Run an action as the last one of a transaction of `Database.write`, before the commit; a rollback drops it."""
    of_transaction(session, _LAST_ACTS, list[LastAct]).append(act)


async def commit_with(session: AsyncSession, statement: str) -> None:
    """Run the last statement of a transaction, which has no parameters, and commit, in one message. So its locks are not held
    for a round trip to this process. The session is then in a new, empty transaction."""
    driver = await driver_of(session)
    await driver.execute(f"{statement}; commit and chain")


async def driver_of(session: AsyncSession) -> asyncpg.Connection:
    """The driver's connection of a session, in the session's transaction. It is looked up once for each transaction, since
    the way through SQLAlchemy's layers costs as much as a small statement."""
    transaction = session.sync_session.get_transaction()
    held: tuple[object, asyncpg.Connection] | None = session.info.get(_DRIVER)
    if transaction is not None and held is not None and held[0] is transaction:
        return held[1]
    connection = await session.connection()
    driver: asyncpg.Connection = (await connection.get_raw_connection()).driver_connection
    if not driver.is_in_transaction():
        await connection.exec_driver_sql(
            "select 1"
        )  # SQLAlchemy begins the transaction at its first statement
    session.info[_DRIVER] = (session.sync_session.get_transaction(), driver)
    return driver


async def with_limits_of_jobs(session: AsyncSession) -> None:
    """Raise the limits of a transaction to an hour for each statement and each lock. It is for jobs: nobody waits for them,
    and they write thousands of households."""
    hour = str(_STATEMENT_OF_A_JOB_MS)
    await session.execute(
        sa.select(
            sa.func.set_config("lock_timeout", hour, True),
            sa.func.set_config("statement_timeout", hour, True),
        )
    )
    driver = await driver_of(session)
    assert isinstance(driver, DeadlineConnection)
    driver.allow(MORE_THAN_THE_SERVER + _STATEMENT_OF_A_JOB_MS / 1000)


async def copy_rows(
    session: AsyncSession, table: str, columns: Sequence[str], records: Iterable[Sequence[Any]]
) -> None:
    """Insert rows by COPY in the session's transaction: the quick way for one row or for a million.

    JSON columns take their text. Rows bypass the ORM, so every NOT NULL column must be given.
    """
    driver = await driver_of(session)
    await driver.copy_records_to_table(table, records=records, columns=list(columns))


async def update_rows(
    session: AsyncSession, table: sa.Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Set columns of many rows in one statement. Each row is found by its key; all rows name the same columns."""
    if not rows:
        return
    names = list(rows[0])
    new = (
        sa.func.unnest(
            *(sa.cast([row[name] for row in rows], _array_of(table.c[name].type)) for name in names)
        )
        .table_valued(*(sa.column(name, table.c[name].type) for name in names))
        .render_derived("new")
    )
    await session.execute(
        sa.update(table)
        .where(*(table.c[name] == new.c[name] for name in key))
        .values({name: new.c[name] for name in names if name not in key})
    )


def _array_of(column: sa.types.TypeEngine[Any]) -> sa.ARRAY[Any]:
    """An array type for a column's values; text columns as plain text, since an array has no collation of its own."""
    return sa.ARRAY(sa.Text() if isinstance(column, sa.String) else column)


_READING = {
    "default_transaction_isolation": "repeatable read",
    "default_transaction_read_only": "on",
    # A request uses one core at most. With several processes at work, a parallel count costs a quarter more CPU time.
    "max_parallel_workers_per_gather": "0",
}
CONNECTIONS_APART = 4
"""Connections of each pool of a database that `apart` made."""
_CONNECTIONS_OF_TOKENS = 2
_LOCK_MS = 4_500
"""Milliseconds that a write waits for a lock."""
_STATEMENT_OF_A_JOB_MS = 3_600_000
"""Milliseconds that a statement of a job may take."""
_RECORD_MS = 3_000
"""Milliseconds that writing an access record may take: a small write that waits for no lock. It is tried twice."""


def _session(role: str, settings: Settings) -> dict[str, str]:
    """The settings of a session. The server checks now and then that its client is still connected: closing the connection
    ends a read that nobody waits for any more."""
    return {
        "role": role,
        "application_name": role,
        "statement_timeout": str(settings.statement_timeout_ms),
        "TimeZone": "UTC",
        "DateStyle": "ISO",
        "jit": "off",
        **ON_THE_SERVER,
        "client_connection_check_interval": str(settings.client_check_ms),
    }


class Database:
    """The connection pools of one process. Open it once and close it at the end. `reading_url` is the login of readers, if
    they have their own.

    Every wait has a limit: for a free connection, for a new one, and for each answer. Raises OSError,
    sqlalchemy.exc.TimeoutError, DBAPIError and asyncpg.PostgresError; their meaning: `hub.foundation.troubles`.
    """

    def __init__(self, url: str, settings: Settings, reading_url: str | None = None) -> None:
        self._url, self._settings, self._reading_url = url, settings, reading_url
        timeout = settings.statement_timeout_ms
        of_record = min(timeout, _RECORD_MS)
        reading, writing = _session(READER, settings), _session(WRITER, settings)
        reading |= _READING
        writing["lock_timeout"] = str(_LOCK_MS)
        recording = writing | {"statement_timeout": str(of_record)}
        answer, answer_of_record = (MORE_THAN_THE_SERVER + ms / 1000 for ms in (timeout, of_record))
        connector = Connector()
        self._reads = Driver(reading_url or url, settings.pool_size, reading, answer, connector)
        self._alone = Driver(url, 1, recording, answer_of_record, connector, twice=True)

        self._reader = pool(reading_url or url, settings.pool_size, reading, answer, connector)
        self.writer = pool(url, settings.pool_size, writing, answer, connector)

        self.household_queues = HouseholdQueues(max(1, settings.pool_size // 4))
        self._tokens = pool(url, _CONNECTIONS_OF_TOKENS, writing, answer, connector)

    def apart(self) -> "Database":
        """Separate pools on the same database, opened when needed: for jobs, which have an event loop of their own and use up
        to four connections at once, and for uploads and exports. They take no connections from requests."""
        settings = self._settings.model_copy(update={"pool_size": CONNECTIONS_APART})
        return Database(self._url, settings, self._reading_url)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A read-only transaction with one snapshot."""
        async with self._reader.connect() as connection:
            try:
                yield connection
            except Exception as error:
                if is_lost(error):
                    await connection.invalidate(error)
                raise

    @asynccontextmanager
    async def write(self, place: Place | None = None) -> AsyncIterator[AsyncSession]:
        """One write transaction: committed at the end, rolled back on any error. `place`: the writer's place in the queues of
        households, if it is one of many writers. Raises OutcomeUnknown if the connection is lost during the commit."""
        async with _transaction(self.writer) as session:
            session.info[PLACE] = place
            yield session

    @asynccontextmanager
    async def for_tokens(self) -> AsyncIterator[AsyncSession]:
        """A transaction that looks up a client or its registered document, on connections that requests do not use."""
        async with _transaction(self._tokens, writes=False) as session:
            yield session

    async def fetch_row(self, statement: str, values: Sequence[Any]) -> asyncpg.Record:
        """The only row of a compiled read, in a snapshot of its own."""
        (row,) = await self._reads.fetch(statement, values)
        return row

    async def write_alone(self, statement: str, values: Sequence[Any]) -> None:
        """Run one writing statement in its own transaction, durable on return; one at a time. A second run must write
        nothing: it is run again if its connection died and its outcome is unknown."""
        await self._alone.fetch(statement, values)

    async def close(self) -> None:
        """Close every connection, at once."""
        self._reads.close()
        self._alone.close()
        for engine in (self._reader, self.writer, self._tokens):
            await engine.dispose()


@asynccontextmanager
async def _transaction(engine: AsyncEngine, *, writes: bool = True) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        try:
            yield session
            last_acts = of_transaction(session, _LAST_ACTS, list[LastAct])
            if last_acts:
                await session.flush()
        except BaseException as error:
            await _abandon(session, error)
            raise
        try:
            for act in last_acts:
                await act(session)
            await session.commit()
        except BaseException as error:
            await _abandon(session, error)
            if writes and is_lost(error):
                raise OutcomeUnknown from error
            raise


async def _abandon(session: AsyncSession, error: BaseException) -> None:
    """Roll back; if that fails or takes long, end the connection: a job that is cut may wait without a limit. The caller gets
    the first error."""
    _, driver = session.info.get(_DRIVER, (None, None))
    if driver is not None and isinstance(error, asyncio.CancelledError):
        driver.allow(PING_SECONDS)
    if not is_lost(error):
        try:
            await session.rollback()
        except (OSError, DBAPIError):
            pass
        else:
            return
    await session.invalidate()
