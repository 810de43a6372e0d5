"""Random files: a layout that offices use, with at most one damage. Each person is read as written, or refused because of the
damage.

Thirty files are drawn, or a thousand by `make fuzz`. The expected result is the list of persons from which the file is made.
"""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from hub.imports.files import open_table
from hub.imports.headers import Column
from hub.imports.households import columns as columns_of_households
from hub.imports.records import read_records
from hub.imports.refusals import UnreadableFile
from hub.regions.places import Places
from tests.hub.imports.conftest import TOWNSHIP_OFFICE
from tests.hub.imports.office import FAMILY_NAMES, GIVEN_NAMES, identity_number
from tests.hub.imports.writing import compound_file, open_document, records

EXAMPLES = int(os.environ.get("HUB_FUZZ_EXAMPLES") or "600") // 20
COLUMNS: tuple[Column, ...] = columns_of_households(Places({}, TOWNSHIP_OFFICE), True)
HEADER = ["户编号", "姓名", "身份证号", "与户主关系", "家庭人均月收入", "联系电话"]
GROUPS = ["户编号", "家庭成员", "", "", "家庭人均月收入", "联系电话"]
KEYS = ["householdCode", "name", "idNumber", "relation", "incomePerCapita", "phone"]
CODE, INCOME, PHONE = 0, 4, 5
BOOKS = ("xlsx", "xls", "ods")
DAMAGES: dict[str, tuple[str, int, str | None]] = {
    "scientific": ("4.10105E+17", CODE, "DIGITS_LOST"),
    "zeros": ("410199198005171000", 2, "DIGITS_LOST"),
    "shown error": ("#REF!", INCOME, "INVALID_TEXT"),
    "not computed": ("=", INCOME, "FORMULA_WITHOUT_VALUE"),
    "lost character": ("王�", 1, "INVALID_TEXT"),
    "too narrow": ("####", PHONE, "INVALID_TEXT"),
    "open mark": ('"见附件', PHONE, None),
}
"""The content of a damaged cell, its column, and the code of the refusal."""


@dataclass(frozen=True)
class Layout:
    """How an office writes its list. `merged`: the household's code is in merged cells, so only its first row has it."""

    format: str
    sizes: tuple[int, ...]
    titles: int
    grouped: bool
    numbered: bool
    footers: bool
    pages: bool
    merged: bool
    damage: str | None
    damaged: int


layouts = st.builds(
    Layout,
    format=st.sampled_from(("utf-8", "utf-8-sig", "gb18030", "utf-16", ";", "\t", *BOOKS)),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple),
    titles=st.integers(0, 3),
    grouped=st.booleans(),
    numbered=st.booleans(),
    footers=st.booleans(),
    pages=st.booleans(),
    merged=st.booleans(),
    damage=st.sampled_from((None, *DAMAGES)),
    damaged=st.integers(0, 100),
)


def persons_of(layout: Layout) -> list[list[str]]:
    """The persons of a list, each with the values of the columns."""
    persons = []
    for household, size in enumerate(layout.sizes):
        for member in range(size):
            number = household * 10 + member
            name = FAMILY_NAMES[household] + GIVEN_NAMES[member]
            income = f"{500 + household}.50" if member == 0 else ""
            relation = "户主" if member == 0 else "子女"
            phone = f"1390000{number:04d}"
            persons.append([f"JS{household}", name, identity_number(number + 1), relation, income, phone])
    return persons


def written(
    layout: Layout, persons: Sequence[Sequence[str]]
) -> tuple[list[list[str]], list[tuple[int, int, int, int]]]:
    """The rows of the sheet, and its merged cells."""
    header = [GROUPS, ["", *HEADER[1:4], "", ""]] if layout.grouped else [HEADER]
    sheet = [["花名册"], ["填报单位:经八路街道办事处"], ["2026年11月20日"]][: layout.titles] + header
    if layout.numbered:
        sheet.append(["1", "2", "3", "4", "5", "6"])
    merged = []
    at = 0
    for number, size in enumerate(layout.sizes):
        if layout.pages and number == 2:
            sheet += [["花名册(第2页)"], *header]
        top = len(sheet)
        sheet += [list(person) for person in persons[at : at + size]]
        at += size
        if layout.merged and layout.format in BOOKS and size > 1:
            merged.append((top, top + size - 1, CODE, CODE))
            for row in range(top + 1, top + size):
                sheet[row][CODE] = ""
    if layout.footers:
        sheet += [
            ["合计", f"{len(persons)}人", "", "", "2000"],
            [],
            ["填表人:李四", "", "审核人:王五"],
            ["注:一式三份。"],
        ]
    return [line + [""] * (len(HEADER) - len(line)) for line in sheet], merged


def save(
    folder: Path, layout: Layout, sheet: list[list[str]], merged: list[tuple[int, int, int, int]]
) -> Path:
    """Write the file of a layout."""
    path = folder / f"list.{layout.format if layout.format in BOOKS else 'csv'}"
    if layout.format == "ods":
        return open_document(path, sheet, merged)
    if layout.format == "xls":
        return compound_file(path, records(sheet, merged))
    if layout.format == "xlsx":
        workbook = Workbook()
        page: Any = workbook.active
        for line in sheet:
            page.append(["=1+1" if cell == "=" else cell or None for cell in line])
        for top, bottom, left, right in merged:
            page.merge_cells(
                start_row=top + 1, end_row=bottom + 1, start_column=left + 1, end_column=right + 1
            )
        workbook.save(path)
        return path
    encoding = layout.format if len(layout.format) > 1 else "utf-8"
    with path.open("w", encoding=encoding, newline="", errors="replace") as file:
        if layout.damage == "open mark":
            file.write("\n".join(",".join(line) for line in sheet))
        else:
            delimiter = layout.format if len(layout.format) == 1 else ","
            csv.writer(file, delimiter=delimiter).writerows(
                [["=1+1" if cell == "=" else cell for cell in line] for line in sheet]
            )
    return path


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(layout=layouts)
def test_each_person_of_a_file_is_read_as_written_or_refused_at_the_damage(
    layout: Layout, tmp_path: Path
) -> None:
    persons = persons_of(layout)
    damaged = layout.damaged % len(persons)
    code = None
    if layout.damage is not None:
        value, column, code = DAMAGES[layout.damage]
        if layout.format in BOOKS and layout.damage == "open mark":
            value, code = "见附件", "INVALID_PHONE"
        persons[damaged][column] = value
        if layout.merged and column == CODE and layout.format in BOOKS:
            return  # a merged code belongs to every row
    path = save(tmp_path, layout, *written(layout, persons))
    if layout.damage is not None and code is None:
        with pytest.raises(UnreadableFile):
            open_table(path, COLUMNS)
        return
    table = open_table(path, COLUMNS)
    found = list(read_records(table, COLUMNS))
    assert len(found) == table.total == len(persons)
    for number, (record, person) in enumerate(zip(found, persons, strict=True)):
        faults = [(key, error.code) for key, error, _ in record.faults if key != "phone" or number == damaged]
        if layout.damage is not None and number == damaged:
            column = DAMAGES[layout.damage][1]
            assert [fault for fault in faults if fault[0] == KEYS[column]] == [(KEYS[column], code)]
            continue
        assert faults == []
        values = record.values
        assert [values["householdCode"], values["name"], values["idNumber"].number] == person[:3]
        assert values["relation"].name == ("HEAD" if person[3] == "户主" else "CHILD")
        assert (str(values["incomePerCapita"]) if values["incomePerCapita"] is not None else "") == person[
            INCOME
        ]
    skipped = sum(notice.code == "ROWS_SKIPPED" for notice in table.notices)
    assert skipped == (layout.numbered or layout.footers or (layout.pages and len(layout.sizes) > 2))
