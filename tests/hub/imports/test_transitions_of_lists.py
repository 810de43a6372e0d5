"""Lists that change what an earlier list stated, and then the first list again: facts, monitored households, lines, outcomes."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from hub.imports.report import ImportReport
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import AGRICULTURE, COUNTY_OFFICE, EDUCATION, Office, grant_of, refusals
from tests.hub.imports.leaving import leaves
from tests.hub.imports.office import family, identity_number, member

pytestmark = pytest.mark.anyio

MONTH = date(2026, 10, 1)
FACT_HEADERS = ("身份证号", "户编号", "起始日期", "结束日期", "学段", "学校", "金额", "说明")
FACT = "select since, until, school, amount, note, version from circumstance"
SHARED = "select rows from monthly_share where rows > 0"


@pytest.fixture
async def known(office: Office) -> Office:
    """A household of three, with persons 0 to 2."""
    assert (await office.imports(family("H1", 0, 3))).refused == []
    return office


async def reported(
    office: Office,
    grant: Any = EDUCATION,
    headers: Sequence[str] = FACT_HEADERS,
    month: date | None = MONTH,
    **row: Any,
) -> ImportReport:
    return await office.imports([row], grant, ImportKind.CIRCUMSTANCES, headers, month=month)


async def test_a_fact_ends_opens_and_ends_again_by_its_end_date_and_counts_once_in_its_month(
    known: Office,
) -> None:
    pupil: dict[str, Any] = {
        "身份证号": identity_number(2),
        "起始日期": "2026-09-01",
        "学段": "大学",
        "学校": "郑州大学",
    }
    for until, ends, version in (
        ("", None, 1),
        ("2026-10-31", date(2026, 10, 31), 2),
        ("2026-10-31", date(2026, 10, 31), 2),
        ("", None, 3),
        ("2026-11-01", date(2026, 11, 1), 4),
    ):
        await reported(known, **pupil, 结束日期=until)
        assert [(row[1], row[5]) for row in await known.rows(FACT)] == [(ends, version)]
        assert await known.rows(SHARED) == [1]
    lacking = [header for header in FACT_HEADERS if header != "结束日期"]
    assert (await reported(known, headers=lacking, **pupil)).changed == 0, (
        "a column that is not there changes nothing"
    )
    events = await known.rows(
        "select type from chain_event where type like 'CIRCUMSTANCE%' order by position"
    )
    assert events == [f"CIRCUMSTANCE_{one}" for one in ("REPORTED", "ENDED", "REPORTED", "ENDED")]


async def test_what_a_fact_says_goes_to_empty_and_back(known: Office) -> None:
    struck: dict[str, Any] = {"户编号": "H1", "起始日期": "2026-07-20", "金额": "5000"}
    emergency = grant_of("emergency_management@410105")
    for note, version in (("暴雨", 1), ("", 2), ("", 2), ("暴雨", 3)):
        await reported(known, emergency, month=None, **struck, 说明=note)
        assert [(row[4], row[5]) for row in await known.rows(FACT)] == [(note or None, version)]
    for amount in ("5000.0", "5000.00", "5,000", "¥5000元"):
        again = await reported(known, emergency, month=None, **struck | {"金额": amount}, 说明="暴雨")
        assert (again.changed, again.refused) == (0, []), amount
    assert (
        await reported(known, emergency, month=None, **struck | {"金额": "5001"}, 说明="暴雨")
    ).changed == 1


async def test_a_list_of_which_nothing_was_kept_has_not_come(known: Office) -> None:
    stranger: dict[str, Any] = {
        "身份证号": identity_number(900),
        "起始日期": "2026-09-01",
        "学段": "大学",
        "学校": "郑州大学",
    }
    assert len((await reported(known, **stranger)).refused) == 1
    listed = {"户编号": "H9", "监测对象类别": "脱贫不稳定户", "认定日期": "2026-03-01"}
    report = await known.imports([listed], AGRICULTURE, ImportKind.MONITORED, tuple(listed), month=MONTH)
    assert len(report.refused) == 1
    assert await known.rows("select count(*) from monthly_share where shared_at is not null") == [0]


WATCHED = ("户编号", "户主身份证号", "监测对象类别", "认定日期", "风险消除日期")


async def watched(office: Office, **row: Any) -> ImportReport:
    values = {"户编号": "H1", "监测对象类别": "脱贫不稳定户", "认定日期": "2026-03-01"} | row
    return await office.imports([values], AGRICULTURE, ImportKind.MONITORED, WATCHED)


async def test_a_monitored_household_is_found_by_its_present_head_alone(known: Office) -> None:
    child = await watched(known, 户编号="", 户主身份证号=identity_number(2))
    assert refusals(child) == [(2, "headIdNumber", "UNKNOWN_HOUSEHOLD")]
    await leaves(known, 0)
    await known.imports([member("H1", 1, "户主")])
    former = await watched(known, 户编号="", 户主身份证号=identity_number(0))
    assert refusals(former) == [(2, "headIdNumber", "UNKNOWN_HOUSEHOLD")]
    assert refusals(await watched(known, 户主身份证号=identity_number(0))) == [
        (2, "householdCode", "HEAD_MISMATCH")
    ]
    assert (await watched(known, 户主身份证号=identity_number(1))).changed == 1


async def test_a_risk_that_is_gone_stays_gone_and_another_begins(known: Office) -> None:
    steps = [
        ({}, 1, 0),
        ({"风险消除日期": "2026-06-30"}, 1, 0),
        ({}, 0, 1),
        ({"风险消除日期": "2026-07-31"}, 0, 0),
        ({"认定日期": "2026-05-01"}, 0, 1),
        ({"认定日期": "2026-06-30"}, 1, 0),
        ({"监测对象类别": "边缘易致贫户"}, 0, 1),
    ]
    for row, changed, warned in steps:
        report = await watched(known, **row)
        assert (report.changed, len([warning for warning in report.warnings if warning.row])) == (
            changed,
            warned,
        ), row
    found = "select valid_from, ended_on, subtype from certification order by valid_from"
    assert await known.rows(found) == [
        (date(2026, 3, 1), date(2026, 6, 30), "UNSTABLE"),
        (date(2026, 6, 30), None, "UNSTABLE"),
    ]


LINES = ("区县", "城乡", "救助类别", "执行月份", "月标准", "文号")


async def lined(office: Office, **row: str) -> int:
    values = {
        "区县": "金水区",
        "城乡": "城市",
        "救助类别": "低保",
        "执行月份": "2026-07",
        "月标准": "800",
        "文号": "民〔2026〕7号",
    } | row
    return (await office.imports([values], COUNTY_OFFICE, ImportKind.LINES, LINES)).changed


async def test_a_line_goes_to_another_figure_or_source_and_back_and_every_version_stays_readable(
    office: Office,
) -> None:
    for row, changed in (
        ({}, 1),
        ({"月标准": "800.0"}, 0),
        ({"月标准": "¥800.00元"}, 0),
        ({"执行月份": "2026年7月", "区县": "410105"}, 0),
        ({"月标准": "810"}, 1),
        ({"文号": "民〔2026〕8号"}, 1),
        ({}, 1),
        ({}, 0),
    ):
        assert await lined(office, **row) == changed, row
    found = (
        "select version, yuan, source, superseded_at is null from poverty_line where county = '410105' and"
    )
    key = "residence = 'URBAN' and category = 'SUBSISTENCE_ALLOWANCE' and from_month = '2026-07-01' order by version"
    assert await office.rows(f"{found} {key}") == [
        (1, 800, "民〔2026〕7号", False),
        (2, 810, "民〔2026〕7号", False),
        (3, 800, "民〔2026〕8号", False),
        (4, 800, "民〔2026〕7号", True),
    ]


AID = (
    "外部编号", "身份证号", "救助类型", "救助项目", "起始日期", "截止日期", "金额", "状态", "决定日期", "发放日期", "办理结果",
    "救助形式", "学年", "就学阶段", "学校",
)  # fmt: skip


async def test_an_outcome_stays_what_it_was_however_it_is_written_and_other_content_conflicts(
    known: Office,
) -> None:
    grant = {
        "外部编号": "ZXJ-1",
        "身份证号": identity_number(2),
        "救助类型": "教育救助",
        "救助项目": "国家助学金",
        "起始日期": "2026-03-01",
        "截止日期": "2026-07-31",
        "金额": "500.00",
        "状态": "已发放",
        "决定日期": "2026-02-20",
        "发放日期": "2026-03-10",
        "救助形式": "助学金",
        "学年": "2025-2026",
        "就学阶段": "大学",
        "学校": "郑州大学",
    }

    async def given(**row: str) -> tuple[int, list[str]]:
        report = await known.imports([grant | row], EDUCATION, ImportKind.AID, AID)
        return report.changed, [refusal.code for refusal in report.refused]

    assert await given() == (1, [])
    for same in (
        {},
        {"金额": "500"},
        {"金额": "500.0"},
        {"金额": "５００元"},
        {"学年": "2025"},
        {"起始日期": "2026年3月1日"},
    ):
        assert await given(**same) == (0, []), same
    for other in ({"金额": "500.01"}, {"学校": ""}, {"办理结果": "已发"}, {"身份证号": identity_number(1)}):
        assert await given(**other) == (0, ["CONFLICT"]), other
    assert await given() == (0, []), "the first content again is still what stands"
    assert await known.rows("select amount, version from aid_record") == [(500, 1)]
