"""What ails the database, by the word that callers and operators get: each is a refusal of its own, which passes, and never a
fault of the request.

`trouble_of` finds the word for whatever SQLAlchemy, the driver or the kernel raised.
"""

from collections.abc import Iterator

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from hub.foundation.errors import HubError

SOON, LATER = 5, 30
"""Seconds after which a client may try again: where the trouble mostly ends by itself, and where somebody has to end it."""


class DatabaseUnavailable(HubError, numbers=("retry_after_seconds",)):
    """The database does not answer; try again in {retry_after_seconds} s. However often a write is sent, it is kept once.
    数据库无响应,请 {retry_after_seconds} 秒后再试;重复提交不会重复写入。
    """

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=SOON)


class DatabaseStarting(HubError, numbers=("retry_after_seconds",)):
    """The database is starting, recovering or stopping; try again in {retry_after_seconds} s.
    数据库正在启动、恢复或停止,请 {retry_after_seconds} 秒后再试。
    """

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=SOON)


class DatabaseReadOnly(HubError, numbers=("retry_after_seconds",)):
    """The database is read-only at present and takes no write; try again in {retry_after_seconds} s.
    数据库当前为只读状态,无法写入,请 {retry_after_seconds} 秒后再试。
    """

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=LATER)


class DatabaseConnectionsExhausted(HubError, numbers=("retry_after_seconds",)):
    """The database has no connection left for the hub; try again in {retry_after_seconds} s.
    数据库连接已用尽,请 {retry_after_seconds} 秒后再试。
    """

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=SOON)


class DatabaseDiskFull(HubError, numbers=("retry_after_seconds",)):
    """The database has no room left on its disk; try again in {retry_after_seconds} s.
    数据库存储空间不足,请 {retry_after_seconds} 秒后再试。
    """

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=LATER)


class DatabaseBusy(HubError, numbers=("retry_after_seconds",)):
    """The database did not come to it in time, or somebody has locked what it needs; try again in {retry_after_seconds} s.
    数据库未能及时处理,或所需数据正被锁定,请 {retry_after_seconds} 秒后再试。
    """

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=SOON)


class ServerBusy(HubError, numbers=("retry_after_seconds",)):
    """The hub has as many requests under way as it may; try again in {retry_after_seconds} s.
    平台同时处理的请求已达上限,请 {retry_after_seconds} 秒后再试。
    """

    def __init__(self, retry_after_seconds: int = SOON) -> None:
        super().__init__(retry_after_seconds=retry_after_seconds)


class AccessRecordNotWritten(HubError, numbers=("retry_after_seconds",)):
    """The access record could not be written, and nothing is answered without it; try again in {retry_after_seconds} s.
    访问记录无法写入,因此未予应答,请 {retry_after_seconds} 秒后再试。
    """

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=LATER)


class WriteUnconfirmed(HubError, numbers=("retry_after_seconds",)):
    """The write may have been done; send it again as it was, with its externalId, in {retry_after_seconds} s: it is kept once.
    本次写入可能已经完成,请 {retry_after_seconds} 秒后以相同的外部编号原样重新提交,不会重复写入。
    """

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=SOON)


class OutcomeUnknown(Exception):
    """The connection was lost while a transaction was committed, or what was committed cannot be answered."""


class RecordFailed(Exception):
    """An access record could not be written; its cause says why."""


TROUBLES: tuple[type[HubError], ...] = (
    DatabaseUnavailable,
    DatabaseStarting,
    DatabaseReadOnly,
    DatabaseConnectionsExhausted,
    DatabaseDiskFull,
    DatabaseBusy,
    AccessRecordNotWritten,
    WriteUnconfirmed,
)
_TOO_LATE = frozenset({"55P03", "57014"})
"""A lock that was not to be had in time, and a statement that was not done in time."""
TROUBLE_CODES = frozenset(one.code for one in TROUBLES)
_BY_SQLSTATE: tuple[tuple[str, type[HubError]], ...] = (
    ("57P03", DatabaseStarting),
    ("25006", DatabaseReadOnly),
    ("53300", DatabaseConnectionsExhausted),
    ("53100", DatabaseDiskFull),
    ("08", DatabaseUnavailable),  # what happens to a connection
    ("28", DatabaseUnavailable),  # the login is refused
    ("25P03", DatabaseUnavailable),  # the server ended an idle transaction
    ("3D", DatabaseUnavailable),  # there is no such database
    ("53", DatabaseUnavailable),  # too few resources
    ("57P", DatabaseUnavailable),  # an operator's intervention but for a time limit, 57014
    ("58", DatabaseUnavailable),  # an error of its system
)
"""By the beginnings of PostgreSQL's codes; the first that fits."""


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE of an error, whether SQLAlchemy or the driver raised it."""
    state: str | None = getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)
    return state


def is_lost(error: BaseException) -> bool:
    """Whether an error is the end of a connection, after which nobody knows what became of the last that was sent."""
    if isinstance(error, OSError | asyncpg.InternalClientError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (error.orig is not None and is_lost(error.orig))
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(("08", "57P", "25P03"))
    return "connection is closed" in str(error) or "connection was closed" in str(error)


def trouble_of(error: BaseException) -> HubError | None:
    """The word for an error that the database's state explains; None where it does not."""
    recording = False
    for one in _chain(error):
        if isinstance(one, TROUBLES):
            return one
        if isinstance(one, OutcomeUnknown):
            return WriteUnconfirmed()
        recording = recording or isinstance(one, RecordFailed)
        if found := _kind_of(one):
            return found()
    return AccessRecordNotWritten() if recording else None


def reason_to_wait(error: BaseException) -> HubError | None:
    """The word for an error that passes by itself, where no time limit has a word of its own (`schema.engine` has `TIMEOUT` and
    `BUSY`): what ails the database, or that a statement or a lock took too long."""
    if (trouble := trouble_of(error)) is not None:
        return trouble
    return DatabaseBusy() if any(sqlstate(one) in _TOO_LATE for one in _chain(error)) else None


def _kind_of(error: BaseException) -> type[HubError] | None:
    if isinstance(error, sa.exc.TimeoutError):  # every connection of a pool is in use
        return ServerBusy
    if isinstance(error, OSError | asyncpg.InternalClientError):
        return DatabaseUnavailable
    if isinstance(error, sa.exc.InvalidRequestError):  # the pool's new connection was lost at once, too
        return DatabaseUnavailable if is_lost(error) else None
    if not isinstance(error, DBAPIError | asyncpg.PostgresError | asyncpg.InterfaceError):
        return None
    if state := sqlstate(error):
        return next((kind for start, kind in _BY_SQLSTATE if state.startswith(start)), None)
    return DatabaseUnavailable if is_lost(error) else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, and those that it was raised from."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__
