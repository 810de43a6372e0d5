"""W10: a document and a set of scopes that the hub has not seen before: parsed, validated, planned, prepared and read.

Measured alone, one after another, with the CPU time of the process for each; and the waiting time of another client with a
known question while 16 clients send such documents continuously.
"""

import os
import threading
import time
from collections.abc import Callable
from itertools import combinations, count, islice
from pathlib import Path
from typing import Any

import httpx
import orjson

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.tokens import Tokens
from bench.database import BenchDatabase, report_progress
from bench.load import CONNECTIONS, percentile
from bench.questions import DOCUMENTS
from bench.systems import CannotMeasure, Running
from hub.foundation.settings import Settings

_ALONE, _FIRST = 100, 20
_AGENCY = "civil_affairs@4101"
_TICK = os.sysconf("SC_CLK_TCK")


class Newcomer:
    """Clients who ask W1's question in a new document and with new scopes."""

    def __init__(self, system: Running, on: BenchDatabase, codes: list[str]) -> None:
        self._url, self._codes = f"http://127.0.0.1:{system.port}/graphql", codes
        permissions = DEPARTMENTS["civil_affairs"]
        spare = sorted(one for one in permissions.scopes if one.endswith(":write"))
        without = (frozenset(some) for size in range(1, len(spare)) for some in combinations(spare, size))
        issuer = Tokens(on.keys, Settings(token_seconds=3600))

        def token(scopes: frozenset[Any], client: str) -> str:
            purposes = permissions.purposes
            return issuer.issue(Grant(_AGENCY, client, scopes, ("4101",), purposes[0], purposes))

        self._token: Callable[[str], str] = lambda client: token(permissions.scopes - next(without), client)
        self.known = token(permissions.scopes, "known")
        self._run, self._number = f"{time.time_ns():x}", count()
        self._lock = threading.Lock()

    def ask(self, http: httpx.Client, client: str) -> None:
        """One request of a client; raises CannotMeasure for an answer with errors."""
        with self._lock:
            number, token = next(self._number), self._token(client)
        self._post(http, f"{DOCUMENTS['W1']}# {self._run} {number}", token, number)

    def ask_again(self, http: httpx.Client) -> None:
        """The question in a document that the hub has cached."""
        self._post(http, DOCUMENTS["W1"], self.known, 0)

    def _post(self, http: httpx.Client, document: str, token: str, number: int) -> None:
        code = self._codes[number % len(self._codes)]
        body = orjson.dumps({"query": document, "variables": {"code": code}})
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answer = http.post(self._url, content=body, headers=headers)
        if answer.status_code != 200 or "errors" in answer.json():
            raise CannotMeasure(f"W10: {answer.status_code} {answer.text[:500]}")


def measure(system: Running, on: BenchDatabase, seconds: int) -> dict[str, Any]:
    """Milliseconds of the first request, and of another client's known question beside 16 such clients."""
    codes = [code for (code,) in on.rows("select code from household order by md5(code) limit 100")]
    newcomer = Newcomer(system, on, codes)
    with httpx.Client(timeout=60) as http:
        for _ in range(_FIRST):
            newcomer.ask(http, "first")
        before, waits = _ticks(system.pid), []
        for _ in range(_ALONE):
            waits.append(_milliseconds(lambda: newcomer.ask(http, "first")))
        cpu = 1000 * (_ticks(system.pid) - before) / _TICK / _ALONE
        newcomer.ask_again(http)
        beside, asked = _beside(newcomer, http, seconds)
    figures = {
        "cpu_ms": round(cpu, 1),
        "p50_ms": round(percentile(waits, 50), 1),
        "p99_ms": round(percentile(waits, 99), 1),
        "beside": {
            "newcomers_a_second": round(asked / seconds, 1),
            "p50_ms": round(percentile(beside, 50), 1),
            "p99_ms": round(percentile(beside, 99), 1),
        },
    }
    report_progress(f"W10: {figures}")
    return figures


def _beside(newcomer: Newcomer, http: httpx.Client, seconds: int) -> tuple[list[float], int]:
    """The waiting times of a known question beside 16 such clients, and the number of their requests that were answered or
    refused."""
    end = time.monotonic() + seconds
    asked = count()

    def press(client: str) -> None:
        with httpx.Client(timeout=60) as own:
            while time.monotonic() < end:
                try:
                    newcomer.ask(own, client)
                except CannotMeasure as refused:
                    if "SERVER_BUSY" not in str(refused):
                        raise
                next(asked)

    threads = [threading.Thread(target=press, args=(f"newcomer{place}",)) for place in range(CONNECTIONS)]
    for one in threads:
        one.start()
    waits = []
    while time.monotonic() < end:
        waits.append(_milliseconds(lambda: newcomer.ask_again(http)))
    for one in threads:
        one.join()
    return waits, next(asked)


def _milliseconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def _ticks(pid: int) -> int:
    """The CPU time of a process, in ticks of the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(one) for one in islice(fields, 11, 13))
