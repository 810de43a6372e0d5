"""Writes the rows of a GraphQL list as JSON Lines, and as a table whose columns are paths (`household.code`): CSV, or a
workbook with text cells. Tables are written row by row, so their length has no limit."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import IO, Any

import orjson

from hub.imports.report import harmless
from hub.imports.workbooks.writer import ROWS_OF_SHEET, SheetToWrite, write_workbook

BOM = "\ufeff"


def line_of(node: Mapping[str, Any]) -> bytes:
    """A row as a line of JSON (JSON Lines)."""
    return orjson.dumps(node) + b"\n"


def cells_of(node: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """The cells of a row: path and text. A list is JSON in one cell; null is an empty cell."""
    for name, value in node.items():
        if isinstance(value, Mapping):
            yield from cells_of(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def without_objects(columns: Sequence[str]) -> list[str]:
    """The columns without those that hold null in some rows and an object in others."""
    return [one for one in columns if not any(other.startswith(f"{one}.") for other in columns)]


def header_of(columns: Sequence[str]) -> bytes:
    """The first line of a CSV table, with a BOM, so that spreadsheets read it as UTF-8."""
    return (BOM + _csv([columns])).encode()


def csv_of(lines: bytes, columns: Sequence[str]) -> bytes:
    """JSON lines as lines of the table. Text that a spreadsheet would read as a formula gets an apostrophe."""
    return _csv([harmless(cell) for cell in row] for row in _rows(lines.splitlines(), columns)).encode()


def write_xlsx(lines: Iterable[bytes], columns: Sequence[str], into: IO[bytes], rows: int) -> None:
    """Write `rows` JSON lines as a workbook; rows that do not fit into one sheet go to the next."""
    table, sheets = _rows(lines, columns), -(-rows // ROWS_OF_SHEET) or 1
    write_workbook(
        into,
        [
            SheetToWrite(str(number), chain([columns], islice(table, ROWS_OF_SHEET)), len(columns))
            for number in range(1, sheets + 1)
        ],
    )


def _rows(lines: Iterable[bytes], columns: Sequence[str]) -> Iterator[list[str]]:
    for line in lines:
        row = dict(cells_of(orjson.loads(line)))
        yield [row.get(column, "") for column in columns]


def _csv(rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
