"""Connections to PostgreSQL on which every answer has a deadline on the client's side.

The server's own limits (statement_timeout, lock_timeout) work only while the server and the network work. A stopped server,
or a firewall that silently drops packets, answers nothing and ends nothing. Therefore

- each await on a connection has a deadline, a little above the statement timeout. It raises TimeoutError, and the user of the
  connection ends it (`Driver`, `Database`);
- a connection is closed without a farewell message, since the server may be gone;
- the kernel ends a connection whose packets are not acknowledged (TCP_USER_TIMEOUT), and one that waits for a long
  statement of a job (keepalives, on both sides).
"""

import socket
from collections.abc import Mapping
from time import monotonic
from typing import Any

import asyncpg

from hub.foundation.clock import CLOCK

MORE_THAN_THE_SERVER = 2.0
"""Seconds that an answer may come after the statement timeout: the server's refusal needs time to arrive."""
PING_SECONDS = 2.0
"""Seconds that a connection may take to answer a ping."""
_THE_TIME = "select clock_timestamp()"
_MOMENT = 1.0
"""Seconds during which nobody repeats a connection attempt that just timed out."""
_IDLE, _BETWEEN, _PROBES, _UNACKNOWLEDGED = 15, 5, 3, 5_000
"""Keepalives: seconds without traffic, seconds between probes, number of probes; milliseconds that sent data may wait for its
acknowledgement."""
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
"""The same for a psycopg connection, which migrations use: seconds for a new connection, and an end if the network is cut. A
migration itself has no time limit."""
ON_THE_SERVER = {
    "tcp_keepalives_idle": str(_IDLE),
    "tcp_keepalives_interval": str(_BETWEEN),
    "tcp_keepalives_count": str(_PROBES),
    "tcp_user_timeout": str(_UNACKNOWLEDGED),
}
"""Session settings by which the server ends its work for a hub that is gone."""


class DeadlineConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection whose deadline can be changed, and which closes at once."""

    _config: Any

    def allow(self, seconds: float) -> None:
        """Set the seconds that each further answer may take."""
        self._config = self._config._replace(command_timeout=seconds)

    async def read_clock(self, seconds: float = PING_SECONDS) -> None:
        """Read the database's clock, which also shows that the connection works; one that does not answer is ended. Raises
        asyncpg's errors, among them TimeoutError."""
        before = CLOCK.now()
        try:
            instant = await self.fetchval(_THE_TIME, timeout=seconds)
        except BaseException:
            self.terminate()
            raise
        CLOCK.learn(before, instant, CLOCK.now())

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109  # as asyncpg has it
        """Close it at once; the server sees the end of the stream."""
        self.terminate()


class Connector:
    """Opens connections to one database. After an attempt that timed out, further attempts fail at once for a moment:
    otherwise one request would wait for several."""

    def __init__(self) -> None:
        self._closed_until = 0.0

    async def connect(self, arguments: Mapping[str, Any], seconds: float) -> DeadlineConnection:
        """A new connection, on which each answer may take `seconds`. Raises OSError (including TimeoutError) and
        asyncpg.PostgresError."""
        if monotonic() < self._closed_until:
            raise TimeoutError("no connection came a moment ago")
        try:
            made = await asyncpg.connect(
                **arguments, connection_class=DeadlineConnection, command_timeout=seconds
            )
            assert isinstance(made, DeadlineConnection)
            await made.read_clock(seconds)
        except TimeoutError:
            self._closed_until = monotonic() + _MOMENT
            raise
        sock = made._transport.get_extra_info("socket")
        if sock is not None and sock.family in {socket.AF_INET, socket.AF_INET6}:
            for (level, name), value in _ON_THE_SOCKET.items():
                if (option := getattr(socket, name, None)) is not None:  # not every system has all of them
                    sock.setsockopt(level, option, value)
        return made
