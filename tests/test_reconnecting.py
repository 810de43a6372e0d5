"""Connections to the database that died while they were idle: no caller of the hub notices.

The database restarts, an administrator ends its sessions, or a firewall drops them silently. Then each kind of request is
sent once, and then as many at the same time as a pool has connections.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import httpx
import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from auth.clients import NewClient, create_client
from auth.documents import register_document
from auth.grant import Grant
from hub.foundation.database import Database
from hub.foundation.embedded import EmbeddedPostgres
from hub.foundation.encryption import Keys, Secrecy
from hub.foundation.settings import Settings
from hub.foundation.troubles import OutcomeUnknown
from hub.ledger.access import NOTHING_READ, AccessLog, AccessRecord
from hub.model.ledger import AccessOutcome
from hub.service.migrate import migrate
from schema.engine.execute.transactions import Writer
from tests.fixtures.database_wire import Wire, wire_to
from tests.fixtures.folders import server_folder
from tests.fixtures.served import Served, serve
from tests.journeys.outcomes import RECORD_AID, urgent_payment
from tests.schema.registered import persisted

OFFICE = "civil_affairs@410105"
DOCUMENTS = [f"query Registered{number} {{ households(first: 1) {{ totalCount }} }}" for number in range(30)]
"""One document for each request: a document that was found is not looked up again for half a minute."""
COMPILED = "{ households(first: 1) { totalCount nodes { code } } }"
BY_REFERENCE = (
    "{ viewer { agency { name } } households(first: 1) { nodes { code chain { verified { whole } } } } }"
)
POOL = 8
SOMEBODY = "{ households(first: 1) { nodes { members { id } } } }"
POOLS = {"compiled": 5, "by reference": 5, "token": 2}
"""Kinds of requests that use different pools, each with the number of connections that a client may hold at the same time."""
WAYS = ("compiled", "by reference", "mutation", "token", "ready", "explained", "by hash")


@dataclass
class Caller:
    """A client of the served hub, and each kind of request by its name; every kind needs the database."""

    hub: Served
    client: NewClient
    subject: dict[str, str]
    documents: Iterator[str] = field(default_factory=lambda: iter(DOCUMENTS))

    def graphql(self, path: str = "/graphql", **body: object) -> httpx.Response:
        """One GraphQL request by POST."""
        grant = self.hub.grant(OFFICE, client=self.client.client_id)
        headers = {"authorization": f"Bearer {self.hub.tokens.issue(grant)}"}
        return self.hub.http.post(path, json=body, headers=headers)

    def send(self, way: str) -> httpx.Response:
        """One request of a kind."""
        ways: Mapping[str, Callable[[], httpx.Response]] = {
            "compiled": lambda: self.graphql(query=COMPILED),
            "by reference": lambda: self.graphql(query=BY_REFERENCE),
            "mutation": lambda: self.graphql(
                query=RECORD_AID, variables={"input": urgent_payment(self.subject)}
            ),
            "token": lambda: self.hub.http.post(
                "/oauth/token",
                data={"grant_type": "client_credentials"},
                auth=(self.client.client_id, self.client.client_secret),
            ),
            "ready": lambda: self.hub.http.get("/readyz"),
            "explained": lambda: self.graphql(
                "/graphql/required-scopes", extensions=persisted(next(self.documents))
            ),
            "by hash": lambda: self.graphql(extensions=persisted(next(self.documents))),
        }
        return ways[way]()

    def ask(self, way: str) -> None:
        """One request; fails the test if the answer is not the usual one."""
        answered = self.send(way)
        assert answered.status_code == 200, (way, answered.text)
        assert '"errors":[{' not in answered.text, (way, answered.text)

    def at_once(self, way: str) -> None:
        """As many requests at the same time as may hold a connection. Each holds one, since the tables that they read are
        locked."""
        most = POOLS[way]
        with (
            ThreadPoolExecutor(most) as threads,
            psycopg.connect(self.hub.database_url) as owner,
            psycopg.connect(self.hub.database_url, autocommit=True) as looking,
        ):
            owner.execute("lock table household, oauth_client in access exclusive mode")
            requests = [threads.submit(self.ask, way) for _ in range(most)]
            waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            while looking.execute(waiting).fetchall() != [(most,)]:
                assert not any(one.done() and one.exception() for one in requests), [
                    one.exception() for one in requests if one.done()
                ]
            owner.rollback()
            for request in requests:
                request.result(30)

    def fill_every_pool(self) -> None:
        """Open every connection that the hub may have."""
        for way in POOLS:
            self.at_once(way)

    def records(self) -> int:
        """The number of access records."""
        return int(self.hub.rows("select count(*) from access_record")[0][0])


@pytest.fixture
def wire(sample_copy_url: str) -> Iterator[Wire]:
    with wire_to(sample_copy_url) as wire:
        yield wire


async def registered(url: str, settings: Settings) -> NewClient:
    database = Database(url, settings)
    async with database.write() as session:
        client = await create_client(session, OFFICE, name="民政业务系统")
        for document in DOCUMENTS:
            await register_document(session, client.client_id, document)
    await database.close()
    return client


@pytest.fixture
def caller(wire: Wire, settings: Settings, keys: Keys) -> Iterator[Caller]:
    """A caller of the served hub."""
    with serve(wire.url, settings.model_copy(update={"pool_size": POOL}), keys) as hub:
        (household,) = hub.ask(OFFICE, SOMEBODY).data["households"]["nodes"]
        subject = {"personId": household["members"][0]["id"]}
        yield Caller(hub, asyncio.run(registered(wire.url, settings)), subject)


def end_sessions(caller: Caller, _wire: Wire) -> None:
    """The administrator ends every session of the hub."""
    ended = caller.hub.rows(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        " where datname = current_database() and application_name like 'hub_%%' and state = 'idle'"
    )
    assert ended[0][0] > sum(POOLS.values()), "every pool was open"


def drop(_caller: Caller, wire: Wire) -> None:
    """A firewall drops every connection silently."""
    assert wire.cut() > sum(POOLS.values())


@pytest.mark.parametrize("lost", [end_sessions, drop])
def test_the_first_request_of_every_way_in_is_answered(
    caller: Caller, wire: Wire, lost: Callable[[Caller, Wire], None]
) -> None:
    for way in WAYS:
        caller.fill_every_pool()
        lost(caller, wire)
        before = caller.records()
        caller.ask(way)
        recorded = way not in {"ready", "explained"}
        assert caller.records() == before + recorded, way


@pytest.mark.parametrize("lost", [end_sessions, drop])
def test_as_many_at_once_as_a_pool_holds_are_answered(
    caller: Caller, wire: Wire, lost: Callable[[Caller, Wire], None]
) -> None:
    for way in POOLS:
        caller.fill_every_pool()
        lost(caller, wire)
        caller.at_once(way)


@pytest.mark.anyio
async def test_a_write_whose_commit_was_not_answered_is_not_tried_again(
    wire: Wire, sample_copy_url: str, settings: Settings, secrecy: Secrecy
) -> None:
    database, tries = Database(wire.url, settings), 0

    async def write(session: AsyncSession) -> None:
        nonlocal tries
        tries += 1
        await create_client(session, OFFICE, name="答复丢失")
        wire.mute()

    writer = Writer(Grant(OFFICE, "test", frozenset(), ("410105",), "social-assistance"), database, secrecy)
    with pytest.raises(OutcomeUnknown):
        await writer.run(write)
    await database.close()
    with psycopg.connect(sample_copy_url) as connection:
        stored = connection.execute(
            "select count(*) from oauth_client where client_name = '答复丢失'"
        ).fetchall()
    assert (tries, stored) == (1, [(1,)])


def test_a_write_whose_commit_was_not_answered_says_that_it_may_have_been_done_and_sent_again_is_kept_once(
    caller: Caller, wire: Wire
) -> None:
    caller.ask("mutation")
    variables = {"input": urgent_payment(caller.subject, externalId="lost-1", program="答复丢失")}
    wire.mute_at_commit()
    lost = caller.graphql(query=RECORD_AID, variables=variables)
    assert (lost.status_code, lost.headers["retry-after"]) == (503, "5")
    assert [error["extensions"]["code"] for error in lost.json()["errors"]] == ["WRITE_UNCONFIRMED"]
    again = caller.graphql(query=RECORD_AID, variables=variables).json()["data"]["recordAid"]
    assert again["errors"] == []
    assert caller.hub.rows("select count(*) from aid_record where external_id = 'lost-1'") == [(1,)]
    codes = caller.hub.rows("select code from access_record where code is not null")
    assert codes == [("WRITE_UNCONFIRMED",)]


@pytest.mark.anyio
async def test_an_access_record_whose_commit_was_not_answered_is_kept_once(
    wire: Wire, sample_copy_url: str, settings: Settings
) -> None:
    database = Database(wire.url, settings)
    first, second = (
        AccessRecord(
            OFFICE,
            "test",
            None,
            "social-assistance",
            None,
            bytes(32),
            NOTHING_READ.digest,
            [],
            [],
            0,
            1,
            AccessOutcome.ANSWERED,
        )
        for _ in range(2)
    )
    async with AccessLog(database) as log:
        await log.record(first, NOTHING_READ)
        wire.mute()
        await log.record(second, NOTHING_READ)
    await database.close()
    with psycopg.connect(sample_copy_url) as connection:
        assert connection.execute("select id from access_record order by at").fetchall() == [
            (first.id,),
            (second.id,),
        ]


@pytest.fixture
def server(settings: Settings) -> Iterator[EmbeddedPostgres]:
    """A server for one test, with a migrated database."""
    with server_folder() as folder, EmbeddedPostgres(folder) as server:
        migrate(server.urls("hub").owner)
        yield server


def test_while_the_database_is_away_callers_are_told_so_and_the_first_requests_after_its_restart_are_answered(
    server: EmbeddedPostgres, settings: Settings, keys: Keys
) -> None:
    url = server.urls("hub").owner
    with serve(url, settings, keys) as hub:
        caller = Caller(hub, asyncio.run(registered(url, settings)), {})
        ways = [way for way in WAYS if way != "mutation"]
        for way in ways:
            caller.ask(way)
        server.stop()
        # A connection on which the hub failed is not used again.
        with httpx.Client(base_url=hub.url, limits=httpx.Limits(max_keepalive_connections=0)) as http:
            anew = replace(caller, hub=replace(hub, http=http))
            away = {way: anew.send(way) for way in ("compiled", "by reference", "token", "ready")}
        assert {way: one.status_code for way, one in away.items()} == {
            "compiled": 503,
            "by reference": 503,
            "token": 503,
            "ready": 503,
        }
        assert all(one.headers["content-type"].startswith("application/json") for one in away.values())
        token = away["token"]
        assert token.json()["error"] == "temporarily_unavailable"
        assert token.json()["incident"] in token.json()["error_description"]
        assert (token.headers["retry-after"], token.headers["cache-control"]) == ("5", "no-store")
        server.start()
        assert server.urls("hub").owner == url
        for way in ways:
            caller.ask(way)
