"""People who leave, move and come back, by files only, and certifications meanwhile: each step repeated changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from tests.hub.imports.conftest import COUNTY_OFFICE, Office, notices, refusals
from tests.hub.imports.office import HEADERS, family, identity_number, member

pytestmark = pytest.mark.anyio

WITH_CHANGE = (*HEADERS, "供养方式", "核定金额", "有效期至", "变动", "变动日期")
WHERE = (
    "select h.code, p.left_on from person p join household h on h.id = p.household_id where p.id_number_index = :index"
    " order by h.code"
)
CERTIFIED = (
    "select category, person_id is null, valid_from, ended_on, ended_because from certification"
    " order by valid_from, recorded_at"
)


def leaves(row: Mapping[str, Any], on: str) -> dict[str, Any]:
    """The row of a person who moves out."""
    return {header: row[header] for header in ("户编号", "姓名", "身份证号")} | {
        "变动": "迁出",
        "变动日期": on,
    }


async def lands(
    office: Office, rows: Sequence[Mapping[str, Any]], headers: Sequence[str] = HEADERS, **more: Any
) -> int:
    """The number of rows that a file changed; none is refused, and a second import changes nothing."""
    report = await office.imports(list(rows), headers=headers, **more)
    assert report.refused == []
    before = await office.counts()
    assert (await office.imports(list(rows), headers=headers, **more)).changed == 0
    assert await office.counts() == before | {"import_run": before["import_run"] + 1}
    assert await office.chains_are_whole()
    return report.changed


async def test_somebody_moves_out_and_comes_back_twice_and_is_one_person(office: Office) -> None:
    rows = family("H1", 0, 3)
    await office.imports(rows)
    index = office.secrecy.blind_index(identity_number(2))
    for on in ("2026-05-01", "2026-09-01"):
        assert await lands(office, [leaves(rows[2], on)], WITH_CHANGE) == 1
        assert await office.rows(WHERE, index=index) == [("H1", date.fromisoformat(on))]
        assert (await office.imports(rows[:2])).changed == 0, "who is not on the list stays away"
        assert await lands(office, rows) == 1
        assert await office.rows(WHERE, index=index) == [("H1", None)]
    bodies = await office.rows(
        "select body from chain_event where type = 'HOUSEHOLD_UPDATED' order by number"
    )
    assert [body["changed"] for body in bodies] == [["left"], ["rejoined"]] * 2


async def test_somebody_moves_to_another_household_and_back_and_is_in_one_at_a_time(office: Office) -> None:
    mine, others = family("H1", 0, 3), family("H2", 10, 2)
    there = [*others, member("H2", 2, "其他")]
    await office.imports([*mine, *others])
    index = office.secrecy.blind_index(identity_number(2))
    assert refusals(await office.imports(there)) == [(4, "idNumber", "PERSON_IN_ANOTHER_HOUSEHOLD")]
    assert await lands(office, [leaves(mine[2], "2026-05-01")], WITH_CHANGE) == 1
    assert await lands(office, there) == 1
    assert await office.rows(WHERE, index=index) == [("H1", date(2026, 5, 1)), ("H2", None)]
    assert refusals(await office.imports(mine)) == [(4, "idNumber", "PERSON_IN_ANOTHER_HOUSEHOLD")]
    assert await lands(office, [leaves(there[2], "2026-09-01")], WITH_CHANGE) == 1
    assert await lands(office, mine) == 1
    assert await office.rows(WHERE, index=index) == [("H1", None), ("H2", date(2026, 9, 1))]


async def test_who_leaves_one_household_is_in_the_other_by_the_same_file_where_that_row_comes_later(
    office: Office,
) -> None:
    mine, others = family("H1", 0, 3), family("H2", 10, 2)
    await office.imports([*mine, *others])
    moves = [leaves(mine[2], "2026-05-01"), *others, member("H2", 2, "其他")]
    report = await office.imports(moves, headers=WITH_CHANGE)
    assert refusals(report) == [(5, "idNumber", "PERSON_IN_ANOTHER_HOUSEHOLD")], "rows that end come last"
    assert await lands(office, moves, WITH_CHANGE) == 1, "sent again it lands"


async def test_a_household_moves_to_another_village_and_back(office: Office) -> None:
    rows = family("H1", 0, 2)
    await office.imports(rows)
    for village in ("410105001003", "410105001", "410105001003"):
        moved = [row | {"行政区划代码": village} for row in rows[:1]]
        assert await lands(office, moved) == 1
        assert await office.rows("select region from household") == [village]
    bodies = await office.rows(
        "select body from chain_event where type = 'HOUSEHOLD_UPDATED' order by number"
    )
    assert [body["changed"] for body in bodies] == [["region"]] * 3


COVERED = {"救助类别": "低保", "认定日期": "2026-03-01"}


async def test_who_was_covered_leaves_and_comes_back_and_is_covered_anew_by_a_later_date(
    office: Office,
) -> None:
    rows = family("H1", 0, 3)
    await office.imports([*rows[:2], rows[2] | COVERED])
    assert await lands(office, [leaves(rows[2], "2026-05-01")], WITH_CHANGE) == 1
    report = await office.imports([*rows[:2], rows[2] | COVERED])
    assert (report.changed, "CERTIFICATION_ENDED" in notices(report)) == (1, True), "what ended stays ended"
    assert await lands(office, [*rows[:2], rows[2] | COVERED | {"认定日期": "2026-09-01"}]) == 1
    assert await office.rows(CERTIFIED) == [
        ("SUBSISTENCE_ALLOWANCE", False, date(2026, 3, 1), date(2026, 5, 1), "NO_LONGER_ELIGIBLE"),
        ("SUBSISTENCE_ALLOWANCE", False, date(2026, 9, 1), None, None),
    ]


async def test_who_was_covered_in_one_household_is_covered_by_the_other_from_its_date(
    office: Office,
) -> None:
    mine, others = family("H1", 0, 3), family("H2", 10, 2)
    await office.imports([*mine[:2], mine[2] | COVERED, *others])
    await lands(office, [leaves(mine[2], "2026-05-01")], WITH_CHANGE)
    joined = [*others, member("H2", 2, "其他") | COVERED | {"认定日期": "2026-05-01"}]
    assert await lands(office, joined) == 1
    of = "from certification c join household h on h.id = c.household_id order by 1"
    certified = f"select h.code, c.valid_from, c.ended_on {of}"
    assert await office.rows(certified) == [
        ("H1", date(2026, 3, 1), date(2026, 5, 1)),
        ("H2", date(2026, 5, 1), None),
    ]


CERTIFICATION = "select support, certified_amount, valid_until, version from certification"
STATED = [
    ("供养方式", "集中供养", "INSTITUTIONAL", 0),
    ("核定金额", "1300", 1300, 1),
    ("有效期至", "2027-02-28", date(2027, 2, 28), 2),
]


@pytest.mark.parametrize(("header", "cell", "value", "place"), STATED, ids=[one[0] for one in STATED])
async def test_what_a_certification_says_goes_to_empty_and_back(
    office: Office, header: str, cell: str, value: object, place: int
) -> None:
    row = member("H1", 0) | {"救助类别": "特困人员", "认定日期": "2026-03-01"}
    headers = (*HEADERS, header)
    await office.imports([row], headers=headers)
    found = (await office.rows(CERTIFICATION))[0]
    assert (found[place], found[3]) == (None, 1)
    for step, (written, stored) in enumerate(((cell, value), ("", None), (cell, value)), 2):
        assert await lands(office, [row | {header: written}], headers) == 1
        found = (await office.rows(CERTIFICATION))[0]
        assert (found[place], found[3]) == (stored, step)
    assert (await office.imports([row])).changed == 0, "a column that is not there leaves what stands"
    assert (await office.rows(CERTIFICATION))[0][place] == value


@pytest.mark.parametrize(
    ("header", "spellings"),
    [
        ("核定金额", ("1300", "1300.0", "1,300.00", "¥1300元", "１３００")),
        ("认定日期", ("2026-03-01", "2026年3月1日", "2026/3/1", "20260301", "2026.3.1")),
        ("联系电话", ("13900001234", "139 0000 1234", "１３９００００１２３４")),
        ("银行账号", ("6217000000000000001", "6217-0000-0000-0000-001", "6217 0000 0000 0000 001")),
        ("残疾等级", ("2", "二级", "２")),
        ("身份证号", (identity_number(0), f" {identity_number(0)} ", identity_number(0).lower())),
        ("户编号", ("H1", " H1 ", "Ｈ１")),
        ("姓名", ("王伟", "王 伟", "王　伟")),
    ],
)
async def test_a_value_that_is_written_otherwise_is_the_same_value(
    office: Office, header: str, spellings: Sequence[str]
) -> None:
    row = member("H1", 0) | {
        "救助类别": "特困人员",
        "认定日期": "2026-03-01",
        "残疾类别": "肢体",
        "残疾等级": "2",
    }
    for step, cell in enumerate(spellings):
        changed = await lands(office, [row | {header: cell}], (*HEADERS, "核定金额"))
        assert changed == (step == 0), cell
    assert await office.rows("select version from household") == [1]


async def test_the_same_columns_in_another_order_say_the_same(office: Office) -> None:
    rows = [*(one | COVERED for one in family("H1", 0, 3)), *family("H2", 10, 2)]
    assert await lands(office, rows) == 5
    for headers in (HEADERS[::-1], (*HEADERS[7:], *HEADERS[:7])):
        assert await lands(office, rows, headers) == 0


async def test_rows_that_end_something_in_another_order_end_the_same(office: Office) -> None:
    first, second = family("H1", 0, 3, **COVERED), family("H2", 10, 3, **COVERED)
    await office.imports([*first, *second])
    state = "select p.name, p.left_on from person p order by 1"
    for rows, order in ((first, 1), (second, -1)):
        ends = [
            leaves(rows[0], "2026-05-01"),
            leaves(rows[2], "2026-06-01"),
            rows[1] | {"与户主关系": "户主", "户籍性质": "城镇", "救助类别": "", "认定日期": ""},
        ]
        assert await lands(office, ends[::order], WITH_CHANGE) == 3
    left = [day for _, day in await office.rows(state)]
    assert sorted(map(str, left)) == ["2026-05-01"] * 2 + ["2026-06-01"] * 2 + ["None"] * 2
    assert await lands(office, family("H3", 20, 2), grant=COUNTY_OFFICE) == 2
