"""Headers as offices write them, and the rows of a file that are not data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from hub.imports.refusals import (
    AmbiguousColumn,
    SeveralPersonsInRow,
)
from tests.hub.imports.conftest import Office, message, notices, refusals
from tests.hub.imports.office import (
    HEADERS,
    identity_number,
    member,
)
from tests.hub.imports.writing import (
    sheet_of,
)

pytestmark = pytest.mark.anyio


async def test_a_header_below_the_names_of_its_groups_is_read_whatever_the_group_is_called(
    office: Office,
) -> None:
    for group in ["家庭成员", "家庭成员情况"]:
        upper = ["户编号", "户主", group, "", "", "救助情况", ""]
        lower = ["", "", "姓名", "身份证\n号码", "与户主\n关系", "救助类别", "认定日期"]
        line = ["H1", "王伟", "王伟", identity_number(1), "户主", "低保", "2026-03-01"]
        for above in ([], [["花名册"]], [["花名册"], ["填报单位:经八路街道"]]):
            report = await office.imports(_sheet(office.folder / "b.xlsx", [*above, upper, lower, line]))
            assert (report.rows, report.accepted, report.refused) == (1, 1, [])


async def test_a_header_of_three_lines_and_one_merged_over_two_are_read(office: Office) -> None:
    line = ["H1", "王伟", identity_number(1), "户主", "410105001"]
    three = [
        ["户编号", "家庭成员", "", "", "所属区划"],
        ["", "成员信息", "", "", ""],
        ["", "姓名", "身份证号", "与户主关系", ""],
    ]
    report = await office.imports(_sheet(office.folder / "b.xlsx", [*three, line]))
    assert (report.rows, report.accepted) == (1, 1)
    two = [["户编号", "姓名", "身份证号", "与户主关系", "所属区划"], [], line]
    file = _sheet(office.folder / "b.xlsx", two)
    workbook = load_workbook(file)
    for column in range(1, 6):
        sheet_of(workbook).merge_cells(start_row=1, end_row=2, start_column=column, end_column=column)
    workbook.save(file)
    assert (await office.imports(file)).accepted == 1


def _sheet(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    workbook = Workbook()
    for row in rows:
        sheet_of(workbook).append(list(row))
    workbook.save(path)
    return path


async def test_a_column_that_looks_like_a_known_one_is_never_dropped(office: Office) -> None:
    for heading in [
        "低保类型名称类别",
        "困难人员类别",
        "保障对象种类",
        "救助的类别",
        "家庭人均年收入",
        "健康情况",
    ]:
        known = {"家庭人均年收入": "家庭人均月收入", "健康情况": "健康状况"}.get(heading, "救助类别")
        headers = [heading if header == known else header for header in HEADERS]
        with pytest.raises(AmbiguousColumn) as refused:
            await office.imports([member("H1", 1)], headers=headers)
        assert heading in refused.value.message_zh
        assert known in refused.value.message_zh


async def test_a_column_like_one_that_the_file_has_is_left_out_with_a_notice(office: Office) -> None:
    report = await office.imports(
        [member("H1", 1)], headers=[*HEADERS, "低保类别", "困难等级", "年级", "就学情况", "受理日期"]
    )
    assert (report.accepted, notices(report)) == (1, ["COLUMNS_IGNORED"])


async def test_members_side_by_side_are_no_column_to_delete(office: Office) -> None:
    headers = "户编号,户主姓名,身份证号码,成员姓名,身份证号码,成员姓名,身份证号码,与户主关系"
    (office.folder / "f.csv").write_text(headers + "\n", "utf-8")
    with pytest.raises(SeveralPersonsInRow, match="one person") as refused:
        await office.imports(office.folder / "f.csv")
    assert "每人一行" in refused.value.message_zh


async def test_numbers_totals_notes_and_repeated_headers_are_skipped_with_one_notice(office: Office) -> None:
    def line(row: dict[str, Any]) -> list[Any]:
        return [row.get(header, "") for header in HEADERS]

    width = len(HEADERS)
    first, second, third = (line(member(f"H{n}", n)) for n in (1, 2, 3))
    rows: list[list[Any]] = [
        ["经八路街道花名册(第1页)"], list(HEADERS), [str(n + 1) for n in range(width)], first,
        ["小计", "", "1人", "", "", "", "", "", "", "", "812.50"], ["经八路街道花名册(第2页)"], list(HEADERS), second,
        ["", "本页合计", "1人"], ["体育社区"], third, ["合计:", "3户", "3人", "", "", "", "", "", "", "", 2437.5],
        [], ["填表人:李四", "", "审核人:王五", "", "", "负责人签字:"], ["2026年11月20日"],
        ["注:1.本表一式三份;2.收入按上年度计算。"], ["以下空白"], ["第 2 页 共 2 页"],
    ]  # fmt: skip
    for file in (_sheet(office.folder / "b.xlsx", rows), _text(office.folder / "f.csv", rows)):
        report = await office.imports(file)
        assert (report.rows, report.accepted, report.refused) == (3, 3, []), file.name
        assert notices(report) == ["ROWS_SKIPPED"]
        assert "3、5、6、7、9、10、12、14、15、16、17、18" in message(report, "ROWS_SKIPPED")


def _text(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    path.write_text("\n".join(",".join(map(str, row)) for row in rows), "utf-8")
    return path


async def test_a_row_of_somebody_is_never_taken_for_a_note(office: Office) -> None:
    rows = [
        member("H1", 1),
        member("注册001", 2),
        member("合计", 3),
        member("说明", 4),
        {"姓名": "王小宝"},
        {"户编号": "H1", "姓名": "王小宝", "与户主关系": "子女"},
        {"身份证号": identity_number(9)},
    ]
    report = await office.imports(rows)
    assert (report.rows, notices(report)) == (7, [])
    assert {row for row, _, _ in refusals(report)} == {
        2,
        5,
        6,
        7,
        8,
    }  # the rows without a code, with the row above each


async def test_a_row_that_begins_with_a_day_and_has_a_damaged_number_is_refused_and_not_passed_over(
    office: Office,
) -> None:
    row = {"认定日期": "2024年3月1日", **member("H1", 1), "身份证号": identity_number(1)[:-1] + "Х"}
    report = await office.imports(
        [row], headers=["认定日期", *(header for header in HEADERS if header != "认定日期")]
    )
    assert (report.rows, refusals(report)) == (1, [(2, "idNumber", "INVALID_IDENTITY_NUMBER")])
