"""Keyset paging over real rows, and cursors that nobody can read, change or use elsewhere."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.foundation.database import CODE, TIMESTAMP, YUAN
from hub.foundation.encryption import Keys, Secrecy
from schema.engine.declare.field_sources import Order, Reads
from schema.engine.declare.keyset import Cursors, InvalidCursor, Keyset, plain, plain_sql
from tests.conftest import TestCluster

Row = Mapping[str, Any]

TABLE = sa.Table(
    "paged",
    sa.MetaData(),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("at", TIMESTAMP, nullable=False),
    sa.Column("name", CODE, nullable=False),
    sa.Column("yuan", YUAN),
    sa.Column("day", sa.Date),
    prefixes=["TEMPORARY"],
)
READS = Reads("Paged", TABLE, ("id",))
SECRECY = Secrecy(Keys.create())

rows = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.uuids(),
            "rank": st.integers(-2, 2),
            "at": st.sampled_from(
                [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)]
            ),
            "name": st.sampled_from(["", "A", "a", "张三", "'; drop --", '"', "10", "9"]),
            "yuan": st.none() | st.sampled_from([Decimal("-0.01"), Decimal(0), Decimal("10.00"), Decimal(9)]),
            "day": st.none() | st.dates(date(2025, 12, 30), date(2026, 1, 2)),
        }
    ),
    max_size=14,
    unique_by=lambda row: row["id"],
)
orders = st.builds(
    Order,
    st.lists(st.sampled_from(["rank", "at", "name", "yuan", "day"]), min_size=1, max_size=3, unique=True).map(
        tuple
    ),
    st.booleans(),
)


def _cursor(cursors: Cursors, keyset: Keyset, row: Row) -> str:
    return cursors.seal([plain(row[name]) for name in keyset.columns])


@pytest.fixture(scope="module")
def connection(cluster: TestCluster) -> Iterator[sa.Connection]:
    """A connection with the temporary table."""
    url = sa.make_url(cluster.administration).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url)
    with engine.connect() as opened:
        TABLE.create(opened)
        opened.commit()
        yield opened
        opened.rollback()
    engine.dispose()


def _fill(connection: sa.Connection, rows_of_arrays: Sequence[Row]) -> None:
    connection.rollback()  # rows of a failed example
    connection.execute(sa.delete(TABLE))
    if rows_of_arrays:
        connection.execute(sa.insert(TABLE), [dict(row) for row in rows_of_arrays])


def _sorted(rows_of_arrays: Sequence[Row], keyset: Keyset) -> list[UUID]:
    """The meaning of the order: column by column, null as the largest value."""
    found = list(rows_of_arrays)
    for name in reversed(keyset.columns):
        found.sort(
            key=lambda row: (row[name] is None, row[name]) if row[name] is not None else (True,),
            reverse=keyset.descending,
        )
    return [row["id"] for row in found]


def _page(
    connection: sa.Connection, keyset: Keyset, cursors: Cursors, size: int, cursor: str | None
) -> Sequence[Any]:
    query = sa.select(TABLE).order_by(*keyset.order_by(TABLE)).limit(size)
    if cursor is not None:
        query = query.where(keyset.beyond(TABLE, cursors.open(keyset, TABLE, cursor)))
    return connection.execute(query).mappings().all()


def _walk(connection: sa.Connection, keyset: Keyset, cursors: Cursors, size: int, most: int) -> list[UUID]:
    """Page after page to the end; fails instead of running in circles."""
    visited: list[UUID] = []
    cursor = None
    while page := _page(connection, keyset, cursors, size, cursor):
        visited += [row["id"] for row in page]
        assert len(visited) <= most, "a row was visited twice"
        cursor = _cursor(cursors, keyset, page[-1])
    return visited


@settings(max_examples=60, deadline=None)
@given(rows_of_arrays=rows, order=orders, size=st.integers(1, 5))
def test_paging_either_way_visits_each_row_exactly_once_in_order(
    connection: sa.Connection, rows_of_arrays: list[Row], order: Order, size: int
) -> None:
    _fill(connection, rows_of_arrays)
    forwards, backwards = Keyset.of(READS, order), Keyset.of(READS, order, backwards=True)
    cursors = Cursors.of(SECRECY, "education@4101", "Query.paged", forwards)
    expected = _sorted(rows_of_arrays, forwards)
    assert _walk(connection, forwards, cursors, size, len(expected)) == expected
    assert _walk(connection, backwards, cursors, size, len(expected)) == expected[::-1]


@settings(max_examples=30, deadline=None)
@given(rows_of_arrays=rows.filter(bool), order=orders, place=st.integers(0))
def test_a_cursor_parts_the_rows_before_it_from_those_after_it(
    connection: sa.Connection, rows_of_arrays: list[Row], order: Order, place: int
) -> None:
    _fill(connection, rows_of_arrays)
    forwards, backwards = Keyset.of(READS, order), Keyset.of(READS, order, backwards=True)
    cursors = Cursors.of(SECRECY, "education@4101", "Query.paged", forwards)
    expected = _sorted(rows_of_arrays, forwards)
    place %= len(expected)
    row = next(one for one in rows_of_arrays if one["id"] == expected[place])
    cursor = _cursor(cursors, forwards, row)
    after = [one["id"] for one in _page(connection, forwards, cursors, 100, cursor)]
    before = [one["id"] for one in _page(connection, backwards, cursors, 100, cursor)]
    assert [*before[::-1], row["id"], *after] == expected


def test_rows_that_come_and_go_between_pages_move_no_other_row(connection: sa.Connection) -> None:
    made: list[dict[str, Any]] = [{**ROW, "id": UUID(int=number), "rank": number} for number in range(6)]
    _fill(connection, made[1:5])
    keyset = Keyset.of(READS, Order(("rank",)))
    cursors = Cursors.of(SECRECY, "education@4101", "Query.paged", keyset)
    first = _page(connection, keyset, cursors, 2, None)
    connection.execute(sa.insert(TABLE), [made[0], made[5]])
    connection.execute(sa.delete(TABLE).where(TABLE.c.rank == 2))
    second = _page(connection, keyset, cursors, 10, _cursor(cursors, keyset, first[-1]))
    assert [row["rank"] for row in first] == [1, 2]
    assert [row["rank"] for row in second] == [3, 4, 5]


ROW: dict[str, Any] = {
    "id": UUID("0190a5f0-0000-7000-8000-000000000001"),
    "rank": 7,
    "at": datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC),
    "name": "张三 410105195001010013",
    "yuan": Decimal("1234.50"),
    "day": date(2026, 3, 4),
}
KEYSET = Keyset.of(READS, Order(tuple(name for name in ROW if name != "id")))
CURSORS = Cursors.of(SECRECY, "education@410105", "Query.paged", KEYSET)


def _bytes(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_cursor_gives_back_the_values_of_its_row_and_their_types() -> None:
    opened = CURSORS.open(KEYSET, TABLE, _cursor(CURSORS, KEYSET, ROW))
    assert opened == [ROW[name] for name in KEYSET.columns]
    assert [type(value) for value in opened] == [type(ROW[name]) for name in KEYSET.columns]
    absent = {**ROW, "yuan": None, "day": None}
    assert CURSORS.open(KEYSET, TABLE, _cursor(CURSORS, KEYSET, absent)) == [
        absent[name] for name in KEYSET.columns
    ]


def test_a_cursor_holds_no_value_in_the_clear() -> None:
    sealed = _cursor(CURSORS, KEYSET, ROW)
    for text in filter(lambda text: len(text) > 5, map(str, ROW.values())):  # a short one may occur by chance
        assert text.encode() not in _bytes(sealed)
        assert _text(text.encode()) not in sealed
    assert ROW["id"].bytes not in _bytes(sealed)
    for length in range(4, 12):
        assert str(ROW["name"])[3 : 3 + length].encode() not in _bytes(sealed)


def test_the_same_row_has_the_same_cursor_so_that_pages_can_be_compared() -> None:
    assert _cursor(CURSORS, KEYSET, ROW) == _cursor(CURSORS, KEYSET, dict(ROW))


DESCENDING = Keyset.of(READS, Order(tuple(name for name in ROW if name != "id"), descending=True))


@pytest.mark.parametrize(
    "elsewhere",
    [
        Cursors.of(SECRECY, "health@410105", "Query.paged", KEYSET),
        Cursors.of(SECRECY, "education@410105", "Household.paged", KEYSET),
        Cursors.of(SECRECY, "education@410105", "Query.paged", DESCENDING),
        Cursors.of(SECRECY, "education@410105Query", ".paged", KEYSET),
        Cursors.of(Secrecy(Keys.create()), "education@410105", "Query.paged", KEYSET),
    ],
    ids=["another agency", "another connection", "another order", "shifted names", "another hub"],
)
def test_a_cursor_opens_for_its_own_agency_connection_and_order_alone(elsewhere: Cursors) -> None:
    with pytest.raises(InvalidCursor):
        elsewhere.open(KEYSET, TABLE, _cursor(CURSORS, KEYSET, ROW))


def test_a_cursor_altered_in_any_byte_is_refused() -> None:
    sealed = _bytes(_cursor(CURSORS, KEYSET, ROW))
    for place in range(len(sealed)):
        altered = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(InvalidCursor):
            CURSORS.open(KEYSET, TABLE, _text(altered))


def test_a_cursor_cut_anywhere_or_made_longer_is_refused() -> None:
    sealed = _bytes(_cursor(CURSORS, KEYSET, ROW))
    for broken in (
        *(sealed[:length] for length in range(len(sealed))),
        sealed[1:],
        sealed + b"\0",
        sealed * 2,
    ):
        with pytest.raises(InvalidCursor):
            CURSORS.open(KEYSET, TABLE, _text(broken))


@given(st.text() | st.binary().map(_text))
@example("")
@example("=")
@example("A")
@example("\ud800")
@example("游标")
@example("null")
def test_garbage_is_an_invalid_cursor(garbage: str) -> None:
    with pytest.raises(InvalidCursor):
        CURSORS.open(KEYSET, TABLE, garbage)


def test_the_database_writes_a_value_as_python_does(connection: sa.Connection) -> None:
    made = [
        {**ROW, "id": UUID(int=1)},
        {**ROW, "id": UUID(int=2), "yuan": None, "day": None, "at": datetime(2026, 1, 1, tzinfo=UTC)},
    ]
    _fill(connection, made)
    connection.execute(sa.text("set local timezone to 'UTC'"))
    written = connection.execute(
        sa.select(*(plain_sql(TABLE.c[name]) for name in KEYSET.columns)).order_by(TABLE.c.id)
    ).all()
    assert [tuple(row) for row in written] == [
        tuple(plain(row[name]) for name in KEYSET.columns) for row in made
    ]


def test_a_text_that_may_be_null_is_no_order() -> None:
    table = sa.Table("nameless", sa.MetaData(), sa.Column("id", sa.Uuid), sa.Column("name", CODE))
    with pytest.raises(TypeError, match="name"):
        Keyset(("name",), descending=False).order_by(table)
