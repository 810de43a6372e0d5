"""Every chain is checked, however many there are, and whatever its events contain."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import psycopg
import pytest
from rich.console import Console

from hub.foundation.database import Database
from hub.ledger import verify
from hub.ledger.chain import GENESIS, Verdict, append_events, link_hash, verify_chain, verify_links
from hub.ledger.order import OrderState
from hub.ledger.verify import verify_all
from tests.hub.ledger.test_chain import OFFICE, drafts, households

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("at_once", [2, 5])
async def test_a_broken_chain_is_found_on_every_page_of_households(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(verify, "_HOUSEHOLDS_AT_ONCE", at_once)
    ids = sorted(await households(database, 5))
    async with database.write() as session:
        await append_events(session, OFFICE, [draft for one in ids[:4] for draft in drafts(one, 2)])
    with psycopg.connect(database_url) as owner:
        owner.execute("update chain_event set number = 3 where number = 2 and household_id = %s", [ids[1]])
        owner.execute(
            "update chain_event set client_id = '' where number = 1 and household_id = %s", [ids[2]]
        )
    found = await verify_all(database, Console(quiet=True))
    assert [(one, verdict.broken_at) for one, verdict in found.broken] == [
        (ids[1], 2),
        (ids[2], 1),
        (ids[4], 1),
    ]
    assert (found.chains, found.links) == (5, 2 + 2 + 1 + 2 + 0)


@pytest.mark.parametrize(
    ("statement", "events", "first", "last", "newest"),
    [
        ("select 1", 6, 1, 6, 6),
        ("delete from chain_event where position = 6", 5, 1, 5, 6),
        ("delete from chain_event where position = 3", 5, 1, 6, 6),
        ("delete from chain_event where position = 1", 5, 2, 6, 6),
        ("update chain_event set position = 9 where position = 6", 6, 1, 9, 6),
        ("delete from chain_event where position = 6; update feed_counter set newest = 5", 5, 1, 5, 5),
    ],
)
async def test_the_order_of_all_events_tells_what_was_taken_from_the_end_of_a_chain(
    database: Database, database_url: str, statement: str, events: int, first: int, last: int, newest: int
) -> None:
    """Somebody who also sets the counter back can only be detected by an anchor outside the database."""
    for household in await households(database, 2):
        async with database.write() as session:
            await append_events(session, OFFICE, drafts(household, 3))
    with psycopg.connect(database_url) as owner:
        owner.execute(statement.encode())
    order = (await verify_all(database, Console(quiet=True))).order
    assert order == OrderState(events, first, last, newest)
    assert order.whole is (events == last == newest and first == 1)


async def test_without_the_counter_nothing_is_written(database: Database, database_url: str) -> None:
    (household,) = await households(database, 1)
    with psycopg.connect(database_url) as owner:
        owner.execute("delete from feed_counter")
    with pytest.raises(asyncpg.NotNullViolationError):
        async with database.write() as session:
            await append_events(session, OFFICE, drafts(household, 3))
    async with database.read() as connection:
        assert await verify_chain(connection, household) == Verdict(True, 0)


def link(number: int, previous: bytes, **changes: Any) -> dict[str, Any]:
    """A link with everything that a link can contain."""
    at = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    event = {
        "household_id": UUID(int=1),
        "number": number,
        "type": "ALERT_CLOSED",
        "person_id": UUID(int=2),
        "subject_id": UUID(int=3),
        "agency_id": "civil_affairs@410105",
        "client_id": "test",
        "occurred_at": at,
        "recorded_at": at,
        "policy_basis": "46-2.4",
        "needs": ["person.health:read"],
        "answers": [1],
        "body": {"because": "FACT_GONE"},
        "previous_hash": previous,
        **changes,
    }
    return event | {"hash": link_hash(event)}


@pytest.mark.parametrize(
    "changes",
    [
        {"needs": []},
        {"needs": ["person.health:read", "person.disability:read"]},
        {"answers": []},
        {"answers": [1, 2]},
        {"person_id": None},
        {"subject_id": None},
        {"policy_basis": None},
        {"household_id": UUID(int=9)},
        {"body": {"because": "FACT_GONE", "more": None}},
    ],
)
def test_whatever_is_changed_of_a_link_breaks_it(changes: dict[str, Any]) -> None:
    first = link(1, GENESIS)
    second = link(2, first["hash"])
    assert verify_links([first, second]) == Verdict(True, 2)
    broken = verify_links([first, second | changes])
    assert (broken.whole, broken.length, broken.broken_at) == (False, 2, 2)


def test_an_empty_chain_is_whole_and_one_that_begins_later_is_not() -> None:
    assert verify_links([]) == Verdict(True, 0)
    assert not verify_links([link(2, GENESIS)]).whole
    assert not verify_links([link(1, bytes(31) + b"\x01")]).whole
