"""Whatever the owner of the database changes in a row, by whatever means, `hub verify` finds it and names the place."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from rich.console import Console

from hub.foundation.database import Database
from hub.foundation.settings import Settings
from hub.ledger.access import NOTHING_READ, AccessRecord, save_record
from hub.ledger.record_form import form_of
from hub.ledger.verify import Verification, verify_all
from hub.ledger.verify_records import Fault
from hub.model.every_table import metadata
from hub.model.ledger import AccessOutcome
from hub.model.records import covered_columns, household_column, record_tables

pytestmark = pytest.mark.anyio
Found = tuple[str, str, str]


def access_record() -> AccessRecord:
    """The access record of a request that read nothing."""
    return AccessRecord(
        agency_id="audit@4101",
        client_id="audit",
        person=None,
        purpose="AUDIT",
        operation_name=None,
        operation_hash=bytes(32),
        coordinates_digest=NOTHING_READ.digest,
        forbidden=(),
        household_ids=(),
        rows=0,
        milliseconds=1,
        outcome=AccessOutcome.ANSWERED,
    )


@pytest.fixture
def owner(sample_copy_url: str) -> Iterator[psycopg.Connection]:
    """The superuser, for whom triggers and foreign keys do not apply."""
    with psycopg.connect(sample_copy_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


@pytest.fixture
async def records(sample_copy_url: str, settings: Settings) -> Database:
    """A copy of the sample for one test, with some access records."""
    opened = Database(sample_copy_url, settings)
    async with opened.write() as session:
        for _ in range(5):
            await save_record(session, access_record(), NOTHING_READ)
    return opened


async def verified(database: Database) -> Verification:
    """The result of `hub verify`."""
    found = await verify_all(database, Console(quiet=True))
    await database.close()
    return found


def rows_of(found: Verification) -> set[Found]:
    """The faulty rows, without their households."""
    return {(str(fault.fault), fault.relation, fault.record) for fault in found.rows}


OTHER = {
    "NUMERIC": "{} + 100000",
    "INTEGER": "{} + 1",
    "DATE": "({} + interval '1 year')::date",
    "TIMESTAMP": "{} + interval '1 second'",
    "TEXT": "{} || '改'",
    "VARCHAR": "{} || '改'",
    "BOOLEAN": "not {}",
    "BYTEA": "sha256({})",
    "BLOB": "sha256({})",
}
"""Another value of a column, by its type."""
ANOTHER_KEY = {
    "UUID": "gen_random_uuid()",
    "INTEGER": "{} + 90000",
    "DATE": "({} + interval '10 years')::date",
}


def changed_column(table: sa.Table) -> sa.Column[Any] | None:
    """A column of a table that is not an enum and not a key."""
    columns = [
        column for column in covered_columns(table) if not column.primary_key and str(column.type) in OTHER
    ]
    return next((one for one in columns if not isinstance(one.type, sa.Enum) and not one.nullable), None)


class Tamperer:
    """Changes, deletes and copies rows of a table; `expected` are the faults that must be found."""

    def __init__(self, owner: psycopg.Connection) -> None:
        self.owner, self.expected = owner, set[Found]()

    def rows(self, table: sa.Table, most: int) -> list[tuple[str, str]]:
        """The places (ctid) and keys of some rows."""
        form = form_of(table)
        statement = f"select ctid::text, {form.key} from {table.name} n order by {form.digest} limit {most}"
        return self.owner.execute(statement.encode()).fetchall()

    def change(self, table: sa.Table, place: str, key: str) -> None:
        """Change the value of one column."""
        if (column := changed_column(table)) is not None:
            other = OTHER[str(column.type)].format(column.name)
            statement = f"update {table.name} set {column.name} = {other} where ctid = '{place}'"
            self.owner.execute(statement.encode())
            self.expected.add(("CHANGED", table.name, key))

    def delete(self, table: sa.Table, place: str, key: str) -> None:
        """Delete a row."""
        self.owner.execute(f"delete from {table.name} where ctid = '{place}'".encode())
        self.expected.add(("MISSING", table.name, key))

    def copy(self, table: sa.Table, place: str) -> None:
        """Insert the same row under another key."""
        column = next(
            (
                one
                for one in table.primary_key.columns
                if str(one.type) in ANOTHER_KEY and one is not household_column(table)
            ),
            None,
        )
        if column is None or table.name == "chain_event":
            return
        names = [one.name for one in table.columns]
        values = [
            ANOTHER_KEY[str(one.type)].format(one.name) if one is column else one.name
            for one in table.columns
        ]
        (key,) = self.owner.execute(
            f"insert into {table.name} as n ({', '.join(names)}) select {', '.join(values)} from {table.name}"
            f" where ctid = '{place}' returning {form_of(table).key}".encode()
        ).fetchone() or ("",)
        self.expected.add(("EXTRA", table.name, key))


async def test_a_row_that_was_changed_deleted_or_put_in_is_found_in_every_table(
    records: Database, owner: psycopg.Connection
) -> None:
    tamperer = Tamperer(owner)
    tampered = set[str]()
    for table in record_tables(metadata):
        if table.name == "household":
            continue
        rows = tamperer.rows(table, 3)
        if len(rows) == 3:
            tamperer.change(table, *rows[0])
            tamperer.delete(table, *rows[1])
            tamperer.copy(table, rows[2][0])
            tampered.add(table.name)
    found = await verified(records)
    assert {"chain_event", "access_record", "write_receipt", "aid_record", "person"} <= tampered
    assert len(tampered) > 20
    assert rows_of(found) == tamperer.expected


async def test_two_rows_that_were_swapped_are_both_found(
    records: Database, owner: psycopg.Connection
) -> None:
    rows = owner.execute(
        "select distinct on (amount) household_id, id, version, amount from aid_record where amount > 0 limit 2"
    ).fetchall()
    for (household, id, version, _), other in zip(rows, reversed(rows), strict=True):
        owner.execute(
            "update aid_record set amount = %s where (household_id, id, version) = (%s, %s, %s)",
            [other[3], household, id, version],
        )
    found = await verified(records)
    assert rows_of(found) == {("CHANGED", "aid_record", f"{row[1]}:{row[2]}") for row in rows}
    assert {fault.place(found.codes).split(" of household ")[1] for fault in found.rows} == {
        found.codes[row[0]] for row in rows
    }


async def test_what_is_written_beside_the_hub_while_rows_are_recorded_is_found(
    records: Database, sample_copy_url: str
) -> None:
    with psycopg.connect(sample_copy_url) as plain:
        row = plain.execute(
            "update aid_record set amount = amount + 100000 where ctid ="
            " (select ctid from aid_record where amount > 0 limit 1) returning id, version"
        ).fetchone()
        plain.execute("set role hub_writer")
        ((person,),) = plain.execute(
            "update person set name = '别人' where ctid = (select ctid from person limit 1) returning id"
        ).fetchall()
    assert row is not None
    assert rows_of(await verified(records)) == {
        ("WRITTEN_BY_ANOTHER", "aid_record", f"{row[0]}:{row[1]}"),
        ("NO_CHAIN_EVENT", "person", str(person)),
    }


async def test_the_last_link_of_a_chain_and_access_records_cannot_be_deleted_unseen(
    records: Database, owner: psycopg.Connection
) -> None:
    household, number = owner.execute(
        "select household_id, max(number) from chain_event group by 1 order by 1 limit 1"
    ).fetchone() or (UUID(int=0), 0)
    owner.execute("delete from chain_event where household_id = %s and number = %s", [household, number])
    deleted = owner.execute("delete from access_record returning id").fetchall()
    assert rows_of(await verified(records)) == {
        ("MISSING", "chain_event", str(number)),
        *(("MISSING", "access_record", str(id)) for (id,) in deleted),
    }


async def test_a_table_that_was_emptied_is_found_row_by_row(
    records: Database, owner: psycopg.Connection
) -> None:
    emptied = ("referral", "certification", "access_record", "coordinate_set", "agency")
    rows = {name: len(Tamperer(owner).rows(metadata.tables[name], 10_000)) for name in emptied}
    owner.execute(
        sql.SQL("truncate {} cascade").format(sql.SQL(", ").join(map(sql.Identifier, emptied[:-1])))
    )
    owner.execute("delete from agency")
    found = await verified(records)
    assert {name: found.faults[Fault.MISSING, name] for name in emptied} == rows
    assert {fault.fault for fault in found.rows} == {"MISSING"}


LEDGER_TAMPERED = {
    "update record_event set digest = sha256(digest) where {}": "CHANGED",
    "update record_event set link = sha256(link) where {}": "RECORD_EVENT_BROKEN",
    "update record_event set number = 7 where {}": "RECORD_EVENT_BROKEN",
    "update record_event set written_by = 'somebody' where {}": "WRITTEN_BY_ANOTHER",
    "update record_event set written_at = written_at - interval '1 s' where {}": "NO_CHAIN_EVENT",
    "delete from record_event where {}": "EXTRA",
    "update record_event set relation = 'no_table' where {}": "MISSING",
}
"""A change to a record event, and the fault that is then found."""


async def test_record_events_that_were_changed_or_deleted_are_found(
    records: Database, owner: psycopg.Connection
) -> None:
    events = owner.execute("select id, record from record_event where relation = 'person' limit 7").fetchall()
    for statement, (id, _) in zip(LEDGER_TAMPERED, events, strict=True):
        owner.execute(statement.format(f"id = {id}").encode())
    found = {(str(row.fault), row.record) for row in (await verified(records)).rows}
    assert found >= {(fault, key) for fault, (_, key) in zip(LEDGER_TAMPERED.values(), events, strict=True)}


async def test_nothing_is_wrong_in_what_the_hub_wrote(records: Database) -> None:
    found = await verified(records)
    assert (found.rows, found.broken, found.whole) == ([], [], True)


async def test_every_record_event_removed_leaves_every_row_unproven(
    records: Database, owner: psycopg.Connection
) -> None:
    owner.execute("truncate record_event")
    found = await verified(records)
    assert found.faults.total() > 20_000
    assert {fault.fault for fault in found.rows} == {"EXTRA"}
