"""Reads files: CSV in UTF-8 (with or without BOM), UTF-16 with BOM or GB18030, and Excel workbooks.

The format is detected from the content, not from the name. A CSV is read row by row and twice: the first pass checks the
encoding, so an unreadable file is refused before anything is written. A workbook is held in memory while it is read.
"""

import codecs
import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from hub.foundation.errors import HubError
from hub.imports.cells import Cell
from hub.imports.headers import HEADER_WITHIN, Column, Header, find_header, score
from hub.imports.refusals import ColumnsIgnored, SheetsIgnored, UnreadableFile

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",;\t"
_CHUNK = 1 << 20


class Sheet(Protocol):
    """The rows of cells of a sheet; can be read repeatedly."""

    def __iter__(self) -> Iterator[Sequence[Cell]]: ...


@dataclass(frozen=True)
class Table:
    """A file with its header. `sha256` is the hash of the file's bytes."""

    sheet: Sheet
    header: Header
    sha256: bytes
    notices: tuple[HubError, ...]

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """The rows below the header that are not empty, with their spreadsheet row numbers."""
        for number, cells in enumerate(self.sheet, 1):
            if number > self.header.rows and any(map(_filled, cells)):
                yield number, cells


def _filled(cell: Cell) -> bool:
    return bool(cell.strip()) if type(cell) is str else cell is not None


@dataclass(frozen=True)
class _Text:
    path: Path
    encoding: str
    delimiter: str

    def __iter__(self) -> Iterator[list[str]]:
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            try:
                yield from reader
            except csv.Error as error:
                raise UnreadableFile(
                    reason=f"near line {reader.line_num}: {error} (is a quotation mark not closed?)",
                    reason_zh=f"第 {reader.line_num} 行附近格式有误(引号可能没有成对)",
                ) from error


@dataclass(frozen=True)
class _Workbook:
    sheet: CalamineSheet

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        # An empty cell is '' to calamine, as in CSV; iter_rows() begins with the sheet's first row.
        yield from self.sheet.iter_rows()


def open_table(path: Path, columns: Sequence[Column]) -> Table:
    """Open a file and find its header; raises UnreadableFile, HeaderNotFound, MissingColumns, DuplicateColumn."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
        sha256 = sha256_of(path)
    except OSError as error:
        raise UnreadableFile(reason=error.strerror, reason_zh="文件不存在或没有读取权限") from error
    notices: list[HubError] = []
    is_workbook = start.startswith(_WORKBOOKS)
    sheet: Sheet = _first_sheet(path, columns, notices) if is_workbook else _text(path, start, columns)
    header = find_header(list(islice(sheet, HEADER_WITHIN + 1)), columns)
    if header.unknown:
        notices.append(ColumnsIgnored(columns="、".join(header.unknown)))
    return Table(sheet, header, sha256, tuple(notices))


def sha256_of(path: Path) -> bytes:
    """The hash of a file's bytes; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _text(path: Path, start: bytes, columns: Sequence[Column]) -> _Text:
    encodings = ("utf-16",) if start.startswith(_UTF_16) else ("utf-8-sig", "gb18030")
    encoding = next((candidate for candidate in encodings if _decodes(path, candidate)), None)
    if encoding is None:
        raise UnreadableFile(
            reason="it is neither a workbook nor text in UTF-8 or GB18030",
            reason_zh="既不是工作簿,也不是 UTF-8 或 GB18030 编码的文本",
        )
    candidates = [_Text(path, encoding, delimiter) for delimiter in _DELIMITERS]
    return max(candidates, key=lambda text: score(list(islice(text, HEADER_WITHIN + 1)), columns))


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _first_sheet(path: Path, columns: Sequence[Column], notices: list[HubError]) -> _Workbook:
    """The visible sheet with the best header, and the names of other sheets with content."""
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheets = [
            workbook.get_sheet_by_name(sheet.name)
            for sheet in workbook.sheets_metadata
            if sheet.visible is SheetVisibleEnum.Visible
        ]
    except CalamineError as error:
        raise UnreadableFile(
            reason="the workbook is damaged, protected by a password, or of an unknown kind",
            reason_zh="工作簿已损坏、有密码保护或格式未知",
        ) from error
    sheets = [sheet for sheet in sheets if sheet.start is not None]
    if not sheets:
        raise UnreadableFile(reason="the workbook is empty", reason_zh="工作簿没有内容")
    best = max(sheets, key=lambda sheet: score(list(islice(sheet.iter_rows(), HEADER_WITHIN + 1)), columns))
    if others := [sheet.name for sheet in sheets if sheet is not best]:
        notices.append(SheetsIgnored(sheet=best.name, others="、".join(others)))
    return _Workbook(best)
