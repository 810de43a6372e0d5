"""Lists of people who leave, move and come back, and lists in another order: facts, monitored households, outcomes, lines."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from auth.grant import Grant
from hub.imports.report import ImportReport
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import AGRICULTURE, COUNTY_OFFICE, EDUCATION, Office, grant_of, refusals
from tests.hub.imports.office import HEADERS, family, member

pytestmark = pytest.mark.anyio

MINE, OTHERS = family("H1", 0, 3), family("H2", 10, 2)
CHILD = MINE[2]
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
async def known(office: Office) -> Office:
    """Two households; person 2, a child of the first, moves."""
    assert (await office.imports([*MINE, *OTHERS])).refused == []
    return office


async def moves_out(office: Office, row: Mapping[str, Any], on: str) -> None:
    """A person leaves a household by the township's file."""
    leaves = {header: row[header] for header in ("户编号", "姓名", "身份证号")}
    rows = [leaves | {"变动": "迁出", "变动日期": on}]
    assert (await office.imports(rows, headers=(*HEADERS, "变动", "变动日期"))).ended == 1


async def moves(office: Office) -> Mapping[str, Any]:
    """The child leaves the first household and joins the second; returns its row there."""
    await moves_out(office, CHILD, "2026-05-01")
    there = member("H2", 2, "其他")
    assert (await office.imports([there])).refused == []
    return there


async def comes_back(office: Office, row: Mapping[str, Any]) -> None:
    """The child leaves the second household and returns to the first."""
    await moves_out(office, row, "2026-09-15")
    assert (await office.imports(MINE)).changed == 1


PUPIL = {
    "身份证号": CHILD["身份证号"],
    "姓名": CHILD["姓名"],
    "起始日期": "2026-03-01",
    "学段": "大学",
    "学校": "郑州大学",
}
FACTS = (
    "select h.code, c.school, c.version from circumstance c join household h on h.id = c.household_id"
    " order by h.code, c.recorded_at"
)


async def listed(
    office: Office,
    rows: Sequence[Mapping[str, Any]],
    grant: Grant = EDUCATION,
    kind: ImportKind = ImportKind.CIRCUMSTANCES,
    month: date | None = None,
) -> ImportReport:
    """Import a list, and import it again: the second time nothing changes."""
    headers = list(dict.fromkeys(header for row in rows for header in row))
    report = await office.imports(list(rows), grant, kind, headers, month=month)
    again = await office.imports(list(rows), grant, kind, headers, month=month)
    assert (again.changed, refusals(again)) == (0, refusals(report))
    return report


async def test_a_fact_of_somebody_who_left_finds_nobody_and_is_the_same_fact_when_they_are_back(
    known: Office,
) -> None:
    assert (await listed(known, [PUPIL])).changed == 1
    await moves_out(known, CHILD, "2026-05-01")
    gone = await listed(known, [PUPIL | {"学校": "河南大学"}])
    assert [code for _, _, code in refusals(gone)] == ["NOT_FOUND"]
    assert (await known.imports(MINE)).changed == 1
    assert (await listed(known, [PUPIL])).changed == 0
    assert await known.rows(FACTS) == [("H1", "郑州大学", 1)]


async def test_a_fact_goes_to_the_household_of_whom_it_is_with_the_next_list_and_back(known: Office) -> None:
    assert (await listed(known, [PUPIL])).changed == 1
    there = await moves(known)
    assert (await listed(known, [PUPIL])).changed == 1
    assert await known.rows(FACTS) == [("H1", "郑州大学", 1), ("H2", "郑州大学", 1)]
    await comes_back(known, there)
    assert (await listed(known, [PUPIL])).changed == 0
    assert (await listed(known, [PUPIL | {"学校": "河南大学"}])).changed == 1
    assert await known.rows(FACTS) == [("H1", "河南大学", 2), ("H2", "郑州大学", 1)]


async def test_a_fact_with_a_number_of_its_registry_goes_with_whom_it_is_too(known: Office) -> None:
    numbered = PUPIL | {"业务编号": "ZS-1"}
    assert (await listed(known, [numbered])).changed == 1
    there = await moves(known)
    assert refusals(await listed(known, [numbered])) == []
    assert [code for code, _, _ in await known.rows(FACTS)] == ["H1", "H2"]
    await comes_back(known, there)
    assert (await listed(known, [numbered])).changed == 0
    assert await known.chains_are_whole()


SUBJECT = {"身份证号": CHILD["身份证号"], "起始日期": "2026-03-01"}
OF_KINDS: list[tuple[str, dict[str, str], str, tuple[str, str], str, str]] = [
    ("education", {"学段": "大学", "学校": "郑州大学"}, "学校", ("郑州大学", "河南大学"), "school", "INVALID_INPUT"),
    ("education", {"学段": "大学", "学校": "郑州大学"}, "学段", ("大学", "高中"), "education_stage", "INVALID_INPUT"),
    ("disabled_federation", {"残疾类别": "肢体", "残疾等级": "2"}, "残疾等级", ("2", "1"), "disability_grade", "INVALID_INPUT"),
    ("disabled_federation", {"残疾类别": "肢体", "残疾等级": "2"}, "残疾类别", ("肢体", "视力"), "disability_type",
     "INVALID_INPUT"),
    ("medical_insurance", {"困难情形": "刚性支出", "金额": "5000"}, "金额", ("5000", "5001"), "amount", "INVALID_INPUT"),
    ("health", {"困难情形": "重病", "病种": "肺癌"}, "病种", ("肺癌", "胃癌"), "note", ""),
    ("human_resources", {"说明": "失业"}, "说明", ("失业", "下岗"), "note", ""),
    ("civil_affairs", {"说明": "火化"}, "说明", ("火化", "土葬"), "note", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("registry", "facts", "header", "cells", "column", "empty"),
    OF_KINDS,
    ids=[f"{kind[0]}-{kind[4]}" for kind in OF_KINDS],
)
async def test_what_a_registry_says_goes_to_another_value_and_to_empty_and_back(
    known: Office,
    registry: str,
    facts: dict[str, str],
    header: str,
    cells: tuple[str, str],
    column: str,
    empty: str,
) -> None:
    grant, found = grant_of(f"{registry}@410105"), f"select {column}, version from circumstance"
    row = SUBJECT | facts
    assert (await listed(known, [row], grant)).changed == 1
    ((first, version),) = await known.rows(found)
    assert version == 1
    assert (await listed(known, [row | {header: cells[1]}], grant)).changed == 1
    ((other, version),) = await known.rows(found)
    assert (other != first, version) == (True, 2)
    cleared = await listed(known, [row | {header: ""}], grant)
    assert [code for _, _, code in refusals(cleared)] == ([empty] if empty else [])
    ((value, version),) = await known.rows(found)
    assert (value, version) == ((other, 2) if empty else (None, 3)), "what a fact needs is never cleared"
    assert (await listed(known, [row], grant)).changed == 1
    assert (await known.rows(found))[0][0] == first


@pytest.mark.parametrize(
    ("registry", "facts", "header", "spellings"),
    [
        ("disabled_federation", {"残疾类别": "肢体", "残疾等级": "2"}, "残疾等级", ("2", "二级", "２")),
        (
            "education",
            {"学段": "大学", "学校": "郑州大学"},
            "起始日期",
            ("2026-03-01", "2026年3月1日", "20260301"),
        ),
        (
            "medical_insurance",
            {"困难情形": "刚性支出", "金额": "5000"},
            "金额",
            ("5000", "5,000.00", "¥5000元", "５０００"),
        ),
        (
            "education",
            {"学段": "大学", "学校": "郑州大学"},
            "身份证号",
            (CHILD["身份证号"], f" {CHILD['身份证号']} "),
        ),
    ],
)
async def test_a_fact_that_is_written_otherwise_is_the_same_fact(
    known: Office, registry: str, facts: dict[str, str], header: str, spellings: Sequence[str]
) -> None:
    grant = grant_of(f"{registry}@410105")
    changed = [
        (await listed(known, [SUBJECT | facts | {header: spelling}], grant)).changed for spelling in spellings
    ]
    assert changed == [1] + [0] * (len(spellings) - 1)


WATCHED = {"监测对象类别": "脱贫不稳定户", "认定日期": "2026-03-01"}


async def test_a_monitored_household_is_found_where_its_head_is_now_and_by_the_code_in_its_own_county(
    known: Office,
) -> None:
    city = grant_of("civil_affairs@4101")
    row = WATCHED | {"户编号": "H1"}
    assert (await listed(known, [row], AGRICULTURE, ImportKind.MONITORED)).changed == 1
    for region, code in (("410102001", ["UNKNOWN_HOUSEHOLD"]), ("410105001", [])):
        moved = await known.imports([MINE[0] | {"行政区划代码": region}], city)
        assert (moved.refused, moved.changed) == ([], 1)
        found = await listed(known, [row], AGRICULTURE, ImportKind.MONITORED)
        assert [one for _, _, one in refusals(found)] == code
        assert found.changed == 0
    assert await known.rows("select count(*) from certification") == [1]


async def test_what_a_monitored_row_says_of_an_end_is_kept_once_however_it_is_written_or_left_out(
    known: Office,
) -> None:
    row = WATCHED | {"户编号": "H1", "风险消除日期": "", "消除原因": "", "风险是否已消除": ""}
    ended = {"风险消除日期": "2026-06-30", "消除原因": "收入增加", "风险是否已消除": "是"}
    steps: list[tuple[dict[str, str], int]] = [
        ({}, 1),
        ({"认定日期": "2026年3月1日"}, 0),
        ({"户编号": " Ｈ１ "}, 0),
        ({"风险是否已消除": "否"}, 0),
        (ended, 1),
        (ended | {"风险消除日期": "2026年6月30日"}, 0),
        (ended | {"消除原因": ""}, 0),
        ({}, 0),
        ({"户编号": "", "户主身份证号": MINE[0]["身份证号"]}, 0),
    ]
    for cells, changed in steps:
        report = await listed(known, [row | cells], AGRICULTURE, ImportKind.MONITORED)
        assert (refusals(report), report.changed) == ([], changed), cells
    found = "select valid_from, ended_on, end_reason from certification"
    assert await known.rows(found) == [(date(2026, 3, 1), date(2026, 6, 30), "收入增加")]


GRANT = {
    "身份证号": CHILD["身份证号"], "救助类型": "教育救助", "救助项目": "国家助学金", "起始日期": "2026-03-01",
    "截止日期": "2026-07-31", "金额": "500", "状态": "已发放", "决定日期": "2026-02-20", "发放日期": "2026-03-10",
    "救助形式": "助学金", "学年": "2025-2026", "就学阶段": "大学",
}  # fmt: skip
AID = "select h.code, a.external_id from aid_record a join household h on h.id = a.household_id order by 2"


async def test_an_outcome_stays_with_the_household_in_which_it_was_given_and_the_next_goes_where_they_are(
    known: Office,
) -> None:
    first, second, third = (GRANT | {"外部编号": f"ZXJ-{one}", "学年": f"{2022 + one}"} for one in (1, 2, 3))
    assert (await listed(known, [first], kind=ImportKind.AID)).changed == 1
    await moves_out(known, CHILD, "2026-05-01")
    assert refusals(await listed(known, [first], kind=ImportKind.AID)) == [], "it answers as it did"
    gone = await listed(known, [second], kind=ImportKind.AID)
    assert [code for _, _, code in refusals(gone)] == ["NOT_FOUND"]
    there = member("H2", 2, "其他")
    assert (await known.imports([there])).refused == []
    moved = await listed(known, [first, second], kind=ImportKind.AID)
    assert (refusals(moved), moved.changed) == ([], 1)
    await comes_back(known, there)
    back = await listed(known, [third, second, first], kind=ImportKind.AID)
    assert (refusals(back), back.changed) == ([], 1)
    assert await known.rows(AID) == [("H1", "ZXJ-1"), ("H2", "ZXJ-2"), ("H1", "ZXJ-3")]


LINE = {
    "区县": "金水区",
    "城乡": "城市",
    "救助类别": "低保",
    "执行月份": "2026-07",
    "月标准": "800",
    "文号": "民〔2026〕7号",
}
LINES = [
    LINE,
    LINE | {"城乡": "农村", "月标准": "600"},
    LINE | {"救助类别": "低保边缘家庭", "月标准": "1600"},
]


async def test_lists_in_another_order_say_the_same(known: Office) -> None:
    pupils = [PUPIL | {"身份证号": one["身份证号"], "姓名": one["姓名"]} for one in (*MINE, *OTHERS)]
    watched = [WATCHED | {"户编号": code} for code in ("H1", "H2")]
    outcomes = [GRANT | {"外部编号": f"Z-{at}", "身份证号": one["身份证号"]} for at, one in enumerate(MINE)]
    for rows, grant, kind in (
        (pupils, EDUCATION, ImportKind.CIRCUMSTANCES),
        (watched, AGRICULTURE, ImportKind.MONITORED),
        (outcomes, EDUCATION, ImportKind.AID),
        (LINES, COUNTY_OFFICE, ImportKind.LINES),
    ):
        assert (await listed(known, rows, grant, kind)).changed == len(rows)
        counts = await known.counts()
        for again in (rows[::-1], rows[1:] + rows[:1], [dict(reversed(row.items())) for row in rows]):
            assert (await listed(known, again, grant, kind)).changed == 0
        assert (await known.counts()) | {"import_run": 0} == counts | {"import_run": 0}


async def test_a_line_that_the_next_file_leaves_out_or_leaves_empty_stays(known: Office) -> None:
    found = "select residence, category, yuan, source from poverty_line where superseded_at is null order by 1, 2, 3"
    await listed(known, LINES, COUNTY_OFFICE, ImportKind.LINES)
    stood = await known.rows(found)
    for rows, refused in (
        ([LINE], []),
        ([LINE | {"文号": ""}], [(2, "source", "VALUE_MISSING")]),
        ([LINE | {"月标准": ""}], [(2, "yuan", "VALUE_MISSING")]),
        ([LINE | {"月标准": "0"}], [(2, "yuan", "INVALID_MONEY")]),
    ):
        report = await listed(known, rows, COUNTY_OFFICE, ImportKind.LINES)
        assert (refusals(report), report.changed) == (refused, 0)
        assert await known.rows(found) == stood


async def test_who_is_on_a_list_of_one_month_and_not_of_the_next_counts_where_they_are(known: Office) -> None:
    child = PUPIL
    spouse = PUPIL | {"身份证号": MINE[1]["身份证号"], "姓名": MINE[1]["姓名"], "学校": "河南大学"}
    counted = "select month, rows from monthly_share where region = '410105' order by 1"
    for rows, month, counts in (
        ([child, spouse], OCTOBER, [(OCTOBER, 2)]),
        ([child], NOVEMBER, [(OCTOBER, 2), (NOVEMBER, 1)]),
        ([spouse, child], OCTOBER, [(OCTOBER, 2), (NOVEMBER, 1)]),
        ([spouse], NOVEMBER, [(OCTOBER, 2), (NOVEMBER, 2)]),
    ):
        report = await listed(known, rows, month=month)
        assert report.refused == []
        assert await known.rows(counted) == counts
    there = await moves(known)
    await listed(known, [child], month=NOVEMBER)
    moved = await known.rows(counted)
    await comes_back(known, there)
    await listed(known, [child, spouse], month=NOVEMBER)
    assert await known.rows(counted) == moved
    assert await known.rows("select count(*) from circumstance") == [3]
    assert await known.rows(FACTS) == [
        ("H1", "郑州大学", 1),
        ("H1", "河南大学", 1),
        ("H2", "郑州大学", 1),
    ]
