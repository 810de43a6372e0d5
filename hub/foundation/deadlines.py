"""Connections to PostgreSQL of which every answer has a deadline on this side.

The server's own limits (statement_timeout, lock_timeout) hold while the server and the way to it work. A server that was
stopped, or a firewall that drops packets without a word, answers nothing and ends nothing. So

- each await on a connection has a deadline, a little above the statement timeout. It raises TimeoutError, and the connection is
  ended by whoever used it (`Driver`, `Database`);
- a connection is ended without a farewell, since nobody may be there to take it;
- the kernel ends a connection whose packets nobody takes (TCP_USER_TIMEOUT), also one that waits for a long statement of a job
  (keepalives, on both sides).
"""

import socket
from collections.abc import Mapping
from time import monotonic
from typing import Any

import asyncpg

from hub.foundation.clock import CLOCK

MORE_THAN_THE_SERVER = 2.0
"""Seconds that an answer may come later than the statement timeout: the server's refusal needs its way too."""
PING_SECONDS = 2.0
"""How long a connection may take to say that it lives."""
_THE_TIME = "select clock_timestamp()"
_MOMENT = 1.0
"""Seconds for which nobody tries what just took its whole time in vain."""
_IDLE, _BETWEEN, _PROBES, _UNACKNOWLEDGED = 15, 5, 3, 5_000
"""Keepalives: seconds without traffic, seconds between probes, how many; milliseconds for which what was sent may wait."""
_ON_THE_SOCKET = {
    (socket.SOL_SOCKET, "SO_KEEPALIVE"): 1,
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE"): _IDLE,
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL"): _BETWEEN,
    (socket.IPPROTO_TCP, "TCP_KEEPCNT"): _PROBES,
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT"): _UNACKNOWLEDGED,
}
BY_LIBPQ: dict[str, int] = {
    "connect_timeout": 5,
    "keepalives_idle": _IDLE,
    "keepalives_interval": _BETWEEN,
    "keepalives_count": _PROBES,
    "tcp_user_timeout": _UNACKNOWLEDGED,
}
"""The same for a connection of psycopg's, by which migrations run: seconds for a new connection, and an end where the way to the
server is cut. What a migration itself takes has no limit."""
ON_THE_SERVER = {
    "tcp_keepalives_idle": str(_IDLE),
    "tcp_keepalives_interval": str(_BETWEEN),
    "tcp_keepalives_count": str(_PROBES),
    "tcp_user_timeout": str(_UNACKNOWLEDGED),
}
"""Settings of a session by which the server ends what it does for a hub that is gone."""


class DeadlineConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection whose deadline can be changed, and that is closed at once."""

    _config: Any

    def allow(self, seconds: float) -> None:
        """Set how long an answer may take from now on."""
        self._config = self._config._replace(command_timeout=seconds)

    async def ask_the_time(self, seconds: float = PING_SECONDS) -> None:
        """Learn the database's clock, which also shows that the connection lives; one that does not answer is ended. Raises what
        asyncpg raises, TimeoutError among them."""
        before = CLOCK.now()
        try:
            instant = await self.fetchval(_THE_TIME, timeout=seconds)
        except BaseException:
            self.terminate()
            raise
        CLOCK.learn(before, instant, CLOCK.now())

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109  # as asyncpg has it
        """End it; the server sees the end of the stream, and nothing is waited for."""
        self.terminate()


class Way:
    """The way to a database. Where a new connection did not come in its time, for a moment the next is not waited for either: one
    request would wait for several."""

    def __init__(self) -> None:
        self._closed_until = 0.0

    async def connect(self, arguments: Mapping[str, Any], seconds: float) -> DeadlineConnection:
        """A new connection, each answer of which may take some seconds. Raises OSError (TimeoutError among them) and
        asyncpg.PostgresError."""
        if monotonic() < self._closed_until:
            raise TimeoutError("no connection came a moment ago")
        try:
            made = await asyncpg.connect(
                **arguments, connection_class=DeadlineConnection, command_timeout=seconds
            )
            assert isinstance(made, DeadlineConnection)
            await made.ask_the_time(seconds)
        except TimeoutError:
            self._closed_until = monotonic() + _MOMENT
            raise
        sock = made._transport.get_extra_info("socket")
        if sock is not None and sock.family in {socket.AF_INET, socket.AF_INET6}:
            for (level, name), value in _ON_THE_SOCKET.items():
                if (option := getattr(socket, name, None)) is not None:  # not every system has all of them
                    sock.setsockopt(level, option, value)
        return made
