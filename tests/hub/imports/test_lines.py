"""`hub import lines`: an office's standards become the lines in force, and earlier ones stay readable."""

from collections.abc import Mapping

import pytest

from hub.imports.refusals import NotYourList
from hub.imports.report import ImportReport
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import AGRICULTURE, COUNTY_OFFICE, TOWNSHIP_OFFICE, Office, refusals

pytestmark = pytest.mark.anyio

HEADERS = ("区县", "城乡", "救助类别", "执行月份", "月标准", "文号")
STANDING = (
    "select version, yuan, source, recorded_by, superseded_at is null from poverty_line where county = '410105'"
    " and residence = 'URBAN' and category = 'SUBSISTENCE_ALLOWANCE' and from_month = '2026-07-01' order by version"
)


def standard(**values: str) -> Mapping[str, str]:
    row = {
        "区县": "金水区",
        "城乡": "城市",
        "救助类别": "低保",
        "执行月份": "2026年7月",
        "月标准": "800",
        "文号": "民〔2026〕7号",
    }
    return {**row, **values}


async def lines(office: Office, *rows: Mapping[str, str], grant: object = COUNTY_OFFICE) -> ImportReport:
    return await office.imports(list(rows), grant, ImportKind.LINES, HEADERS)  # type: ignore[arg-type]


async def test_a_line_is_kept_with_its_source_and_who_gave_it(office: Office) -> None:
    report = await lines(office, standard(), standard(区县="410105", 城乡="农村", 月标准="600"))
    assert (report.accepted, report.changed, report.refused) == (2, 2, [])
    assert await office.rows(STANDING) == [(1, 800, "民〔2026〕7号", COUNTY_OFFICE.agency, True)]


async def test_the_same_file_again_changes_nothing_and_another_figure_is_a_further_version(
    office: Office,
) -> None:
    await lines(office, standard())
    assert (await lines(office, standard())).changed == 0
    assert (await lines(office, standard(月标准="810"))).changed == 1
    assert [(version, yuan, counts) for version, yuan, _, _, counts in await office.rows(STANDING)] == [
        (1, 800, False),
        (2, 810, True),
    ]


async def test_a_row_that_names_no_line_of_the_office_is_refused_by_its_column(office: Office) -> None:
    report = await lines(
        office,
        standard(区县="二七区"),
        standard(区县="无此区"),
        standard(月标准="0"),
        standard(执行月份="7月"),
        standard(),
        standard(),
    )
    assert refusals(report) == [
        (2, "county", "REGION_OUTSIDE_JURISDICTION"),
        (3, "county", "UNKNOWN_COUNTY"),
        (4, "yuan", "INVALID_MONEY"),
        (5, "fromMonth", "INVALID_DATE"),
        (7, "county", "DUPLICATE_ROW"),
    ]
    assert (await lines(office, standard(), grant=TOWNSHIP_OFFICE)).accepted == 0, "a township sets no line"


async def test_only_civil_affairs_gives_lines(office: Office) -> None:
    with pytest.raises(NotYourList):
        await lines(office, standard(), grant=AGRICULTURE)
