"""Which sheets of a workbook are read: the named sheets, or all visible sheets with the same header.

A visible sheet with rows of persons that would be left out refuses the file. Other sheets are left out with a notice.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from hub.foundation.errors import HubError
from hub.imports.cells import Cell
from hub.imports.headers import TOP, Column, Header, find_header, score
from hub.imports.notes import is_identity, notes_of
from hub.imports.parts import SheetPart, filled
from hub.imports.refusals import SheetNotFound, SheetsIgnored, SheetsNotRead, SheetsRead, UnreadableFile
from hub.imports.workbooks.workbook import WorkbookSheet, open_workbook

_LOOKED_AT = 1_000
"""The rows of a sheet in which an identity number is searched."""


def chosen_parts(
    path: Path, columns: Sequence[Column], names: Sequence[str], notices: list[HubError], *, whole: bool
) -> list[SheetPart]:
    """The sheets to read, in their order. Sheets that are left out are added to `notices`. `whole`: hidden sheets with
    persons refuse the file too. Raises SheetNotFound, SheetsNotRead, UnreadableFile and the errors of `find_header`."""
    sheets = open_workbook(path)
    if names:
        return _parts(_named(sheets, names), columns)
    visible = [sheet for sheet in sheets if sheet.visible]
    if not visible:
        raise UnreadableFile(
            reason="the workbook has no visible sheet with content", reason_zh="工作簿没有可见的内容"
        )
    best = max(visible, key=lambda sheet: score(_top(sheet), columns))
    header = find_header(_top(best), columns)
    alike = [sheet for sheet in visible if sheet is best or _same(sheet, header, columns)]
    left = [sheet for sheet in sheets if sheet not in alike and _rows(sheet, columns)]
    unread = [sheet for sheet in left if (sheet.visible or whole) and _has_persons(sheet)]
    if unread:
        raise SheetsNotRead(sheets=_counted(unread, columns))
    if left:
        notices.append(
            SheetsIgnored(sheet="、".join(sheet.name for sheet in alike), others=_counted(left, columns))
        )
    if len(alike) > 1:
        notices.append(SheetsRead(count=len(alike), sheets="、".join(sheet.name for sheet in alike)))
    return _parts(alike, columns)


def _named(sheets: Sequence[WorkbookSheet], names: Sequence[str]) -> list[WorkbookSheet]:
    there = {sheet.name: sheet for sheet in sheets}
    for name in names:
        if name not in there:
            raise SheetNotFound(sheet=name, sheets="、".join(there))
    return [there[name] for name in dict.fromkeys(names)]


def _parts(sheets: Sequence[WorkbookSheet], columns: Sequence[Column]) -> list[SheetPart]:
    """The sheets with their headers; raises SheetsNotRead if a header names other columns."""
    parts: list[SheetPart] = []
    before = 0
    for sheet in sheets:
        header = find_header(_top(sheet), columns)
        if parts and header.places.keys() != parts[0].header.places.keys():
            raise SheetsNotRead(sheets=_counted([sheet], columns))
        parts.append(
            SheetPart(sheet, header, sheet.findings, sheet.name if len(sheets) > 1 else None, before)
        )
        before += sum(1 for _ in sheet) if len(sheets) > 1 else 0
    return parts


def _same(sheet: WorkbookSheet, header: Header, columns: Sequence[Column]) -> bool:
    try:
        return find_header(_top(sheet), columns).places.keys() == header.places.keys()
    except HubError:
        return False


def _has_persons(sheet: WorkbookSheet) -> bool:
    """Whether the first rows of a sheet contain an identity number."""
    return any(is_identity(cell) for row in islice(sheet, _LOOKED_AT) for cell in row)


def _counted(sheets: Sequence[WorkbookSheet], columns: Sequence[Column]) -> str:
    """The sheets, each with the number of its rows with data, or of all its rows if it has no header."""
    return "、".join(f"{sheet.name}({_rows(sheet, columns)})" for sheet in sheets)


def _rows(sheet: WorkbookSheet, columns: Sequence[Column]) -> int:
    try:
        part = SheetPart(sheet, find_header(_top(sheet), columns))
    except HubError:
        return sum(1 for row in sheet if any(map(filled, row)))
    is_note = notes_of(part.header)
    return sum(1 for _, cells in part.rows() if not is_note(cells))


def _top(sheet: WorkbookSheet) -> list[Sequence[Cell]]:
    rows: Iterator[Sequence[Cell]] = iter(sheet)
    return list(islice(rows, TOP))
