"""The change feed beside transactions that are still open: what one can still precede is not told yet, so that no reader
who keeps a cursor ever misses an event."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import Database
from hub.foundation.settings import Settings
from hub.ledger.chain import Author, EventDraft, append_events
from hub.model.ledger import EventType
from tests.fixtures.feed import Told, settled, strangers_hold
from tests.fixtures.served import Served
from tests.schema.desk import Desk

pytestmark = pytest.mark.anyio

FEED = """
query ($after: String) {
  chainEvents(first: 1000, after: $after) { nodes { number household { code } } pageInfo { hasNextPage endCursor } }
}
"""
OFFICE = Author("civil_affairs@4101", "test")


class Reader:
    """Follows the feed from where it is now, and keeps its last cursor."""

    def __init__(self, hub: Served) -> None:
        self.hub = hub
        self.after: str | None = None
        self.news()

    def news(self) -> list[Told]:
        """What came since it was asked last."""
        told: list[Told] = []
        more = True
        while more:
            page = self.hub.ask("civil_affairs@4101", FEED, {"after": self.after}).data["chainEvents"]
            told += [(node["household"]["code"], node["number"]) for node in page["nodes"]]
            self.after = page["pageInfo"]["endCursor"] or self.after
            more = page["pageInfo"]["hasNextPage"]
        return told


@pytest.fixture(scope="module")
def hub(desk: Desk) -> Served:
    """A hub of this module's own, whose feed no other database's transaction holds back."""
    if strangers_hold(desk.served):
        pytest.skip("a transaction of another database of this server holds the feed back")
    return desk.served


@pytest.fixture
async def writers(hub: Served, settings: Settings) -> AsyncIterator[Database]:
    """Transactions that the test ends when it wants."""
    opened = Database(hub.database_url, settings)
    yield opened
    await opened.close()


async def write(session: AsyncSession, hub: Served, place: int) -> Told:
    """An event in the chain of a household, by the household's place among all."""
    ((id, code),) = hub.rows("select id, code from household order by code offset %s limit 1", place)
    (event,) = await append_events(session, OFFICE, [EventDraft(id, EventType.HOUSEHOLD_UPDATED)])
    return code, event["number"]


async def test_an_event_is_told_once_no_older_transaction_can_precede_it(
    hub: Served, writers: Database
) -> None:
    reader = Reader(hub)
    async with writers.write() as older:
        first = await write(older, hub, 0)
        async with writers.write() as younger:
            second = await write(younger, hub, 1)
        assert reader.news() == [], "the older one may still be told before it"
    assert reader.news() == [first, second], "in the order in which the transactions began to write"
    assert reader.news() == []


async def test_a_younger_transaction_that_is_open_holds_nothing_back(hub: Served, writers: Database) -> None:
    reader = Reader(hub)
    async with writers.write() as older:
        first = await write(older, hub, 2)
        async with writers.write() as younger:
            second = await write(younger, hub, 3)
            await older.commit()
            assert reader.news() == [first]
    assert reader.news() == [second]


async def test_a_transaction_that_writes_something_else_or_is_taken_back_holds_until_it_ends(
    hub: Served, writers: Database
) -> None:
    reader = Reader(hub)
    with psycopg.connect(hub.database_url) as stranger:
        stranger.execute("create temporary table elsewhere (n int)")
        async with writers.write() as session:
            told = await write(session, hub, 4)
        assert reader.news() == []
        stranger.rollback()
    assert reader.news() == [told]


async def test_a_transaction_that_only_reads_holds_nothing_back(hub: Served, writers: Database) -> None:
    reader = Reader(hub)
    with psycopg.connect(hub.database_url) as looking:
        looking.execute("set transaction isolation level repeatable read")
        looking.execute("select count(*) from chain_event")
        async with writers.write() as session:
            told = await write(session, hub, 5)
        assert reader.news() == [told]


async def test_what_was_taken_back_is_never_told(hub: Served, writers: Database) -> None:
    reader = Reader(hub)
    async with writers.write() as session:
        await write(session, hub, 6)
        await session.rollback()
    async with writers.write() as session:
        told = await write(session, hub, 6)
    assert reader.news() == [told]


async def test_readers_who_come_at_any_moment_read_every_event_once_and_in_one_order(
    hub: Served, writers: Database
) -> None:
    """Six transactions begin one after the other and end in another order; after each end two readers look: one who follows,
    and one who comes anew."""
    following = Reader(hub)
    start = following.after
    sessions: list[Any] = []
    written: list[Told] = []
    for place in range(6):
        session = writers.write()
        written.append(await write(await session.__aenter__(), hub, 10 + place))
        sessions.append(session)
    followed: list[Told] = []
    for place in (3, 0, 5, 1, 4, 2):
        await sessions[place].__aexit__(None, None, None)
        followed += following.news()
        anew = Reader.__new__(Reader)
        anew.hub, anew.after = hub, start
        assert anew.news() == followed
    assert followed == written
    assert settled(hub)[-6:] == written
