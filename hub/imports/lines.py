"""`hub import lines`: the monthly standards and income lines of a county as its office published them (46-3.1, 46-3.3)."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import now, table_of
from hub.households.import_lock import one_at_a_time
from hub.households.refusals import DuplicateRow, InvalidMoney
from hub.imports import words
from hub.imports.cells import Cell, coded, compact, day, money, text
from hub.imports.files import Table
from hub.imports.headers import Column
from hub.imports.importing import Importing
from hub.imports.records import Record, read_records
from hub.lines.load import LineKey
from hub.model.lines import PovertyLineRow
from hub.policy.facts.versions import current
from hub.regions.places import Places

_line = table_of(PovertyLineRow)
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?|(\d{4})(\d{2})")
_KEY = ("county", "residence", "category", "from_month")


def columns(places: Places, _sample: bool) -> tuple[Column, ...]:
    """The columns of a file of lines."""
    return (
        Column("county", "区县 区划代码 行政区划代码 区县代码", coded(places.county), required=True),
        Column("residence", "城乡类别 城乡 户籍性质", words.RESIDENCE, required=True),
        Column("category", "救助类别 对象类别", words.CATEGORY, required=True),
        Column("fromMonth", "执行月份 起始月份 执行时间", month, required=True),
        Column("yuan", "月标准 标准 收入线", money, required=True),
        Column("source", "文号 依据文件 来源", text, required=True),
    )


def month(cell: Cell) -> date | None:
    """The first day of a month: `2026-07`, `2026年7月`, `202607`, or any day of it; raises InvalidDate."""
    written = None if isinstance(cell, date | datetime) else compact(cell)
    if written is not None and (found := _MONTH.fullmatch(written)):
        year, number = found[1] or found[3], found[2] or found[4]
        return day(f"{year}-{number}-1")
    any_day = day(cell)
    return None if any_day is None else any_day.replace(day=1)


def read_lines(importing: Importing, table: Table, columns: Sequence[Column]) -> Iterator[Record]:
    """The valid rows; each line may be in one row only."""
    rows: dict[LineKey, int] = {}
    for record in read_records(table, columns):
        importing.tally.rows += 1
        values = record.values
        if values.get("yuan") == 0:
            record.faults.append(("yuan", InvalidMoney(), None))
        if not record.faults and (first := rows.setdefault(_key(values), record.row)) != record.row:
            record.faults.append(("county", DuplicateRow(row=first), None))
        if record.faults:
            importing.refuse(record)
        else:
            yield record


def _key(values: dict[str, Any]) -> LineKey:
    return values["county"], values["residence"], values["category"], values["fromMonth"]


async def keep_lines(session: AsyncSession, importing: Importing, records: Sequence[Record]) -> None:
    """Save each new or changed line as the next version; earlier versions stay readable."""
    await one_at_a_time(session)
    new_lines = {_key(record.values): record.values for record in records}
    current_lines = {
        tuple(row)[:4]: row
        for row in await session.execute(
            sa.select(*(_line.c[name] for name in _KEY), _line.c.version, _line.c.yuan, _line.c.source).where(
                current(_line), sa.tuple_(*(_line.c[name] for name in _KEY)).in_(list(new_lines))
            )
        )
    }
    changed = [
        key
        for key, values in new_lines.items()
        if key not in current_lines
        or (current_lines[key].yuan, current_lines[key].source) != (values["yuan"], values["source"])
    ]
    if not changed:
        return
    at = now()
    await session.execute(
        sa.update(_line)
        .where(current(_line), sa.tuple_(*(_line.c[name] for name in _KEY)).in_(changed))
        .values(superseded_at=at)
    )
    await session.execute(
        sa.insert(_line),
        [
            _row(
                importing,
                key,
                new_lines[key],
                current_lines[key].version + 1 if key in current_lines else 1,
                at,
            )
            for key in changed
        ],
    )
    importing.tally.changed += len(changed)


def _row(
    importing: Importing, key: LineKey, values: dict[str, Any], version: int, at: datetime
) -> dict[str, Any]:
    yuan: Decimal = values["yuan"]
    return {
        **dict(zip(_KEY, key, strict=True)),
        "version": version,
        "yuan": yuan,
        "source": values["source"],
        "recorded_by": importing.grant.agency,
        "client_id": importing.grant.client,
        "recorded_at": at,
    }
