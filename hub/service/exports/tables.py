"""Rows of a GraphQL list as lines of JSON, and as a table of which each column is a path (`household.code`): CSV, or a workbook
whose cells are text. Tables are written row by row, whatever their length."""

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
    """The columns without those that are an object in another row, which was null in some."""
    return [one for one in columns if not any(other.startswith(f"{one}.") for other in columns)]


def header_of(columns: Sequence[str]) -> bytes:
    """The first line of a table in CSV, which spreadsheets read as UTF-8."""
    return (BOM + _csv([columns])).encode()


def csv_of(lines: bytes, columns: Sequence[str]) -> bytes:
    """Lines of JSON as lines of the table. Text that a spreadsheet would take for a formula gets an apostrophe."""
    return _csv([harmless(cell) for cell in row] for row in _rows(lines.splitlines(), columns)).encode()


def write_xlsx(lines: Iterable[bytes], columns: Sequence[str], into: IO[bytes], rows: int) -> None:
    """Write so many lines of JSON as a workbook; what one sheet cannot hold goes to the next."""
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
