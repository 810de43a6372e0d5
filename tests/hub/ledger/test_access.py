"""Access records: complete, in few commits, and no answer without one."""

import asyncio
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from hub.foundation.database import Database
from hub.foundation.troubles import RecordFailed
from hub.ledger.access import AccessLog, AccessRecord, CoordinateSet, OperationText
from hub.model.ledger import AccessOutcome

pytestmark = pytest.mark.anyio

REQUESTS = 700
READ = CoordinateSet.of(["Household.code", "Query.household"])
BEYOND_INTEGER = 2**31


def a_record(rows: int = 1) -> AccessRecord:
    """The record of one request."""
    return AccessRecord(
        "education@410105",
        "test",
        None,
        "education-aid",
        "Members",
        b"\x00" * 32,
        READ.digest,
        ["Household.address"],
        [UUID(int=7)],
        rows,
        3,
        AccessOutcome.PARTLY_FORBIDDEN,
    )


def kept(url: str) -> dict[UUID, str]:
    """The ids of the stored records, with the transaction of each."""
    with psycopg.connect(url) as connection:
        return dict(connection.execute("select id, xmin::text from access_record").fetchall())


def allow_inserts(url: str, *, allowed: bool) -> None:
    """Allow or forbid the hub to write access records."""
    change = (
        "grant insert on access_record to hub_writer"
        if allowed
        else "revoke insert on access_record from hub_writer"
    )
    with psycopg.connect(url) as owner:
        owner.execute(sql.SQL(change))


async def test_a_record_is_on_disk_with_every_column_before_its_request_goes_on(
    database: Database, database_url: str
) -> None:
    record = replace(
        a_record(),
        person="张三",
        code="FORBIDDEN_FIELD",
        codes=["FORBIDDEN_FIELD", "NOT_FOUND"],
        refused=2,
        kept=1,
        numbers_named=[b"\x01" * 32, b"\x02" * 32],
        person_ids=[UUID(int=8)],
        whole_households=True,
        variables=["code"],
    )
    text = OperationText(record.operation_hash, lambda: "query Members { household }")
    async with AccessLog(database) as log:
        await log.record(record, READ, text)
        with psycopg.connect(database_url) as connection:
            columns = sql.SQL(", ").join(map(sql.Identifier, record.__dataclass_fields__))
            row = connection.execute(sql.SQL("select {} from access_record").format(columns)).fetchone()
            sets = connection.execute("select digest, coordinates from coordinate_set").fetchall()
            texts = connection.execute("select digest, document from operation_text").fetchall()
    assert row == tuple(getattr(record, name) for name in record.__dataclass_fields__)
    assert sets == [(READ.digest, list(READ.coordinates))]
    assert texts == [(record.operation_hash, "query Members { household }")]


async def test_requests_of_one_moment_share_few_commits_and_none_is_lost(
    database: Database, database_url: str
) -> None:
    records = [a_record(rows) for rows in range(REQUESTS)]
    async with AccessLog(database) as log:
        await asyncio.gather(*(log.record(record, READ) for record in records))
        written = kept(database_url)
    assert written.keys() == {record.id for record in records}
    assert len(set(written.values())) <= 5


async def test_a_failing_write_fails_every_request_of_its_group_and_the_log_goes_on(
    database: Database, database_url: str
) -> None:
    group = [a_record(), a_record(rows=BEYOND_INTEGER), a_record()]
    async with AccessLog(database) as log:
        ended = await asyncio.gather(*(log.record(record, READ) for record in group), return_exceptions=True)
        assert all(isinstance(one, Exception) for one in ended), ended
        assert kept(database_url) == {}
        after = a_record()
        await log.record(after, READ)
        assert kept(database_url).keys() == {after.id}


async def test_while_the_database_refuses_every_request_fails_and_afterwards_none(
    database: Database, database_url: str
) -> None:
    async with AccessLog(database) as log:
        allow_inserts(database_url, allowed=False)
        ended = await asyncio.gather(
            *(log.record(a_record(), READ) for _ in range(20)), return_exceptions=True
        )
        assert [isinstance(one, RecordFailed) for one in ended] == [True] * 20
        allow_inserts(database_url, allowed=True)
        await asyncio.gather(*(log.record(a_record(), READ) for _ in range(20)))
    assert len(kept(database_url)) == 20


async def test_a_caller_who_went_away_is_recorded_and_holds_up_nobody(
    database: Database, database_url: str
) -> None:
    gone, stayed = a_record(), a_record()
    async with AccessLog(database) as log:
        leaving = asyncio.create_task(log.record(gone, READ))
        staying = asyncio.create_task(log.record(stayed, READ))
        await asyncio.sleep(0)  # both are in the queue now
        leaving.cancel()
        await staying
    assert leaving.cancelled()
    assert kept(database_url).keys() == {gone.id, stayed.id}


async def test_leaving_the_log_waits_for_what_is_still_to_be_written(
    database: Database, database_url: str
) -> None:
    async with AccessLog(database) as log:
        waiting = [asyncio.create_task(log.record(a_record(), READ)) for _ in range(50)]
        await asyncio.sleep(0)
    assert len(kept(database_url)) == 50
    await asyncio.gather(*waiting)
