"""Files that no library here can write: an XLS, an ODS, and workbooks with parts changed by hand."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

Cells = Sequence[Sequence[str]]
Merged = Sequence[tuple[int, int, int, int]]
"""First row, last row, first column, last column, all counted from 0."""

_ERRORS = {"#REF!": 23, "#N/A": 42}


def sheet_of(workbook: Workbook) -> Worksheet:
    """The only sheet of a workbook."""
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    return sheet


def changed(path: Path, cells: dict[str, Any]) -> Path:
    """A workbook with other values in some cells."""
    workbook = load_workbook(path)
    for at, value in cells.items():
        sheet_of(workbook)[at] = value
    workbook.save(path)
    return path


def replace_in(file: Path, part: str, old: bytes, new: bytes) -> None:
    """Change the bytes of a part of a workbook."""
    with ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def long_cell(file: Path, into: Path, size: int, declared: int | None = None) -> Path:
    """The workbook with a cell of `size` bytes; the file declares a size of `declared` bytes for its sheet."""
    part = "xl/worksheets/sheet1.xml"
    with ZipFile(file) as archive, ZipFile(into, "w", ZIP_DEFLATED, compresslevel=1) as changed:
        for name in archive.namelist():
            content = archive.read(name)
            if name != part:
                changed.writestr(name, content)
                continue
            before, mark, after = content.partition(b"<t>")
            with changed.open(name, "w", force_zip64=True) as sheet:
                sheet.write(before + mark)
                for _ in range(size >> 20):
                    sheet.write(b"x" * (1 << 20))
                sheet.write(after)
    if declared is not None:
        raw = bytearray(into.read_bytes())
        at = raw.rindex(part.encode()) - 46
        assert raw[at : at + 4] == b"PK\x01\x02"
        raw[at + 24 : at + 28] = struct.pack("<I", declared)
        into.write_bytes(raw)
    return into


def open_document(path: Path, cells: Cells, merged: Merged = (), far: tuple[int, int] | None = None) -> Path:
    """An ODS with one sheet. `=` is a formula without a value, `#REF!` an error; `far` repeats empty cells up to a last cell."""
    spans = {(top, left): bottom - top + 1 for top, bottom, left, _ in merged}
    covered = {(row, left) for top, bottom, left, _ in merged for row in range(top + 1, bottom + 1)}
    rows = []
    for row, line in enumerate(cells):
        written = [
            "<table:covered-table-cell/>"
            if (row, at) in covered
            else _open_cell(cell, spans.get((row, at), 1))
            for at, cell in enumerate(line)
        ]
        rows.append(f"<table:table-row>{''.join(written)}</table:table-row>")
    if far:
        empty = f'<table:table-cell table:number-columns-repeated="{far[1]}"/>'
        rows += [
            f'<table:table-row table:number-rows-repeated="{far[0] - len(cells)}"><table:table-cell/></table:table-row>',
            f"<table:table-row>{empty}{_open_cell('x', 1)}</table:table-row>",
        ]
    spaces = "".join(
        f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
        for prefix in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces}'
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="表1">{"".join(rows)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return path


def _open_cell(cell: str, rows: int) -> str:
    span = f" table:number-rows-spanned={quoteattr(str(rows))}" if rows > 1 else ""
    if cell == "=":
        return f'<table:table-cell{span} table:formula="of:=1+1"/>'
    kind = ' office:value-type="string"'
    if cell in _ERRORS:
        kind += ' office:string-value="" calcext:value-type="error"'
    return (
        f"<table:table-cell{span}{kind}><text:p>{escape(cell)}</text:p></table:table-cell>"
        if cell
        else "<table:table-cell/>"
    )


def records(cells: Cells, merged: Merged = ()) -> bytes:
    """The records of an XLS with one sheet (MS-XLS 2.4). `=` is a formula without a value, `#REF!` an error."""
    sheet = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            at = struct.pack("<HHH", row, column, 0)
            if cell in _ERRORS:
                sheet += _record(0x205, at + bytes([_ERRORS[cell], 1]))
            elif cell == "=":
                sheet += _record(
                    0x06, at + struct.pack("<QHIH", 0xFFFF000000000003, 0, 0, 3) + b"\x1e\x01\x00"
                )
            elif cell:
                sheet += _record(0x204, at + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le"))
    if merged:
        sheet += _record(
            0xE5, struct.pack("<H", len(merged)) + b"".join(struct.pack("<4H", *one) for one in merged)
        )
    sheet += _record(0x0A, b"")
    begin = _record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0))
    name = struct.pack("<BB", 2, 1) + "表1".encode("utf-16-le")
    after = len(begin) + 4 + 6 + len(name) + 4
    return begin + _record(0x85, struct.pack("<IH", after, 0) + name) + _record(0x0A, b"") + sheet


def _record(number: int, content: bytes) -> bytes:
    return struct.pack("<HH", number, len(content)) + content


def compound_file(path: Path, stream: bytes) -> Path:
    """A compound file with the stream `Workbook` (MS-CFB): a sector of the table, one of the directory, and the stream."""
    sectors = max(-(-len(stream) // 512), 8)
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    table = [0xFFFFFFFD, end, *range(3, sectors + 2), end]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    entries = [("Root Entry", 5, 1, end, 0), ("Workbook", 2, free, 2, sectors * 512)]
    directory = b"".join(_entry(*entry) for entry in entries) + _entry("", 0, free, 0, 0) * 2
    content = stream.ljust(sectors * 512, b"\x00")
    path.write_bytes(
        header + struct.pack("<128I", *table, *[free] * (128 - len(table))) + directory + content
    )
    return path


def _entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
    coded = name.encode("utf-16-le") + b"\x00\x00" if name else b""
    none = 0xFFFFFFFF
    return (
        coded.ljust(64, b"\x00")
        + struct.pack("<HBBIII", len(coded), kind, 1, none, none, child)
        + bytes(36)
        + struct.pack("<IQ", first, size)
    )
