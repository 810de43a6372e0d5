"""A sheet of a file with its header: the rows below the header, with the numbers that people see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hub.imports.cells import Cell, shared_by_rows
from hub.imports.headers import Header
from hub.imports.workbooks.findings import Findings

_OF_ONE_ROW = frozenset(
    {"amount", "monthSupplement", "totalCost", "insurancePaid", "quantity", "times", "floorArea"}
)
"""Columns whose value cannot be true for several rows: one sum for three rows is not three times the sum."""


class Sheet(Protocol):
    """The rows of cells of a sheet; can be read repeatedly."""

    def __iter__(self) -> Iterator[Sequence[Cell]]: ...


class RowNumber(int):
    """The number of a row in a file of several sheets. Its text is `社区!12`; its value counts the rows of all sheets."""

    name: str

    def __new__(cls, number: int, name: str) -> "RowNumber":
        """`number`: of the row in the whole file; `name`: its text."""
        row = super().__new__(cls, number)
        row.name = name
        return row

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class SheetPart:
    """A sheet that is read. `before`: the number of rows in the sheets before it. `name` is None if the file has only one
    sheet."""

    sheet: Sheet
    header: Header
    findings: Findings = field(default_factory=Findings)
    name: str | None = None
    before: int = 0

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """The rows below the header that are not empty, with their numbers in the file."""
        shared, rows = self._shared_by_rows(), self.header.rows
        for number, cells in enumerate(self.sheet, 1):
            if number <= rows or not ((cells and cells[0] and filled(cells[0])) or any(map(filled, cells))):
                continue
            row = number if self.name is None else RowNumber(self.before + number, f"{self.name}!{number}")
            yield row, _without_shared(cells, number - 1, shared) if shared else cells

    def _shared_by_rows(self) -> frozenset[tuple[int, int]]:
        """The positions, counted from 0, of merged cells whose value cannot be true for each row."""
        columns = {place for key, place in self.header.places.items() if key in _OF_ONE_ROW}
        return frozenset(
            (row, column)
            for top, bottom, column, _ in self.findings.merges
            if bottom > top and column in columns and top >= self.header.rows
            for row in range(top, min(bottom, self.findings.rows) + 1)
        )

    def is_hidden(self, row: int) -> bool:
        """Whether a row, by its number in the file, is hidden."""
        return bool(self.findings.hidden) and self.findings.is_hidden(row - self.before - 1)


def _without_shared(cells: Sequence[Cell], row: int, shared: frozenset[tuple[int, int]]) -> list[Cell]:
    return [shared_by_rows(cell) if (row, at) in shared else cell for at, cell in enumerate(cells)]


def filled(cell: Cell) -> bool:
    """Whether a cell has content."""
    return bool(cell.strip()) if type(cell) is str else cell is not None
