"""`hub import households`: the categories in its rows, and the agencies that may certify them (46-1.2)."""

from datetime import date, timedelta

import pytest

from auth.scopes import Scope
from hub.certifications.commands import certify, terminate_certification
from hub.certifications.drafts import CertificationDraft, Termination
from hub.commands.context import CommandContext
from hub.foundation.calendar import today
from hub.model.certifications import Category, EndReason
from hub.persons.subjects import Subject
from tests.hub.imports.conftest import (
    AGRICULTURE,
    COUNTY_OFFICE,
    TOWNSHIP_OFFICE,
    Office,
    grant_of,
    refusals,
)
from tests.hub.imports.office import HEADERS, family, member

pytestmark = pytest.mark.anyio

COVERED = {"救助类别": "低保", "认定日期": "2026-03-01"}


async def test_only_the_authority_of_a_category_certifies_it(office: Office) -> None:
    cases = [
        (COUNTY_OFFICE, "低保", "NOT_YOUR_CATEGORY"),
        (COUNTY_OFFICE, "其他困难人员", None),
        (TOWNSHIP_OFFICE, "其他困难人员", "NOT_YOUR_CATEGORY"),
        (TOWNSHIP_OFFICE, "监测对象", "NOT_YOUR_CATEGORY"),
        (AGRICULTURE, "监测对象", "NOT_YOUR_CATEGORY"),
        (grant_of("civil_affairs@4101"), "低保", "NOT_YOUR_CATEGORY"),
        (
            grant_of("civil_affairs@410105001", without=frozenset({Scope.CERTIFICATION_WRITE})),
            "低保",
            "FORBIDDEN_WRITE",
        ),
    ]
    for number, (grant, category, code) in enumerate(cases):
        report = await office.imports([member(f"H{number}", number, 救助类别=category)], grant)
        codes = [refusal.code for refusal in report.refused]
        assert codes == ([code] if code else []) or (grant.department == "agriculture" and codes), (
            grant.agency,
            category,
        )
    assert await office.rows("select category, authority, policy_basis from certification") == [
        ("OTHER_HARDSHIP", "civil_affairs@410105", "46-1.2.3")
    ]


async def test_subsistence_allowance_is_the_households_or_the_covered_members(office: Office) -> None:
    partly = family("H2", 10, 3)
    partly[1] |= COVERED
    await office.imports([*family("H1", 0, 3, **COVERED), *partly])
    certified = (
        "select h.code, p.relation from certification c join household h on h.id = c.household_id"
        " left join person p on p.id = c.person_id where ended_on is null order by h.code"
    )
    assert await office.rows(certified) == [("H1", None), ("H2", "SPOUSE")]
    partly[0] |= COVERED
    partly[2] |= COVERED
    await office.imports(partly)
    assert await office.rows(certified) == [("H1", None), ("H2", None)]
    assert await office.rows("select end_reason from certification where ended_on is not null") == [
        "改为整户保障"
    ]
    assert (await office.imports(partly)).changed == 0
    assert await office.chains_are_whole()


async def test_extreme_hardship_is_certified_person_by_person_with_its_support(office: Office) -> None:
    rows = family("H1", 0, 2, 救助类别="特困人员", 认定日期="2026-03-01", 供养方式="集中供养")
    await office.imports(rows, headers=[*HEADERS, "供养方式"])
    assert await office.rows("select support, person_id is null from certification") == [
        ("INSTITUTIONAL", False),
        ("INSTITUTIONAL", False),
    ]
    other = await office.imports(
        [member("H2", 9, 救助类别="低保", 供养方式="集中")], headers=[*HEADERS, "供养方式"]
    )
    assert refusals(other) == [(2, "support", "SUPPORT_NOT_APPLICABLE")]


async def test_a_later_date_renews_and_days_that_cannot_be_are_refused(office: Office) -> None:
    headers = [*HEADERS, "有效期至"]
    await office.imports([member("H1", 1, **COVERED, 有效期至="长期")], headers=headers)
    await office.imports(
        [member("H1", 1, 救助类别="低保", 认定日期="2026-03-01", 有效期至="2027-02-28")], headers=headers
    )
    await office.imports(
        [member("H1", 1, 救助类别="低保", 认定日期="2026-09-01", 有效期至="2027-08-31")], headers=headers
    )
    assert await office.rows(
        "select valid_from, valid_until, ended_on, version from certification order by valid_from"
    ) == [
        (date(2026, 3, 1), date(2027, 2, 28), date(2026, 9, 1), 3),
        (date(2026, 9, 1), date(2027, 8, 31), None, 1),
    ]
    old = await office.imports([member("H1", 1, **COVERED, 有效期至="2027-02-28")], headers=headers)
    assert (old.changed, [warning.code for warning in old.warnings]) == (0, ["CERTIFICATION_ENDED"])
    bad = await office.imports([member("H1", 1, **COVERED, 有效期至="2026-02-28")], headers=headers)
    assert refusals(bad) == [(2, "validUntil", "INVALID_PERIOD")]
    soon = str(today() + timedelta(days=1))
    early = await office.imports([member("H1", 1, 救助类别="低保", 认定日期=soon)])
    assert refusals(early) == [(2, "validFrom", "DATE_IN_FUTURE")]
    lone = await office.imports([member("H1", 1, 救助类别="低保", 有效期至="2026-02-28")], headers=headers)
    assert refusals(lone) == [(2, "validFrom", "VALUE_MISSING")]
    assert await office.chains_are_whole()


async def test_a_file_lays_no_certification_over_the_days_of_one_that_has_ended(office: Office) -> None:
    await office.imports([member("H1", 1, **COVERED)])
    ((household, id),) = await office.rows("select household_id, id from certification")
    async with office.database.write() as session:
        end = Termination(1, date(2026, 8, 1), EndReason.NO_LONGER_ELIGIBLE)
        await terminate_certification(
            CommandContext(session, TOWNSHIP_OFFICE, office.secrecy), (household, id), end
        )
    before = await office.counts()
    for day in ("2026-05-01", "2026-01-01"):
        report = await office.imports([member("H1", 1, 救助类别="低保", 认定日期=day)])
        assert (report.changed, [(warning.code, warning.row) for warning in report.warnings]) == (
            0,
            [("CERTIFICATION_OVERLAPS", 2)],
        )
    assert (await office.counts())["chain_event"] == before["chain_event"]
    assert (await office.imports([member("H1", 1, 救助类别="低保", 认定日期="2026-08-01")])).changed == 1


async def test_what_a_client_certified_stands_for_the_file_too(office: Office) -> None:
    rows = family("H1", 0, 2)
    await office.imports(rows)
    (household,) = await office.rows("select id from household")
    draft = CertificationDraft(
        "C-1", Subject(household_id=household), Category.SUBSISTENCE_ALLOWANCE, date(2026, 3, 1)
    )
    async with office.database.write() as session:
        _, id = await certify(CommandContext(session, TOWNSHIP_OFFICE, office.secrecy), draft)
    assert (await office.imports([row | COVERED for row in rows])).changed == 0
    renewed = [row | COVERED | {"认定日期": "2026-09-01"} for row in rows]
    assert (await office.imports(renewed)).changed == 1
    assert await office.rows(
        "select id = :id, ended_on, ended_because from certification order by valid_from", id=id
    ) == [(True, date(2026, 9, 1), "RECERTIFIED"), (False, None, None)]
    assert await office.chains_are_whole()


async def test_a_row_that_contradicts_what_stands_is_told_and_nobody_loses_what_stands(
    office: Office,
) -> None:
    rows = [
        member_of | {"救助类别": category, "认定日期": "2026-03-01"}
        for member_of, category in zip(family("H1", 0, 2), ("低保边缘家庭", "低保"), strict=True)
    ]
    assert (await office.imports(rows)).warnings == [], "a member of a margin household may be covered alone"
    whole = [row | {"救助类别": "低保", "认定日期": "2026-06-01"} for row in rows]
    report = await office.imports(whole)
    assert {warning.code for warning in report.warnings} == {"CONTRADICTORY_CERTIFICATION"}
    in_force = (
        "select category, person_id is null from certification where ended_on is null order by category"
    )
    assert await office.rows(in_force) == [("SUBSISTENCE_ALLOWANCE", False), ("SUBSISTENCE_MARGIN", True)]
    hardship = [rows[0], rows[1] | {"救助类别": "特困人员", "认定日期": "2026-06-01"}]
    report = await office.imports(hardship)
    assert [warning.code for warning in report.warnings] == ["CONTRADICTORY_CERTIFICATION"]
    assert await office.rows(in_force) == [("SUBSISTENCE_ALLOWANCE", False), ("SUBSISTENCE_MARGIN", True)]
    assert await office.chains_are_whole()


async def test_a_file_that_covers_by_member_makes_way_for_a_member_in_extreme_hardship(
    office: Office,
) -> None:
    rows = family("H1", 0, 2)
    await office.imports([row | COVERED for row in rows])
    later = {"认定日期": "2026-06-01"}
    parted = [rows[0] | COVERED | later, rows[1] | {"救助类别": "特困人员"} | later]
    assert (await office.imports(parted)).warnings == []
    assert await office.rows(
        "select category, person_id is null, ended_because from certification order by valid_from, category"
    ) == [
        ("SUBSISTENCE_ALLOWANCE", True, "COVERED_BY_MEMBER"),
        ("EXTREME_HARDSHIP", False, None),
        ("SUBSISTENCE_ALLOWANCE", False, None),
    ]
