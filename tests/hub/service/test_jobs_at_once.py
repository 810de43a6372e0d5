"""Requests for jobs that come at the same time: bounds hold, an externalId is one job, and each is taken up by
one process."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psycopg
import pytest
import sqlalchemy as sa

from hub.foundation.database import Database, table_of
from hub.imports import jobs
from hub.imports.job_leases import RoundRobin
from hub.imports.jobs import Job, JobDraft
from hub.model.import_jobs import ImportJobRow
from hub.model.import_runs import ImportKind
from tests.fixtures.served import Served
from tests.hub.imports.conftest import COUNTY_OFFICE
from tests.hub.service.test_uploads import OFFICE, client_of

LONGEST = 30.0
WAITING = (
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)
WAITING_FOR = f"""{WAITING}
 and (query ilike '%%advisory%%' or query ilike '%%{{table}}%%') and query not ilike 'update%%'
"""
_job = table_of(ImportJobRow)


@contextmanager
def nobody_adds_to(hub: Served, table: str, waiting: int) -> Iterator[None]:
    """Whoever adds to a table waits, until so many requests are under way."""
    with psycopg.connect(hub.database_url) as holder:
        holder.execute(f"lock table {table} in share mode".encode())
        yield
        until = time.monotonic() + LONGEST
        while hub.rows(WAITING_FOR.format(table=table))[0][0] < waiting:
            assert time.monotonic() < until, "they do not come to the table at once"
            time.sleep(0.01)


def at_once(
    hub: Served, table: str, clients: list[httpx.Client], send: Callable[[httpx.Client], httpx.Response]
) -> list[httpx.Response]:
    """The answers to requests of which none is answered before all are under way."""
    with ThreadPoolExecutor(len(clients)) as pool:
        with nobody_adds_to(hub, table, len(clients)):
            sent = [pool.submit(send, client) for client in clients]
        return [one.result() for one in sent]


def upload(client: httpx.Client, **params: str) -> httpx.Response:
    """The beginning of an upload."""
    return client.post("/imports", params={"kind": "households", **params}, headers={"upload-complete": "?0"})


def test_an_agency_has_no_more_than_twenty_open_imports_however_many_come_at_once(
    hub_of_jobs: Served,
) -> None:
    with (
        client_of(hub_of_jobs, OFFICE) as office,
        client_of(hub_of_jobs, OFFICE, client="another") as colleague,
        client_of(hub_of_jobs, OFFICE, client="a third") as third,
    ):
        for _ in range(19):
            assert upload(office).status_code == 201
        answers = at_once(hub_of_jobs, "import_job", [office, colleague, third], upload)
        assert sorted(one.status_code for one in answers) == [201, 429, 429]
        (begun,) = [answer.json()["id"] for answer in answers if answer.status_code == 201]
        assert office.delete(f"/imports/{begun}").status_code == 200
        assert [upload(office).status_code, upload(office).status_code] == [201, 429]


def test_an_external_id_that_is_sent_twice_at_once_is_one_import(hub_of_jobs: Served) -> None:
    with client_of(hub_of_jobs, OFFICE) as office:
        answers = at_once(
            hub_of_jobs, "import_job", [office, office], lambda client: upload(client, externalId="2026/1")
        )
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert len({one.json()["id"] for one in answers}) == 1


def test_a_client_has_no_more_than_four_open_exports_however_many_come_at_once(hub_of_jobs: Served) -> None:
    def begin(client: httpx.Client) -> httpx.Response:
        return client.post("/exports", json={"query": "{ viewer { purposes } }"})

    held = (  # by another process, so that this one does not end it
        "update export_job set status = 'RUNNING', attempts = 9, held_until = now() + interval '1 day'"
        " where id = %s returning 1"
    )
    with client_of(hub_of_jobs, OFFICE) as office:
        for _ in range(3):
            hub_of_jobs.rows(held, begin(office).json()["id"])
        answers = at_once(hub_of_jobs, "export_job", [office, office], begin)
    assert sorted(answer.status_code for answer in answers) == [201, 429]


async def whole_imports(database: Database, count: int) -> list[Job]:
    """Imports whose file of one byte is whole."""
    made = []
    async with database.write() as session:
        for _ in range(count):
            job, _ = await jobs.create_job(
                session, COUNTY_OFFICE, JobDraft(ImportKind.HOUSEHOLDS, "户籍.csv")
            )
            await session.execute(
                sa.update(_job).where(_job.c.id == job["id"]).values(status="WAITING", received=1, size=1)
            )
            made.append(job)
    return made


@pytest.mark.anyio
async def test_two_processes_take_up_two_imports_and_neither_waits_for_the_other(database: Database) -> None:
    made = await whole_imports(database, 2)
    async with asyncio.timeout(LONGEST), database.write() as one, database.write() as other:
        taken = [await jobs.claim_job(session, RoundRobin(), 1) for session in (one, other, other)]
    assert [job and job["id"] for job in taken] == [made[0]["id"], made[1]["id"], None]
