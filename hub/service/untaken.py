"""Answers that a client does not take: its connection is cut, since a place among the connections is held as long as it lives.

What waits in the process for the client has to shrink by 256 KiB in the time that a body has, or to nearly nothing. What the
kernel took over, and answers too small to wait, are the kernel's to bound (TCP_USER_TIMEOUT).
"""

import asyncio
import socket

PIECE = 262_144
"""Bytes that have to be taken, or to come, in the time of a body."""


class Untaken:
    """The clock of what one connection does not take."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, seconds: int) -> None:
        self._transport, self._loop, self._seconds = transport, loop, seconds
        self._clock: asyncio.TimerHandle | None = None
        sock, option = transport.get_extra_info("socket"), getattr(socket, "TCP_USER_TIMEOUT", None)
        if option is not None and sock is not None and sock.family in {socket.AF_INET, socket.AF_INET6}:
            sock.setsockopt(socket.IPPROTO_TCP, option, seconds * 1000)

    def begin(self) -> None:
        """More waits for the client than it takes."""
        before = self._transport.get_write_buffer_size()
        self._clock = self._loop.call_later(self._seconds, self._look, before)

    def end(self) -> None:
        """The client took nearly all of it, or is gone."""
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _look(self, before: int) -> None:
        if self._transport.get_write_buffer_size() > before - PIECE:
            self._transport.abort()
        else:
            self.begin()
