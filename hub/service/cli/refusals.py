"""Refusals of commands as sentences in both languages: trouble with files, addresses and databases."""

import socket
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hub.foundation.errors import HubError
from hub.foundation.operating import OperatorError
from hub.service.cli.reasons import reason_zh

if TYPE_CHECKING:
    from hub.foundation.database import Database
    from hub.foundation.embedded import Urls
    from hub.foundation.settings import Settings


class FileUnusable(OperatorError):
    """{file} cannot be used: {reason}.
    {file} 不可用({reason_zh})。
    """


class AddressUnavailable(OperatorError):
    """The hub cannot listen on {host}, port {port}: {reason}. Choose another by --port or --host.
    平台无法监听 {host} 的端口 {port}({reason_zh}),请以 --port 或 --host 另选。
    """


class HubFailed(OperatorError):
    """The hub failed inside ({kind} at {place}). Run it again with HUB_LOG_LEVEL=DEBUG to see all of it, for its developers.
    平台内部故障({kind},位于 {place})。请以 HUB_LOG_LEVEL=DEBUG 重新运行以查看全部信息,供开发者排查。
    """


class DatabaseUnreachable(OperatorError):
    """The database cannot be used; see server, login and name in HUB_DATABASE_URL (and HUB_MIGRATION_DATABASE_URL): {reason}.
    无法使用数据库,请核对 HUB_DATABASE_URL(及 HUB_MIGRATION_DATABASE_URL)中的服务器、登录名和库名({reason_zh})。
    """


class DatabaseNotMigrated(OperatorError):
    """The database is not as this hub needs it, or the login may not use it; run `hub migrate`: {reason}.
    数据库结构与平台不符,或该登录无权使用,请运行 `hub migrate`({reason_zh})。
    """


class DatabaseBusy(OperatorError):
    """Others hold what this command needs in the database; try again: {reason}.
    数据库正被占用,请稍后重试({reason_zh})。
    """


class DatabaseRefused(OperatorError):
    """PostgreSQL refuses: {reason}.
    PostgreSQL 拒绝执行({reason_zh})。
    """


_BY_SQLSTATE: tuple[tuple[str, type[OperatorError]], ...] = (
    ("08", DatabaseUnreachable), ("28", DatabaseUnreachable), ("3D", DatabaseUnreachable), ("57P", DatabaseUnreachable),
    ("53300", DatabaseUnreachable), ("57014", DatabaseBusy), ("55P03", DatabaseBusy), ("40P01", DatabaseBusy),
    ("42", DatabaseNotMigrated), ("22023", DatabaseNotMigrated),
)  # fmt: skip
"""By the beginnings of PostgreSQL's codes; 22023 is the code for a role that does not exist."""


_WORDS_TOLD = 5
"""The most codes that are listed; a database that was never migrated lacks hundreds."""


def refuse_a_taken_address(host: str, port: int) -> None:
    """Raises AddressUnavailable if the hub cannot listen there, before a database is started or a sample made."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise AddressUnavailable(
            host=host, port=port, reason=error.strerror, reason_zh=reason_zh(error)
        ) from error


def refuse_a_database_that_does_not_fit(settings: "Settings", urls: "Urls") -> None:
    """Raises DatabaseIsOlder and DatabaseIsNewer if this version cannot run on the schema, and DatabaseNotMigrated if the
    database would refuse codes that the hub writes. An unreachable database is not refused: the service starts, and checks
    again once it is there."""
    import asyncpg
    import sqlalchemy as sa
    from sqlalchemy.exc import DBAPIError

    from hub.foundation.troubles import trouble_of
    from hub.foundation.words import vocabularies, words_lacking
    from hub.model.every_table import metadata
    from hub.service.serving import with_database
    from hub.service.versions import history

    async def look(database: "Database") -> list[str]:
        async with database.read() as connection:
            ever_migrated = await connection.scalar(sa.select(sa.func.to_regclass("public.alembic_version")))
            if ever_migrated and (refusal := await connection.run_sync(history().compare)):
                raise refusal
            return await connection.run_sync(words_lacking, vocabularies(metadata))

    try:
        lacking = with_database(urls, settings, look)
    except (OSError, DBAPIError, asyncpg.PostgresError) as error:
        if trouble_of(error) is not None:
            return
        raise
    if lacking:
        some = ", ".join(lacking[:_WORDS_TOLD])
        more, more_zh = (" and others", "等") if lacking[_WORDS_TOLD:] else ("", "")
        raise DatabaseNotMigrated(
            reason=f"it does not know {some}{more}", reason_zh=f"缺少代码 {some}{more_zh}"
        )


def failure_of(error: BaseException) -> HubFailed:
    """A failure of the hub, with its place and kind, never a value."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return HubFailed(kind=type(error).__name__, place=f"{Path(last.filename).name}:{last.lineno}")


def refusal_of(error: BaseException) -> HubError | None:
    """The refusal for an error from outside the hub: a file, the network, or the database; None for others."""
    import asyncpg
    import psycopg
    from sqlalchemy.exc import DBAPIError

    from hub.foundation.troubles import OutcomeUnknown

    chain = list(_causes(error))
    for one in chain:
        if isinstance(code := getattr(one, "sqlstate", None), str):
            kind = next((kind for start, kind in _BY_SQLSTATE if code.startswith(start)), DatabaseRefused)
            return kind(reason=_line(one), reason_zh=reason_zh(one))
    if isinstance(error, OSError) and error.filename is not None:
        return FileUnusable(file=error.filename, reason=error.strerror, reason_zh=reason_zh(error))
    if isinstance(error, OSError | DBAPIError | psycopg.Error | asyncpg.InterfaceError | OutcomeUnknown):
        return DatabaseUnreachable(reason=_line(chain[-1]), reason_zh=reason_zh(chain[-1]))
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and its causes; the driver's own error comes last."""
    from hub.foundation.troubles import OutcomeUnknown

    yield error
    cause = error.__cause__ if isinstance(error, OutcomeUnknown) else getattr(error, "orig", None)
    if isinstance(cause, BaseException):
        yield from _causes(cause)


def _line(error: BaseException) -> str:
    """The first line of a driver's message; it names hosts and users, never a password."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
