"""If a client closes its connection, its work is cancelled in the database: a read ends, a write is rolled back, and a write
that is being committed is completed. The access record reports it."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from schema.engine.declare.ids import encode
from tests.fixtures.served import Served, serve
from tests.journeys.outcomes import RECORD_AID, urgent_payment

OFFICE = "civil_affairs@410105"
READS = {
    "a compiled read": "query Gone { households(first: 5) { totalCount } }",
    "a read by the reference executor": (
        "query Gone { permissionMatrix { department } households(first: 5) { totalCount } }"
    ),
}
BUSY = (
    "select count(*) from pg_stat_activity where datname = current_database() and state = 'active'"
    " and application_name in ('hub_reader', 'hub_writer')"
)
RECORD = "select outcome, codes[1], kept from access_record where code = 'CANCELLED'"
SLOW_COMMIT = """
create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(1.5); return null; end $$;
create constraint trigger slowly after insert on aid_record deferrable initially deferred
  for each row execute function slowly();"""


@pytest.fixture
def writable_hub(sample_copy_url: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub with its default: the server checks every second whether clients are still connected."""
    looking = settings.model_copy(update={"client_check_ms": 1000})
    with serve(sample_copy_url, looking, keys) as served:
        yield served


@contextmanager
def asking(hub: Served, query: str, variables: dict[str, Any] | None = None) -> Iterator[socket.socket]:
    """A client that has sent a request and waits for the answer."""
    body = json.dumps({"query": query, "variables": variables or {}}).encode()
    head = (
        "POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {hub.token(OFFICE)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    port = int(hub.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(head.encode() + body)
        yield client


def until(true: Callable[[], bool], seconds: float) -> float:
    """Wait until a condition holds; returns the seconds that it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def busy(hub: Served) -> int:
    """The number of statements that the hub's roles are running."""
    return int(hub.rows(BUSY)[0][0])


def aid(hub: Served) -> dict[str, Any]:
    """Urgent aid for a household of the sample."""
    ((household,),) = hub.rows("select min(id::text)::uuid from household where region like '410105%%'")
    subject = {"householdId": encode("Household", (household,))}
    return {"input": urgent_payment(subject, externalId="GONE-1")}


@pytest.mark.parametrize("query", READS.values(), ids=READS)
def test_a_read_whose_client_went_ends_in_the_database(writable_hub: Served, query: str) -> None:
    with psycopg.connect(writable_hub.database_url) as other:
        other.execute("lock table household in access exclusive mode")
        with asking(writable_hub, query):
            until(lambda: busy(writable_hub) == 1, 5)
        assert until(lambda: busy(writable_hub) == 0, 3) < 2
        until(lambda: writable_hub.rows(RECORD) == [("FAILED", "CANCELLED", 0)], 2)
    assert writable_hub.ask(OFFICE, query).data["households"]["totalCount"] > 0


def test_a_write_whose_client_went_is_rolled_back(writable_hub: Served) -> None:
    variables = aid(writable_hub)
    with psycopg.connect(writable_hub.database_url) as other:
        other.execute("select from household for update")
        with asking(writable_hub, RECORD_AID, variables):
            until(lambda: busy(writable_hub) == 1, 5)
        assert until(lambda: busy(writable_hub) == 0, 3) < 2
        until(lambda: writable_hub.rows(RECORD) == [("FAILED", "CANCELLED", 0)], 2)
    assert writable_hub.rows("select from aid_record where external_id = 'GONE-1'") == []
    assert writable_hub.ask(OFFICE, RECORD_AID, variables).data["recordAid"]["errors"] == []


def test_a_write_that_is_being_committed_is_completed_though_its_client_went(writable_hub: Served) -> None:
    variables = aid(writable_hub)
    with psycopg.connect(writable_hub.database_url) as other:
        other.execute(SLOW_COMMIT)
    committing = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"
    with asking(writable_hub, RECORD_AID, variables):
        until(lambda: writable_hub.rows(committing)[0][0] == 1, 5)
    until(lambda: writable_hub.rows(RECORD) == [("FAILED", "CANCELLED", 1)], 5)
    assert writable_hub.rows("select count(*) from aid_record where external_id = 'GONE-1'") == [(1,)]
    again = writable_hub.ask(OFFICE, RECORD_AID, variables)
    assert again.data["recordAid"]["errors"] == []
