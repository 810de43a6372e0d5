"""Pairs of databases for writers: the original one, and one that is altered in everything that the writer may not see
(`altered.py`). In the altered one another session also locks every household out of sight."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
import sqlalchemy as sa

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from hub.foundation.database import Database, new_id
from hub.foundation.encryption import Keys, Secrecy
from hub.foundation.settings import Settings
from hub.ledger.access import AccessLog
from schema.engine.declare.ids import InvalidId, decode
from schema.engine.execute.executor import Executor
from schema.engine.execute.request import Request
from schema.hub_schema import build
from tests.conftest import TestCluster
from tests.fixtures.served import serve
from tests.hub.policy.permissions.reasons import LASTING
from tests.hub.policy.permissions.staged import reckon
from tests.schema.desk import OFFICE, STREET, Desk
from tests.schema.fuzz.altered import Alteration
from tests.schema.fuzz.drawn_writes import ArgumentValue, Named, payload_document
from tests.schema.fuzz.test_what_is_outside_the_grant_changes_nothing import PAGES
from tests.schema.inputs_that_are_kept import CHARITY, FARMS, HOUSES, KEPT, SCHOOLS


def _whole(agency: str, *but: str) -> Grant:
    department, _, region = agency.partition("@")
    return Grant(agency, "fuzz", frozenset(DEPARTMENTS[department].scopes - set(but)), (region,), "test")


WRITERS: Mapping[str, Grant] = {
    "civil affairs of a county": _whole(OFFICE),
    "a county's schools": _whole(SCHOOLS),
    "a township": _whole(STREET, "person.health:read", "household.finance:read"),
    "agriculture": _whole(FARMS),
    "housing": _whole(HOUSES),
    "charity": _whole(CHARITY),
    "finance": _whole("finance@410105"),
    "civil affairs of another county": _whole("civil_affairs@410102", "aid.medical:read"),
    "schools of another county": _whole("education@410102"),
    **{
        department: _whole(f"{department}@410105")
        for department in (
            "health",
            "medical_insurance",
            "human_resources",
            "disabled_federation",
            "emergency_management",
        )
    },
}
READ = (
    "{ "
    + " ".join(
        f"{name}(last: 4) {{ totalCount nodes {{ {selection} }} }}"
        for name, selection in PAGES.items()
        if name != "accessRecords"
    )
    + " }"
)

OWN_NUMBERS = [
    f"update {table} set external_id = left(external_id, -1) where external_id like '%%Z' and {agency} = %s"
    + ("" if table == "disclosure" else " and household_id in (select household_id from pg_temp.sight)")
    for table, agency in {
        "aid_record": "agency_id", "referral": "from_agency", "application": "agency_id", "alert": "raised_by",
        "visit": "agency_id", "conference": "called_by", "near_relative": "agency_id",
        "liability_decision": "agency_id", "recovery": "agency_id",
        "recovery_repayment": "agency_id", "circumstance": "agency_id", "disclosure": "agency_id",
        "disclosure_objection": "agency_id",
    }.items()
]  # fmt: skip
"""SQL that restores the writer's own external ids. `altered.py` changes them, as no response shows them; but the agency that
chose them knows them."""


UNANSWERED = frozenset({"PLANNING_TOO_COSTLY", "TOO_COSTLY", "RATE_LIMITED", "SERVER_BUSY"})
"""Codes of requests that were not run: two such responses are equal, and prove nothing."""


class Counting:
    """Records the statements that a database's writers run."""

    def __init__(self, database: Database) -> None:
        self.statements: list[str] = []
        sa.event.listen(database.writer.sync_engine, "before_cursor_execute", self._by_alchemy)
        sa.event.listen(database.writer.sync_engine, "connect", self._connected)

    def _by_alchemy(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        self.statements.append(statement)

    def _connected(self, connection: Any, _record: Any) -> None:
        connection.driver_connection.add_query_logger(self._by_driver)

    def _by_driver(self, query: Any) -> None:
        if query.query != ";":
            self.statements.append(query.query)

    def taken(self) -> list[str]:
        """The statements since the last call."""
        taken, self.statements = self.statements, []
        return taken


@dataclass
class Side:
    """One of two databases, with its executor."""

    name: str
    database: Database
    executor: Executor
    counting: Counting


@dataclass(frozen=True)
class Answered:
    """The response to a write and the data afterwards, without new values, which differ in each database."""

    payload: Any
    beside: Any
    statements: list[str]
    read: Any


@dataclass
class Writing:
    """The pairs of databases for the writers, and good inputs whose rows are in both. `marks`: ids; later ids were created in
    a pair."""

    cluster: TestCluster
    template: str
    secrecy: Secrecy
    settings: Settings
    loop: asyncio.AbstractEventLoop
    access: AccessLog
    good: Mapping[str, list[tuple[str, ArgumentValue]]]
    known: Named
    sides: dict[str, tuple[Side, Side]] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    holders: dict[str, Any] = field(default_factory=dict)
    marks: dict[str, UUID] = field(default_factory=dict)
    made: int = 0

    def pair(self, name: str) -> tuple[Side, Side]:
        """The databases of a writer."""
        if name not in self.sides:
            if name not in self.templates:
                self.templates[name] = f"{self.template}_of_{len(self.templates)}"
                url = self.cluster.create(self.templates[name], self.template)
                with psycopg.connect(url) as connection:
                    Alteration(connection, WRITERS[name], self.secrecy).whole()
                    for statement in OWN_NUMBERS:
                        connection.execute(statement.encode(), [WRITERS[name].agency])
                self._renew_sight(url, WRITERS[name])
            self.sides[name] = self._side(self.template), self._side(self.templates[name])
            self.marks[name] = new_id()
            self.holders[name] = self._hold(name, self.sides[name][1])
        return self.sides[name]

    def _renew_sight(self, url: str, grant: Grant) -> None:
        """Make the other agencies see what they would see if commands had written all the rows. Then a write changes only its
        own effects. What the writer sees stays unchanged."""
        own = "from shown_household where agency_id = %s"
        with psycopg.connect(url) as connection:
            seen = connection.execute(f"select * {own}", [grant.agency]).fetchall()
        self.loop.run_until_complete(reckon(url, self.settings))
        with psycopg.connect(url) as connection:
            connection.execute(f"delete {own}", [grant.agency])
            for row in seen:
                connection.execute("insert into shown_household values (%s, %s, %s, %s, %s)", row)

    def _side(self, template: str) -> Side:
        self.made += 1
        name = f"{self.template}_{self.made}"
        database = Database(self.cluster.create(name, template), self.settings)
        executor = Executor(build(), database, self.secrecy, self.access, self.settings)
        return Side(name, database, executor, Counting(database))

    def _hold(self, name: str, side: Side) -> Any:
        """Lock what the writer does not see: the writer must not wait for it."""
        holder = psycopg.connect(self.cluster.url(side.name))
        grant = WRITERS[name]
        holder.execute(
            "select id from household where region !~ %s and id not in"
            f" (select household_id from shown_household where agency_id = %s and {LASTING}) for update",
            [f"^({'|'.join(grant.regions)})", grant.agency],
        )
        return holder

    def renew(self, name: str) -> None:
        """Give a writer new databases, because the two are no longer equal, or because all good inputs are used up."""
        self.let_go(name)
        for side in self.sides.pop(name, ()):
            self.loop.run_until_complete(side.database.close())
            self.cluster.drop(side.name)

    def let_go(self, name: str) -> None:
        """Release the locks on what a writer does not see."""
        if name in self.holders:
            self.holders.pop(name).close()

    def write(self, side: Side, mutation: str, input: ArgumentValue, name: str) -> Answered:
        """Send a mutation, then read all that can be read."""
        mark = self.marks[name]
        side.counting.taken()
        told = self._ask(side, Request(payload_document(mutation), {"input": input}), name)
        statements = side.counting.taken()
        read = self._ask(side, Request(READ), name)
        payload = (told.get("data") or {}).get(mutation)
        beside = {key: told.get(key) for key in ("errors", "extensions")}
        return Answered(
            _without_new(payload, mark), _without_new(beside, mark), statements, _without_new(read, mark)
        )

    def _ask(self, side: Side, request: Request, name: str) -> Any:
        answer = self.loop.run_until_complete(side.executor.answer(request, WRITERS[name]))
        told = orjson.loads(answer.content)
        codes = {error["extensions"]["code"] for error in told.get("errors", ())}
        assert not codes & UNANSWERED, codes
        return told


_ID = re.compile(r"[A-Za-z0-9_-]{20,}")


def _without_new(value: Any, mark: UUID) -> Any:
    """A value in which a word replaces each id that was created after a mark."""
    if isinstance(value, dict):
        return {name: _without_new(one, mark) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_new(one, mark) for one in value]
    if isinstance(value, str) and _ID.fullmatch(value):
        try:
            noun, key = decode(value)
        except InvalidId:
            return value
        return [noun, *("new" if one > mark and one.version == 7 else str(one) for one in key)]
    return value


@pytest.fixture(scope="session")
def writing(
    cluster: TestCluster, furnished_template: str, settings: Settings, secrecy: Secrecy, keys: Keys
) -> Iterator[Writing]:
    """The rows for good inputs of every mutation are in the template of all pairs."""
    generous = settings.model_copy(update={"cost_per_minute": 10**12})
    loop = asyncio.new_event_loop()
    template = f"{furnished_template}_written"
    url = cluster.create(template, furnished_template)
    with psycopg.connect(url) as connection:
        connection.execute(
            "update disclosure set withdrawn_at = published_at, withdraw_reason = '有误' where withdrawn_at is null"
        )
        known = Named.of(connection, secrecy)
    good: dict[str, list[tuple[str, ArgumentValue]]] = {}
    with serve(url, generous, keys) as served:
        desk = Desk(served)
        for mutation, agency, make in KEPT:
            beside = {"listOf": "HELPED"} if mutation == "publishDisclosure" else {}  # CERTIFIED is taken
            good.setdefault(mutation, []).append((agency, make(desk) | beside))
    loop.run_until_complete(reckon(url, generous))
    elsewhere = Database(cluster.create(f"{template}_access", furnished_template), generous)

    async def start() -> AccessLog:
        return await AccessLog(elsewhere).__aenter__()

    access = loop.run_until_complete(start())
    made = Writing(cluster, template, secrecy, generous, loop, access, good, known)
    yield made
    for name in list(made.sides):
        made.renew(name)
    loop.run_until_complete(access.__aexit__(None, None, None))
    loop.run_until_complete(elsewhere.close())
    loop.close()
    for name in (*made.templates.values(), f"{template}_access", template):
        cluster.drop(name)
