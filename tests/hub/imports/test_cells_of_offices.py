"""Unusual values in optional cells: they cost neither the person nor the household, and each loss is reported."""

from typing import Any

import pytest

from hub.foundation.encryption import place_of
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import Office, grant_of, refusals
from tests.hub.imports.office import HEADERS, family, identity_number, member
from tests.hub.imports.test_keys import name_of

pytestmark = pytest.mark.anyio

FEDERATION = grant_of("disabled_federation@410105")


NOTHING = ("-", "无", "/", "——", "不适用", "")
OPTIONAL = (
    "家庭人均月收入",
    "联系电话",
    "银行账号",
    "学校",
    "地址",
    "健康状况",
    "残疾类别",
    "残疾等级",
    "救助类别",
    "认定日期",
)
AMOUNTS = ("1,234.50", "￥1234.5", "1234.50元", "1234.5元/月", "1234.5元/人·月", "1234.5/月")
NAMES_OF_A_STREET = (
    "经八路街道",
    "经八路街道办事处",
    "经八路办事处",
    "金水区经八路街道",
    "郑州市金水区经八路街道",
    "河南省郑州市金水区经八路街道办事处",
)


async def test_a_cell_that_says_nothing_is_an_empty_one(office: Office) -> None:
    cells = [(header, cell) for header in OPTIONAL for cell in NOTHING]
    rows = [member(f"H{one}", one, **{header: cell}) for one, (header, cell) in enumerate(cells)]
    report = await office.imports(rows)
    assert (report.accepted, report.refused) == (len(cells), [])


async def test_an_amount_is_read_as_offices_write_it(office: Office) -> None:
    rows = [member(f"H{one}", one, 家庭人均月收入=cell) for one, cell in enumerate(AMOUNTS)]
    assert (await office.imports(rows)).refused == []
    assert await office.rows("select distinct income_per_capita::text from household") == ["1234.50"]


async def test_a_street_is_found_by_each_of_its_names(office: Office) -> None:
    rows = [member(f"H{one}", one, 行政区划代码=cell) for one, cell in enumerate(NAMES_OF_A_STREET)]
    assert (await office.imports(rows)).refused == []
    assert await office.rows("select distinct region from household") == ["410105001"]


@pytest.mark.parametrize(
    ("header", "cell", "column", "kept"),
    [
        ("联系电话", "(0371)66668888", "phone", "0371-66668888"),
        ("联系电话", "（0371）66668888", "phone", "0371-66668888"),
        ("银行账号", "6217-0000-0000-0000-001", "account", "6217000000000000001"),
        ("银行账号", "6217 0000 0000 0000 001", "account", "6217000000000000001"),
    ],
)
async def test_a_number_with_marks_between_its_digits_is_read(
    office: Office, header: str, cell: str, column: str, kept: str
) -> None:
    assert (await office.imports([member("H1", 0, **{header: cell})])).refused == []
    ((id, sealed),) = await office.rows(f"select id, {column}_sealed from person")
    assert office.secrecy.open(sealed, place_of(f"person.{column}", id.bytes)) == kept


BAD_OPTIONAL_CELLS = [
    ("家庭人均月收入", "八百", "incomePerCapita", "INVALID_MONEY"),
    ("家庭人均月收入", "-1", "incomePerCapita", "INVALID_MONEY"),
    ("家庭人均月收入", "1.005", "incomePerCapita", "INVALID_MONEY"),
    ("认定日期", "2026-02-30", "validFrom", "INVALID_DATE"),
    ("认定日期", "1026-02-03", "validFrom", "INVALID_DATE"),
    ("救助类别", "小康", "category", "UNKNOWN_WORD"),
    ("健康状况", "还行", "health", "UNKNOWN_WORD"),
    ("残疾等级", "五级", "disabilityGrade", "UNKNOWN_WORD"),
    ("联系电话", "没有电话", "phone", "INVALID_PHONE"),
    ("银行账号", "一卡通", "account", "INVALID_ACCOUNT"),
    ("地址", "x" * 501, "address", "INVALID_TEXT"),
]


RIGHT = {"联系电话": "13900001234", "银行账号": "622848071234567", "健康状况": "慢性病", "残疾等级": "二级"}


async def test_a_bad_optional_cell_costs_neither_the_person_nor_the_household(office: Office) -> None:
    heads = [
        member(f"H{one}", one, **{header: value})
        for one, (header, value, *_) in enumerate(BAD_OPTIONAL_CELLS)
    ]
    rows = [*heads, *(member(f"H{one}", 100 + one, "配偶") for one in range(len(heads)))]
    report = await office.imports(rows)
    assert refusals(report) == [
        (row, field, code) for row, (_, _, field, code) in enumerate(BAD_OPTIONAL_CELLS, 2)
    ]
    assert (report.accepted, report.refused_rows, report.refused_cells) == (len(rows), 0, len(heads))
    counts = await office.counts()
    assert (counts["person"], counts["certification"]) == (len(rows), 0)


async def test_a_bad_optional_cell_leaves_what_is_registered(office: Office) -> None:
    rows = [member(f"H{one}", one, **RIGHT) for one in range(len(BAD_OPTIONAL_CELLS))]
    await office.imports(rows)
    state = (
        "select code, address, income_per_capita, health, disability_grade, phone_sealed, account_sealed, p.version"
        " from household h join person p on p.household_id = h.id order by p.id"
    )
    before = await office.rows(state)
    bad = [row | {header: value} for row, (header, value, *_) in zip(rows, BAD_OPTIONAL_CELLS, strict=True)]
    assert len((await office.imports(bad)).refused) == len(bad)
    assert await office.rows(state) == before


async def test_two_telephones_in_a_cell_cost_the_telephone_alone(office: Office) -> None:
    report = await office.imports(
        [member("H1", 0, 联系电话="13712345678、13812345678"), member("H1", 1, "配偶")]
    )
    assert refusals(report) == [(2, "phone", "INVALID_PHONE")]
    assert (report.accepted, report.refused_rows, report.refused_cells) == (2, 0, 1)


async def test_without_a_readable_category_in_each_row_nothing_of_the_household_is_certified(
    office: Office,
) -> None:
    rows = [
        *family("H1", 0, 3, 救助类别="低保", 认定日期="2026-03-01"),
        member("H2", 10, 救助类别="低保", 认定日期="2026-03-01"),
    ]
    rows[1]["救助类别"] = "一般户"
    report = await office.imports(rows)
    assert refusals(report) == [
        (2, "category", "CERTIFICATION_NOT_MADE"),
        (3, "category", "AMBIGUOUS_WORD"),
        (4, "category", "CERTIFICATION_NOT_MADE"),
    ]
    assert (report.accepted, (await office.counts())["person"]) == (4, 4)
    assert await office.rows(
        "select h.code from certification c join household h on h.id = c.household_id"
    ) == ["H2"]


async def test_a_category_says_how_somebody_is_supported(office: Office) -> None:
    day = {"认定日期": "2026-03-01"}
    rows = [
        member("H1", 0, 救助类别="分散供养特困人员", **day),
        member("H2", 1, 救助类别="集中供养特困人员", 供养方式="集中", **day),
        member("H3", 2, 救助类别="分散供养特困人员", 供养方式="集中", **day),
    ]
    report = await office.imports(rows, headers=[*HEADERS, "供养方式"])
    assert refusals(report) == [(4, "category", "COLUMN_MISMATCH")]
    assert await office.rows("select support from certification order by support") == [
        "DISPERSED",
        "INSTITUTIONAL",
    ]


async def test_a_type_of_disability_says_its_grade(office: Office) -> None:
    rows = [member("H1", 0, 残疾类别="肢体二级"), member("H2", 1, 残疾类别="肢体二级", 残疾等级="三级")]
    assert refusals(await office.imports(rows)) == [(3, "disabilityType", "COLUMN_MISMATCH")]
    assert await office.rows("select disability_type, disability_grade from person") == [("PHYSICAL", 2)]


async def test_the_number_of_a_disability_card_is_an_identity_number_and_two_digits(office: Office) -> None:
    assert (await office.imports([member("H1", 0, 身份证号=f"{identity_number(0)}42")])).refused == []
    card: dict[str, Any] = {"残疾类别": "肢体", "残疾等级": "二级", "首次评定日期": "2020-05-06"}
    rows = [
        card | {"姓名": name_of(0), "残疾证号": f"{identity_number(0)}42"},
        card | {"姓名": name_of(0), "残疾证号": f"{identity_number(0)}42", "身份证号": identity_number(5)},
        card | {"姓名": name_of(1), "残疾证号": f"{identity_number(0)}42"},
        card | {"姓名": name_of(0), "残疾证号": f"{identity_number(0)}92"},
    ]
    report = await office.imports(rows, FEDERATION, ImportKind.CIRCUMSTANCES, (*rows[1],))
    assert refusals(report) == [
        (3, "disabilityCard", "COLUMN_MISMATCH"),
        (4, "name", "NAME_MISMATCH"),
        (5, "disabilityCard", "INVALID_IDENTITY_NUMBER"),
    ]
    assert await office.rows("select kind from circumstance") == ["DISABILITY"]


async def test_a_person_without_a_number_costs_neither_the_household_nor_is_anybody_told_to_leave_it_out(
    office: Office,
) -> None:
    cells = ("", "无", "未办理", "C1234567", "H12345678")
    rows = [member("H1", 0), *(member("H1", one, "子女", 身份证号=cell) for one, cell in enumerate(cells, 1))]
    report = await office.imports(rows)
    assert report.accepted == 1
    messages = " ".join(one.message for one in report.refused)
    assert ("no number yet" in messages, "passport" in messages, "travel permit" in messages) == (
        True,
        True,
        True,
    )
