"""Reads text files: CSV in UTF-8 (with or without BOM), UTF-16 with BOM or GB18030, row by row.

A quotation mark that is not closed would join many rows into one cell. Such a file is refused, with the number of the line
where the quotation begins.
"""

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from hub.imports.refusals import UnreadableFile

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",;\t"
_CHUNK = 1 << 17
"""A line must be shorter than two chunks."""
_MOST_LINES = 64
"""The most lines of one row; its cells may have several lines each."""
_END = "\x00end of file\x00"
"""A line after the last line. It is read as a separate row unless a quotation mark is open."""


@dataclass(frozen=True)
class TextFile:
    """The rows of a text file; can be read repeatedly."""

    path: Path
    encoding: str
    delimiter: str
    quoted: bool = True
    """Whether the file has quotation marks; if not, each line is a row."""

    def __iter__(self) -> Iterator[list[str]]:
        return self._rows() if self.quoted else self._lines()

    def _lines(self) -> Iterator[list[str]]:
        with self._open() as file:
            yield from csv.reader(file, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)

    def _rows(self) -> Iterator[list[str]]:
        with self._open() as file, self._open() as again:
            last = [_MOST_LINES]
            rows = csv.reader(_lines(file, last), delimiter=self.delimiter)
            begins, columns, compared = 1, 0, 0
            try:
                for row in rows:
                    if rows.line_num > begins:
                        lines = list(islice(again, begins - compared - 1, rows.line_num - compared))
                        compared = rows.line_num
                        self._check(lines, row, columns, begins)
                    if row == [_END]:
                        return
                    begins = rows.line_num + 1
                    last[0] = rows.line_num + _MOST_LINES
                    columns = max(columns, len(row))
                    yield row
            except csv.Error as error:
                raise _unclosed(begins) from error

    def _open(self) -> TextIO:
        return self.path.open(encoding=self.encoding, newline="")

    def _check(self, lines: Sequence[str], row: Sequence[str], columns: int, begins: int) -> None:
        """Refuse a row of several lines that contains other rows: its quotation marks are not closed, or a cell has as many
        delimiters as the rows that its line ends would make."""
        if any(_END in cell for cell in row):
            raise _unclosed(begins)
        try:
            list(csv.reader(lines, delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            raise _unclosed(begins) from error
        if columns > 2:
            for cell in row:
                ends = cell.count("\n") or cell.count("\r")
                if ends and cell.count(self.delimiter) >= ends * (columns - 1):
                    raise _unclosed(begins)


def _lines(file: TextIO, last: Sequence[int]) -> Iterator[str]:
    """The lines of a file and the line `_END`; raises UnreadableFile if a row does not end by its last allowed line."""
    for number, line in enumerate(file, 1):
        if number > last[0]:
            raise _unclosed(number - _MOST_LINES)
        yield line
    yield _END


def _unclosed(line: int) -> UnreadableFile:
    return UnreadableFile(
        reason=f'a quotation mark (") that begins a cell in line {line} is not closed',
        reason_zh=f'第 {line} 行的单元格以引号(")开头,但引号没有成对,其后各行无法读取',
    )


def text_files(path: Path, start: bytes) -> list[TextFile]:
    """The file with each possible delimiter; `start` is its first bytes. Raises UnreadableFile."""
    encodings = ("utf-16",) if start.startswith(_UTF_16) else ("utf-8-sig", "gb18030")
    decoded = ((candidate, _decodes(path, candidate)) for candidate in encodings)
    encoding, quoted = next(
        ((candidate, quoted) for candidate, quoted in decoded if quoted is not None), (None, True)
    )
    if encoding is None:
        raise UnreadableFile(
            reason="it is neither a workbook nor text in UTF-8 or GB18030",
            reason_zh="既不是工作簿,也不是 UTF-8 或 GB18030 编码的文本",
        )
    return [TextFile(path, encoding, delimiter, quoted) for delimiter in _DELIMITERS]


def _decodes(path: Path, encoding: str) -> bool | None:
    """Whether a text file in an encoding has quotation marks; None if the file is not text in this encoding. Raises
    UnreadableFile if a line is longer than any row."""
    quoted = False
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    without_end = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                text = decoder.decode(chunk)
                quoted = quoted or '"' in text
                without_end = 0 if "\n" in text or "\r" in text else without_end + 1
                if without_end > 1:
                    raise UnreadableFile(
                        reason="a line is longer than a row can be", reason_zh="有一行过长,不是表格"
                    )
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return quoted
