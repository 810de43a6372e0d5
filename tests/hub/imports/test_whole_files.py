"""A file is read to its end, or refused: quotation marks, sheets, hidden rows, sizes."""

from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from hub.imports import files, report
from hub.imports.refusals import SheetNotFound, SheetsNotRead, TooManyRefusedRows, UnreadableFile
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import EDUCATION, Office, message
from tests.hub.imports.office import (
    HEADERS,
    PLACE,
    family,
    identity_number,
    member,
    write_csv,
    write_workbook,
)
from tests.hub.imports.writing import changed, long_cell, open_document, sheet_of

pytestmark = pytest.mark.anyio

STUDENTS = ("姓名", "身份证号", "起始日期", "学段", "学校")


async def test_a_quotation_mark_that_is_never_closed_refuses_the_file_with_its_line(office: Office) -> None:
    for ending in ["", "\n", "\r\n"]:
        lines = (
            write_csv(office.folder / "f.csv", [member(f"H{n}", n) for n in range(5)])
            .read_text("utf-8")
            .splitlines()
        )
        lines[2] += '"见附件'
        (office.folder / "f.csv").write_text("\n".join(lines) + ending, "utf-8")
        with pytest.raises(UnreadableFile, match="line 3") as refused:
            await office.imports(office.folder / "f.csv")
        assert "第 3 行" in refused.value.message_zh


async def test_a_quotation_mark_that_another_row_closes_swallows_no_rows(office: Office) -> None:
    for second, mark in [(4, '"见附件'), (4, '见附件"'), (3, '见附件"')]:
        lines = (
            write_csv(office.folder / "f.csv", [member(f"H{n}", n) for n in range(5)])
            .read_text("utf-8")
            .splitlines()
        )
        lines[2] += '"见附件'
        lines[second] += mark
        (office.folder / "f.csv").write_text("\n".join(lines), "utf-8")
        with pytest.raises(UnreadableFile, match="line 3"):
            await office.imports(office.folder / "f.csv")


async def test_quotation_marks_inside_a_cell_and_cells_of_several_lines_are_read(office: Office) -> None:
    rows = [member("H1", 1, 地址='经三路"和谐"小区\n3 号楼, 2 单元'), member("H2", 2, 地址='"甲"公司宿舍')]
    report = await office.imports(rows)
    assert (report.accepted, report.refused) == (2, [])
    assert len(await office.rows("select address from household where address like '%单元'")) == 1


async def test_of_an_empty_file_it_is_said_that_it_is_empty(office: Office) -> None:
    for name in ["empty.csv", "empty.xlsx"]:
        (office.folder / name).write_bytes(b"")
        with pytest.raises(UnreadableFile, match="is empty"):
            await office.imports(office.folder / name)


def village_sheets(folder: Path, *, hidden: bool = False) -> Path:
    """A sheet for each village, with the columns in different orders, a sheet of notes, and optionally a hidden sheet of
    persons."""
    workbook = Workbook()
    notes = sheet_of(workbook)
    notes.title = "填报说明"
    notes.append(["1. 本表由社区填写"])
    for number, name in enumerate(("体育社区", "科技社区")):
        sheet = workbook.create_sheet(name)
        order = list(HEADERS) if number == 0 else list(reversed(HEADERS))
        sheet.append(order)
        for row in family(f"H{number}", number * 10, 2):
            sheet.append([row.get(header) for header in order])
    if hidden:
        sheet = workbook.create_sheet("停保人员")
        sheet.append(list(HEADERS))
        sheet.append([member("H9", 90).get(header) for header in HEADERS])
        sheet.sheet_state = "hidden"
    workbook.save(folder / "villages.xlsx")
    return folder / "villages.xlsx"


async def test_all_sheets_with_the_same_header_are_read_and_the_others_are_told_with_their_rows(
    office: Office,
) -> None:
    report = await office.imports(village_sheets(office.folder, hidden=True))
    assert (report.rows, report.accepted, report.refused) == (4, 4, [])
    assert "体育社区、科技社区" in message(report, "SHEETS_READ")
    assert "填报说明(1)" in message(report, "SHEETS_IGNORED")
    assert "停保人员(1)" in message(report, "SHEETS_IGNORED")
    assert await office.rows("select code from household order by code") == ["H0", "H1"]


async def test_named_sheets_are_read_alone_and_a_name_that_is_not_there_is_refused(office: Office) -> None:
    file = village_sheets(office.folder, hidden=True)
    assert (await office.imports(file, sheets=("科技社区",))).rows == 2
    assert (await office.imports(file, sheets=("停保人员", "体育社区"))).rows == 3
    with pytest.raises(SheetNotFound, match="体育社区、科技社区"):
        await office.imports(file, sheets=("体育",))


async def test_a_row_of_several_sheets_is_named_with_its_sheet(office: Office) -> None:
    file = village_sheets(office.folder)
    workbook = load_workbook(file)
    workbook["科技社区"].cell(3, len(HEADERS) - PLACE["与户主关系"]).value = "邻居"
    workbook.save(file)
    report = await office.imports(file)
    assert [(str(refusal.row), refusal.field) for refusal in report.refused] == [("科技社区!3", "relation")]
    assert "科技社区!3" in (office.folder / "refused.csv").read_text("utf-8-sig")


async def test_a_sheet_of_persons_with_another_header_refuses_the_file(office: Office) -> None:
    file = write_workbook(office.folder / "b.xlsx", family("H1", 0, 2))
    workbook = load_workbook(file)
    other = workbook.create_sheet("续表")
    other.append(["编号", "谁", "号码"])
    other.append(["H2", "王伟", identity_number(9)])
    workbook.save(file)
    with pytest.raises(SheetsNotRead, match=r"续表\(2\)"):
        await office.imports(file)
    assert (await office.imports(file, sheets=("Sheet",))).accepted == 2


async def test_a_month_counts_only_where_every_sheet_of_its_list_was_read(office: Office) -> None:
    workbook = Workbook()
    first = sheet_of(workbook)
    hidden = workbook.create_sheet("初中")
    for number, sheet in enumerate((first, hidden), 1):
        sheet.append(STUDENTS)
        sheet.append(["王伟", identity_number(number), "2026-09-01", "小学", "经三路小学"])
    workbook.save(office.folder / "b.xlsx")
    both = await office.imports(
        office.folder / "b.xlsx", EDUCATION, ImportKind.CIRCUMSTANCES, month=date(2026, 11, 1)
    )
    assert both.rows == 2
    hidden.sheet_state = "hidden"
    workbook.save(office.folder / "b.xlsx")
    with pytest.raises(SheetsNotRead, match="初中"):
        await office.imports(
            office.folder / "b.xlsx", EDUCATION, ImportKind.CIRCUMSTANCES, month=date(2026, 11, 1)
        )


async def test_hidden_rows_are_read_and_told(office: Office) -> None:
    file = write_workbook(office.folder / "b.xlsx", family("H1", 0, 4))
    workbook = load_workbook(file)
    for row in (3, 4, 9):
        sheet_of(workbook).row_dimensions[row].hidden = True
    workbook.save(file)
    report = await office.imports(file)
    assert (report.accepted, message(report, "HIDDEN_ROWS_READ")) == (
        4,
        "文件中有 2 行被隐藏,已照常读取:3、4。",
    )


async def test_a_cell_at_the_far_end_of_a_sheet_refuses_the_file(office: Office) -> None:
    for name in ["far.xlsx", "far.ods"]:
        file = office.folder / name
        cells = [list(HEADERS), [member("H1", 1).get(header, "") for header in HEADERS]]
        if name == "far.ods":
            open_document(file, cells, far=(1_048_575, 16_383))
        else:
            changed(write_workbook(file, [member("H1", 1)]), {"XFD1048576": "x"})
        with pytest.raises(UnreadableFile, match="too large"):
            await office.imports(file)


async def test_a_small_file_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(
    office: Office,
) -> None:
    file = write_workbook(office.folder / "b.xlsx", [member("H1", 1)])
    for declared in (3 << 30, None, 10_000):
        with pytest.raises(UnreadableFile):
            await office.imports(long_cell(file, office.folder / "bomb.xlsx", 64 << 20, declared))


async def test_a_damaged_workbook_is_refused(office: Office) -> None:
    good = write_workbook(office.folder / "good.xlsx", [member("H1", 1)]).read_bytes()
    with ZipFile(office.folder / "good.xlsx") as archive:
        book = archive.getinfo("xl/workbook.xml").header_offset
    locked = bytearray(good)
    locked[good.rindex(b"xl/workbook.xml") - 46 + 8] |= 1  # the flag for a password
    for content in (
        b"PK\x03\x04" + bytes(500),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_000),
        good[: len(good) // 2],
        good[: book + 60] + bytes(60) + good[book + 120 :],
        bytes(locked),
    ):
        (office.folder / "bad.xlsx").write_bytes(content)
        with pytest.raises(UnreadableFile):
            await office.imports(office.folder / "bad.xlsx")


async def test_an_import_stops_where_the_reasons_would_take_too_much_memory(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "MOST_REASONS", 5)
    with pytest.raises(TooManyRefusedRows, match="More than 5"):
        await office.imports([member(f"H{n}", n, 家庭人均月收入="many") for n in range(6)])
    assert len((office.folder / "refused.csv").read_text("utf-8-sig").splitlines()) == 6
    monkeypatch.setattr(files, "MOST_ROWS", 5)
    with pytest.raises(UnreadableFile, match="split it"):
        await office.imports([member(f"H{n}", n) for n in range(6)])
    assert await office.rows("select count(*) from household") == [0]
