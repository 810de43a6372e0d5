"""Cuts connections whose client does not read the response: each open connection takes a place.

Data that waits in the process for the client must shrink by 256 KiB within the time limit of a body, or to nearly nothing.
Data that the kernel has taken over, and responses too small to wait, are left to the kernel (TCP_USER_TIMEOUT).
"""

import asyncio
import socket

PIECE = 262_144
"""Bytes that must be taken, or must arrive, within the time limit of a body."""


class WriteTimeout:
    """The time limit for the unread data of one connection."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, seconds: int) -> None:
        self._transport, self._loop, self._seconds = transport, loop, seconds
        self._clock: asyncio.TimerHandle | None = None
        sock, option = transport.get_extra_info("socket"), getattr(socket, "TCP_USER_TIMEOUT", None)
        if option is not None and sock is not None and sock.family in {socket.AF_INET, socket.AF_INET6}:
            sock.setsockopt(socket.IPPROTO_TCP, option, seconds * 1000)

    def begin(self) -> None:
        """More data waits for the client than the client takes."""
        before = self._transport.get_write_buffer_size()
        self._clock = self._loop.call_later(self._seconds, self._look, before)

    def end(self) -> None:
        """The client has taken nearly all data, or is gone."""
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _look(self, before: int) -> None:
        if self._transport.get_write_buffer_size() > before - PIECE:
            self._transport.abort()
        else:
            self.begin()
