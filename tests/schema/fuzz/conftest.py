"""The two executors on one sample, and the values that occur in it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import anyio
import orjson
import psycopg
import pytest

from auth.grant import Grant
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy, place_of
from hub.foundation.settings import Settings
from hub.ledger.access import AccessLog
from schema.engine.declare import ids
from schema.engine.execute.executor import Executor
from schema.engine.execute.request import Request
from schema.hub_schema import build
from tests.conftest import TestCluster
from tests.schema.fuzz.furnished import furnish
from tests.schema.fuzz.operations import Operation, Words


@dataclass
class Both:
    """One executor object, which runs an operation compiled or by reference."""

    loop: asyncio.AbstractEventLoop
    executor: Executor
    another: Callable[..., Executor]

    def anew(self) -> "Both":
        """The same database with a new executor, which has no plans yet."""
        return replace(self, executor=self.another())

    def ask(self, operation: Operation, grant: Grant, *, reference: bool) -> Any:
        """The response, as JSON in the order of its fields."""
        request = Request(operation.query, operation.variables)
        answer = self.loop.run_until_complete(self.executor.answer(request, grant, reference=reference))
        return orjson.loads(answer.content)


@pytest.fixture(scope="session")
def furnished_template(cluster: TestCluster, sample_template: str, settings: Settings) -> Iterator[str]:
    """The sample, with rows of every kind that it lacks, as a template for copies."""
    name = f"{sample_template}_furnished"
    anyio.run(furnish, cluster.create(name, sample_template), settings)
    yield name
    cluster.drop(name)


@contextmanager
def executors(cluster: TestCluster, template: str, settings: Settings, secrecy: Secrecy) -> Iterator[Both]:
    """The executors with their event loop, on a copy that does not change: the access records of these requests go to another
    database."""
    generous = settings.model_copy(update={"cost_per_minute": 10**12})
    loop = asyncio.new_event_loop()
    names = f"{template}_read", f"{template}_access"
    read, elsewhere = (Database(cluster.create(name, template), settings) for name in names)

    async def start() -> AccessLog:
        return await AccessLog(elsewhere).__aenter__()

    access = loop.run_until_complete(start())
    another = partial(Executor, build(), read, secrecy, access, settings=generous)
    yield Both(loop, another(), another)
    loop.run_until_complete(access.__aexit__(None, None, None))
    for database in (read, elsewhere):
        loop.run_until_complete(database.close())
    loop.close()
    for name in names:
        cluster.drop(name)


@pytest.fixture(scope="session")
def both(
    cluster: TestCluster, furnished_template: str, settings: Settings, secrecy: Secrecy
) -> Iterator[Both]:
    """The executors on the furnished sample."""
    with executors(cluster, furnished_template, settings, secrecy) as found:
        yield found


@pytest.fixture(scope="session")
def words(cluster: TestCluster, furnished_template: str, secrecy: Secrecy, both: Both) -> Words:
    """The values that occur in the sample."""
    with psycopg.connect(cluster.url(f"{furnished_template}_read")) as connection:

        def column(query: str) -> list[Any]:
            return [one for (one,) in connection.execute(query)]

        def keys(query: str) -> list[tuple[Any, ...]]:
            return list(connection.execute(query))

        persons = keys("select id, id_number_sealed from person order by id limit 40")
        return Words(
            codes=column("select code from household order by code limit 60"),
            ids=[
                ids.encode(name, key)
                for name, query in NODES.items()
                for key in keys(f"{query} limit {20 if name in MANY else 10}")
            ],
            numbers=[
                secrecy.open(sealed, place_of("person.id_number", row.bytes)) for row, sealed in persons
            ],
            regions=["4101", "410105", "410102", "410105001", "41"],
            agencies=column("select distinct agency_id from aid_record order by 1"),
            programs=column("select distinct program from aid_record order by 1"),
        )


MANY = ("Household", "Person", "AidRecord")
_OF = "select household_id, id from"
NODES = {
    "Household": "select id from household order by code",
    "Person": f"{_OF} person order by id",
    "AidRecord": f"{_OF} aid_record order by id",
    "Referral": f"{_OF} referral order by id",
    "Certification": f"{_OF} certification order by id",
    "Circumstance": f"{_OF} circumstance order by id",
    "Application": f"{_OF} application order by id",
    "Alert": f"{_OF} alert order by finding, household_id",
    "Visit": f"{_OF} visit order by id",
    "Conference": f"{_OF} conference order by id",
    "OverlapCase": f"{_OF} overlap_case order by opened_at, household_id",
    "Recovery": f"{_OF} recovery order by id",
    "LiabilityDecision": f"{_OF} liability_decision order by id",
    "NearRelative": f"{_OF} near_relative order by id",
    "DisclosureObjection": f"{_OF} disclosure_objection order by id",
    "Disclosure": "select id from disclosure order by id",
}
"""For each node the keys that are drawn, by the type name in its ids."""
