"""Cells that are not empty but cannot be read: lost digits, errors, formulas, merged cells."""

import pytest
from openpyxl import load_workbook

from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import EDUCATION, Office, refusals
from tests.hub.imports.office import (
    HEADERS,
    PLACE,
    family,
    identity_number,
    member,
    write_csv,
    write_workbook,
)
from tests.hub.imports.writing import changed, compound_file, open_document, records, replace_in, sheet_of

pytestmark = pytest.mark.anyio


async def test_a_number_that_a_program_shortened_has_lost_its_digits_in_every_column(office: Office) -> None:
    columns = (
        "户编号",
        "身份证号",
        "联系电话",
        "银行账号",
        "家庭人均月收入",
        "姓名",
        "学校",
        "残疾等级",
        "认定日期",
    )
    shortened = ("5.00112E+15", "5.00112e+15", "5.00112E15", "500112000000000000.0", "５.００１１２Ｅ＋１５")
    rows = [member(f"H{n}", n, **{column: shortened[n % 5]}) for n, column in enumerate(columns * 5)]
    report = await office.imports(rows)
    assert [(row, code) for row, _, code in refusals(report)] == [(n + 2, "DIGITS_LOST") for n in range(45)]
    assert {field for _, field, _ in refusals(report)} >= {
        "householdCode",
        "idNumber",
        "account",
        "incomePerCapita",
    }


async def test_a_number_of_more_than_fifteen_digits_in_a_workbook_has_lost_them(office: Office) -> None:
    columns = ("户编号", "身份证号", "联系电话", "银行账号", "学校")
    rows = [member(f"H{n}", n) | {column: 4101050010010012345} for n, column in enumerate(columns)]
    report = await office.imports(write_workbook(office.folder / "b.xlsx", rows))
    assert [(row, code) for row, _, code in refusals(report)] == [(n + 2, "DIGITS_LOST") for n in range(5)]


async def test_identity_numbers_that_end_in_000_after_fifteen_digits_are_refused_right_check_digit_or_not(
    office: Office,
) -> None:
    number = next(n for n in map(identity_number, range(0, 90_000, 100)) if n.endswith("000"))
    invalid = number[:14] + str((int(number[14]) + 1) % 10) + "000"
    for written in (number, invalid, f" {number} "):
        report = await office.imports([member("H1", 1, 身份证号=written)])
        assert refusals(report) == [(2, "idNumber", "DIGITS_LOST")]
    truly = f"{number[:6]} {number[6:14]} {number[14:]}"
    assert (await office.imports([member("H1", 1, 身份证号=truly)])).accepted == 1
    assert (await office.imports([member("H1", 1, 身份证号=f"'{number}")])).changed == 0


async def test_among_many_identity_numbers_those_that_truly_end_in_000_are_taken(office: Office) -> None:
    true = [n for n in map(identity_number, range(0, 90_000, 100)) if n.endswith("000")][-1:]
    rows = [member(f"H{n}", n + 1) for n in range(400)]
    report = await office.imports([*rows, member("T", 1, 身份证号=true[0])])
    assert report.refused == []
    one_cut_off = identity_number(700)[:14] + "1000"
    report = await office.imports(
        [*rows, member("T", 1, 身份证号=true[0]), member("U", 1, 身份证号=one_cut_off)]
    )
    ending = [row for row in rows if row["身份证号"].endswith("000")]
    assert [code for _, _, code in refusals(report)] == ["DIGITS_LOST"] * (len(ending) + 2)


async def test_an_account_whose_last_four_digits_became_zeros_is_refused(office: Office) -> None:
    report = await office.imports([member("H1", 1, 银行账号="6217001234567890000")])
    assert ("account", "DIGITS_LOST") in [(field, code) for _, field, code in refusals(report)]
    assert (await office.imports([member("H2", 2, 银行账号="6217000000000000001")])).refused == []


async def test_codes_that_end_in_zeros_by_chance_are_taken_and_those_that_all_do_are_not(
    office: Office,
) -> None:
    codes = [f"41010500100100{n:02d}" for n in range(8, 14)]
    assert (await office.imports([member(code, n) for n, code in enumerate(codes)])).refused == []
    cut = [f"41010500100{n:04d}0" for n in range(5)]
    report = await office.imports([member(code, n + 20) for n, code in enumerate(cut)])
    assert {code for _, _, code in refusals(report)} == {"DIGITS_LOST"}
    assert len(report.refused) == 5


async def test_an_error_in_a_cell_is_refused_and_clears_nothing(office: Office) -> None:
    for shown in ["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "########", "Err:502"]:
        await _an_error_clears_nothing(office, shown)


async def _an_error_clears_nothing(office: Office, shown: str) -> None:
    await office.imports([member("H1", 1)])
    files = [write_csv(office.folder / "f.csv", [member("H1", 1, 家庭人均月收入=shown)])]
    if shown.startswith("#") and not shown.startswith("##"):
        book = write_workbook(office.folder / "b.xlsx", [member("H1", 1, 家庭人均月收入=shown)])
        assert sheet_of(load_workbook(book)).cell(2, PLACE["家庭人均月收入"] + 1).data_type == "e"
        files.append(book)
    for file in files:
        report = await office.imports(file)
        assert refusals(report) == [(2, "incomePerCapita", "INVALID_TEXT")]
        assert shown in report.refused[0].message_zh
    assert await office.rows("select income_per_capita::text from household") == ["812.50"]


async def test_a_formula_without_its_value_is_refused_and_clears_nothing(office: Office) -> None:
    for kind in ["openpyxl", "xlsxwriter", "csv"]:
        await office.imports([member("H1", 1)])
        row = member("H1", 1, 家庭人均月收入="=1837.5/3")
        if kind == "csv":
            file = write_csv(office.folder / "f.csv", [row])
        else:
            file = write_workbook(office.folder / "b.xlsx", [row])
            if kind == "xlsxwriter":
                replace_in(
                    file, "xl/worksheets/sheet1.xml", b"<f>1837.5/3</f><v />", b"<f>1837.5/3</f><v>0</v>"
                )
        report = await office.imports(file)
        assert refusals(report) == [(2, "incomePerCapita", "FORMULA_WITHOUT_VALUE")]
        assert "保存" in report.refused[0].message_zh
        assert await office.rows("select income_per_capita::text from household") == ["812.50"]


async def test_a_formula_with_its_value_is_read_as_its_value_and_one_that_gives_no_text_as_empty(
    office: Office,
) -> None:
    rows = [member("H1", 1, 家庭人均月收入="=1837.5/3", 学校='=""')]
    file = write_workbook(office.folder / "b.xlsx", rows)
    replace_in(file, "xl/worksheets/sheet1.xml", b"<f>1837.5/3</f><v />", b"<f>1837.5/3</f><v>612.5</v>")
    replace_in(file, "xl/worksheets/sheet1.xml", b'<f>""</f><v />', b'<f>""</f><v></v>')
    replace_in(file, "xl/worksheets/sheet1.xml", b'R2"><f>', b'R2" t="str"><f>')
    report = await office.imports(file)
    assert report.refused == []
    assert await office.rows("select income_per_capita::text from household") == ["612.50"]


async def test_rows_of_formulas_alone_below_the_last_value_are_not_passed_over(office: Office) -> None:
    file = write_workbook(office.folder / "b.xlsx", [member("H1", 1)])
    changed(file, {f"{letter}4": "=A2" for letter in "ABCDEFGH"})
    report = await office.imports(file)
    assert (report.rows, {row for row, _, _ in refusals(report)}) == (2, {4})


async def test_errors_of_cells_in_an_xls_and_in_an_ods_are_refused_too(office: Office) -> None:
    await office.imports([member("H1", 1)])
    row = member("H1", 1)
    cells = [list(HEADERS), [row.get(header, "") for header in HEADERS]]
    place = PLACE["家庭人均月收入"]
    for value, code in (("#REF!", "INVALID_TEXT"), ("=", "FORMULA_WITHOUT_VALUE")):
        cells[1][place] = value
        for file in (
            open_document(office.folder / "f.ods", cells),
            compound_file(office.folder / "f.xls", records(cells)),
        ):
            report = await office.imports(file)
            assert refusals(report) == [(2, "incomePerCapita", code)], file.name
    assert await office.rows("select income_per_capita::text from household") == ["812.50"]


async def test_a_number_that_is_none_is_refused_in_every_column(office: Office) -> None:
    columns = ("身份证号", "姓名", "家庭人均月收入", "认定日期", "联系电话")
    rows = [member(f"H{n}", n) | {column: 1234.5} for n, column in enumerate(columns)]
    for value in (b"NaN", b"1E400", b"-inf"):
        file = write_workbook(office.folder / "b.xlsx", rows)
        replace_in(file, "xl/worksheets/sheet1.xml", b"<v>1234.5</v>", b"<v>" + value + b"</v>")
        report = await office.imports(file)
        assert [row for row, _, _ in refusals(report)] == [2, 3, 4, 5, 6], value


async def test_a_character_that_was_lost_in_saving_is_refused(office: Office) -> None:
    for name in ("王�", "王?", "王?伟"):
        assert refusals(await office.imports([member("H1", 1, 姓名=name)])) == [(2, "name", "INVALID_TEXT")]


async def test_cells_merged_over_a_household_hold_for_each_of_its_rows(office: Office) -> None:
    rows = family("H1", 0, 3, 救助类别="低保", 认定日期="2026-03-01")
    for row in rows[1:]:
        row |= {"户编号": "", "救助类别": "", "认定日期": ""}
    file = write_workbook(office.folder / "b.xlsx", [*rows, *family("H2", 10, 1)])
    workbook = load_workbook(file)
    for header in ("户编号", "救助类别", "认定日期"):
        column = PLACE[header] + 1
        sheet_of(workbook).merge_cells(start_row=2, end_row=4, start_column=column, end_column=column)
    workbook.save(file)
    report = await office.imports(file)
    assert (report.accepted, report.refused) == (4, [])
    assert await office.rows(
        "select count(*) from person p join household h on h.id = p.household_id where h.code = 'H1'"
    ) == [3]
    assert await office.rows("select person_id is null from certification") == [True]


async def test_cells_merged_in_an_xls_and_in_an_ods_hold_for_each_row_too(office: Office) -> None:
    rows = family("H1", 0, 2)
    cells = [list(HEADERS), *([row.get(header, "") for header in HEADERS] for row in rows)]
    cells[2][0] = ""
    for file in (
        compound_file(office.folder / "f.xls", records(cells, merged=((1, 2, 0, 0),))),
        open_document(office.folder / "f.ods", cells, merged=((1, 2, 0, 0),)),
    ):
        report = await office.imports(file)
        assert (report.accepted, report.refused) == (2, []), file.name


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("金额", "amount"),
        ("每月增发", "monthSupplement"),
        ("总费用", "totalCost"),
        ("医保支付", "insurancePaid"),
        ("建筑面积", "floorArea"),
        ("服务次数", "times"),
        ("数量", "quantity"),
    ],
)
async def test_one_sum_merged_over_several_rows_is_no_sum_of_each(
    office: Office, label: str, field: str
) -> None:
    headers = (
        "外部编号",
        "身份证号",
        "救助类型",
        "救助项目",
        "起始日期",
        "截止日期",
        "金额",
        "状态",
        "决定日期",
        "救助形式",
        "学年",
        "就学阶段",
        *({label} - {"金额"}),
    )
    values = (
        "教育救助",
        "助学金",
        "2026-03-01",
        "2026-07-31",
        500,
        "已审核确认",
        "2026-02-20",
        "助学金",
        "2025",
        "小学",
        *([] if label == "金额" else [3]),
    )
    rows = [dict(zip(headers, (f"E{n}", identity_number(n), *values), strict=True)) for n in (1, 2)]
    await office.imports(family("H1", 1, 2))
    file = write_workbook(office.folder / "b.xlsx", rows, headers)
    workbook = load_workbook(file)
    letter = "ABCDEFGHIJKLM"[headers.index(label)]
    sheet_of(workbook).merge_cells(f"{letter}2:{letter}3")
    workbook.save(file)
    report = await office.imports(file, EDUCATION, ImportKind.AID)
    assert refusals(report) == [(2, field, "MERGED_CELL_VALUE"), (3, field, "MERGED_CELL_VALUE")]


async def test_in_a_csv_nothing_of_a_household_lands_whose_members_have_no_code(office: Office) -> None:
    rows = [*family("H1", 0, 3), *family("H2", 10, 2), member("", 20)]
    rows[1]["户编号"] = rows[2]["户编号"] = ""
    report = await office.imports(rows)
    assert [(row, code) for row, _, code in refusals(report)] == [
        (2, "CELLS_MERGED"),
        (3, "VALUE_MISSING"),
        (4, "VALUE_MISSING"),
        (7, "VALUE_MISSING"),
    ]
    assert "合并" in report.refused[0].message_zh
    assert await office.rows("select code from household") == ["H2"]
