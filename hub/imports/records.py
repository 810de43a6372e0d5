"""The rows of a file as values by column, with their faults."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.foundation.errors import HubError
from hub.households.refusals import ValueMissing
from hub.imports.cells import Cell
from hub.imports.files import Table
from hub.imports.headers import Column
from hub.imports.refusals import RowTooLong
from hub.imports.report import Tally


@dataclass(slots=True)
class Record:
    """One row. `values` has a key for each column of the file, with None for an empty cell."""

    row: int
    values: dict[str, Any]
    faults: list[tuple[str, HubError, Cell]] = field(default_factory=list)

    def refuse(self, tally: Tally) -> None:
        """Add the faults to the report."""
        for key, error, cell in self.faults:
            tally.refuse(self.row, key, error, cell)


def read_records(table: Table, columns: Sequence[Column]) -> Iterator[Record]:
    """Each row of a table; a value that could not be read is missing from `values` and is listed in `faults`."""
    places = table.header.places
    plan = [
        (column.key, places[column.key], column.read, column.required)
        for column in columns
        if column.key in places
    ]
    width = table.header.width
    for row, cells in table.rows():
        record = Record(row, {})
        values = record.values
        last = len(cells)
        for key, place, read, required in plan:
            cell = cells[place] if place < last else None
            try:
                value = None if cell is None or cell == "" else read(cell)
            except HubError as error:
                record.faults.append((key, error, cell))
                continue
            if value is None and required:
                record.faults.append((key, ValueMissing(), cell))
            values[key] = value
        if last > width and any(cells[width:]):
            record.faults.append(("", RowTooLong(), None))
        yield record
