"""Attacks of strangers without a token on the port itself: each kind for some seconds, from several addresses of this
machine."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from itertools import count

Flood = Callable[[int, float], Awaitable[Counter[str]]]
"""Takes the port and the seconds; returns the number of times for each result."""
ADDRESSES, AT_ONCE = 8, 64
HEAD = b"POST /graphql HTTP/1.1\r\nHost: hub\r\n"
LINE = b"X-Filler: " + b"x" * 1000 + b"\r\n"
BODY = HEAD + b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"


async def _pressed(port: int, seconds: float, hold: Callable[..., Awaitable[str]]) -> Counter[str]:
    """Many connections that repeat the same."""
    ended: Counter[str] = Counter()
    end = time.monotonic() + seconds

    async def press(place: int) -> None:
        while time.monotonic() < end:
            try:
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", port, local_addr=(f"127.0.0.{2 + place % ADDRESSES}", 0)
                )
            except OSError:
                ended["NOT_CONNECTED"] += 1
                await asyncio.sleep(0.05)
                continue
            try:
                ended[await hold(reader, writer, end)] += 1
            except OSError:
                ended["CLOSED"] += 1
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    await asyncio.gather(*(press(place) for place in range(AT_ONCE)))
    return ended


async def _answered(reader: asyncio.StreamReader, seconds: float) -> str:
    """The status code, or another end of the connection."""
    try:
        async with asyncio.timeout(max(seconds, 0.01)):
            line = await reader.readline()
    except TimeoutError:
        return "STILL_OPEN"
    return line.split(b" ")[1].decode() if line.startswith(b"HTTP/") else "CLOSED"


async def half_open(port: int, seconds: float) -> Counter[str]:
    """Half a request on each connection, and then nothing."""
    return await _cut_short(port, seconds, HEAD)


async def half_a_body(port: int, seconds: float) -> Counter[str]:
    """A head with a length, then one byte of the body."""
    return await _cut_short(port, seconds, BODY)


async def _cut_short(port: int, seconds: float, request: bytes) -> Counter[str]:
    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, end: float) -> str:
        writer.write(request)
        await writer.drain()
        return await _answered(reader, end - time.monotonic())

    return await _pressed(port, seconds, hold)


async def endless_headers(port: int, seconds: float) -> Counter[str]:
    """One header after another, as fast as the hub reads them."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, end: float) -> str:
        writer.write(HEAD)
        for sent in count():
            if time.monotonic() > end or (sent > 16 and reader.at_eof()):
                break
            writer.write(LINE)
            await writer.drain()
            if sent > 64:
                break
        return await _answered(reader, end - time.monotonic())

    return await _pressed(port, seconds, hold)


FLOODS: Mapping[str, Flood] = {
    "strangers: half a head": half_open,
    "strangers: half a body": half_a_body,
    "strangers: headers without end": endless_headers,
}
