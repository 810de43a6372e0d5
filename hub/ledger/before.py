"""What an import replaces: rows as they stood before it, so that the import can be undone as a whole.

Only imports keep this. What was new needs nothing kept: its events tell it.
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
"""Columns that tell of a change itself."""
Stood = dict[tuple[str, UUID], tuple[UUID, dict[str, Any]]]
"""By table and id: the household, and the columns as they stood."""


def columns_of(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row that may change, as they stand."""
    return {name: row[name] for name in CHANGED[table] if name not in _NEVER_PUT_BACK}


async def keep_before(session: AsyncSession, client: str, rows: Stood) -> None:
    """Keep rows as they stood before an import; where it changes one again, the first counts. Another client keeps nothing."""
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
    """The rows of a table that an import changed in some households, as they stood before, by id."""
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
