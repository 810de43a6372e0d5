"""Which values of a row are proven, and how: the canonical form, and its digest, the same in the database as in any language."""

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from hub.foundation.canonical_json import canonical
from hub.ledger.record_form import digest, form, form_of
from hub.model.every_table import metadata
from hub.model.records import NO_RECORDS, covered_columns, record_tables

PAGE = Path(__file__).parents[3] / "docs" / "record-events.md"
PROVEN_OTHERWISE = {
    "record_event",
    "log_checkpoint",
    "log_block",
    "feed_counter",
    "operation_text",
    "key_check",
}
"""The ledger of rows, the log over it, and the tables compared with them, which are proven by their own hash or by a key."""
OF_THE_RUN = {
    "schema_version",
    "scheduled_job",
    "elsewhere_searches",
    "import_job",
    "export_job",
    "import_before",
    "sealed_part",
}
"""Running versions, queues, leases, and daily counters: their effects are recorded."""
FOUND_ANEW = {"live_household", "live_entitlement", "coverage", "coverage_category", "coverage_kind"}
"""Tables that can be computed from records at any time."""


def test_every_table_but_what_is_found_anew_or_proven_otherwise_holds_records() -> None:
    """A change of a row in any other table is detected: aid, decisions, certifications, access records."""
    without = PROVEN_OTHERWISE | OF_THE_RUN | FOUND_ANEW
    assert {table.name for table in record_tables(metadata)} == metadata.tables.keys() - without
    assert NO_RECORDS.keys() == without
    assert all(NO_RECORDS.values())


def test_every_table_of_records_is_watched_whichever_way_it_is_written(database_url: str) -> None:
    with psycopg.connect(database_url) as owner:
        watched = owner.execute(
            "select relname, array_agg(tgname::text order by 1) from pg_trigger join pg_class c on c.oid = tgrelid"
            " where not tgisinternal and tgenabled = 'O' group by 1"
        ).fetchall()
    assert dict(watched) == {
        table.name: ["record_insert", "record_update"] for table in record_tables(metadata)
    }


def test_every_column_is_in_the_form_but_those_that_an_event_s_own_hash_covers() -> None:
    for table in record_tables(metadata):
        covered = [column.name for column in covered_columns(table)]
        hashed_by_itself = table.name == "chain_event"
        assert covered == (
            ["household_id", "number", "hash"] if hashed_by_itself else list(table.columns.keys())
        )


def test_the_database_and_python_make_the_same_digest_of_every_row_of_the_sample(sample_url: str) -> None:
    with psycopg.connect(sample_url, row_factory=dict_row) as owner:
        for table in record_tables(metadata):
            names = ", ".join(f'"{column.name}"' for column in covered_columns(table))
            rows = owner.execute(
                f"select {form_of(table).digest} as its_digest, {names} from {table.name} n limit 200".encode()
            )
            for row in rows:
                assert row.pop("its_digest") == digest(table.name, row), (table.name, form(table.name, row))


AWKWARD = {
    "id": UUID(int=7),
    "at": datetime(2026, 2, 28, 16, 30, 5, 120, tzinfo=UTC),
    "agency_id": "audit@4101",
    "client_id": 'a"b\\c/\b\f\n\r\t\x01\x1f\x7f\u2028 é 郑州 𠮷',
    "person": None,
    "purpose": "",
    "operation_name": None,
    "operation_hash": bytes(range(32)),
    "coordinates_digest": bytes(32),
    "forbidden": ["Person.idNumber", '"', "郑"],
    "household_ids": [UUID(int=1), UUID(int=2)],
    "rows": -1,
    "milliseconds": 2**31 - 1,
    "outcome": "ANSWERED",
    "code": None,
    "codes": [],
    "refused": 0,
    "kept": 0,
    "numbers_named": [b"\x00\xff", b""],
    "person_ids": [UUID(int=3)],
    "whole_households": False,
    "variables": ["input.externalId"],
}


@pytest.mark.parametrize("style", ["ISO, DMY", "German", "SQL"])
def test_awkward_values_have_the_same_form_under_any_setting_of_the_session(
    database_url: str, style: str
) -> None:
    with psycopg.connect(database_url) as owner:
        owner.execute(
            "select set_config('DateStyle', %s, false), set_config('TimeZone', 'Asia/Shanghai', false)",
            [style],
        )
        owner.execute("set bytea_output = escape")
        names = ", ".join(AWKWARD)
        owner.execute(
            f"insert into access_record ({names}) values ({', '.join('%s' for _ in AWKWARD)})".encode(),
            list(AWKWARD.values()),
        )
        found = owner.execute(
            "select digest, record, number, link = sha256(digest) from record_event"
            " where relation = 'access_record'"
        ).fetchall()
    assert found == [(digest("access_record", AWKWARD), str(UUID(int=7)), 1, True)]


def test_a_row_says_nothing_of_what_it_leaves_open_so_that_a_later_column_changes_no_digest() -> None:
    row = {"paid_on": date(2026, 3, 1), "amount": Decimal("100.5"), "outcome": None, "codes": []}
    assert form("aid_record", row) == {
        "record": {"paidOn": "2026-03-01", "amount": "100.50"},
        "table": "aid_record",
    }


def test_the_page_s_test_vectors_are_right() -> None:
    blocks = PAGE.read_text("utf-8").split("```")
    vectors = [block.removeprefix("json\n").strip() for block in blocks if block.startswith("json\n")]
    digests = [block.removeprefix("text\n").strip() for block in blocks if block.startswith("text\n")]
    assert len(vectors) == len(digests) >= 3
    for text, expected in zip(vectors, digests, strict=True):
        vector = json.loads(text)
        assert canonical(vector).decode() == text
        assert hashlib.sha256(text.encode()).hexdigest() == expected
