"""Opens the file of an office, CSV or workbook, and finds its table: the sheets with their header, and the rows with data.

The format is detected from the content, not from the name. A file is read once completely before anything is written. So a
file that cannot be read to its end is refused. No row stays in memory.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from hub.foundation.errors import HubError
from hub.imports.cells import Cell
from hub.imports.digits import Digits, without_lost
from hub.imports.headers import TOP, Column, Header, find_header, score
from hub.imports.notes import notes_of
from hub.imports.parts import SheetPart
from hub.imports.refusals import ColumnsIgnored, HiddenRowsRead, RowsSkipped, SheetNotFound, UnreadableFile
from hub.imports.sheets import chosen_parts
from hub.imports.text_files import TextFile, text_files
from hub.imports.workbooks.workbook import COMPOUND, ZIP

_LISTED = 30
MOST_ROWS = 1_500_000
"""The most rows of a file; memory holds the codes of all households."""


@dataclass(frozen=True)
class Table:
    """A file with its header. `sha256` is the hash of the file's bytes, `total` the number of rows with data."""

    parts: Sequence[SheetPart]
    header: Header
    sha256: bytes
    notices: tuple[HubError, ...]
    total: int
    _skipped: frozenset[int]
    _lost: Mapping[int, frozenset[int]]

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """The rows with data, with their numbers. The columns are in the order of the first sheet."""
        for part in self.parts:
            order = _order(part.header, self.header)
            for row, cells in part.rows():
                if row in self._skipped:
                    continue
                placed = cells if order is None else _ordered(cells, order)
                yield row, without_lost(placed, self._lost) if self._lost else placed

    def as_written(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """The rows with data, with all their cells, also of unknown columns. The columns are in the order of the first sheet."""
        for part in self.parts:
            order = _whole_order(part.header, self.header)
            for row, cells in part.rows():
                if row not in self._skipped:
                    yield row, cells if order is None else _ordered(cells, order)


def _whole_order(header: Header, first: Header) -> Mapping[int, int] | None:
    """Like `_order`, for all columns. Unknown columns are found by their titles."""
    if header.titles == first.titles:
        return None
    order = {first.places[key]: place for key, place in header.places.items()}
    titles = {title: place for place, title in enumerate(header.titles)}
    return order | {
        at: titles[title] for at, title in enumerate(first.titles) if at not in order and title in titles
    }


def _order(header: Header, first: Header) -> Mapping[int, int] | None:
    """The position of each column of the first sheet in this sheet; None if all positions are equal."""
    if header.places == first.places and header.width == first.width:
        return None
    return {first.places[key]: place for key, place in header.places.items()}


def _ordered(cells: Sequence[Cell], order: Mapping[int, int]) -> list[Cell]:
    row: list[Cell] = [None] * (max(order) + 1)
    for to, at in order.items():
        if at < len(cells):
            row[to] = cells[at]
    return row


def open_table(
    path: Path, columns: Sequence[Column], sheets: Sequence[str] = (), *, whole: bool = False
) -> Table:
    """Open a file and find its header. `sheets`: the names of the sheets to read; without it, all sheets with the same
    header. `whole`: refuse the file if a sheet has rows that would be left out.

    Raises UnreadableFile, HeaderNotFound, MissingColumns, DuplicateColumn, SeveralPersonsInRow, AmbiguousColumn,
    SheetNotFound, SheetsNotRead.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
        sha256 = sha256_of(path)
    except OSError as error:
        raise UnreadableFile(reason=error.strerror, reason_zh="文件不存在或没有读取权限") from error
    notices: list[HubError] = []
    if start.startswith((ZIP, COMPOUND)):
        parts = chosen_parts(path, columns, sheets, notices, whole=whole)
    elif sheets:
        raise SheetNotFound(sheet=sheets[0], sheets="-")
    else:
        parts = [_text_part(path, start, columns)]
    header = parts[0].header
    if unknown := list(dict.fromkeys(label for part in parts for label in part.header.unknown)):
        notices.append(ColumnsIgnored(columns="、".join(unknown)))
    seen = _Survey(parts)
    if seen.skipped:
        notices.append(RowsSkipped(count=len(seen.skipped), rows=_listed(seen.skipped)))
    if seen.hidden:
        notices.append(HiddenRowsRead(count=len(seen.hidden), rows=_listed(seen.hidden)))
    lost = seen.digits.lost(header)
    return Table(parts, header, sha256, tuple(notices), seen.total, frozenset(seen.skipped), lost)


def sha256_of(path: Path) -> bytes:
    """The hash of a file's bytes; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _text_part(path: Path, start: bytes, columns: Sequence[Column]) -> SheetPart:
    """The file, read with the delimiter that gives the best header."""
    candidates = text_files(path, start)
    file, top, error = max(map(_top, candidates), key=lambda found: score(found[1], columns))
    if error is None and not any(any(map(str.strip, row)) for row in chain(top, file)):
        raise UnreadableFile(reason="the file is empty", reason_zh="文件是空的,没有任何内容")
    if error is not None:
        raise error
    return SheetPart(file, find_header(top, columns))


def _top(file: TextFile) -> tuple[TextFile, list[list[str]], UnreadableFile | None]:
    """The first rows that can be read with this delimiter, and the error of the next row, if any."""
    rows: list[list[str]] = []
    try:
        rows += islice(file, TOP)
    except UnreadableFile as error:
        return file, rows, error
    return file, rows, None


class _Survey:
    """A reading of the file to its end: the number of rows with data, the numbers of the rows without data, the hidden rows
    with data, and the long numbers."""

    def __init__(self, parts: Sequence[SheetPart]) -> None:
        self.total = 0
        self.skipped: list[int] = []
        self.hidden: list[int] = []
        self.digits = Digits()
        for part in parts:
            is_note = notes_of(part.header)
            count = self.digits.counter(part.header)
            for row, cells in part.rows():
                if self.total + len(self.skipped) >= MOST_ROWS:
                    raise UnreadableFile(
                        reason=f"it has more than {MOST_ROWS} rows; split it",
                        reason_zh=f"超过 {MOST_ROWS} 行,请拆分后导入",
                    )
                if is_note(cells):
                    self.skipped.append(row)
                    continue
                self.total += 1
                count(cells)
                if part.is_hidden(row):
                    self.hidden.append(row)


def _listed(rows: Sequence[int]) -> str:
    """The numbers of the first of these rows."""
    return "、".join(map(str, rows[:_LISTED])) + (" …" if len(rows) > _LISTED else "")
