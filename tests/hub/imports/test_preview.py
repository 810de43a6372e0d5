"""The values that an import clears are counted, and a preview shows everything that the import would do."""

import csv
import io

import pytest
from rich.console import Console

from hub.imports.command import import_file, print_preview
from hub.imports.preview import write_preview
from hub.imports.refusals import PreviewOutdated
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import EDUCATION, Office, message, notices, refusals
from tests.hub.imports.office import family, identity_number, member, write_csv

pytestmark = pytest.mark.anyio

AGENCY = "civil_affairs@410105001"


async def test_what_empty_cells_clear_is_counted_by_column(office: Office) -> None:
    rows = [member(f"H{n}", n, 联系电话="13900001234", 学校="经三路小学", 就学阶段="小学") for n in range(3)]
    await office.imports(rows)
    for row in rows[:2]:
        row |= {"联系电话": "", "家庭人均月收入": "900"}
    rows[0]["学校"] = ""
    report = await office.imports(rows)
    assert report.cleared == {"联系电话": 2, "学校": 1}
    assert "空单元格清空了 3 项已登记的内容:联系电话 2、学校 1" in message(report, "VALUES_CLEARED")
    assert "VALUES_CLEARED" not in notices(await office.imports(rows))


async def test_what_a_list_of_circumstances_clears_is_counted_too(office: Office) -> None:
    await office.imports([member("H1", 1)])
    row = {
        "身份证号": identity_number(1),
        "起始日期": "2026-09-01",
        "学段": "小学",
        "学校": "经三路小学",
        "说明": "住校",
    }
    await office.imports([row], EDUCATION, ImportKind.CIRCUMSTANCES, headers=list(row))
    report = await office.imports(
        [row | {"说明": ""}], EDUCATION, ImportKind.CIRCUMSTANCES, headers=list(row)
    )
    assert report.cleared == {"说明": 1}


async def test_a_preview_tells_what_would_change_and_leaves_nothing_but_its_access_record(
    office: Office,
) -> None:
    await office.imports(family("H1", 1, 2, 联系电话="13900001234"))
    counts, state = await office.counts(), await office.state()
    rows = [
        *family("H1", 1, 2, 健康状况="慢性病", 联系电话=""),
        member("H2", 9),
        member("H3", 10, 与户主关系="邻居"),
    ]
    seen = await office.imports(rows, preview=True)
    assert (await office.counts(), await office.state()) == (counts, state)
    changes = [
        (change.row, change.column, change.before, change.after)
        for change in seen.changes
        if change.kind != "NEW"
    ]
    assert [change.row for change in seen.changes if change.kind == "NEW"] == [4]
    assert changes == [
        (2, "健康状况", None, "CHRONIC"),
        (2, "联系电话", "13*******34", None),
        (3, "健康状况", None, "CHRONIC"),
        (3, "联系电话", "13*******34", None),
    ]
    assert seen.cleared == {"联系电话": 2}
    assert await office.rows("select operation_name from access_record order by id desc limit 1") == [
        "preview households"
    ]
    done = await office.imports(rows)
    assert (done.rows, done.accepted, done.changed) == (seen.rows, seen.accepted, seen.changed)
    assert refusals(done) == refusals(seen)


async def test_the_hash_of_a_preview_is_the_same_until_something_else_would_happen(office: Office) -> None:
    rows = [member("H1", 1), member("H2", 2)]
    first = (await office.imports(rows, preview=True)).preview
    assert (await office.imports(rows, preview=True)).preview == first
    assert (await office.imports(rows[:1], preview=True)).preview != first
    await office.imports(rows[:1])
    assert (await office.imports(rows, preview=True)).preview != first


async def test_an_import_that_confirms_a_preview_is_refused_where_that_no_longer_holds(
    office: Office,
) -> None:
    file = write_csv(office.folder / "f.csv", [member("H1", 1), member("H2", 2)])
    screen = Console(file=io.StringIO(), width=200)

    async def run(preview: bool = False, confirms: str | None = None) -> str:
        report = await import_file(
            office.database, office.secrecy, ImportKind.HOUSEHOLDS, file, AGENCY, office.folder / "r.csv", screen,
            preview=preview, confirms=confirms,
        )  # fmt: skip
        return report.preview or ""

    seen = await run(preview=True)
    assert seen in screen.file.getvalue()  # type: ignore[attr-defined]
    await office.imports([member("H1", 1)])
    with pytest.raises(PreviewOutdated):
        await run(confirms=seen)
    assert await office.rows("select code from household") == ["H1"]
    assert await run(confirms=await run(preview=True)) == ""
    assert await office.rows("select code from household order by code") == ["H1", "H2"]


async def test_the_file_of_a_preview_is_complete_and_harmless_in_a_spreadsheet(office: Office) -> None:
    await office.imports([member("H1", 1, 地址="经三路")])
    seen = await office.imports([member("H1", 1, 地址="+8 号院")], preview=True)
    write_preview(office.folder / "preview.csv", seen)
    with (office.folder / "preview.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1:] == [["2", "地址", "经三路", "'+8 号院", "变更 changed"]]
    screen = io.StringIO()
    print_preview(seen, office.folder / "preview.csv", Console(file=screen, width=200))
    assert "0 rows would be new, 1 values would be replaced, 0 of them cleared" in screen.getvalue()
