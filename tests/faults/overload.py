"""`python -m tests.faults overload`: the answers of one process under three times its capacity, and with 3,000 connections.

The capacity is measured first, by clients that each wait for their answer; then requests are sent at three times that rate,
whether answered or not. The process shares this machine with the database and the clients, which use more of it the more they
send: so the number of answers is compared with the CPU time of the process.
"""

import asyncio
import json
import re
import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import cast

import uvloop

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.tokens import Tokens
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.faults.installation import NUMBERS, OFFICE, Installation, installation
from tests.faults.load import READ

CLIENTS = 20
SECONDS = 15.0
TIMES = 3
CONNECTIONS = 3_000
_FILES = 16_384


@dataclass
class Told:
    """The results of the requests: the number of each code, and the milliseconds of answers and refusals on an open
    connection."""

    words: Counter[str] = field(default_factory=Counter)
    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def note(self, status: int, answer: bytes, milliseconds: float) -> None:
        """Count one answer."""
        word = "ok" if status == 200 and b'"errors"' not in answer else _code(status, answer)
        self.words[word] += 1
        (self.answered if word == "ok" else self.refused).append(milliseconds)

    def told(self, seconds: float) -> str:
        """The results as a line."""
        return (
            f"{len(self.answered) / seconds:.0f} answered/s, p50 {_at(self.answered, 0.5):.0f} ms, "
            f"p99 {_at(self.answered, 0.99):.0f} ms; refused in p99 {_at(self.refused, 0.99):.0f} ms; {dict(self.words)}"
        )


def _at(took: list[float], part: float) -> float:
    return sorted(took)[int(len(took) * part)] if took else 0.0


def _code(status: int, answer: bytes) -> str:
    found = re.search(rb'"code":"([A-Z_]+)"', answer)
    return found[1].decode() if found else f"HTTP {status}"


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection, opened when needed. It is as light as possible, since it shares the machine with the measured
    process."""

    def __init__(self, port: int, source: str) -> None:
        self._port, self._source = port, source
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._waiting: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's class is one without declaring it

    def data_received(self, data: bytes) -> None:
        """A part of an answer."""
        self._received += data
        head, whole, body = self._received.partition(b"\r\n\r\n")
        if whole and len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]):
            if self._waiting is not None and not self._waiting.done():
                self._waiting.set_result(self._received)
            self._received = b""

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._transport, self._received = None, b""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError())

    async def ask(self, request: bytes, told: Told) -> None:
        """Send a request, and count its result."""
        loop = asyncio.get_running_loop()
        try:
            if self._transport is None:
                await loop.create_connection(
                    lambda: self, "127.0.0.1", self._port, local_addr=(self._source, 0)
                )
            self._waiting = loop.create_future()
            if self._transport is None:
                raise ConnectionResetError
            began = time.perf_counter()
            self._transport.write(request)
            answer = await self._waiting
        except OSError:
            told.words["no connection"] += 1
            self.close()
            await asyncio.sleep(1)
            return
        told.note(int(answer[9:12]), answer, (time.perf_counter() - began) * 1000)

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None


def _requests(world: Installation) -> Iterator[bytes]:
    """Reads of different households by different clients, in turn."""
    settings = Settings(issuer="http://127.0.0.1:8000")
    tokens = Tokens(Keys.load(world.folder / "keys.json"), settings)
    department, _, region = OFFICE.partition("@")
    may = DEPARTMENTS[department]
    each = []
    for number in range(CLIENTS):
        grant = Grant(OFFICE, f"client-{number}", may.scopes, (region,), may.purposes[0], may.purposes)
        body = json.dumps({"query": READ, "variables": {"code": f"K-{number % len(NUMBERS)}"}}).encode()
        head = (
            f"POST /graphql HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {tokens.issue(grant)}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        each.append(head.encode() + body)
    return cycle(each)


async def closed(
    port: int, requests: Iterator[bytes], connections: int, seconds: float, sources: int = 1
) -> Told:
    """Each connection sends the next request after the last answer."""
    results, end = Told(), time.monotonic() + seconds

    async def press(place: int) -> None:
        connection = Connection(port, f"127.0.0.{1 + place % sources}")
        while time.monotonic() < end:
            await connection.ask(next(requests), results)
        connection.close()

    await asyncio.gather(*(press(place) for place in range(connections)))
    return results


async def offered(
    port: int, requests: Iterator[bytes], rate: float, connections: int, seconds: float
) -> Told:
    """Requests at a fixed rate, whether earlier ones were answered or not; a request without a free connection is not sent."""
    results, began, sent = Told(), time.monotonic(), 0
    free = [Connection(port, f"127.0.0.{1 + place % 4}") for place in range(connections)]
    under_way: set[asyncio.Task[None]] = set()

    async def ask(connection: Connection) -> None:
        await connection.ask(next(requests), results)
        free.append(connection)

    while (passed := time.monotonic() - began) < seconds:
        while sent < passed * rate:
            sent += 1
            if not free:
                results.words["not sent"] += 1
                continue
            task = asyncio.create_task(ask(free.pop()))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.sleep(0.002)
    await asyncio.gather(*under_way)
    return results


async def measure(world: Installation) -> bool:
    """Capacity, three times capacity, 3,000 connections; returns whether all results are as required."""
    hub, requests = world.hubs[0], _requests(world)
    port = hub.port
    await closed(port, requests, 16, 3)
    before = hub.cpu_seconds()
    alone = await closed(port, requests, 32, SECONDS)
    capacity, each = len(alone.answered) / SECONDS, (hub.cpu_seconds() - before) / len(alone.answered)
    print(f"capacity {capacity:.0f} requests/s, {each * 1000:.2f} ms of CPU each", flush=True)
    before = hub.cpu_seconds()
    pressed = await offered(port, requests, TIMES * capacity, 700, SECONDS)
    took = hub.cpu_seconds() - before
    goodput = len(pressed.answered) * each / took
    print(
        f"{TIMES} times the capacity offered: {len(pressed.answered) / SECONDS / capacity:.2f} of it answered, "
        f"{goodput:.2f} of what the process answers in as much CPU time ({took:.1f} s); {pressed.told(SECONDS)}",
        flush=True,
    )
    many = await closed(port, requests, CONNECTIONS, SECONDS, sources=8)
    print(f"{CONNECTIONS} connections: {many.told(SECONDS)}", flush=True)
    tracebacks = world.hubs[0].log.read_text().count("Traceback")
    print(f"tracebacks in the log: {tracebacks}")
    slow = max(_at(one.answered, 0.99) for one in (pressed, many))
    internal = pressed.words["INTERNAL"] + many.words["INTERNAL"]
    return goodput >= 0.8 and slow < 2_000 and not internal and not tracebacks


def main() -> int:
    """Measure; returns the exit code."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(_FILES, most), most))
    with installation(1, wired=False) as world:
        return 0 if uvloop.run(measure(world)) else 1
