"""The database accepts data and answers nothing, on open connections only or on new ones too. Every request still gets its
answer in time, readiness reports the same, and afterwards everything works as before.

A failover, a firewall or a NAT that loses its state does this without notice to the hub. `make faults` tests more such
faults.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest

from auth.clients import NewClient
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.fixtures.database_wire import Silence, Wire, wire_to
from tests.fixtures.served import Served, serve
from tests.journeys.outcomes import RECORD_AID, urgent_payment
from tests.schema.registered import registered_client

OFFICE = "civil_affairs@410105"
READ = "{ households(first: 1) { totalCount } }"
BY_REFERENCE = "{ viewer { agency { name } } households(first: 1) { totalCount } }"
REGISTER = (
    'mutation { upsertHouseholds(input: {households: [{code: "S-1", members: []}]}) '
    "{ outcomes { errors { code } } errors { code } } }"
)
STATEMENT_MS = 1_000
LONGEST = 12.0
"""Seconds: the time limit for a request without an answer, and then for its access record, on old and on new connections."""


@dataclass
class Caller:
    """A client of a hub whose database is reached through a proxy."""

    hub: Served
    client: NewClient
    wire: Wire

    def _graphql(self, query: str, variables: object = None) -> httpx.Response:
        token = self.hub.token(OFFICE, client=self.client.client_id)
        return httpx.post(
            f"{self.hub.url}/graphql",
            json={"query": query, "variables": variables},
            headers={"authorization": f"Bearer {token}"},
            timeout=LONGEST * 2,
        )

    def send_all(self) -> dict[str, tuple[int, float, str]]:
        """The status of each kind of request, its seconds, and its body; all are sent at the same time."""
        payment = {"input": urgent_payment({"idNumber": "410105195001010013"})}
        ways: dict[str, Callable[[], httpx.Response]] = {
            "read": lambda: self._graphql(READ),
            "by reference": lambda: self._graphql(BY_REFERENCE),
            "write": lambda: self._graphql(RECORD_AID, payment),
            "registering": lambda: self._graphql(REGISTER),
            "token": lambda: httpx.post(
                f"{self.hub.url}/oauth/token",
                data={"grant_type": "client_credentials"},
                auth=(self.client.client_id, self.client.client_secret),
                timeout=LONGEST * 2,
            ),
            "ready": lambda: httpx.get(f"{self.hub.url}/readyz", timeout=LONGEST),
        }

        def timed(send: Callable[[], httpx.Response]) -> tuple[int, float, str]:
            began = time.monotonic()
            answered = send()
            return answered.status_code, time.monotonic() - began, answered.text

        with ThreadPoolExecutor(len(ways)) as threads:
            requests = {way: threads.submit(timed, send) for way, send in ways.items()}
            return {way: one.result() for way, one in requests.items()}


@pytest.fixture
def caller(database_url: str, settings: Settings, keys: Keys) -> Iterator[Caller]:
    """A caller that has used each kind of request once."""
    hasty = settings.model_copy(update={"statement_timeout_ms": STATEMENT_MS})
    with wire_to(database_url) as wire, serve(f"{wire.url}?connect_timeout=1", hasty, keys) as hub:
        caller = Caller(hub, registered_client(database_url, settings, OFFICE), wire)
        for way, (status, _, text) in caller.send_all().items():
            assert status == 200, (way, text)
        yield caller


def test_where_open_connections_go_silent_every_request_ends_and_the_next_is_answered(
    caller: Caller,
) -> None:
    caller.wire.silence(Silence.FROM_DATABASE)
    for way, (status, seconds, text) in caller.send_all().items():
        assert seconds < LONGEST, way
        assert status in {200, 503}, (way, text)
    for way, (status, seconds, text) in caller.send_all().items():
        assert (status, seconds < 2) == (200, True), (way, seconds, text)


def test_where_new_connections_are_silent_too_every_way_says_so_and_recovers_by_itself(
    caller: Caller,
) -> None:
    caller.wire.silence(Silence.BOTH, new_too=True)
    for way, (status, seconds, text) in caller.send_all().items():
        assert (status, seconds < LONGEST) == (503, True), (way, seconds, text)
        assert "INTERNAL" not in text, way
    assert caller.send_all()["ready"][1] < 3
    caller.wire.heal()
    healed = time.monotonic()
    while httpx.get(f"{caller.hub.url}/readyz", timeout=LONGEST).status_code != 200:
        assert time.monotonic() - healed < LONGEST
    for way, (status, _, text) in caller.send_all().items():
        assert status == 200, (way, text)
