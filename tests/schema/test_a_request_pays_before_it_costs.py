"""Work that would delay other clients is refused or bounded before it starts, and every request leaves a record of its
outcome.

No test asserts times: they assert the length of a statement, the codes, the records and the order of requests.
"""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import ColumnElement

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from hub.foundation.database import Database
from hub.foundation.encryption import Keys, Secrecy
from hub.foundation.settings import Settings
from hub.ledger.access import AccessLog
from schema.engine.declare.field_sources import Derived
from schema.engine.execute.budget import RateLimited
from schema.engine.execute.documents import Documents
from schema.engine.execute.executor import Executor
from schema.engine.execute.request import Request
from schema.engine.execute.request_queue import BATCH, RequestQueues
from schema.engine.refusals import RequestRefused
from schema.hub_schema import build
from tests.conftest import TestCluster
from tests.fixtures.served import Served, serve

CITY = "civil_affairs@4101"
SUMMARIES = "summary summaryZh"
PAGES_OF_ENTITLEMENTS = " ".join(
    f"p{size}: households(first: {size}) {{ nodes {{ entitlements {{ status }} }} }}" for size in range(1, 41)
)
CHAINS = " ".join(
    f"c{size}: chainEvents(first: {size}) {{ nodes {{ {SUMMARIES} }} }}" for size in range(1, 199)
)
SAME_KEY = "... { " * 100 + "... { code } " * 900 + "} " * 100
DOUBLED = " ".join(["members { " + " ".join(["name"] * 40) + " }"] * 40)
WITHIN_FRAGMENTS = "... { members { ... { name } } } " * 300
DEAR_TO_PLAN = {
    "statements of many chains": f"{{ {CHAINS} }}",
    "statements of many pages of entitlements": f"{{ {PAGES_OF_ENTITLEMENTS} }}",
    "fragments around fields that could be merged": f'{{ household(code: "1") {{ {SAME_KEY} }} }}',
    "fields within fragments beside one another": f'{{ household(code: "1") {{ {WITHIN_FRAGMENTS} }} }}',
    "fields that are asked again and again": f'{{ household(code: "1") {{ {DOUBLED} }} }}',
}


@pytest.mark.parametrize("query", DEAR_TO_PLAN.values(), ids=DEAR_TO_PLAN)
def test_what_costs_too_much_to_plan_is_refused_before_with_its_cost_and_the_limit(
    hub: Served, query: str
) -> None:
    reply = hub.ask(CITY, query)
    assert (reply.status, reply.codes) == (400, ["PLANNING_TOO_COSTLY"])
    told = reply.body["errors"][0]["extensions"]
    assert told["cost"] > told["most"] > 0
    assert (told["most"], last_record(hub)) == (told["most"], ("REFUSED", "PLANNING_TOO_COSTLY"))


@pytest.fixture(scope="module")
def frugal_hub(cluster: TestCluster, template: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """A hub where the planning budget of a client for a minute is small."""
    little = settings.model_copy(update={"cost_per_minute": 100})
    name = f"hub_planning_{uuid4().hex[:8]}"
    with serve(cluster.create(name, template), little, keys) as hub:
        yield hub
    cluster.drop(name)


def test_a_client_pays_for_each_statement_that_is_new_and_for_none_that_is_kept(frugal_hub: Served) -> None:
    asked = [
        f"query Q{number} {{ chainEvents(first: 1) {{ nodes {{ {SUMMARIES} }} }} }}" for number in range(60)
    ]
    replies = [frugal_hub.ask(CITY, query) for query in asked]
    assert replies[0].codes == []
    assert replies[-1].codes == ["RATE_LIMITED"]
    assert frugal_hub.ask(CITY, asked[0]).codes == []
    assert frugal_hub.ask("education@4101", asked[-1]).codes == [], "another client's minute is its own"


def test_a_client_pays_for_the_fields_that_must_be_compared_before_they_are() -> None:
    """140 fields with one name are 9,730 pairs. A client that cannot pay for them does not even learn that the field is
    unknown."""
    documents = Documents(build().graphql)
    paid: list[int] = []
    documents.read(f'{{ household(code: "1") {{ {" ".join(["code"] * 140)} }} }}', paid.append)
    assert paid == [9_730]

    def cannot(_cost: int) -> None:
        raise RequestRefused.by(RateLimited(retry_after_seconds=60))

    with pytest.raises(RequestRefused, match="RATE_LIMITED"):
        documents.read(f'{{ household(code: "1") {{ {" ".join(["unknown"] * 140)} }} }}', cannot)


@pytest.mark.parametrize(
    ("agency", "path", "body"),
    [
        ("housing_security@4101", "/schema.graphql", None),
        ("health@4101", "/graphql/required-scopes", {"query": "#" * 200_000 + "\n{ viewer { client } }"}),
    ],
    ids=["the schema", "a document explained"],
)
def test_a_client_pays_for_what_is_explained_to_it(
    frugal_hub: Served, agency: str, path: str, body: dict[str, str] | None
) -> None:
    headers = {"authorization": f"Bearer {frugal_hub.token(agency)}"}
    method = "GET" if body is None else "POST"
    told = [frugal_hub.http.request(method, path, json=body, headers=headers) for _ in range(9)]
    assert [one.status_code for one in (told[0], told[-1])] == [200, 429]
    assert told[-1].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert int(told[-1].headers["retry-after"]) > 0


def test_many_lists_side_by_side_are_answered_and_recorded(writable_hub: Served) -> None:
    lists = " ".join(f"a{size}: households(first: {size}) {{ nodes {{ code }} }}" for size in range(90))
    assert writable_hub.ask(CITY, f"{{ {lists} }}").codes == []
    assert last_record(writable_hub) == ("ANSWERED", None)


def fails(_table: object, _grant: object) -> ColumnElement[str]:
    """A declaration from which no SQL can be built, as if it were nested too deeply."""
    raise RecursionError


@pytest.mark.anyio
async def test_what_fails_while_it_is_planned_is_recorded_and_answered_with_an_incident(
    database: Database, secrecy: Secrecy, settings: Settings, clerk: Grant
) -> None:
    built = build()
    reads = {**built.guards.reads, "Household.category": Derived(fails)}
    broken = replace(built, guards=replace(built.guards, reads=reads))
    async with AccessLog(database) as access:
        executor = Executor(broken, database, secrecy, access, settings)
        answer = await executor.answer(Request("query Fails { households { nodes { category } } }"), clerk)
    assert (answer.executed, answer.codes) == (False, frozenset({"INTERNAL"}))
    assert await records(database) == [("FAILED", "INTERNAL", "Fails")]


@pytest.mark.anyio
async def test_a_request_that_nobody_waits_for_any_more_is_recorded(
    database: Database, secrecy: Secrecy, settings: Settings, clerk: Grant
) -> None:
    async with AccessLog(database) as access:
        executor = Executor(build(), database, secrecy, access, settings)
        request = Request("query Gone { households { totalCount } }", operation_name="Gone")
        waiting = asyncio.ensure_future(executor.answer(request, clerk))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert await records(database) == [("FAILED", "CANCELLED", "Gone")]


@pytest.mark.anyio
@pytest.mark.parametrize("query", ["{ __schema { types { name } } }", '{ __type(name: "Query") { name } }'])
async def test_a_schema_is_told_in_the_turn_of_its_client_beside_the_event_loop(
    database: Database, secrecy: Secrecy, settings: Settings, clerk: Grant, query: str
) -> None:
    """Building the visible schema of a grant and introspecting it takes about 100 ms."""
    end = threading.Event()
    async with AccessLog(database) as access:
        executor = Executor(build(), database, secrecy, access, settings)
        planned = await executor.answer(Request(query), clerk)
        assert planned.codes == frozenset()
        working = asyncio.create_task(executor.queues.plan(clerk.client, end.wait))
        asked = asyncio.create_task(executor.answer(Request(query), clerk))
        try:
            other = await executor.answer(Request(query), replace(clerk, client="another"))
            assert other.content == planned.content
            answered, _ = await asyncio.wait({asked}, timeout=0.5)
            assert not answered, "it waits for its turn"
        finally:
            end.set()
        await working
        assert (await asked).content == planned.content


@pytest.fixture
def clerk() -> Grant:
    """The whole grant of the city's civil affairs."""
    permissions = DEPARTMENTS["civil_affairs"]
    return Grant(CITY, "clerk", permissions.scopes, ("4101",), permissions.purposes[0], permissions.purposes)


async def records(database: Database) -> list[tuple[str, str | None, str | None]]:
    """The outcome of every request, and the names of their operations."""
    async with database.read() as connection:
        found = await connection.execute(
            sa.text("select outcome, code, operation_name from access_record order by at")
        )
        return [(row.outcome, row.code, row.operation_name) for row in found]


def last_record(hub: Served) -> tuple[str, str | None]:
    """The outcome of the last request in the ledger."""
    ((outcome, code),) = hub.rows("select outcome, code from access_record order by at desc limit 1")
    return outcome, code


ONE = '{externalId: "A", kind: HARDSHIP_STUDENT, since: "2026-01-01", subject: {householdId: "x"}}'
REPORT = "reportCircumstances(input: {reports: %s}) { errors { code } }"
UPSERT = "upsertHouseholds(input: {households: $them}) { errors { code } }"
REPORTS = "mutation ($them: [CircumstanceInput!]!) { "
REPORTED = {
    "externalId": "A",
    "kind": "HARDSHIP_STUDENT",
    "since": "2026-01-01",
    "subject": {"householdId": "x"},
}
HOME = {"code": "K", "members": [{"idNumber": "1", "name": "张三", "relation": "HEAD"}] * 3}


@pytest.mark.parametrize(
    ("document", "them", "entries"),
    [
        (f"mutation {{ {REPORT % '[]'} }}", None, 0),
        (f"mutation {{ {REPORT % f'[{ONE}]'} }}", None, 1),
        (f"mutation {{ {REPORT % f'[{ONE}, {ONE}, {ONE}]'} }}", None, 3),
        (REPORTS + REPORT % "$them" + " }", [REPORTED] * 400, 400),
        (REPORTS + REPORT % "$them" + " again: " + REPORT % "$them" + " }", [REPORTED] * 400, 800),
        ("mutation ($them: [HouseholdInput!]!) { " + UPSERT + " }", [HOME] * 7, 28),
    ],
    ids=[
        "none",
        "one",
        "three in the document",
        "a variable",
        "a variable in two fields",
        "lists within lists",
    ],
)
def test_a_write_costs_each_entry_that_it_brings_whatever_it_asks_back(
    hub: Served, document: str, them: list[dict[str, object]] | None, entries: int
) -> None:
    agency = "civil_affairs@410105001" if UPSERT in document else "education@410105"
    reply = hub.ask(agency, document, {"them": them} if them is not None else {})
    assert "extensions" in reply.body, reply.body
    assert reply.body["extensions"]["cost"] == 1 + document.count("again:") + entries, reply.body


def test_a_write_of_many_entries_takes_its_turn_among_the_batches() -> None:
    queues = RequestQueues(8)
    assert queues.of(51, 50) is queues.of(1, 1)
    assert queues.of(52, 51) is queues.of(BATCH, 0)
    assert queues.of(1, 1) is not queues.of(BATCH, 0)
