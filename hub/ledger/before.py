"""Stores the rows that an import replaces, with their values before it, so that the whole import can be undone.

Only imports do this. New rows need no copy: their events name them.
"""

import base64
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import table_of
from hub.model.import_runs import ImportBeforeRow, run_of
from hub.model.privileges import CHANGED

_before = table_of(ImportBeforeRow)
_NEVER_PUT_BACK = frozenset({"version", "updated_at", "source_agency"})
"""Columns that record the change itself."""
Stood = dict[tuple[str, UUID], tuple[UUID, dict[str, Any]]]
"""By table and id: the household, and the columns with their old values."""


def columns_of(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row that may change, with their values."""
    return {name: row[name] for name in CHANGED[table] if name not in _NEVER_PUT_BACK}


async def save_before(session: AsyncSession, client: str, rows: Stood) -> None:
    """Store rows with their values before an import. If the import changes a row twice, the first values count. For clients
    that are no import, this does nothing."""
    run = run_of(client)
    if run is None or not rows:
        return
    kept = [
        {
            "run_id": run,
            "household_id": household_id,
            "row_id": id,
            "of_table": table,
            "before": {name: _written(value) for name, value in columns.items()},
        }
        for (table, id), (household_id, columns) in rows.items()
    ]
    await session.execute(pg.insert(_before).on_conflict_do_nothing(), kept)


async def rows_before(
    session: AsyncSession, run: UUID, table: sa.Table, households: Collection[UUID]
) -> dict[UUID, dict[str, Any]]:
    """The rows of a table that an import changed in some households, by id, with their old values."""
    found = await session.execute(
        sa.select(_before.c.row_id, _before.c.before).where(
            _before.c.run_id == run,
            _before.c.of_table == table.name,
            _before.c.household_id.in_(households),
        )
    )
    return {
        row.row_id: {name: _read(table.c[name], value) for name, value in row.before.items()} for row in found
    }


def _written(value: Any) -> Any:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case Enum():
            return value.value
        case date() | Decimal():
            return str(value)
        case _:
            return value


def _read(column: sa.Column[Any], value: Any) -> Any:
    if value is None:
        return None
    match column.type:
        case sa.Enum(enum_class=kind) if kind is not None:
            return kind(value)
        case sa.LargeBinary():
            return base64.b64decode(value)
        case sa.Date():
            return date.fromisoformat(value)
        case sa.Numeric():
            return Decimal(value)
        case _:
            return value
