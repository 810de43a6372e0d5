"""Opens a workbook. Its sizes are checked first. Then a separate process reads the values (`reader.py`), while this process
reads the markup as a stream. Neither needs much memory; a file that is too large ends both."""

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from hub.imports.cells import Cell
from hub.imports.refusals import UnreadableFile
from hub.imports.workbooks import ods, reader, xls, xlsx
from hub.imports.workbooks.findings import Findings, damaged, too_large
from hub.imports.workbooks.markup import open_archive

ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
"""The first bytes of a workbook file."""


@dataclass(frozen=True)
class WorkbookSheet:
    """A sheet with content. An iteration gives its rows from row 1 on: a cell without a value is an `UnreadableCell`, and a
    cell that is merged downwards is in each of its rows."""

    name: str
    visible: bool
    findings: Findings
    _file: IO[bytes] = field(repr=False)
    _at: int = 0

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        rows = self._rows()
        if self.findings.unreadable:
            rows = self._with_unreadable(rows)
        if any(bottom > top for top, bottom, _, _ in self.findings.merges):
            rows = self._filled_down(rows)
        return rows

    def _rows(self) -> Iterator[list[Cell]]:
        at = self._at
        while True:
            self._file.seek(at)
            part: list[list[Cell]] = pickle.load(self._file)  # noqa: S301 our own process wrote it
            at = self._file.tell()
            if not part:
                return
            yield from part

    def _with_unreadable(self, rows: Iterator[list[Cell]]) -> Iterator[list[Cell]]:
        unreadable = self.findings.unreadable
        number = -1
        for number, row in enumerate(rows):
            yield _placed(row, unreadable[number]) if number in unreadable else row
        for later in range(number + 1, max(unreadable) + 1):
            yield _placed([], unreadable.get(later, {}))

    def _filled_down(self, rows: Iterator[list[Cell]]) -> Iterator[list[Cell]]:
        begin: dict[int, list[tuple[int, int]]] = {}
        for top, bottom, left, _ in self.findings.merges:
            if bottom > top:
                begin.setdefault(top, []).append((bottom, left))
        open_: dict[int, tuple[int, Cell]] = {}
        for number, row in enumerate(rows):
            if open_ and any(cell not in ("", None) for cell in row):
                _placed(row, {column: cell for column, (_, cell) in open_.items()})
            for column in [column for column, (bottom, _) in open_.items() if bottom <= number]:
                del open_[column]
            for bottom, column in begin.get(number, ()):
                if column < len(row) and row[column] not in ("", None):
                    open_[column] = bottom, row[column]
            yield row


def _placed(row: list[Cell], cells: dict[int, Any]) -> list[Cell]:
    """The row with these cells at their columns."""
    missing = max(cells, default=-1) + 1 - len(row)
    row.extend([""] * missing)
    for column, cell in cells.items():
        row[column] = cell
    return row


def open_workbook(path: Path) -> list[WorkbookSheet]:
    """The sheets with content, hidden ones too; raises UnreadableFile. The rows are in a temporary file that has no name."""
    look_through = _looking_through(path)
    file = TemporaryFile()  # noqa: SIM115 it lives as long as the sheets
    with (
        path.open("rb") as workbook,
        subprocess.Popen(  # noqa: S603 our own Python
            [sys.executable, "-I", reader.__file__], stdin=workbook, stdout=file, stderr=subprocess.DEVNULL
        ) as reading,
    ):
        try:
            findings = look_through()
        except BaseException:
            reading.kill()
            raise
    if reading.returncode == reader.UNREADABLE:
        raise damaged()
    if reading.returncode:
        raise too_large()
    sheets = []
    size, at = file.seek(0, 2), 0
    while at < size:
        file.seek(at)
        name, visible, index = pickle.load(file)  # noqa: S301 our own process wrote it
        at = file.tell()
        sheets.append(WorkbookSheet(name, visible, _of(findings, name, index), file, at))
        while pickle.load(file):  # noqa: S301
            pass
        at = file.tell()
    if not sheets:
        raise UnreadableFile(reason="the workbook is empty", reason_zh="工作簿没有内容")
    return sheets


def _looking_through(path: Path) -> Callable[[], dict[str, Findings] | list[Findings]]:
    """A function that finds the peculiarities of a workbook. The sizes that the file declares are checked now; raises
    UnreadableFile."""
    with path.open("rb") as file:
        if file.read(4) == COMPOUND:
            xls.check_size(path)
            return lambda: xls.findings_of(path)
    archive = open_archive(str(path))
    names = archive.namelist()
    if any(name.endswith(".bin") and "/worksheets/" in name for name in names):
        raise UnreadableFile(
            reason="an XLSB does not tell errors and formulas without a value; save it as XLSX",
            reason_zh="XLSB 工作簿无法核对公式是否有结果,请另存为 XLSX 后再导入",
        )

    def look_through() -> dict[str, Findings]:
        with archive:
            return ods.findings_of(archive) if "content.xml" in names else xlsx.findings_of(archive)

    return look_through


def _of(findings: dict[str, Findings] | list[Findings], name: str, index: int) -> Findings:
    """The findings of a sheet; raises UnreadableFile if the reader and the markup name different sheets."""
    try:
        return findings[name] if isinstance(findings, dict) else findings[index]
    except (KeyError, IndexError) as error:
        raise damaged() from error
