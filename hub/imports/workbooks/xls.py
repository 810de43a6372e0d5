"""The findings in the records of an XLS: MS-CFB (the container) and MS-XLS (the records)."""

import struct
from collections.abc import Iterator
from pathlib import Path

from hub.imports.cells import formula_without_value, spreadsheet_error
from hub.imports.workbooks.findings import Findings, damaged, too_large

_MOST_BYTES = 64 << 20
_END_OF_CHAIN = 0xFFFFFFFA
"""This value and all above are not sectors."""
_BOUND_SHEET, _BOF, _FILE_PASS, _MERGED_CELLS = 0x85, 0x809, 0x2F, 0xE5
_ROW, _ERROR, _FORMULAS = 0x208, 0x205, (0x06, 0x206, 0x406)
_HIDDEN = 0x20
_EMPTY_TEXT, _ERROR_VALUE, _NOT_A_NUMBER = 3, 2, 0xFFFF
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def check_size(path: Path) -> None:
    """Raises UnreadableFile where the file is too large."""
    if path.stat().st_size > _MOST_BYTES:
        raise too_large()


def findings_of(path: Path) -> list[Findings]:
    """The findings of each sheet, in the order of the workbook; raises UnreadableFile."""
    try:
        return _of_records(_stream(path.read_bytes()))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise damaged() from error


def _stream(file: bytes) -> bytes:
    """The stream `Workbook` (BIFF8) or `Book` (BIFF5) of a compound file."""
    size = 1 << struct.unpack_from("<H", file, 0x1E)[0]
    if size not in (512, 4096):
        raise damaged()
    first_of_directory, cutoff, first_of_mini_fat = struct.unpack_from("<I4xI I", file, 0x30)
    difat = list(struct.unpack_from("<109I", file, 0x4C))
    following = struct.unpack_from("<I", file, 0x44)[0]
    while following < _END_OF_CHAIN and len(difat) * size <= len(file):
        *sectors, following = struct.unpack_from(f"<{size // 4}I", file, (following + 1) * size)
        difat += sectors
    fat: list[int] = []
    for sector in difat:
        if sector < _END_OF_CHAIN and len(fat) * size <= len(file):
            fat += struct.unpack_from(f"<{size // 4}I", file, (sector + 1) * size)

    def chain(first: int) -> bytes:
        return b"".join(file[(sector + 1) * size : (sector + 2) * size] for sector in _chain(first, fat))

    directory = chain(first_of_directory)
    entries = {}
    for at in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        name = directory[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        entries[name] = struct.unpack_from("<II", directory, at + 116)
    found = entries.get("Workbook") or entries.get("Book")
    if found is None:
        raise damaged()
    first, length = found
    if length >= cutoff:
        return chain(first)[:length]
    small, of_small = chain(entries["Root Entry"][0]), chain(first_of_mini_fat)
    mini_fat = list(struct.unpack(f"<{len(of_small) // 4}I", of_small))
    return b"".join(small[sector * 64 : sector * 64 + 64] for sector in _chain(first, mini_fat))[:length]


def _chain(first: int, fat: list[int]) -> Iterator[int]:
    """The sectors of a chain, each once."""
    left = len(fat)
    while first < _END_OF_CHAIN:
        left -= 1
        if left < 0:
            raise damaged()
        yield first
        first = fat[first]


def _of_records(stream: bytes) -> list[Findings]:
    begins: dict[int, Findings] = {}
    sheet: _Sheet | None = None
    sheets: list[_Sheet] = []
    at, end = 0, len(stream) - 4
    while at <= end:
        record, length = struct.unpack_from("<HH", stream, at)
        if record == _BOUND_SHEET:
            begins[struct.unpack_from("<I", stream, at + 4)[0]] = Findings()
        elif record == _FILE_PASS:
            raise damaged()
        elif record == _BOF and at in begins:
            sheet = _Sheet(begins[at])
            sheets.append(sheet)
        elif sheet is not None:
            sheet.add(record, stream, at + 4)
        at += 4 + length
    # An empty text can be a computed value. But if all formulas of a file have it, the program that wrote the file computed
    # none.
    if not any(sheet.computed for sheet in sheets):
        for one in sheets:
            for row, column in one.empty:
                one.findings.add_unreadable(row, column, formula_without_value())
    return list(begins.values())


class _Sheet:
    """Follows the records of a sheet. `empty`: the formulas whose value is an empty text; `computed`: some formula has
    another value."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.empty: list[tuple[int, int]] = []
        self.computed = False

    def add(self, record: int, stream: bytes, body: int) -> None:
        """Read a record; its content begins at `body`."""
        if record == _ROW:
            row, options = struct.unpack_from("<H10xH", stream, body)
            if options & _HIDDEN:
                self.findings.add_hidden(row, row)
        elif record == _ERROR:
            row, column, code, is_error = struct.unpack_from("<HH2xBB", stream, body)
            if is_error:
                self.findings.add_unreadable(row, column, spreadsheet_error(_ERRORS.get(code, "#N/A")))
        elif record in _FORMULAS:
            self._add_formula(*struct.unpack_from("<HH2xBxB3xH", stream, body))
        elif record == _MERGED_CELLS:
            for number in range(struct.unpack_from("<H", stream, body)[0]):
                self.findings.add_merge(struct.unpack_from("<4H", stream, body + 2 + 8 * number))

    def _add_formula(self, row: int, column: int, kind: int, code: int, marker: int) -> None:
        if marker != _NOT_A_NUMBER or kind not in (_EMPTY_TEXT, _ERROR_VALUE):
            self.computed = True
        elif kind == _EMPTY_TEXT:
            self.empty.append((row, column))
        else:
            self.findings.add_unreadable(row, column, spreadsheet_error(_ERRORS.get(code, "#N/A")))
