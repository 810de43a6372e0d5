"""The troubles of the database, as codes for callers and operators. Each is a refusal of its own, which is temporary, and
never the fault of the request.

`trouble_of` finds the code for an exception of SQLAlchemy, the driver or the kernel.
"""

from collections.abc import Iterator

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from hub.foundation.errors import HubError

SOON, LATER = 5, 30
"""Seconds after which a client may try again: if the trouble mostly ends by itself, and if an operator must end it."""


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
"""A lock, and a statement, that timed out."""
TROUBLE_CODES = frozenset(one.code for one in TROUBLES)
_BY_SQLSTATE: tuple[tuple[str, type[HubError]], ...] = (
    ("57P03", DatabaseStarting),
    ("25006", DatabaseReadOnly),
    ("53300", DatabaseConnectionsExhausted),
    ("53100", DatabaseDiskFull),
    ("08", DatabaseUnavailable),  # connection errors
    ("28", DatabaseUnavailable),  # the login was refused
    ("25P03", DatabaseUnavailable),  # the server ended an idle transaction
    ("3D", DatabaseUnavailable),  # there is no such database
    ("53", DatabaseUnavailable),  # too few resources
    ("57P", DatabaseUnavailable),  # intervention of an operator, except a time limit, 57014
    ("58", DatabaseUnavailable),  # system errors
)
"""By the beginnings of PostgreSQL's codes; the first match counts."""


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE of an error, whether SQLAlchemy or the driver raised it."""
    state: str | None = getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)
    return state


def is_lost(error: BaseException) -> bool:
    """Whether an error ended a connection, so that the outcome of the last statement is unknown."""
    if isinstance(error, OSError | asyncpg.InternalClientError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (error.orig is not None and is_lost(error.orig))
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(("08", "57P", "25P03"))
    return "connection is closed" in str(error) or "connection was closed" in str(error)


def trouble_of(error: BaseException) -> HubError | None:
    """The refusal for an error that the database's state explains; None for other errors."""
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
    """The refusal for an error that passes by itself: a trouble of the database, or a statement or lock that timed out. It is
    for callers without time limits of their own (`schema.engine` has `TIMEOUT` and `BUSY`)."""
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
    """An error and its chain of causes."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__
