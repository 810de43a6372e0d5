"""The formats of files: encodings, delimiters, workbooks, headers."""

import codecs
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from hub.foundation.errors import HubError
from hub.imports.refusals import DuplicateColumn, HeaderNotFound, MissingColumns, UnreadableFile
from tests.hub.imports.conftest import Office, refusals
from tests.hub.imports.office import HEADERS, family, identity_number, member, write_csv, write_workbook

pytestmark = pytest.mark.anyio

ROWS = [
    *family("H1", 0, 3, 救助类别="低保", 认定日期="2026-03-01", 健康状况="健康"),
    *family("H2", 10, 2, 劳动能力="弱", 残疾类别="肢体", 残疾等级="二级"),
]


async def test_encodings_delimiters_and_workbooks_give_the_same_households(office: Office) -> None:
    await office.imports(write_csv(office.folder / "first.csv", ROWS))
    first = await office.state()
    assert len(first) == 5
    files = [
        write_csv(office.folder / "bom.csv", ROWS, encoding="utf-8-sig"),
        write_csv(office.folder / "gb.csv", ROWS, encoding="gb18030", delimiter=";"),
        write_csv(office.folder / "excel.txt", ROWS, encoding="utf-16", delimiter="\t"),
        write_workbook(office.folder / "book.xlsx", ROWS),
    ]
    for file in files:
        report = await office.imports(file)
        assert (report.accepted, report.changed, report.refused, report.warnings) == (5, 0, [], []), file.name
    assert await office.state() == first


async def test_a_gb18030_file_with_characters_beyond_gbk_comes_in_as_it_was_written(office: Office) -> None:
    await office.imports(
        write_csv(office.folder / "gb.csv", [member("H1", 1, 姓名="㛃𠮷")], encoding="gb18030")
    )
    assert await office.rows("select name from person") == ["㛃𠮷"]


async def test_utf_8_that_would_also_be_valid_gb18030_is_read_as_utf_8(office: Office) -> None:
    content = "householdCode,name,idNumber,relation\nH1,王伟," + identity_number(1) + ",HEAD\n"
    assert content.encode().decode("gb18030") != content
    (office.folder / "f.csv").write_bytes(content.encode())
    await office.imports(office.folder / "f.csv")
    assert await office.rows("select name from person") == ["王伟"]


async def test_english_headers_and_the_words_of_the_enums_are_understood(office: Office) -> None:
    row = {
        "householdCode": "H1",
        "name": "Wang Wei",
        "id_number": identity_number(1),
        "Relation": "HEAD",
        "region": "410105001",
        "residence": "RURAL",
        "incomePerCapita": "1,200",
    }
    report = await office.imports([row], headers=list(row))
    assert report.refused == []
    assert await office.rows("select residence, income_per_capita::text from household") == [
        ("RURAL", "1200.00")
    ]


async def test_titles_stars_units_and_spaces_around_headers_are_seen_through(office: Office) -> None:
    renamed = {
        "家庭人均月收入": "家庭人均月收入(元)",
        "身份证号": "*身份证号码 ",
        "姓名": "姓  名",
        "地址": "家庭住址",
    }
    rows = [{renamed.get(key, key): value for key, value in row.items()} for row in ROWS]
    headers = [renamed.get(header, header) for header in HEADERS]
    above = ("经八路街道低收入人口花名册", "填报单位:经八路街道办事处")
    report = await office.imports(write_workbook(office.folder / "b.xlsx", rows, headers, above))
    assert (report.rows, report.accepted, report.refused) == (5, 5, [])


async def test_a_header_over_two_merged_rows_is_read_as_one(office: Office) -> None:
    upper = ["户编号", "家庭成员信息", "", "", "行政区划代码", "户籍性质"]
    lower = ["", "姓名", "身份证号", "与户主关系", "", ""]
    lines = [upper, lower, ["H1", "王伟", identity_number(1), "户主", "410105001", "城镇"]]
    path = office.folder / "merged.csv"
    path.write_text("\n".join(",".join(line) for line in lines), "utf-8")
    report = await office.imports(path)
    assert (report.rows, report.accepted, report.refused) == (1, 1, [])


async def test_row_numbers_are_those_of_the_spreadsheet_and_empty_rows_do_not_count(office: Office) -> None:
    rows = [ROWS[0], {}, {"户编号": "  "}, member("H9", 50, 家庭人均月收入="many"), {}, {}]
    report = await office.imports(write_workbook(office.folder / "b.xlsx", rows, above=("标题",)))
    assert report.rows == 2
    assert refusals(report) == [(6, "incomePerCapita", "INVALID_MONEY")]


FULL_WIDTH = {ord(digit): chr(ord(digit) - ord("0") + ord("０")) for digit in "0123456789"}


async def test_excels_dates_numbers_and_apostrophes_mean_what_they_show(office: Office) -> None:
    first: dict[str, Any] = {
        "身份证号": "'" + identity_number(1),
        "认定日期": datetime(2026, 3, 1, 8),  # noqa: DTZ001 Excel has no time zones
        "行政区划代码": 410105001,
        "家庭人均月收入": 0.1 + 0.2,
        "联系电话": 13900001234,
    }
    second: dict[str, Any] = {
        "身份证号": f"\u202a{identity_number(2)}\u202c",
        "认定日期": 46082,
        "行政区划代码": "410105001000",
    }
    third: dict[str, Any] = {
        "身份证号": identity_number(3).translate(FULL_WIDTH),
        "认定日期": date(2026, 3, 1),
        "姓名": "张　三",
        "行政区划代码": "经八路街道",
    }
    rows = [
        member(f"H{n}", n, **values, 救助类别="低保") for n, values in enumerate((first, second, third), 1)
    ]
    report = await office.imports(write_workbook(office.folder / "b.xlsx", rows))
    assert report.refused == []
    assert await office.rows("select valid_from from certification") == [date(2026, 3, 1)] * 3
    assert await office.rows("select distinct region from household") == ["410105001"]
    assert await office.rows("select income_per_capita::text from household where code = 'H1'") == ["0.30"]
    assert await office.rows("select name from person where name = '张三'") == ["张三"]


async def test_an_identity_number_that_excel_kept_as_a_number_is_refused_for_that_reason(
    office: Office,
) -> None:
    number = int(identity_number(4)[:17] + "0")
    report = await office.imports(
        write_workbook(office.folder / "b.xlsx", [member("H1", 4, 身份证号=number), *ROWS])
    )
    assert refusals(report) == [(2, "idNumber", "DIGITS_LOST")]
    assert "文本格式" in report.refused[0].message_zh
    account = await office.imports(
        write_workbook(office.folder / "b.xlsx", [member("H9", 4, 银行账号=6228480712345678901)])
    )
    assert refusals(account) == [(2, "account", "DIGITS_LOST")]
    assert await office.rows("select count(*) from person where account_sealed is not null") == [0]
    assert (await office.counts())["person"] == len(ROWS) + 1


async def test_unknown_columns_are_told(office: Office) -> None:
    rows = [row | {"备注": "x", "联系人": "y"} for row in ROWS]
    report = await office.imports(rows, headers=[*HEADERS, "备注", "联系人"])
    assert [(warning.code, warning.message_zh) for warning in report.warnings] == [
        ("COLUMNS_IGNORED", "以下各列无法识别,未导入:备注、联系人。")
    ]


async def test_the_sheet_with_the_best_header_is_read_and_the_others_are_told(office: Office) -> None:
    path = write_workbook(office.folder / "book.xlsx", ROWS)
    workbook = load_workbook(path)
    notes, hidden = workbook.create_sheet("填表说明", 0), workbook.create_sheet("字典")
    notes.append(["姓名", "按身份证填写"])
    hidden.append(list(HEADERS))
    hidden.sheet_state = "hidden"
    workbook.save(path)
    report = await office.imports(path)
    assert (report.accepted, [warning.message_zh for warning in report.warnings]) == (
        5,
        ["只读取了工作表“Sheet”,未读取(括号内为行数):填表说明(1)。"],
    )


def _bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"\xff\x00\xff\xff\x80", UnreadableFile),
        (b"PK\x03\x04 but no workbook", UnreadableFile),
        ('户编号,姓名\nH1,"'.encode() + b"x" * 200_000, UnreadableFile),
        (codecs.BOM_UTF8, UnreadableFile),
        (b"", UnreadableFile),
        (b"\r\n , \r\n", UnreadableFile),
        ("甲,乙,丙\n1,2,3\n".encode(), HeaderNotFound),
        ("户编号,姓名,与户主关系\nH1,王伟,户主\n".encode(), MissingColumns),
        ("户编号,户号,姓名,身份证号,与户主关系\n".encode(), DuplicateColumn),
    ],
)
async def test_a_file_that_cannot_be_taken_is_refused_whole(
    office: Office, content: bytes, error: type[HubError]
) -> None:
    with pytest.raises(error) as refused:
        await office.imports(_bytes(office.folder / "bad.csv", content))
    assert refused.value.message_zh
    assert set((await office.counts()).values()) == {0}


async def test_a_file_that_is_not_there_is_refused(office: Office) -> None:
    with pytest.raises(UnreadableFile):
        await office.imports(office.folder / "missing.csv")


async def test_missing_columns_are_named_in_both_languages(office: Office) -> None:
    with pytest.raises(MissingColumns) as refused:
        await office.imports([{"户编号": "H1", "姓名": "王伟"}], headers=("户编号", "姓名"))
    assert "身份证号、与户主关系" in refused.value.message_zh
    assert "idNumber, relation" in refused.value.message


async def test_a_row_with_more_cells_than_the_header_is_refused(office: Office) -> None:
    path = write_csv(office.folder / "f.csv", ROWS)
    lines = path.read_text("utf-8").splitlines()
    lines[4] += ",,stray"
    path.write_text("\n".join(lines), "utf-8")
    assert refusals(await office.imports(path)) == [(5, "", "ROW_TOO_LONG"), (6, "relation", "HEAD_REFUSED")]


async def test_a_file_with_a_header_alone_lands_nothing_and_says_so(office: Office) -> None:
    report = await office.imports([])
    assert (report.rows, [warning.code for warning in report.warnings]) == (0, ["NO_ROWS"])
