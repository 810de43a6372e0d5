"""`make prober`: the waiting time of a client with few requests, during each attack and without one.

The hub serves a demonstration of 100 households. For each kind of attack, 16 requests of one client are under way at any
time, or 64 connections of strangers without a token, for `PROBER_SECONDS` (10). Another client asks for `/healthz` and for
one household. Prints a line for each attack: the 99th percentiles in milliseconds, the MiB that the hub and its PostgreSQL
use after it, the answers to the attacker, and the number of its requests without an access record.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.tokens import Tokens
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.clients.__main__ import demonstration
from tests.prober.attacks import ATTACKS, SCOPED, Body, Scopes, scope_sets
from tests.prober.memory import family, mebibytes, server_of
from tests.prober.strangers import FLOODS

AT_ONCE = 16
CITY = "civil_affairs@4101"
W1 = """query W1($code: String!) { household(code: $code) { code address incomePerCapita region { code name }
    certifications { category validFrom validUntil } members { name gender birthDate relation idNumberMasked health }
    aidRecords(first: 20) { nodes { kind program status amount agency { code } } } } }"""
RECORDS = "{ accessRecords(first: 0) { totalCount } }"


class Prober:
    """The two clients of one served hub, and an auditor."""

    def __init__(self, url: str, tokens: Tokens, http: httpx.AsyncClient) -> None:
        self._url, self._tokens, self._http = url, tokens, http
        self.household = ""

    async def ask(
        self, client: str, body: Body, agency: str = CITY, scopes: Scopes | None = None
    ) -> httpx.Response:
        """One request of a client, with the full grant of its department, or with some of its scopes."""
        department, _, region = agency.partition("@")
        may = DEPARTMENTS[department]
        grant = Grant(agency, client, scopes or may.scopes, (region,), may.purposes[0], may.purposes)
        headers = {"authorization": f"Bearer {self._tokens.issue(grant)}"}
        return await self._http.post(f"{self._url}/graphql", json=body, headers=headers)

    async def records(self) -> int:
        """The number of access records."""
        body = (await self.ask("auditor", {"query": RECORDS}, "audit@4101")).json()
        return int(body["data"]["accessRecords"]["totalCount"])

    async def probe(self, seconds: float) -> dict[str, list[float]]:
        """The milliseconds of each request of the quiet client."""
        took: dict[str, list[float]] = {"health": [], "W1": []}
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for kind, each in took.items():
                began = time.perf_counter()
                if kind == "health":
                    answer = await self._http.get(f"{self._url}/healthz")
                else:
                    answer = await self.ask("prober", {"query": W1, "variables": {"code": self.household}})
                each.append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200, answer.text
            await asyncio.sleep(0.01)
        return took

    async def attack(
        self, bodies: Iterator[Body], seconds: float, scopes: Iterator[Scopes | None] | None = None
    ) -> Counter[str]:
        """Attack for some seconds; returns the number of answers with each code."""
        of_each = scopes or repeat(None)
        ended: Counter[str] = Counter()
        end = time.monotonic() + seconds

        async def press() -> None:
            while time.monotonic() < end:
                answer = (await self.ask("attacker", next(bodies), scopes=next(of_each))).json()
                ended[answer["errors"][0]["extensions"]["code"] if "errors" in answer else "ANSWERED"] += 1

        await asyncio.gather(*(press() for _ in repeat(None, AT_ONCE)))
        return ended


def p99(took: list[float]) -> float:
    """The 99th percentile."""
    return sorted(took)[int(len(took) * 0.99)]


Attack = Callable[[float], Awaitable[Counter[str]]]
"""Takes the seconds; returns the number of times for each result."""


def attacks(prober: Prober, port: int) -> Iterator[tuple[str, Attack, bool]]:
    """Each attack with its name, and whether its requests have a token and so a record."""
    for name, bodies in ATTACKS.items():
        yield name, partial(prober.attack, bodies()), True
    for name, bodies in SCOPED.items():
        yield name, partial(prober.attack, bodies(), scopes=scope_sets("civil_affairs")), True
    for name, flood in FLOODS.items():
        yield name, partial(flood, port), False


async def measure(environment: Mapping[str, str], seconds: float) -> bool:
    """Run every attack; returns False if a request left no record."""
    url, data = environment["HUB_URL"], Path(environment["FOLDER"]) / "data"
    tokens = Tokens(Keys.load(data / "keys.json"), Settings(issuer=url))
    limits = httpx.Limits(max_connections=2 * AT_ONCE)
    whole, port = True, httpx.URL(url).port
    assert port is not None

    def line(name: str, took: dict[str, list[float]], more: str) -> None:
        hub, postgres = family(int(environment["PID"])), family(server_of(data))
        times = f"health {p99(took['health']):7.1f}  W1 {p99(took['W1']):7.1f}"
        held = f"MiB {mebibytes(hub - postgres):5.0f} {mebibytes(postgres):5.0f}"
        print(f"{name:36} {times}  {held}  {more}", flush=True)

    async with httpx.AsyncClient(timeout=60, limits=limits) as http:
        prober = Prober(url, tokens, http)
        found = (await prober.ask("prober", {"query": "{ households(first: 1) { nodes { code } } }"})).json()
        prober.household = found["data"]["households"]["nodes"][0]["code"]
        await prober.probe(1)
        line("nothing", await prober.probe(seconds), "")
        for name, attack, recorded in attacks(prober, port):
            before = await prober.records()
            took, ended = await asyncio.gather(prober.probe(seconds), attack(seconds))
            sent = ended.total() if recorded else 0
            lost = before + 1 + len(took["W1"]) + sent - await prober.records()
            whole = whole and lost == 0
            line(name, took, f"{dict(ended)}  without a record: {lost}")
    return whole


def main() -> int:
    """Serve a demonstration and attack it; returns the exit code."""
    seconds = float(os.environ.get("PROBER_SECONDS") or "10")
    with TemporaryDirectory(prefix="hub-prober-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's own user needs access if this runs as root
        with demonstration(Path(folder)) as environment:
            return 0 if asyncio.run(measure(environment, seconds)) else 1


if __name__ == "__main__":
    sys.exit(main())
