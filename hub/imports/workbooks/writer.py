"""Writes workbooks (XLSX) whose cells are text, so that a spreadsheet loses no digit that people enter.

ECMA-376, part 1: 18.3 (worksheets), 18.8.30 (the number format 49 is text). Rows are written one by one.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from hub.foundation.private_files import owners_alone

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of a workbook (XLSX)."""
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LAST_ROW = 1_048_576
ROWS_OF_SHEET = _LAST_ROW - 1
"""The most rows below the header of a sheet."""
_TEXT, _BOLD, _EXAMPLE = 1, 2, 3
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="3"><font><sz val="11"/></font><font><b/><sz val="11"/></font>'
    '<font><i/><sz val="11"/><color rgb="FF808080"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/>'
    '<xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/>'
    '<xf numFmtId="49" fontId="2" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True)
class SheetToWrite:
    """A sheet: its name, its rows of texts with the header first, and the words that a column offers, by its position. The
    words are in a hidden sheet. `examples`: the number of rows below the header that are shown as examples."""

    name: str
    rows: Iterable[Sequence[str]]
    columns: int
    choices: Mapping[int, Sequence[str]] = field(default_factory=dict)
    examples: int = 0


def write_sheets(path: Path, sheets: Sequence[SheetToWrite]) -> None:
    """Write a workbook that only its owner can read."""
    with os.fdopen(owners_alone(str(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
        write_workbook(file, sheets)


def write_workbook(file: IO[bytes], sheets: Sequence[SheetToWrite]) -> None:
    """Write a workbook; `file` need not be seekable."""
    words = [list(column) for sheet in sheets for column in sheet.choices.values()]
    names = [*(sheet.name for sheet in sheets), *(["词"] if words else [])]
    parts = range(1, len(names) + 1)
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _content_types(parts))
        archive.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        archive.writestr("xl/workbook.xml", _workbook(names, hidden=bool(words)))
        targets = [("worksheet", f"worksheets/sheet{number}.xml") for number in parts]
        archive.writestr("xl/_rels/workbook.xml.rels", _relations([*targets, ("styles", "styles.xml")]))
        archive.writestr("xl/styles.xml", _STYLES)
        column = 0
        for number, sheet in enumerate(sheets, 1):
            after = _validations(sheet.choices, column)
            _write_sheet(archive, number, sheet.rows, sheet.columns, after, sheet.examples)
            column += len(sheet.choices)
        if words:
            longest = max(map(len, words))
            rows = ([column[row] if row < len(column) else "" for column in words] for row in range(longest))
            _write_sheet(archive, len(names), rows, len(words), "")


def letters(column: int) -> str:
    """The name of a column, counted from 0: A, …, Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _write_sheet(
    archive: ZipFile, number: int, rows: Iterable[Sequence[str]], columns: int, after: str, examples: int = 0
) -> None:
    with archive.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
        widths = (
            f'<cols><col min="1" max="{max(columns, 1)}" width="18" style="{_TEXT}" customWidth="1"/></cols>'
        )
        part.write(f'{_XML}<worksheet xmlns="{_MAIN}">{widths}<sheetData>'.encode())
        names = [letters(at) for at in range(columns)]
        for row, cells in enumerate(rows, 1):
            style = _BOLD if row == 1 else _EXAMPLE if row <= 1 + examples else _TEXT
            written = "".join(
                f'<c r="{name}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_text(cell)}</t></is></c>'
                for name, cell in zip(names, cells, strict=False)
                if cell
            )
            part.write(f'<row r="{row}">{written}</row>'.encode())
        part.write(f"</sheetData>{after}</worksheet>".encode())


def _text(cell: str) -> str:
    return escape(_NO_XML.sub("\ufffd", cell))


def _validations(choices: Mapping[int, Sequence[str]], first: int) -> str:
    """The drop-downs of a sheet; their words are in the hidden sheet, from column `first` on."""
    if not choices:
        return ""
    lists = []
    for at, (place, words) in enumerate(choices.items(), first):
        range_ = f"{letters(place)}2:{letters(place)}{_LAST_ROW}"
        lists.append(
            f'<dataValidation type="list" allowBlank="1" showErrorMessage="0" sqref="{range_}">'
            f"<formula1>词!${letters(at)}$1:${letters(at)}${len(words)}</formula1></dataValidation>"
        )
    return f'<dataValidations count="{len(lists)}">{"".join(lists)}</dataValidations>'


def _workbook(names: Sequence[str], *, hidden: bool) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}"'
        f'{" state=" + quoteattr("hidden") if hidden and number == len(names) else ""} r:id="r{number}"/>'
        for number, name in enumerate(names, 1)
    )
    return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    relations = "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'


def _content_types(parts: Iterable[int]) -> str:
    overrides = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>'
        for name, kind in (
            ("workbook", "sheet.main"),
            ("styles", "styles"),
            *((f"worksheets/sheet{number}", "worksheet") for number in parts),
        )
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
