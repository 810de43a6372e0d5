"""`make prober`: how long somebody who asks little waits, while each attack runs and while none does.

A demonstration of 100 households is served; 16 requests of one client are under way at any time, each kind of attack for
`PROBER_SECONDS` (10), and another client asks for `/healthz` and for one household. Prints a line for each attack: the
99th percentiles in milliseconds, how the attacker was answered, and how many of its requests left no access record.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
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
from tests.prober.attacks import ATTACKS, Body

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

    async def ask(self, client: str, body: Body, agency: str = CITY) -> httpx.Response:
        """One request of a client, with the whole grant of its department."""
        department, _, region = agency.partition("@")
        may = DEPARTMENTS[department]
        grant = Grant(agency, client, may.scopes, (region,), may.purposes[0], may.purposes)
        headers = {"authorization": f"Bearer {self._tokens.issue(grant)}"}
        return await self._http.post(f"{self._url}/graphql", json=body, headers=headers)

    async def records(self) -> int:
        """How many access records there are."""
        body = (await self.ask("auditor", {"query": RECORDS}, "audit@4101")).json()
        return int(body["data"]["accessRecords"]["totalCount"])

    async def probe(self, seconds: float) -> dict[str, list[float]]:
        """The milliseconds that each of a quiet client's requests took."""
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

    async def attack(self, bodies: Iterator[Body], seconds: float) -> Counter[str]:
        """Press for some seconds; answers how often each code was the answer."""
        ended: Counter[str] = Counter()
        end = time.monotonic() + seconds

        async def press() -> None:
            while time.monotonic() < end:
                answer = (await self.ask("attacker", next(bodies))).json()
                ended[answer["errors"][0]["extensions"]["code"] if "errors" in answer else "ANSWERED"] += 1

        await asyncio.gather(*(press() for _ in repeat(None, AT_ONCE)))
        return ended


def p99(took: list[float]) -> float:
    """The 99th percentile."""
    return sorted(took)[int(len(took) * 0.99)]


async def measure(environment: Mapping[str, str], seconds: float) -> bool:
    """Every attack in turn; False where a request left no record."""
    url = environment["HUB_URL"]
    tokens = Tokens(Keys.load(Path(environment["FOLDER"]) / "data" / "keys.json"), Settings(issuer=url))
    limits = httpx.Limits(max_connections=2 * AT_ONCE)
    whole = True
    async with httpx.AsyncClient(timeout=60, limits=limits) as http:
        prober = Prober(url, tokens, http)
        found = (await prober.ask("prober", {"query": "{ households(first: 1) { nodes { code } } }"})).json()
        prober.household = found["data"]["households"]["nodes"][0]["code"]
        await prober.probe(1)
        quiet = await prober.probe(seconds)
        print(f"{'nothing':34} health {p99(quiet['health']):7.1f}  W1 {p99(quiet['W1']):7.1f}", flush=True)
        for name, bodies in ATTACKS.items():
            before = await prober.records()
            took, ended = await asyncio.gather(prober.probe(seconds), prober.attack(bodies(), seconds))
            lost = before + 1 + len(took["W1"]) + ended.total() - await prober.records()
            whole = whole and lost == 0
            times = f"health {p99(took['health']):7.1f}  W1 {p99(took['W1']):7.1f}"
            print(f"{name:34} {times}  {dict(ended)}  without a record: {lost}", flush=True)
    return whole


def main() -> int:
    """Serve a demonstration and attack it; answers the exit code."""
    seconds = float(os.environ.get("PROBER_SECONDS") or "10")
    with TemporaryDirectory(prefix="hub-prober-") as folder:
        Path(folder).chmod(0o711)  # so that PostgreSQL's own user can pass, where this runs as root
        with demonstration(Path(folder)) as environment:
            return 0 if asyncio.run(measure(environment, seconds)) else 1


if __name__ == "__main__":
    sys.exit(main())
