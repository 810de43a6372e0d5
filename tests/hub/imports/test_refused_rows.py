"""The refused rows as a workbook, with the file's own columns and values and the reasons, which can be imported again."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from hub.imports.refused_rows import rows_file
from tests.hub.imports.conftest import Office, refusals
from tests.hub.imports.office import HEADERS, identity_number, member, write_workbook
from tests.hub.imports.writing import changed, sheet_of

pytestmark = pytest.mark.anyio

BACK = "refused.csv.rejected.xlsx"


def rows_of(path: Path) -> list[list[Any]]:
    """The rows of a workbook's first sheet, in which every cell has the text format."""
    sheet = sheet_of(load_workbook(path))
    assert {cell.number_format for row in sheet.iter_rows() for cell in row if cell.value is not None} == {
        "@"
    }
    return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]


async def test_refused_rows_come_back_as_they_were_with_their_reasons_and_are_imported_again(
    office: Office,
) -> None:
    headers = [*HEADERS, "村干部"]
    invalid = member("H2", 2, 与户主关系="邻居", 家庭人均月收入="many") | {
        "村干部": "赵六",
        "联系电话": 13900001234,
    }
    await office.imports(
        write_workbook(office.folder / "b.xlsx", [member("H1", 1), invalid], headers, above=("花名册",))
    )
    back = office.folder / BACK
    titles, row = rows_of(back)
    assert titles == [*headers, "错误原因"]
    assert row[:-1] == [str(invalid.get(header, "")) for header in headers]
    assert identity_number(2) in row
    assert "与户主关系:" in row[-1]
    assert "家庭人均月收入:" in row[-1]
    assert back.stat().st_mode & 0o077 == 0
    mended = changed(back, {"E2": "户主", "K2": "812.50"})
    report = await office.imports(mended.rename(office.folder / "mended.xlsx"))
    assert (report.accepted, report.refused) == (1, [])
    assert "错误原因" not in "".join(notice.message_zh for notice in report.warnings)
    assert not back.exists()


async def test_what_a_spreadsheet_would_run_comes_back_as_text(office: Office) -> None:
    await office.imports([member("H1", 1, 与户主关系="=cmd|' /C calc'!A0")])
    sheet = sheet_of(load_workbook(office.folder / BACK))
    assert [cell.data_type for cell in sheet[2] if str(cell.value).startswith("=")] == ["s"]
    report = await office.imports((office.folder / BACK).rename(office.folder / "again.xlsx"))
    assert refusals(report) == [(2, "relation", "FORMULA_WITHOUT_VALUE")]


def test_the_workbook_of_refused_rows_is_never_the_file_itself() -> None:
    assert rows_file(Path("a/list.xlsx.rejected.csv"), Path("a/list.xlsx")) == Path(
        "a/list.xlsx.rejected.xlsx"
    )
    for report, file in (
        ("list.csv", "list.xlsx"),
        ("list.xlsx", "list.xlsx"),
        ("l.rejected.csv", "l.rejected.xlsx"),
    ):
        assert rows_file(Path(report), Path(file)) != Path(file)
