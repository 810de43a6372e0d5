"""The two executors on one sample, and what occurs in it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
import pytest

from auth.grant import Grant
from auth.scopes import Scope
from hub.database import Database
from hub.ledger.access import AccessLog
from hub.secrecy import Secrecy, place_of
from hub.settings import Settings
from schema import ids
from schema.built import build
from schema.execute import Executor
from schema.request import Request
from tests.conftest import TestCluster
from tests.schema.fuzz.furnished import furnish, furnished_keys
from tests.schema.fuzz.operations import Operation, Words


@dataclass
class Both:
    """One executor object, which answers compiled or by reference."""

    loop: asyncio.AbstractEventLoop
    executor: Executor

    def ask(self, operation: Operation, grant: Grant, *, reference: bool) -> Any:
        """The answer, as JSON in the order it came."""
        request = Request(operation.query, operation.variables)
        answer = self.loop.run_until_complete(self.executor.answer(request, grant, reference=reference))
        return orjson.loads(answer.content)


@pytest.fixture(scope="session")
def both(cluster: TestCluster, sample_template: str, settings: Settings, secrecy: Secrecy) -> Iterator[Both]:
    """The executors, with their loop, on a sample that stands still: the records of these requests go elsewhere."""
    generous = settings.model_copy(update={"cost_per_minute": 10**12})
    loop = asyncio.new_event_loop()
    names = f"{sample_template}_fuzz", f"{sample_template}_fuzz_access"
    urls = [cluster.create(name, sample_template) for name in names]
    with psycopg.connect(urls[0]) as connection:
        furnish(connection)
    read, elsewhere = (Database(url, settings) for url in urls)

    async def start(database: Database) -> AccessLog:
        return await AccessLog(database).__aenter__()

    first = loop.run_until_complete(start(read))
    before = Both(loop, Executor(build(), read, secrecy, first, settings))
    auditor = Grant("audit@4101", "fuzz", frozenset(Scope), ("4101",), "audit")
    for _ in range(30):
        before.ask(Operation("{ households(first: 2) { nodes { code } } }", {}), auditor, reference=False)
    loop.run_until_complete(first.__aexit__(None, None, None))
    access = loop.run_until_complete(start(elsewhere))
    yield Both(loop, Executor(build(), read, secrecy, access, generous))
    loop.run_until_complete(access.__aexit__(None, None, None))
    for database in (read, elsewhere):
        loop.run_until_complete(database.close())
    loop.close()
    for name in names:
        cluster.drop(name)


@pytest.fixture(scope="session")
def words(sample_url: str, secrecy: Secrecy) -> Words:
    """What occurs in the sample."""
    with psycopg.connect(sample_url) as connection:

        def column(query: str) -> list[Any]:
            return [one for (one,) in connection.execute(query)]

        def keys(query: str) -> list[tuple[Any, ...]]:
            return list(connection.execute(query))

        persons = keys("select id, id_number_sealed from person order by id limit 40")
        nodes = [
            *(ids.encode(name, key) for name, found in furnished_keys(connection).items() for key in found),
            *(
                ids.encode("Household", key)
                for key in keys("select id from household order by code limit 20")
            ),
            *(
                ids.encode("Person", key)
                for key in keys("select household_id, id from person order by id limit 20")
            ),
            *(
                ids.encode("AidRecord", key)
                for key in keys("select household_id, id from aid_record order by id limit 40")
            ),
            *(
                ids.encode("Referral", key)
                for key in keys("select household_id, id from referral order by id limit 10")
            ),
            *(
                ids.encode("Certification", key)
                for key in keys("select household_id, id from certification limit 10")
            ),
            *(
                ids.encode("Circumstance", key)
                for key in keys("select household_id, id from circumstance limit 10")
            ),
        ]
        return Words(
            codes=column("select code from household order by code limit 60"),
            ids=nodes,
            numbers=[
                secrecy.open(sealed, place_of("person.id_number", row.bytes)) for row, sealed in persons
            ],
            regions=["4101", "410105", "410102", "410105001", "41", "999999"],
            agencies=column("select distinct agency_id from aid_record order by 1"),
            programs=column("select distinct program from aid_record order by 1"),
        )
