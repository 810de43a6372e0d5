"""A mixed load on both processes, and its checks: every acknowledged write exists, once and complete; every answer has its
access record.

A writer repeats one outcome until it is acknowledged, always under the same externalId, as departments are instructed.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from tests.faults.installation import NUMBERS, Installation
from tests.journeys.outcomes import RECORD_AID, urgent_payment

READ = """query ($code: String!) { household(code: $code) { code members { name } aidRecords(first: 5) { nodes { kind } } } }"""
KINDS = ("read", "write", "token", "ready")
LONGEST_ANSWER = 40.0
"""Seconds after which a client considers a hub dead."""
_PAUSE = 0.2


@dataclass(frozen=True)
class Seen:
    """An answer, or its absence: `word` is "ok", a code, or "no answer"."""

    at: float
    hub: int
    kind: str
    word: str
    seconds: float


@dataclass
class Load:
    """The clients. `start` them, read what they have `seen`, and `end` them."""

    world: Installation
    seen: list[Seen] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    answered: Counter[str] = field(default_factory=Counter)
    token: str = ""
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, readers: int = 2, writers: int = 3) -> None:
        """Start, for each process, readers and writers, one client that asks for tokens, and one that asks for readiness."""
        for hub in range(len(self.world.hubs)):
            self._begin(hub, [self._look, self._ask_for_tokens])
        while not self.token:
            time.sleep(_PAUSE)
        for hub in range(len(self.world.hubs)):
            self._begin(hub, [self._read] * readers + [self._write] * writers)

    def _begin(self, hub: int, work: Sequence[Callable[[int, str], None]]) -> None:
        for each in work:
            name = f"{hub}-{len(self._threads)}"
            thread = threading.Thread(target=each, args=(hub, name), daemon=True)
            self._threads.append(thread)
            thread.start()

    def end(self) -> None:
        """Let every client finish."""
        self._over.set()
        for thread in self._threads:
            thread.join(LONGEST_ANSWER + 10)

    def since(self, at: float) -> list[Seen]:
        """The answers since an instant."""
        return [one for one in list(self.seen) if one.at >= at]

    def recovered(self, healed: float) -> float | None:
        """The seconds from an instant until every process had answered every kind of request; None: not yet."""
        first: dict[tuple[int, str], float] = {}
        for one in self.since(healed):
            if one.word == "ok" and one.at - one.seconds >= healed:
                first.setdefault((one.hub, one.kind), one.at - healed)
        wanted = len(self.world.hubs) * len(KINDS)
        return max(first.values()) if len(first) == wanted else None

    def faults_of_writes(self) -> list[str]:
        """Acknowledged writes that do not exist exactly once and complete."""
        acknowledged = set(self.acknowledged)
        each = {
            "record": "select external_id from aid_record",
            "event": "select body->>'externalId' from chain_event where type = 'AID_RECORDED'",
            "receipt": "select external_id from write_receipt where kind = 'AID'",
        }
        faults = []
        for table, statement in each.items():
            found = Counter(str(row[0]) for row in self.world.rows(statement))
            faults += [f"{name}: no {table}" for name in acknowledged - found.keys()]
            faults += [f"{name}: {times} {table}s" for name, times in found.items() if times > 1]
        return faults

    def without_record(self) -> int:
        """Answers without an access record."""
        recorded = {
            str(client): int(str(number))
            for client, number in self.world.rows(
                "select operation_name, count(*) from access_record where operation_name is not null group by 1"
            )
        }
        return sum(max(0, times - recorded.get(name, 0)) for name, times in self.answered.items())

    def _read(self, hub: int, name: str) -> None:
        for number in count():
            code = f"K-{number % len(NUMBERS)}"
            if self._over.is_set():
                return
            self._graphql(hub, "read", name, READ, {"code": code})

    def _write(self, hub: int, name: str) -> None:
        for number in count():
            external = f"W{name}-{number}"
            subject = {"idNumber": NUMBERS[(hash(name) + number) % len(NUMBERS)]}
            payment = urgent_payment(subject, externalId=external, program=external)
            while not self._over.is_set():
                data = self._graphql(hub, "write", name, RECORD_AID, {"input": payment})
                if data is not None and data["recordAid"]["aidRecord"] is not None:
                    self.acknowledged[external] = data["recordAid"]["aidRecord"]["id"]
                    break
            else:
                return
            time.sleep(0.05)

    def _ask_for_tokens(self, hub: int, _name: str) -> None:
        while not self._over.is_set():
            answered = self._timed(hub, "token", lambda http: self._token(http, hub))
            if answered is not None and answered.status_code == 200:
                self.token = str(answered.json()["access_token"])
            time.sleep(_PAUSE)

    def _look(self, hub: int, _name: str) -> None:
        while not self._over.is_set():
            self._timed(hub, "ready", lambda http: http.get(f"{self.world.hubs[hub].url}/readyz"))
            time.sleep(_PAUSE)

    def _token(self, http: httpx.Client, hub: int) -> httpx.Response:
        return http.post(
            f"{self.world.hubs[hub].url}/oauth/token",
            auth=(self.world.client["client_id"], self.world.client["client_secret"]),
            data={"grant_type": "client_credentials"},
        )

    def _graphql(
        self, hub: int, kind: str, name: str, query: str, variables: dict[str, Any]
    ) -> dict[str, Any] | None:
        """The data of an answer; None for no answer or an error."""
        operation = f"{kind.title()}_{name.replace('-', '_')}"
        named = (
            query.strip()
            .replace("mutation (", f"mutation {operation}(")
            .replace("query (", f"query {operation}(")
        )

        def ask(http: httpx.Client) -> httpx.Response:
            return http.post(
                f"{self.world.hubs[hub].url}/graphql",
                json={"query": named, "variables": variables},
                headers={"authorization": f"Bearer {self.token}"},
            )

        answered = self._timed(hub, kind, ask)
        if answered is None or answered.status_code != 200:
            time.sleep(_PAUSE)
            return None
        body = answered.json()
        self.answered[operation] += 1
        data: dict[str, Any] | None = None if "errors" in body else body["data"]
        return data

    def _timed(
        self, hub: int, kind: str, ask: Callable[[httpx.Client], httpx.Response]
    ) -> httpx.Response | None:
        began = time.monotonic()
        answered: httpx.Response | None = None
        try:
            with httpx.Client(timeout=LONGEST_ANSWER) as http:
                answered = ask(http)
            word = _word(answered)
        except httpx.ReadTimeout:
            word = "no answer in time"
        except httpx.HTTPError:
            word = "no connection"
        ended = time.monotonic()
        self.seen.append(Seen(ended, hub, kind, word, ended - began))
        return answered


def _word(answered: httpx.Response) -> str:
    """An answer's code; "ok" for a correct answer."""
    try:
        body = answered.json()
    except ValueError:
        return f"HTTP {answered.status_code}"
    if "errors" in body:
        return str(body["errors"][0]["extensions"]["code"])
    payload = (body.get("data") or {}).get("recordAid") or {}
    if payload.get("errors"):
        return str(payload["errors"][0]["code"])
    if answered.status_code != 200:
        return str(body.get("code") or body.get("error") or answered.status_code)
    return "ok"
