"""A wrong identity number is corrected by an act of its own: the person stays, with all that was recorded of them (46-4.3)."""

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
        (corrected(RIGHT, 姓名="李四"), ("name", "NAME_DISAGREES")),
        (corrected(RIGHT, 原身份证号=identity_number(55)), ("formerNumber", "NO_SUCH_FORMER_NUMBER")),
        (corrected(rows[2]["身份证号"]), ("idNumber", "NUMBER_OF_ANOTHER_MEMBER")),
        (corrected(others[1]["身份证号"]), ("idNumber", "PERSON_IN_ANOTHER_HOUSEHOLD")),
        (corrected(RIGHT, 原身份证号="E12345678"), ("formerNumber", "NO_SUCH_FORMER_NUMBER")),
        (corrected(RIGHT, 原身份证号="123"), ("formerNumber", "INVALID_IDENTITY_NUMBER")),
    ):
        report = await office.imports([row], headers=WITH_FORMER)
        assert refusals(report) == [(2, *place)]
    elsewhere = await office.imports(
        [member("H9", 5), corrected(RIGHT)], OTHER_TOWNSHIP_OFFICE, headers=WITH_FORMER
    )
    assert (3, "formerNumber", "NO_SUCH_FORMER_NUMBER") in refusals(elsewhere), "out of sight"
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
    assert refusals(lacking) == [(3, "idNumber", "PAPER_NEEDS_MORE")]
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
