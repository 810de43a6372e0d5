"""Rows of a GraphQL list as lines of JSON, and as a table of which each column is a path (`household.code`)."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from hub.imports.report import harmless

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
    """The first line of a table, which spreadsheets read as UTF-8."""
    return (BOM + _csv(columns)).encode()


def csv_of(lines: bytes, columns: Sequence[str]) -> bytes:
    """Lines of JSON as lines of the table. Text that a spreadsheet would take for a formula gets an apostrophe."""
    rows = (dict(cells_of(orjson.loads(line))) for line in lines.splitlines())
    return "".join(_csv([harmless(row.get(column, "")) for column in columns]) for row in rows).encode()


def _csv(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
