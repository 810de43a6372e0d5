"""A wrong identity number is corrected by an explicit command: the person stays the same, with all records (46-4.3)."""

from datetime import date

import pytest

from hub.imports.undo import undo_import
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import OTHER_TOWNSHIP_OFFICE, TOWNSHIP_OFFICE, Office, refusals
from tests.hub.imports.office import HEADERS, family, identity_number, member

pytestmark = pytest.mark.anyio

WITH_FORMER = (*HEADERS, "原身份证号")
PERSONS = "select id, id_number_index, birth_date, gender, name, version from person order by id"
RIGHT = identity_number(78, date(1990, 1, 1))


async def test_a_corrected_number_is_the_same_person_s_and_is_told_in_the_chain(office: Office) -> None:
    rows = family("H1", 0, 2, 健康状况="健康")
    await office.imports(rows)
    before = await office.rows(PERSONS)
    correction = rows[1] | {"身份证号": RIGHT, "原身份证号": rows[1]["身份证号"], "健康状况": "重病"}
    report = await office.imports([rows[0], correction], headers=WITH_FORMER)
    assert (report.refused, report.changed) == ([], 1)
    after = await office.rows(PERSONS)
    assert [row[0] for row in after] == [row[0] for row in before]
    (changed,) = [row for row in after if row not in before]
    assert changed[1:5] == (office.secrecy.blind_index(RIGHT), date(1990, 1, 1), "FEMALE", rows[1]["姓名"])
    events = await office.rows("select body from chain_event order by number desc limit 2")
    assert events == [{"changed": ["health"]}, {"changed": ["idNumber", "birthDate", "gender"]}]
    assert await office.rows("select before, after from field_change where field = 'idNumber'") == [
        ("41" + "*" * 16,) * 2
    ]
    assert await office.chains_are_whole()
    again = await office.imports([rows[0], correction], headers=WITH_FORMER)
    assert (again.refused, again.changed) == ([], 0)

    run = (await office.rows("select id from import_run where changed = 1"))[0]
    await undo_import(office.database, office.secrecy, run, TOWNSHIP_OFFICE)
    assert [row[:5] for row in await office.rows(PERSONS)] == [row[:5] for row in before]
    assert await office.chains_are_whole()


async def test_a_number_is_corrected_only_of_who_is_named_and_to_one_that_nobody_has(office: Office) -> None:
    rows, others = family("H1", 0, 3), family("H2", 10, 2)
    await office.imports([*rows, *others])
    counts, persons = await office.counts(), await office.rows(PERSONS)

    def corrected(to: str, **more: str) -> dict[str, str]:
        return rows[1] | {"身份证号": to, "原身份证号": rows[1]["身份证号"]} | more

    for row, place in (
        (corrected(RIGHT, 姓名="李四"), ("name", "NAME_MISMATCH")),
        (corrected(RIGHT, 原身份证号=identity_number(55)), ("formerNumber", "FORMER_NUMBER_NOT_FOUND")),
        (corrected(rows[2]["身份证号"]), ("idNumber", "NUMBER_OF_ANOTHER_MEMBER")),
        (corrected(others[1]["身份证号"]), ("idNumber", "PERSON_IN_ANOTHER_HOUSEHOLD")),
        (corrected(RIGHT, 原身份证号="E12345678"), ("formerNumber", "FORMER_NUMBER_NOT_FOUND")),
        (corrected(RIGHT, 原身份证号="123"), ("formerNumber", "INVALID_IDENTITY_NUMBER")),
    ):
        report = await office.imports([row], headers=WITH_FORMER)
        assert refusals(report) == [(2, *place)]
    elsewhere = await office.imports(
        [member("H9", 5), corrected(RIGHT)], OTHER_TOWNSHIP_OFFICE, headers=WITH_FORMER
    )
    assert (3, "formerNumber", "FORMER_NUMBER_NOT_FOUND") in refusals(elsewhere), "out of sight"
    assert await office.rows(PERSONS) == persons
    assert (await office.counts())["chain_event"] == counts["chain_event"]


WITH_PAPER = (*WITH_FORMER, "出生日期", "性别")


@pytest.mark.parametrize("paper", ["R410123456", "E12345678", "H1234567890", "HKG410012345678"])
async def test_who_has_no_number_is_registered_by_a_paper_found_by_it_and_completed_later(
    office: Office, paper: str
) -> None:
    head = member("H1", 0)
    child = member(
        "H1", 1, "子女", 身份证号=f" {paper.lower()} ", 出生日期="2026-10-01", 性别="女", 救助类别=""
    )
    lacking = await office.imports([head, child | {"性别": ""}], headers=WITH_PAPER)
    assert refusals(lacking) == [(3, "idNumber", "IDENTITY_DOCUMENT_INCOMPLETE")]
    report = await office.imports([head, child], headers=WITH_PAPER)
    assert (report.refused, report.changed) == ([], 1)
    assert (await office.imports([head, child], headers=WITH_PAPER)).changed == 0
    assert await office.rows(
        "select birth_date, gender, id_number_masked from person where relation = 'CHILD'"
    ) == [(date(2026, 10, 1), "FEMALE", paper[:2] + "*" * (len(paper) - 2))]
    death = {"身份证号": paper, "姓名": child["姓名"], "困难情形": "死亡", "起始日期": "2026-11-01"}
    found = await office.imports([death], kind=ImportKind.CIRCUMSTANCES, headers=list(death))
    assert found.refused == []
    number = identity_number(778, date(2026, 10, 1))
    completed = child | {"身份证号": number, "原身份证号": paper, "出生日期": "", "性别": ""}
    report = await office.imports([head, completed], headers=WITH_FORMER)
    assert report.refused == []
    assert await office.rows("select count(*) from person") == [2]
    index = office.secrecy.blind_index(number)
    assert await office.rows("select id_number_index from person where relation = 'CHILD'") == [index]
    assert await office.chains_are_whole()


def corrects(row: dict[str, str], to: str) -> dict[str, str]:
    """The row of a person, with another number."""
    return row | {"身份证号": to, "原身份证号": row["身份证号"]}


NUMBERS = "select name, id_number_index from person order by name"


async def corrected_at_once(office: Office, rows: list[dict[str, str]]) -> None:
    """Each person of a file gets the number of the row, and stays the same person; a second import of the file changes
    nothing."""
    persons = await office.rows("select id from person order by id")
    report = await office.imports(rows, headers=WITH_FORMER)
    assert (refusals(report), report.changed) == ([], len([row for row in rows if row.get("原身份证号")]))
    held = sorted((row["姓名"], office.secrecy.blind_index(row["身份证号"])) for row in rows)
    assert await office.rows(NUMBERS) == held
    assert await office.rows("select id from person order by id") == persons
    counts = await office.counts()
    again = await office.imports(rows, headers=WITH_FORMER)
    assert (refusals(again), again.changed) == ([], 0)
    assert await office.counts() == counts | {"import_run": counts["import_run"] + 1}
    assert await office.chains_are_whole()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 3, 2, 1), (0, 2, 3, 1)])
@pytest.mark.parametrize("last", ["another number", "the first"])
async def test_numbers_that_move_on_from_one_to_the_next_are_corrected_by_one_file(
    office: Office, order: tuple[int, ...], last: str
) -> None:
    rows = family("H1", 0, 4)
    await office.imports(rows)
    to = RIGHT if last == "another number" else rows[1]["身份证号"]
    moved = [
        rows[0],
        corrects(rows[1], rows[2]["身份证号"]),
        corrects(rows[2], rows[3]["身份证号"]),
        corrects(rows[3], to),
    ]
    before = await office.rows(PERSONS)
    await corrected_at_once(office, [moved[place] for place in order])
    run = (await office.rows("select id from import_run where changed > 0 order by started_at desc limit 1"))[
        0
    ]
    await undo_import(office.database, office.secrecy, run, TOWNSHIP_OFFICE)
    assert [row[:5] for row in await office.rows(PERSONS)] == [row[:5] for row in before]


@pytest.mark.parametrize("order", [1, -1])
async def test_a_number_that_one_household_frees_is_anothers_by_the_same_file(
    office: Office, order: int
) -> None:
    rows, others = family("H1", 0, 2), family("H2", 10, 2)
    await office.imports([*rows, *others])
    moved = [rows[0], corrects(rows[1], others[1]["身份证号"]), others[0], corrects(others[1], RIGHT)]
    await corrected_at_once(office, moved[::order])


async def test_a_number_is_not_free_where_its_own_correction_is_refused(office: Office) -> None:
    rows, others = family("H1", 0, 4), family("H2", 10, 2)
    await office.imports([*rows, *others])
    held = await office.rows(NUMBERS)
    moved = [
        corrects(rows[1], rows[2]["身份证号"]),
        corrects(rows[2], rows[3]["身份证号"]),
        corrects(rows[3], others[1]["身份证号"]),
    ]
    for order in (1, -1):
        report = await office.imports(moved[::order], headers=WITH_FORMER)
        assert {code for _, _, code in refusals(report)} == {
            "NUMBER_OF_ANOTHER_MEMBER",
            "PERSON_IN_ANOTHER_HOUSEHOLD",
        }
        assert await office.rows(NUMBERS) == held


async def test_of_two_corrections_to_one_number_or_of_one_person_the_first_is_made(office: Office) -> None:
    rows, others = family("H1", 0, 3), family("H2", 10, 2)
    await office.imports([*rows, *others])
    follows = corrects(rows[0], rows[2]["身份证号"])
    twice = [corrects(rows[1], RIGHT), corrects(rows[2], RIGHT), follows, corrects(others[1], RIGHT)]
    report = await office.imports(twice, headers=WITH_FORMER)
    assert {row for row, _, _ in refusals(report)} == {3, 4, 5}, "nor whoever would have a number that stays"
    to = [identity_number(number, date(1990, 1, 1)) for number in (79, 80)]
    again = await office.imports([corrects(rows[2], one) for one in to], headers=WITH_FORMER)
    assert refusals(again) == [(3, "formerNumber", "FORMER_NUMBER_NOT_FOUND")]
    held = dict(await office.rows(NUMBERS))
    assert [held[row["姓名"]] for row in (*rows[1:], others[1])] == [
        office.secrecy.blind_index(number) for number in (RIGHT, to[0], others[1]["身份证号"])
    ]


async def test_who_has_the_name_of_the_holder_of_a_number_waits_until_that_number_is_free(
    office: Office,
) -> None:
    rows = family("H1", 0, 3)
    rows[2] |= {"姓名": rows[1]["姓名"]}
    await office.imports(rows)
    swapped = [corrects(rows[1], rows[2]["身份证号"]), corrects(rows[2], rows[1]["身份证号"])]
    held = await office.rows(NUMBERS)
    for _ in range(2):
        report = await office.imports(swapped, headers=WITH_FORMER)
        assert {code for _, _, code in refusals(report)} == {"NUMBER_OF_ANOTHER_MEMBER"}, (
            "again it would go back"
        )
        assert await office.rows(NUMBERS) == held
