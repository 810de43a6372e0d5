"""The findings in the markup of an ODS: OpenDocument 1.3, part 3, 9.1 (tables) and 19 (attributes)."""

from xml.parsers import expat
from zipfile import ZipFile

from hub.imports.cells import formula_without_value, spreadsheet_error
from hub.imports.workbooks.findings import Findings
from hub.imports.workbooks.markup import LocalNames, attribute, parse


def findings_of(archive: ZipFile) -> dict[str, Findings]:
    """The findings of each table, by its name; raises UnreadableFile."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    content = _Content()
    parser.CharacterDataHandler = content.text
    parse(archive, "content.xml", content, parser)
    content.end_cell()
    return content.found


class _Content:
    """Follows tables, rows and cells with their repetitions."""

    def __init__(self) -> None:
        self.elements = 0
        self._names = LocalNames()
        self.found: dict[str, Findings] = {}
        self._findings = Findings()
        self._row = self._next_row = self._column = self._next_column = 0
        self._cell: dict[str, str] | None = None
        self._text = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        name = self._names[name]
        if name in ("table-cell", "covered-table-cell"):
            self.end_cell()
            self._column = self._next_column
            self._next_column += int(attribute(attributes, "number-columns-repeated") or 1)
            self._cell, self._text = attributes, ""
        elif name == "table-row":
            self.end_cell()
            self._row, self._column, self._next_column = self._next_row, 0, 0
            self._next_row += int(attribute(attributes, "number-rows-repeated") or 1)
            if attribute(attributes, "visibility") in ("collapse", "filter"):
                self._findings.add_hidden(self._row, self._next_row - 1)
        elif name == "table":
            self.end_cell()
            self._findings = self.found.setdefault(attribute(attributes, "name") or "", Findings())
            self._row = self._next_row = 0

    def text(self, text: str) -> None:
        """Characters of a cell; the first 40 are enough to recognize an error."""
        if len(self._text) < 40:
            self._text += text

    def end_cell(self) -> None:
        """End of a cell: note its value, its error, or its formula without a value."""
        cell, self._cell = self._cell, None
        if cell is None:
            return
        plain = {
            name.rpartition(":")[2]: value for name, value in cell.items() if not name.startswith("calcext")
        }
        extension = {
            name.rpartition(":")[2]: value for name, value in cell.items() if name.startswith("calcext")
        }
        rows = int(plain.get("number-rows-spanned", 1))
        if rows > 1:
            right = self._column + int(plain.get("number-columns-spanned", 1)) - 1
            self._findings.add_merge((self._row, self._row + rows - 1, self._column, right))
        text = self._text.strip()
        if extension.get("value-type") == "error":
            self._findings.add_unreadable(self._row, self._column, spreadsheet_error(text))
        elif "formula" in plain and "value-type" not in plain and not text:
            self._findings.add_unreadable(self._row, self._column, formula_without_value())
        elif "value-type" in plain or text:
            self._findings.add_value(self._next_row - 1, self._next_column - 1)
