"""Random files of offices: nothing wrong is read, nothing valid is lost, and every refusal names its row and column.

500 files are drawn, or 20,000 by `make fuzz`; a failure names the seed of its file.
"""

import os
import random
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from hub.imports.files import open_table
from hub.imports.headers import Column
from hub.imports.imports import IMPORTS
from hub.imports.records import Record, read_records
from hub.imports.words import Fuller
from hub.model.import_runs import ImportKind
from hub.persons.identity_number import IdentityNumber
from hub.regions.places import Places
from tests.hub.imports.conftest import TOWNSHIP_OFFICE
from tests.hub.imports.drawn_files import NEEDED, DrawnFile, Right, draw_file, seeds

FILES = int(os.environ.get("HUB_FUZZ_EXAMPLES") or "500") // len(NEEDED)
FIRST = int(os.environ.get("HUB_FUZZ_SEED") or "19")


def plain(value: Any) -> Any:
    """A value in the form of the model."""
    match value:
        case Fuller():
            return plain(value.value)
        case IdentityNumber():
            return value.number
        case Enum():
            return "word", value.name
        case _:
            return value


def differences(drawn: DrawnFile, records: Sequence[Record]) -> list[tuple[int, str, Right, Any]]:
    """The row, column, expected and actual result of each difference."""
    found: list[tuple[int, str, Right, Any]] = []
    for number, (right, record) in enumerate(zip(drawn.rows, records, strict=True), 1):
        faults = {key: error.code for key, error, _ in (*record.faults, *record.cell_faults)}
        for key, (kind, expected) in right.items():
            if kind == "refused":
                read: Any = faults.get(key)
            else:
                read = ("refused", faults[key]) if key in faults else plain(record.values[key])
            if read != expected and not (isinstance(read, int) and expected == ("word", str(read))):
                found.append((number, key, (kind, expected), read))
    return found


@pytest.mark.parametrize("kind", NEEDED)
def test_what_is_right_in_a_drawn_file_is_read_and_what_is_wrong_is_refused_at_its_place(
    kind: ImportKind, tmp_path: Path
) -> None:
    columns: tuple[Column, ...] = IMPORTS[kind].columns(Places({}, TOWNSHIP_OFFICE), True)
    names = {column.key: (column.key, *column.chinese_headers) for column in columns}
    file = tmp_path / "file"
    for seed in seeds(FIRST, FILES):
        drawn = draw_file(random.Random(seed), kind, names)
        file.write_bytes(drawn.content)
        table = open_table(file, columns)
        records = list(read_records(table, columns, frozenset({"phone"})))
        assert len(records) == table.total == len(drawn.rows), seed
        assert differences(drawn, records) == [], seed
        skipped = [notice.message for notice in table.notices if notice.code == "ROWS_SKIPPED"]
        assert [one.split()[0] for one in skipped] == [str(drawn.skipped)] * bool(drawn.skipped), seed
