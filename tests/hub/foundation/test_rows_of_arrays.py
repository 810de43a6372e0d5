"""Rows that a statement receives as one array for each column."""

import pytest
import sqlalchemy as sa

from hub.foundation.database import Database
from hub.foundation.prepared_sql import by_columns, rows_of_arrays

COLUMNS = (sa.column("code", sa.Text), sa.column("households", sa.Integer))
NAMES = ("code", "households")


@pytest.mark.anyio
@pytest.mark.parametrize("rows", [[], [("410105", 3)], [("410105", 3), ("410103", 0), ("4101", 3)]])
async def test_a_statement_sees_the_rows_that_it_was_given_and_none_where_there_are_none(
    database: Database, rows: list[tuple[str, int]]
) -> None:
    async with database.read() as connection:
        found = await connection.execute(
            sa.select(rows_of_arrays(*COLUMNS, place="place")), by_columns(NAMES, rows)
        )
        assert [tuple(row) for row in found] == [(*row, place) for place, row in enumerate(rows, 1)]
