"""A template of SQL: rendered once, used over any row with its columns."""

import pytest
import sqlalchemy as sa

from hub.foundation.database import Database
from hub.foundation.prepared_sql import SqlTemplate, render

ROW = sa.table("row_of_the_template", sa.column("name", sa.Text), sa.column("size", sa.Integer))


def rows(alias: str) -> sa.TableValuedAlias:
    """Two rows with the columns of the template, under another name."""
    unnested = sa.func.unnest(sa.literal_column("array['a', 'b']"), sa.literal_column("array[1, 2]"))
    return unnested.table_valued(sa.column("name", sa.Text), sa.column("size", sa.Integer)).render_derived(
        name=alias
    )


@pytest.mark.anyio
async def test_a_template_says_of_each_row_what_its_expression_says_by_either_compiler(
    database: Database,
) -> None:
    quoted = "it's 100 % of :size, \\n"
    expression = sa.case(
        {"a": sa.literal(quoted)}, value=ROW.c.name, else_=ROW.c.name + sa.cast(ROW.c.size, sa.Text)
    )
    template = SqlTemplate.of(expression, ROW)
    first, second = rows("first"), rows("second")
    statement = sa.select(template.over(first), template.over(second)).select_from(
        first.join(second, sa.true())
    )
    wanted = {(one, other) for one in (quoted, "b2") for other in (quoted, "b2")}
    async with database.read() as connection:
        assert {tuple(row) for row in await connection.execute(statement)} == wanted
        assert {tuple(row) for row in await connection.exec_driver_sql(render(statement).text)} == wanted


def test_a_template_takes_no_parameter() -> None:
    with pytest.raises(ValueError, match="no parameters: who"):
        SqlTemplate.of(ROW.c.name + sa.bindparam("who", type_=sa.Text), ROW)
