"""Checks whether a running process fits its database: its keys, and its version.

Both are checked at the start, unless the database is unreachable then. Keys are compared before the first request is
answered. The version is checked every few seconds, since a newer version may migrate the database meanwhile. A process that
does not fit still answers liveness checks; any other request gets 503 with the reason, which `/readyz` has too.
"""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from starlette.types import ASGIApp, Receive, Scope, Send

from hub.foundation.database import Database
from hub.foundation.encryption import Keys
from hub.foundation.errors import HubError
from hub.foundation.operating import OperatorError
from hub.foundation.troubles import SOON, DatabaseUnavailable, trouble_of
from hub.service.keys import check_keys
from hub.service.readiness import LONGEST_LOOK
from hub.service.versions import history
from schema.http.addresses import ALIVE_PATH, READY_PATH
from schema.http.refusals import unavailable

EVERY = 5.0
"""Seconds between two checks of the version."""
_log = logging.getLogger(__name__)


class SchemaIncompatible(HubError, numbers=("retry_after_seconds",)):
    """The hub is being upgraded, and this process is of a version that cannot run any more; try again in {retry_after_seconds} s.
    平台正在升级,本进程的版本已不能继续运行,请 {retry_after_seconds} 秒后再试。
    """


class KeysMismatch(HubError, numbers=("retry_after_seconds",)):
    """The keys of this process of the hub are not its database's; tell its operators, or try again in {retry_after_seconds} s.
    本进程的密钥与数据库不符,请告知平台运维人员,并于 {retry_after_seconds} 秒后再试。
    """


class Compatibility:
    """Whether the keys and the version of one process fit its database. `compared`: whether the keys were compared with it at
    the start. Enter it before the first request and leave it after the last."""

    def __init__(self, database: Database, keys: Keys, file: Path, *, compared: bool) -> None:
        self._database, self._keys, self._file = database, keys, file
        self._compared = compared
        self._refusal: HubError | None = None if compared else DatabaseUnavailable()
        self._comparing = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._watching is not None
        self._watching.cancel()
        with suppress(asyncio.CancelledError):
            await self._watching

    async def settle(self) -> HubError | None:
        """The reason to refuse requests, or None, once the keys have been compared with the database's."""
        if not self._compared:
            await self.look()
        return self._refusal

    async def look(self) -> HubError | None:
        """Check the database now; a trouble of the database is no misfit of the process."""
        async with self._comparing:
            try:
                before, self._refusal = self._refusal, await self._look()
            except Exception as error:
                if (trouble := trouble_of(error)) is None:
                    raise
                if not self._compared:
                    self._refusal = trouble
                return self._refusal
            if type(before) is not type(self._refusal) and self._refusal is None:
                _log.warning("the hub fits its database. 平台与数据库相符。")
        return self._refusal

    async def _look(self) -> HubError | None:
        try:
            async with self._database.read() as connection:
                if refusal := await connection.run_sync(history().compare):
                    return self._refused(SchemaIncompatible, refusal)
            if not self._compared:
                await check_keys(self._database, self._keys, self._file)
                self._compared = True
        except OperatorError as refusal:
            return self._refused(KeysMismatch, refusal)
        return None

    def _refused(self, kind: type[HubError], reason: OperatorError) -> HubError:
        """The refusal of requests; the full reason is logged once, for the operators."""
        if not isinstance(self._refusal, kind):
            _log.critical("%s %s %s", reason.code, reason.message, reason.message_zh)
        return kind(retry_after_seconds=SOON)

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:  # the next check may succeed, and requests fail in the same way
                _log.error("the database could not be looked at: %s", type(error).__name__)
            await asyncio.sleep(EVERY)


class CompatibilityGate:
    """An application that answers only while its process fits the database."""

    def __init__(self, app: ASGIApp, compatibility: Compatibility) -> None:
        self._app, self._compatibility = app, compatibility

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it with the reason."""
        if scope["type"] != "http" or scope["path"] == ALIVE_PATH:
            await self._app(scope, receive, send)
            return
        refusal = await (self._ready() if scope["path"] == READY_PATH else self._compatibility.settle())
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await unavailable(refusal)(scope, receive, send)

    async def _ready(self) -> HubError | None:
        """The reason why the process is not ready; a database that does not answer in time is left for the application to
        report."""
        try:
            async with asyncio.timeout(LONGEST_LOOK):
                return await self._compatibility.look()
        except TimeoutError:
            return None
