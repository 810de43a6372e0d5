"""Opens what a command needs: the database (the hub's own or an external one), the keys, the service."""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import lru_cache
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import uvicorn
import uvloop

from hub.foundation.database import Database
from hub.foundation.embedded import DATABASE, EmbeddedPostgres, Urls
from hub.foundation.logs import log_to_stderr
from hub.foundation.settings import Settings
from hub.service.ending import LastResort

if TYPE_CHECKING:
    from hub.service.keys import ProcessKeys

T = TypeVar("T")
_log = logging.getLogger(__name__)
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_YOUNG = 20_000
"""New objects between two runs of the garbage collector."""
_SWITCH = 0.0005
"""Seconds for which a planning thread holds the interpreter while the event loop waits."""
_BEAT = 1.0
"""Seconds between two signs of life."""


@contextmanager
def opened(settings: Settings) -> Iterator[Urls]:
    """The logins of the hub's database. The first process starts an embedded database, and the last one stops it. Raises
    OperatorError and OSError."""
    if settings.database_url is not None:
        service = settings.database_url.get_secret_value()
        owner, query = settings.migration_database_url, settings.reading_database_url
        yield Urls(
            owner.get_secret_value() if owner else service,
            service,
            query.get_secret_value() if query else service,
        )
        return
    for one in _ENDING:
        # Under nohup a command must ignore SIGHUP.
        if signal.getsignal(one) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(one, _end_in_order)
    with EmbeddedPostgres(settings.data_dir) as server:
        yield server.urls(DATABASE)


def _end_in_order(number: int, _frame: FrameType | None) -> None:
    """End a command on SIGTERM or a closed terminal as on Ctrl-C: its database is shut down in order, undisturbed by further
    signals."""
    if number == signal.SIGHUP and signal.getsignal(signal.SIGTERM) is not _end_in_order:
        signal.raise_signal(signal.SIGTERM)  # the service handles it while it serves
        return
    for one in _ENDING:
        if signal.getsignal(one) is _end_in_order:
            signal.signal(one, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)


def with_database(urls: Urls, settings: Settings, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on the connection pools of a database."""

    async def run() -> T:
        database = Database(urls.service, settings, urls.query)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


@lru_cache(maxsize=1)
def keys_of(settings: Settings, urls: Urls) -> "ProcessKeys":
    """The keys of a process, compared with the database once; raises the errors of `hub.service.keys.keys_for`."""
    from hub.service.keys import keys_for

    return with_database(urls, settings, lambda database: keys_for(database, settings))


@dataclass(frozen=True)
class Address:
    """The address of a process that listens by itself; `ready` is called when it does."""

    host: str
    port: int
    ready: Callable[[], None]


@dataclass(frozen=True)
class Supervised:
    """The open files that a worker has from its supervisor (`hub.service.workers`): the socket to accept from, the pipe for
    its signs of life, and the pipe that closes with the supervisor."""

    shared: socket.socket
    signs: int
    life: int

    def ready(self) -> None:
        """Give a sign of life, now and regularly, and stop when the supervisor is gone."""
        os.set_blocking(self.signs, False)
        asyncio.get_running_loop().add_reader(self.life, self._orphaned)
        self._beat()

    def _beat(self) -> None:
        with suppress(OSError):  # the supervisor does not read, or is gone
            os.write(self.signs, b".")
        asyncio.get_running_loop().call_later(_BEAT, self._beat)

    def _orphaned(self) -> None:
        asyncio.get_running_loop().remove_reader(self.life)
        _log.error("the supervisor is gone, and this worker ends")
        signal.raise_signal(signal.SIGTERM)


def serve(settings: Settings, urls: Urls, held: "ProcessKeys", at: Address | Supervised) -> None:
    """Serve until SIGINT or SIGTERM; unfinished responses and access records are completed before it returns."""
    from hub.service.app import create_app
    from hub.service.compatibility import Compatibility
    from hub.service.embedded_watch import supervised
    from hub.service.http_protocol import ServerConfig

    log_to_stderr(settings.log_level, settings.log_format)
    if urls.query == urls.service:
        _log.warning(
            "HUB_READING_DATABASE_URL is unset: the login that writes reads as well. "
            "未设置 HUB_READING_DATABASE_URL:写入与读取共用一个登录。"
        )

    async def run() -> None:
        database = Database(urls.service, settings, urls.query)
        compatibility = Compatibility(database, held.keys, settings.keys_path, compared=held.compared)
        app = create_app(settings, database, held.keys, compatibility)
        if isinstance(at, Address):
            config, sockets = ServerConfig(app, settings, host=at.host, port=at.port), None
        else:
            config, sockets = ServerConfig(app, settings, port=0), [at.shared]
        try:
            await _Server(config, at.ready).serve(sockets)
        finally:
            await database.close()

    # With several processes, the supervisor watches the embedded server.
    watch = supervised(settings) if isinstance(at, Address) else nullcontext()
    with watch, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


def serve_by_workers(settings: Settings, address: Address, count: int) -> bool:
    """Serve by several processes until a signal; returns False if they do not start. The caller holds the database open, so
    an embedded one stays until the last of them has ended. Raises OSError if the address is taken."""
    from hub.service.embedded_watch import supervised
    from hub.service.workers import Supervisor, listening

    log_to_stderr(settings.log_level, settings.log_format)
    with supervised(settings):
        return Supervisor(listening(address.host, address.port), count, address.ready).run()


def freeze_imported_objects() -> None:
    """Exclude everything made so far from garbage collection: the schema lives as long as the process, and a full collection
    over it stops all requests for 25 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
    sys.setswitchinterval(_SWITCH)


class _Server(uvicorn.Server):
    """Reports when it accepts connections, and ends on signals without raising them again afterwards."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._last_resort = LastResort(self._running_requests)

    def _running_requests(self) -> str:
        return f"{len(self.server_state.tasks)} requests under way"

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; from now on the process has its time limit, even if something hangs."""
        self._last_resort.start()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: Any = None) -> None:
        """Listen, then report it."""
        await super().startup(sockets)
        if self.started:
            freeze_imported_objects()
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM ask the server to finish; the command continues afterwards and stops the database."""
        loop = asyncio.get_running_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, self.handle_exit, one, None)
        try:
            yield
        finally:
            for one in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(one)
