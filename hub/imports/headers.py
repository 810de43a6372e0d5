"""Header rows: maps the column names that offices use to the columns of an import."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.imports.cells import Cell
from hub.imports.refusals import DuplicateColumn, HeaderNotFound, MissingColumns

HEADER_WITHIN = 10
"""The header is searched in this number of rows from the top; titles and notes may come before it."""

_PARENTHESES = re.compile(r"[(\[【].*?[)\]】]")
_DECORATION = re.compile(r"[\s*:_\-'\u200b-\u200f\ufeff]+")


@dataclass(frozen=True)
class Column:
    """A column of an import: its key (the English header), its Chinese headers with the recommended one first, and its
    reader.

    `required` columns must exist in the file and be filled in each row.
    """

    key: str
    chinese: str
    read: Callable[[Cell], Any]
    required: bool = False

    @property
    def chinese_headers(self) -> list[str]:
        """The Chinese headers, the recommended one first."""
        return self.chinese.split()


@dataclass(frozen=True)
class Header:
    """The places of columns in a file. `places` and `labels` go by the column's key."""

    rows: int
    width: int
    places: Mapping[str, int]
    labels: Mapping[str, str]
    unknown: Sequence[str]


def normalized(label: str) -> str:
    """A header without units, stars, spaces and case: `家庭人均月收入(元)*` is `家庭人均月收入`."""
    plain = unicodedata.normalize("NFKC", label)
    return _DECORATION.sub("", _PARENTHESES.sub("", plain) or plain).casefold()


def find_header(top: Sequence[Sequence[Cell]], columns: Sequence[Column]) -> Header:
    """The header among the first rows of a file.

    Raises HeaderNotFound, MissingColumns, DuplicateColumn.
    """
    names = _names(columns)
    best = _best(top, names)
    required = [column for column in columns if column.required]
    if best is None:
        raise HeaderNotFound(rows=HEADER_WITHIN, columns=_keys(required), columns_zh=_chinese(required))
    rows, labels = best
    header = _placed(rows, labels, names)
    if missing := [column for column in required if column.key not in header.places]:
        raise MissingColumns(columns=_keys(missing), columns_zh=_chinese(missing))
    return header


def score(top: Sequence[Sequence[Cell]], columns: Sequence[Column]) -> int:
    """The number of columns that the best of the first rows names; it decides the delimiter of a file."""
    names = _names(columns)
    best = _best(top, names)
    return 0 if best is None else _known(best[1], names)


def _names(columns: Sequence[Column]) -> dict[str, Column]:
    return {normalized(name): column for column in columns for name in (column.key, *column.chinese_headers)}


def _best(top: Sequence[Sequence[Cell]], names: Mapping[str, Column]) -> tuple[int, list[str]] | None:
    """The rows down to the end of the header, and the labels of the header that names the most columns."""
    best: tuple[int, list[str]] | None = None
    most = 1
    for end, labels in _candidates(top[: HEADER_WITHIN + 1], names):
        if (known := _known(labels, names)) > most:
            best, most = (end, labels), known
    return best


def _candidates(
    top: Sequence[Sequence[Cell]], names: Mapping[str, Column]
) -> Iterable[tuple[int, list[str]]]:
    """Each row as a possible header, alone and combined with the next row (cells merged over groups of columns)."""
    rows = [[str(cell).strip() if cell is not None else "" for cell in row] for row in top]
    for index, row in enumerate(rows[:HEADER_WITHIN]):
        yield index + 1, row
        if index + 1 < len(rows) and (both := _merged(row, rows[index + 1], names)):
            yield index + 2, both


def _merged(upper: list[str], lower: list[str], names: Mapping[str, Column]) -> list[str] | None:
    """Two header rows combined; None if the lower one is data, with values below known headers."""
    width = max(len(upper), len(lower))
    upper, lower = (row + [""] * (width - len(row)) for row in (upper, lower))
    if any(below and normalized(above) in names for above, below in zip(upper, lower, strict=True)):
        return None
    return [below or above for above, below in zip(upper, lower, strict=True)]


def _known(labels: Sequence[str], names: Mapping[str, Column]) -> int:
    return len({names[label].key for label in map(normalized, labels) if label in names})


def _placed(rows: int, labels: Sequence[str], names: Mapping[str, Column]) -> Header:
    places: dict[str, int] = {}
    unknown = []
    for place, label in enumerate(labels):
        column = names.get(normalized(label))
        if column is None:
            unknown += [label] if label else []
        elif column.key in places:
            raise DuplicateColumn(
                first=places[column.key] + 1,
                second=place + 1,
                column=column.key,
                column_zh=column.chinese_headers[0],
            )
        else:
            places[column.key] = place
    return Header(rows, len(labels), places, {key: labels[place] for key, place in places.items()}, unknown)


def _keys(columns: Sequence[Column]) -> str:
    return ", ".join(column.key for column in columns)


def _chinese(columns: Sequence[Column]) -> str:
    return "、".join(column.chinese_headers[0] for column in columns)
