"""The findings in the markup of an XLSX: ECMA-376, part 1, 18.2 (workbook) and 18.3 (worksheets)."""

from posixpath import join, normpath
from typing import Any
from xml.parsers import expat
from zipfile import ZipFile

from hub.imports.cells import UnreadableCell, formula_without_value, spreadsheet_error
from hub.imports.workbooks.findings import Findings, damaged
from hub.imports.workbooks.markup import LocalNames, attribute, parse, place

_TRUE = ("1", "true")


def findings_of(archive: ZipFile) -> dict[str, Findings]:
    """The findings of each worksheet, by its name; raises UnreadableFile."""
    relations = _Relations()
    parse(archive, "_rels/.rels", relations)
    book = next(
        (relations.targets[id] for id, kind in relations.kinds.items() if kind == "officeDocument"), None
    )
    if book is None:
        raise damaged()
    book = book.lstrip("/")
    folder, _, file = book.rpartition("/")
    workbook, parts = _Workbook(), _Relations()
    parse(archive, book, workbook)
    parse(archive, join(folder, "_rels", f"{file}.rels"), parts)
    found = {}
    for name, relation in workbook.sheets:
        if parts.kinds.get(relation, "").lower().endswith("sheet"):
            target = parts.targets[relation]
            part = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
            found[name] = _sheet(archive, part, workbook.without_values)
    return found


def _sheet(archive: ZipFile, part: str, without_values: bool) -> Findings:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    sheet = _Sheet(parser, without_values)
    parse(archive, part, sheet, parser)
    sheet.end_row()
    return sheet.findings


class _Relations:
    """The parts that a part names: the kind and the path of each."""

    def __init__(self) -> None:
        self.elements = 0
        self.kinds: dict[str, str] = {}
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if name.endswith("Relationship"):
            id = attributes["Id"]
            self.kinds[id] = attributes["Type"].rpartition("/")[2]
            self.targets[id] = attributes["Target"]


class _Workbook:
    """The sheets in their order, and whether the writer left the values of formulas to the program that opens the file."""

    def __init__(self) -> None:
        self.elements = 0
        self.sheets: list[tuple[str, str]] = []
        self.without_values = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        name = name.rpartition(":")[2]
        if name == "sheet":
            self.sheets.append((attributes["name"], attribute(attributes, "id") or ""))
        elif name == "calcPr":
            self.without_values = attributes.get("fullCalcOnLoad") in _TRUE


class _Sheet:
    """Follows rows and cells. The text of a cell is read only if the cell has a formula or an error."""

    def __init__(self, parser: Any, without_values: bool) -> None:
        self.elements = 0
        self.findings = Findings()
        self._names = LocalNames()
        self._parser = parser
        self._without_values = without_values
        self._row = self._column = -1
        self._cell: dict[str, str] = {}
        self._last_value: tuple[dict[str, str], int] | None = None
        self._doubtful = self._in_value = False
        self._value = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        name = self._names[name]
        if name == "c":
            if self._doubtful:
                self._judge()
            self._cell = attributes
            self._column += 1
            if attributes.get("t") == "e":
                self._doubt()
        elif name in ("v", "is"):
            self._last_value = self._cell, self._column
            self._in_value = name == "v"
        elif name == "f":
            self._doubt()
        elif name == "row":
            self.end_row()
            number = attributes.get("r")
            self._row = self._row + 1 if number is None else int(number) - 1
            self._column = -1
            if attributes.get("hidden") in _TRUE or attributes.get("ht") in ("0", "0.0"):
                self.findings.add_hidden(self._row, self._row)
        elif name == "mergeCell":
            first, _, last = attributes["ref"].partition(":")
            (top, left), (bottom, right) = place(first), place(last or first)
            self.findings.add_merge((top, bottom, left, right))

    def end_row(self) -> None:
        """End of a row; its last value shows the width of the sheet."""
        if self._doubtful:
            self._judge()
        if self._last_value is not None:
            self.findings.add_value(*self._place(*self._last_value))
            self._last_value = None

    def _place(self, cell: dict[str, str], column: int) -> tuple[int, int]:
        reference = cell.get("r")
        return (self._row, column) if reference is None else place(reference)

    def _doubt(self) -> None:
        self._doubtful, self._in_value, self._value = True, False, ""
        self._parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        if self._in_value:
            self._value += text

    def _judge(self) -> None:
        """Note whether the cell that ends shows an error, or has a formula that was never computed."""
        self._doubtful = self._in_value = False
        self._parser.CharacterDataHandler = None
        kind, value = self._cell.get("t"), self._value.strip()
        if kind == "e":
            unreadable: UnreadableCell = spreadsheet_error(value)
        elif (not value and kind != "str") or (self._without_values and value == "0"):
            unreadable = formula_without_value()
        else:
            return
        self.findings.add_unreadable(*self._place(self._cell, self._column), unreadable)
