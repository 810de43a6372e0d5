"""The rows of a file as values by column, with their faults."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.foundation.errors import HubError
from hub.households.refusals import ValueMissing
from hub.imports.cells import Cell
from hub.imports.files import Table
from hub.imports.headers import EXAMPLE, Column
from hub.imports.refusals import ExampleNotReplaced, RowTooLong
from hub.imports.report import Tally
from hub.imports.words import ColumnMismatch, Fuller

_OF_SOMEBODY = frozenset({"householdCode", "name", "idNumber", "head", "headIdNumber", "externalId"})


@dataclass(slots=True)
class Record:
    """One row. `values` has a key for each column of the file, with None for an empty cell. `faults` refuse the row,
    `cell_faults` only the value of a cell. `fuller`: cells that also contain values of other columns."""

    row: int
    values: dict[str, Any]
    faults: list[tuple[str, HubError, Cell]] = field(default_factory=list)
    cell_faults: list[tuple[str, HubError, Cell]] = field(default_factory=list)
    fuller: list[tuple[str, Fuller[Any]]] = field(default_factory=list)

    @property
    def months(self) -> Collection[str]:
        """The columns whose cells were months instead of days."""
        return [key for key, fuller in self.fuller if fuller.counted is not None]

    def refuse(self, tally: Tally) -> None:
        """Add the faults to the report, which then refuses the row."""
        self.refuse_cells(tally)
        for key, error, cell in self.faults:
            tally.refuse(self.row, key, error, cell)

    def add_notices(self, tally: Tally) -> None:
        """Add the notices for an accepted row to the report."""
        self.refuse_cells(tally)
        for _, fuller in self.fuller:
            if fuller.counted is not None:
                tally.count(fuller.counted)

    def refuse_cells(self, tally: Tally) -> None:
        """Add the faults of cells to the report."""
        for key, error, cell in self.cell_faults:
            tally.refuse(self.row, key, error, cell, cell_only=True)


def read_records(
    table: Table, columns: Sequence[Column], dispensable: frozenset[str] = frozenset()
) -> Iterator[Record]:
    """Each row of a table. A value that cannot be read is missing from `values` and is listed in `faults`. If its column is
    `dispensable`, it is listed in `cell_faults`: the row is accepted without the value, and the stored value stays."""
    places = table.header.places
    plan = [
        (column.key, places[column.key], column.read, column.required)
        for column in columns
        if column.key in places
    ]
    width, headers = table.header.width, {column.key: column.chinese_headers[0] for column in columns}
    for row, cells in table.rows():
        record = Record(row, {})
        values = record.values
        last = len(cells)
        for key, place, read, required in plan:
            cell = cells[place] if place < last else None
            if cell is None or cell == "":
                values[key] = None
                if required:
                    record.faults.append((key, ValueMissing(), cell))
                continue
            try:
                value = read(cell)
            except HubError as error:
                (record.cell_faults if key in dispensable else record.faults).append((key, error, cell))
                continue
            if value is None and required:
                record.faults.append((key, ValueMissing(), cell))
            if type(value) is Fuller:
                record.fuller.append((key, value))
            values[key] = value
        if EXAMPLE in cells:
            left = [
                key
                for key, place in places.items()
                if key in _OF_SOMEBODY and place < last and cells[place] == EXAMPLE
            ]
            record.faults = [fault for fault in record.faults if fault[0] not in left]
            record.faults += [(key, ExampleNotReplaced(), EXAMPLE) for key in left]
        if last > width and any(cells[width:]):
            record.faults.append(("", RowTooLong(), None))
        if record.fuller:
            _spread(record, headers)
        yield record


def _spread(record: Record, headers: Mapping[str, str]) -> None:
    """Fill columns with the values that other cells of the row contain for them. It is a fault if such a column has another
    value. `headers`: the Chinese header of each column, by key."""
    values = record.values
    for key, fuller in record.fuller:
        values[key] = fuller.value
        for other, implied in fuller.more.items():
            if values.get(other) not in (None, implied):
                record.faults.append(
                    (key, ColumnMismatch(column=other, column_zh=headers.get(other, other)), None)
                )
            else:
                values[other] = implied
