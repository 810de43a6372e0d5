"""`hub import lines`: the monthly standards and income lines of a county as its office published them (46-3.1, 46-3.3)."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hub.households.import_lock import one_at_a_time
from hub.households.refusals import DuplicateRow, InvalidMoney
from hub.imports import words
from hub.imports.cells import Cell, coded, compact, day, money, text
from hub.imports.files import Table
from hub.imports.headers import Column
from hub.imports.importing import Importing
from hub.imports.records import Record, read_records
from hub.lines.commands import LineDraft, set_lines
from hub.lines.load import LineKey
from hub.regions.places import Places

_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?|(\d{4})(\d{2})")


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


async def save_lines(session: AsyncSession, importing: Importing, records: Sequence[Record]) -> None:
    """Store the lines of the rows, in the session's transaction."""
    await one_at_a_time(session)
    drafts = [
        LineDraft(*_key(record.values), record.values["yuan"], record.values["source"]) for record in records
    ]
    importing.tally.changed += await set_lines(session, importing.grant, drafts)
