"""Files of households that change what an earlier file stated, and then the first file again."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from tests.hub.imports.conftest import Office, refusals
from tests.hub.imports.leaving import leaves
from tests.hub.imports.office import HEADERS, family, identity_number, member

pytestmark = pytest.mark.anyio

COVERED = {"救助类别": "低保", "认定日期": "2026-03-01"}
CERTIFIED = (
    "select category, person_id is null, valid_from, ended_on, ended_because from certification"
    " order by valid_from, recorded_at"
)
EVENTS = (
    "select e.type, e.body from chain_event e join household h on h.id = e.household_id where h.code = 'H1'"
    " order by e.number"
)


async def changes(office: Office, *files: Sequence[Mapping[str, Any]]) -> list[int]:
    """The number of rows that each file changed; no row is refused, and a second import of each changes nothing."""
    counted = []
    for rows in files:
        report = await office.imports(list(rows))
        assert report.refused == []
        counted.append(report.changed)
        before = await office.counts()
        assert (await office.imports(list(rows))).changed == 0
        assert await office.counts() == before | {"import_run": before["import_run"] + 1}
    return counted


async def test_somebody_who_left_and_is_on_the_list_again_is_the_same_person(office: Office) -> None:
    rows = family("H1", 0, 3)
    await office.imports(rows)
    await leaves(office, 2)
    assert (await office.imports(rows[:2])).changed == 0, "who is not on a list stays gone"
    assert await changes(office, rows) == [1]
    assert await office.rows("select left_on, version from person order by version") == [
        (None, 1),
        (None, 1),
        (None, 2),
    ]
    assert (await office.rows(EVENTS))[1:] == [("HOUSEHOLD_UPDATED", {"changed": ["rejoined"]})]
    assert await office.rows("select version from household") == [2]
    assert await office.chains_are_whole()


async def test_somebody_who_left_joins_another_household_and_comes_back(office: Office) -> None:
    mine, others = family("H1", 0, 3), family("H2", 10, 2)
    moved = [*others, member("H2", 2, "其他")]
    await office.imports([*mine, *others])
    report = await office.imports(moved)
    assert refusals(report) == [(4, "idNumber", "PERSON_IN_ANOTHER_HOUSEHOLD")], "a member of H1 still"
    await leaves(office, 2)
    assert await changes(office, moved) == [1]
    assert refusals(await office.imports(mine)) == [(4, "idNumber", "PERSON_IN_ANOTHER_HOUSEHOLD")]
    async with office.database.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "update person set left_on = current_date where household_id = (select id from household where code = 'H2')"
            " and relation = 'OTHER'"
        )
    assert await changes(office, mine) == [1]
    present = "select h.code, p.left_on is null from person p join household h on h.id = p.household_id"
    index = office.secrecy.blind_index(identity_number(2))
    found = await office.rows(f"{present} where p.id_number_index = :index order by h.code", index=index)
    assert found == [("H1", True), ("H2", False)]


async def test_a_household_whose_head_left_takes_another_and_the_first_comes_back_as_a_member(
    office: Office,
) -> None:
    await office.imports(family("H1", 0, 2))
    await leaves(office, 0)
    follows = [member("H1", 1, "户主")]
    assert await changes(office, follows) == [1]
    both = [member("H1", 0, "户主"), member("H1", 1, "户主")]
    assert refusals(await office.imports(both[:1])) == [(2, "relation", "DUPLICATE_HEAD")]
    assert await changes(office, [member("H1", 0, "其他", 地址=""), follows[0]]) == [1]
    heads = "select count(*) from person where relation = 'HEAD' and left_on is null"
    assert await office.rows(heads) == [1]


async def test_who_left_is_not_among_those_that_keep_a_household_from_being_covered_whole(
    office: Office,
) -> None:
    rows = family("H1", 0, 3)
    await office.imports([rows[0] | COVERED, *rows[1:]])
    await leaves(office, 2)
    later = {**COVERED, "认定日期": "2026-06-01"}
    await office.imports([row | later for row in rows[:2]])
    assert await office.rows(CERTIFIED) == [
        ("SUBSISTENCE_ALLOWANCE", False, date(2026, 3, 1), date(2026, 6, 1), "COVERED_WHOLE"),
        ("SUBSISTENCE_ALLOWANCE", True, date(2026, 6, 1), None, None),
    ]


async def test_while_a_member_is_not_listed_a_certification_keeps_its_form(office: Office) -> None:
    rows = family("H1", 0, 3)
    await office.imports([rows[0] | COVERED, *rows[1:]])
    later = {**COVERED, "认定日期": "2026-06-01"}
    await office.imports([row | later for row in rows[:2]])
    assert [(whole, because) for _, whole, _, _, because in await office.rows(CERTIFIED)] == [
        (False, "RECERTIFIED"),
        (False, None),
        (False, None),
    ]


async def test_a_category_that_is_empty_in_the_next_file_ends_nothing_and_stands_when_it_comes_back(
    office: Office,
) -> None:
    rows = family("H1", 0, 2)
    certified = [row | COVERED for row in rows]
    assert await changes(office, certified, rows, certified) == [2, 0, 0]
    assert [(whole, because) for _, whole, _, _, because in await office.rows(CERTIFIED)] == [(True, None)]


VALUES = [
    ("地址", "经三路 8 号院 3 号楼", "address"), ("家庭人均月收入", "812.50", "incomePerCapita"),
    ("联系电话", "13900001234", "phone"), ("银行账号", "622848071234567", "account"), ("健康状况", "慢性病", "health"),
    ("残疾类别", "肢体残疾", "disabilityType"), ("残疾等级", "二级", "disabilityGrade"), ("就学阶段", "大学", "educationStage"),
    ("学校", "郑州大学", "school"), ("就业状况", "务农", "employment"), ("劳动能力", "弱劳动能力", "labour"),
]  # fmt: skip


async def test_every_value_goes_to_empty_and_back_and_each_step_is_told_once(office: Office) -> None:
    full = member("H1", 0, **{header: value for header, value, _ in VALUES})
    empty = full | {header: "" for header, _, _ in VALUES}
    await office.imports([full])
    stood = await office.state()
    events = []
    for step, (header, _, name) in enumerate(VALUES):
        before = [one | {header: ""} for one in (full,)]
        assert await changes(office, before, [full]) == [1, 1], header
        events += [[name], [name]]
        assert await office.rows("select version from household") == [1 + 2 * (step + 1)]
    assert [body["changed"] for _, body in (await office.rows(EVENTS))[1:]] == events
    assert await office.state() == stood
    await office.imports([empty])
    assert await office.rows("select address, income_per_capita from household") == [(None, None)]
    person = "select phone_sealed, account_sealed, health, disability_type, disability_grade, education_stage, school,"
    assert await office.rows(f"{person} employment, labour from person") == [(None,) * 9]
    assert await office.chains_are_whole()


async def test_region_and_residence_stay_where_their_cells_are_empty_and_change_where_they_are_not(
    office: Office,
) -> None:
    stood = member("H1", 0)
    await office.imports([stood])
    assert await changes(office, [stood | {"行政区划代码": "", "户籍性质": ""}]) == [0]
    assert await office.rows("select region, residence from household") == [("410105001", "URBAN")]
    assert await changes(office, [stood | {"户籍性质": "农村"}], [stood]) == [1, 1]


async def test_an_amount_written_otherwise_is_the_same_amount(office: Office) -> None:
    rows = [
        [member("H1", 0, 家庭人均月收入=one)]
        for one in ("500", "500.0", "500.00", "0500", "¥500元", "５００")
    ]
    assert await changes(office, *rows) == [1, 0, 0, 0, 0, 0]


async def test_the_same_household_in_another_order_is_the_same(office: Office) -> None:
    rows = [*(one | COVERED for one in family("H1", 0, 3)), *family("H2", 10, 2)]
    assert await changes(office, rows, rows[::-1], [rows[i] for i in (3, 0, 4, 2, 1)]) == [5, 0, 0]


def test_every_header_that_a_person_or_household_has_goes_to_empty_and_back() -> None:
    never = {
        "户编号",
        "户主",
        "姓名",
        "身份证号",
        "与户主关系",
        "行政区划代码",
        "户籍性质",
        "救助类别",
        "认定日期",
    }
    assert {header for header, _, _ in VALUES} == set(HEADERS) - never
