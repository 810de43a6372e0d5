"""`hub import circumstances`: a registry's list becomes facts in the chains of the people in it (46-2.2, 46-2.3)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from auth.scopes import Scope
from hub.circumstances.refusals import NotYourRegistry
from hub.foundation.errors import ForbiddenWrite
from hub.imports.report import ImportReport
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import COUNTY_OFFICE, EDUCATION, Office, grant_of, refusals
from tests.hub.imports.office import family, identity_number, member, write_csv, write_workbook

pytestmark = pytest.mark.anyio

HEADERS = (
    "姓名",
    "身份证号",
    "户编号",
    "困难情形",
    "起始日期",
    "结束日期",
    "残疾类别",
    "残疾等级",
    "学段",
    "学校",
    "金额",
    "病种",
)
STANDING = (
    "select c.kind, c.source_registry, c.since, c.until, c.version, c.agency_id, c.person_id is null, c.school,"
    " c.disability_grade, c.amount, c.note from circumstance c left join person p on p.id = c.person_id"
    " order by p.id_number_index, c.kind"
)
HEALTH = grant_of("health@410105")


@pytest.fixture
async def street(office: Office) -> Office:
    """Two households of a street: five persons, with the numbers 0 to 4."""
    report = await office.imports([*family("JS1", 0, 3), *family("JS2", 3, 2)])
    assert report.refused == []
    return office


def pupil(sequence: int = 2, **values: Any) -> Mapping[str, Any]:
    row = {
        "姓名": member("", sequence)["姓名"],
        "身份证号": identity_number(sequence),
        "起始日期": "2026年9月1日",
        "学段": "小学",
        "学校": "经三路小学",
    }
    return {**row, **values}


async def listed(office: Office, *rows: Mapping[str, Any], grant: Any = EDUCATION) -> ImportReport:
    return await office.imports(list(rows), grant, ImportKind.CIRCUMSTANCES, HEADERS)


async def test_a_list_lands_with_its_kind_known_by_its_registry_and_again_changes_nothing(
    street: Office,
) -> None:
    report = await listed(street, pupil(), pupil(4))
    assert (report.accepted, report.changed, report.refused) == (2, 2, [])
    one = (
        "HARDSHIP_STUDENT",
        "education",
        date(2026, 9, 1),
        None,
        1,
        EDUCATION.agency,
        False,
        "经三路小学",
        None,
        None,
        None,
    )
    assert await street.rows(STANDING) == [one, one]
    before = await street.counts()
    again = await listed(street, pupil(4), pupil())
    assert (again.accepted, again.changed) == (2, 0)
    assert await street.counts() == before | {"import_run": before["import_run"] + 1}
    events = (
        "select type, policy_basis, needs from chain_event where type like 'CIRCUMSTANCE%' order by position"
    )
    assert (
        await street.rows(events)
        == [("CIRCUMSTANCE_REPORTED", "46-2.3", ["circumstance.education:read"])] * 2
    )
    assert await street.chains_are_whole()


async def test_a_later_list_corrects_and_ends_what_stood_and_takes_nothing_from_who_is_not_on_it(
    street: Office,
) -> None:
    await listed(street, pupil(), pupil(4))
    report = await listed(street, pupil(学校="纬五路一小"), pupil(学校="纬五路一小", 结束日期="2026-10-31"))
    assert (report.accepted, report.changed) == (2, 2)
    found = await street.rows("select school, until, version from circumstance order by version")
    assert found == [("经三路小学", None, 1), ("纬五路一小", date(2026, 10, 31), 3)]
    fewer = write_csv(
        street.folder / "fewer.csv", [pupil()], ("姓名", "身份证号", "起始日期", "学段", "学校")
    )
    await street.imports(fewer, EDUCATION, ImportKind.CIRCUMSTANCES)
    found = await street.rows("select school, until, version from circumstance order by version")
    assert found[1] == ("经三路小学", date(2026, 10, 31), 4), (
        "a list without an end date opens nothing that has ended"
    )
    events = "select type from chain_event where type like 'CIRCUMSTANCE%' order by position"
    assert (await street.rows(events))[2:4] == ["CIRCUMSTANCE_REPORTED", "CIRCUMSTANCE_ENDED"]


async def test_funeral_records_are_matched_by_identity_number_in_a_workbook_and_in_gb18030(
    street: Office,
) -> None:
    rows = [
        {"逝者姓名": "王伟", "身份证号": identity_number(0), "死亡日期": date(2026, 10, 3)},
        {"逝者姓名": "外乡人", "身份证号": identity_number(900), "死亡日期": date(2026, 10, 4)},
    ]
    headers = ("逝者姓名", "身份证号", "死亡日期")
    book = write_workbook(street.folder / "殡葬.xlsx", rows, headers, above=["金水区 2026 年 10 月殡葬信息"])
    report = await street.imports(book, COUNTY_OFFICE, ImportKind.CIRCUMSTANCES)
    assert (report.accepted, report.changed) == (1, 1)
    assert refusals(report) == [(4, "idNumber", "NOT_FOUND")], "who is not in the hub is told, not dropped"
    file = write_csv(street.folder / "殡葬.csv", rows, headers, encoding="gb18030")
    again = await street.imports(file, COUNTY_OFFICE, ImportKind.CIRCUMSTANCES)
    assert (again.accepted, again.changed) == (1, 0)
    assert await street.rows("select kind, since from circumstance") == [("DEATH", date(2026, 10, 3))]
    assert await street.rows(
        "select policy_basis, needs from chain_event where type = 'CIRCUMSTANCE_REPORTED'"
    ) == [("46-2.2", ["circumstance.civil_affairs:read"])]


async def test_each_row_is_refused_for_what_is_wrong_in_it(street: Office) -> None:
    report = await listed(
        street,
        pupil(学校=""),
        pupil(金额="100"),
        pupil(身份证号=""),
        pupil(困难情形="受灾"),
        pupil(困难情形="远足"),
        pupil(起始日期=""),
        pupil(起始日期="2199-01-01"),
        pupil(身份证号="", 户编号="JS9"),
        pupil(身份证号="", 户编号="JS1"),
        pupil(起始日期="2026-09-01", 结束日期="2026-08-31"),
    )
    assert refusals(report) == [
        (2, "school", "INVALID_INPUT"),
        (3, "amount", "INVALID_INPUT"),
        (4, "idNumber", "SUBJECT_MISSING"),
        (5, "kind", "NOT_YOUR_REGISTRY"),
        (6, "kind", "UNKNOWN_WORD"),
        (7, "since", "VALUE_MISSING"),
        (8, "since", "INVALID_DATE"),
        (9, "householdCode", "UNKNOWN_HOUSEHOLD"),
        (10, "householdCode", "PERSON_REQUIRED"),
        (11, "until", "INVALID_INPUT"),
    ]
    assert report.changed == 0
    assert await street.rows("select count(*) from circumstance") == [0]


async def test_a_registry_of_several_kinds_says_which_and_facts_of_a_household_are_found_by_any_member(
    street: Office,
) -> None:
    ill = {"身份证号": identity_number(3), "起始日期": "2026-05-01", "困难情形": "重病", "病种": "恶性肿瘤"}
    report = await listed(
        street, ill, {**ill, "困难情形": "慢性病", "病种": "高血压"}, {**ill, "困难情形": ""}, grant=HEALTH
    )
    assert (report.accepted, refusals(report)) == (2, [(4, "kind", "VALUE_MISSING")])
    watched = {"身份证号": identity_number(4), "起始日期": "2026-03-01", "病种": "收入不稳定"}
    await listed(street, watched, grant=grant_of("agriculture@410105"))
    struck = {"户编号": "JS2", "起始日期": "2026-07-20", "金额": "5000", "病种": "暴雨洪涝"}
    await listed(street, struck, grant=grant_of("emergency_management@4101"))
    found = await street.rows("select kind, person_id is null, amount, note from circumstance order by kind")
    assert found == [
        ("CHRONIC_ILLNESS", False, None, "高血压"),
        ("DISASTER", True, 5000, "暴雨洪涝"),
        ("MONITORED", True, None, "收入不稳定"),
        ("SERIOUS_ILLNESS", False, None, "恶性肿瘤"),
    ]


async def test_a_list_of_somebody_who_keeps_no_registry_is_refused_whole_and_who_is_out_of_sight_is_told_as_nobody(
    street: Office,
) -> None:
    with pytest.raises(NotYourRegistry):
        await listed(street, pupil(), grant=grant_of("finance@410105"))
    reader = grant_of("education@410105", without=frozenset({Scope.CIRCUMSTANCE_EDUCATION_WRITE}))
    with pytest.raises(ForbiddenWrite):
        await listed(street, pupil(), grant=reader)
    report = await listed(street, pupil(), pupil(900), grant=grant_of("education@410102"))
    assert refusals(report) == [(2, "idNumber", "NOT_FOUND"), (3, "idNumber", "NOT_FOUND")]
