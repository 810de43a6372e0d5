"""Updating many rows in one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

_IMPORTS = 4_600_001
"""The advisory lock of imports; any number of our own."""


async def one_import_at_a_time(session: AsyncSession) -> None:
    """Hold the lock of imports until the transaction ends, so that two never register a person twice.

    The limits of requests do not fit: a transaction here is a few thousand households, and waits for its turn.
    """
    await session.execute(
        sa.select(
            sa.func.set_config("lock_timeout", "0", True), sa.func.set_config("statement_timeout", "0", True)
        )
    )
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_IMPORTS)))


async def update_rows(
    session: AsyncSession, table: sa.Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Set columns of many rows, each found by its key; all rows name the same columns."""
    if not rows:
        return
    names = list(rows[0])
    new = (
        sa.func.unnest(
            *(sa.cast([row[name] for row in rows], _array_of(table.c[name].type)) for name in names)
        )
        .table_valued(*(sa.column(name, table.c[name].type) for name in names))
        .render_derived("new")
    )
    await session.execute(
        sa.update(table)
        .where(*(table.c[name] == new.c[name] for name in key))
        .values({name: new.c[name] for name in names if name not in key})
    )


def _array_of(column: sa.types.TypeEngine[Any]) -> pg.ARRAY[Any]:
    """An array of a column's values; words and codes as plain text, since an array has no collation of its own."""
    return pg.ARRAY(sa.Text() if isinstance(column, sa.String) else column)
