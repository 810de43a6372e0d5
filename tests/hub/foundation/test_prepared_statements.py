"""The statements that a connection keeps prepared on the server: the most recently used ones, up to a number and a size."""

from collections.abc import AsyncIterator

import psycopg
import pytest

from hub.foundation.connections import HEAVIEST, Driver
from hub.foundation.deadlines import Connector

pytestmark = pytest.mark.anyio
KEPT = (
    "select count(*) as statements, coalesce(sum(length(statement)), 0) as weight from pg_prepared_statements"
)


@pytest.fixture
async def driver(database_url: str) -> AsyncIterator[Driver]:
    """A driver with one connection."""
    driver = Driver(database_url, 1, {}, 30, Connector())
    yield driver
    driver.close()


async def kept(driver: Driver) -> tuple[int, int]:
    """The number of statements that the connection has prepared, and of their characters."""
    (row,) = await driver.fetch(KEPT, ())
    return row["statements"], row["weight"]


def of_length(characters: int, number: int) -> str:
    """A statement of a given length."""
    return f"select {number} as one /* ".ljust(characters - 2, "-") + "*/"


async def test_a_statement_is_prepared_once_however_often_it_is_run(driver: Driver) -> None:
    before, _ = await kept(driver)
    for _ in range(5):
        assert [row["one"] for row in await driver.fetch("select 1 as one", ())] == [1]
    assert (await kept(driver))[0] == before + 1


async def test_what_is_prepared_is_bounded_by_its_weight_and_the_rest_is_closed_on_the_server(
    driver: Driver,
) -> None:
    each = HEAVIEST // 10
    for number in range(40):
        await driver.fetch(of_length(each, number), ())
    statements, weight = await kept(driver)
    assert statements <= 12, "ten of them, what asks, and the one whose turn to be closed comes next"
    assert weight <= HEAVIEST + 2 * each


async def test_a_statement_that_is_too_heavy_to_be_kept_is_answered_all_the_same(driver: Driver) -> None:
    for number in range(3):
        assert (await driver.fetch(of_length(HEAVIEST + 1, number), ()))[0]["one"] == number
    await driver.fetch("select 1 as one", ())
    assert (await kept(driver))[1] < HEAVIEST


async def test_a_statement_is_prepared_anew_where_the_schema_changed(
    driver: Driver, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("create table changing (one int)")
        owner.execute("insert into changing values (1)")
        assert [dict(row) for row in await driver.fetch("select * from changing", ())] == [{"one": 1}]
        owner.execute("alter table changing add column two text default 'two'")
    rows = await driver.fetch("select * from changing", ())
    assert [dict(row) for row in rows] == [{"one": 1, "two": "two"}]
