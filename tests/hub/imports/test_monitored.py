"""`hub import monitored`: agriculture's monthly list certifies, corrects and ends (46-1.2.2)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from auth.scopes import Scope
from hub.foundation.errors import ForbiddenWrite
from hub.imports.refusals import MissingColumns, NotYourList
from hub.imports.report import ImportReport
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import AGRICULTURE, COUNTY_OFFICE, Office, grant_of, refusals
from tests.hub.imports.office import family, identity_number, member

pytestmark = pytest.mark.anyio

HEADERS = ("户编号", "户主身份证号", "监测对象类别", "认定日期", "风险消除日期")


async def monitored(office: Office, *rows: Mapping[str, Any]) -> ImportReport:
    return await office.imports(list(rows), AGRICULTURE, ImportKind.MONITORED, HEADERS)


def at_risk(
    code: str = "H1", subtype: str = "脱贫不稳定户", since: str = "2026-03-01", **values: str
) -> dict[str, str]:
    return {"户编号": code, "监测对象类别": subtype, "认定日期": since, **values}


@pytest.fixture
async def known(office: Office) -> Office:
    """An office with two households in the hub: H1 and H2, with heads 0 and 10."""
    await office.imports([*family("H1", 0, 2), *family("H2", 10, 2)])
    return office


CERTIFIED = (
    "select subtype, valid_from, ended_on, end_reason, authority from certification order by valid_from"
)


async def test_a_household_is_certified_by_its_code_or_its_heads_identity_number(known: Office) -> None:
    by_head = at_risk("", "边缘易致贫户", "2026-04-01", 户主身份证号=identity_number(10))
    report = await monitored(known, at_risk(), by_head)
    assert (report.accepted, report.changed, report.refused) == (2, 2, [])
    assert await known.rows(CERTIFIED) == [
        ("UNSTABLE", date(2026, 3, 1), None, None, "agriculture@410105"),
        ("MARGINAL", date(2026, 4, 1), None, None, "agriculture@410105"),
    ]
    assert await known.rows(
        "select type, policy_basis, body->>'subtype' from chain_event where number = 2"
    ) == [
        ("CERTIFIED", "46-1.2.2", "UNSTABLE"),
        ("CERTIFIED", "46-1.2.2", "MARGINAL"),
    ]
    assert await known.chains_are_whole()


async def test_the_same_list_again_changes_nothing(known: Office) -> None:
    rows = [at_risk(), at_risk("H2", 风险消除日期="2026-06-30")]
    await monitored(known, *rows)
    before = await known.counts()
    again = await monitored(known, *rows)
    assert (again.accepted, again.changed) == (2, 0)
    assert await known.counts() == before | {"import_run": before["import_run"] + 1}


async def test_a_risk_that_is_gone_ends_the_certification_and_a_new_date_begins_another(
    known: Office,
) -> None:
    await monitored(known, at_risk())
    await monitored(known, at_risk(风险消除日期="2026-06-30"))
    await monitored(known, at_risk(subtype="突发严重困难户", since="2026-09-01"))
    assert await known.rows(CERTIFIED) == [
        ("UNSTABLE", date(2026, 3, 1), date(2026, 6, 30), "风险消除", "agriculture@410105"),
        ("SUDDEN_HARDSHIP", date(2026, 9, 1), None, None, "agriculture@410105"),
    ]
    assert await known.rows("select type from chain_event where number > 1 order by number") == [
        "CERTIFIED",
        "CERTIFICATION_ENDED",
        "CERTIFIED",
    ]
    assert await known.chains_are_whole()


async def test_an_older_list_never_opens_what_has_ended(known: Office) -> None:
    await monitored(known, at_risk(风险消除日期="2026-06-30"))
    report = await monitored(known, at_risk())
    assert (report.changed, [(warning.code, warning.row) for warning in report.warnings if warning.row]) == (
        0,
        [("CERTIFICATION_ENDED", 2)],
    )
    assert await known.rows("select count(*) from certification where ended_on is null") == [0]


async def test_another_subtype_of_the_same_day_corrects_it(known: Office) -> None:
    await monitored(known, at_risk())
    await monitored(known, at_risk(subtype="边缘易致贫户"))
    assert await known.rows("select subtype, version from certification") == [("MARGINAL", 2)]


async def test_a_household_that_cannot_be_certified_is_refused_with_the_reason(known: Office) -> None:
    await known.imports([member("H3", 60, 行政区划代码="410102001")], grant_of("civil_affairs@410102"))
    report = await monitored(
        known,
        at_risk("H9"),
        at_risk("H3"),
        at_risk("", 户主身份证号=identity_number(1)),
        at_risk("H1", 户主身份证号=identity_number(10)),
        at_risk("", 户主身份证号="110"),
        at_risk(""),
        at_risk("H1", 风险消除日期="2026-01-01"),
        at_risk("H1", subtype="困难户"),
        at_risk("H1", since=""),
        at_risk("H2"),
    )
    assert refusals(report) == [
        (2, "householdCode", "UNKNOWN_HOUSEHOLD"),
        (3, "householdCode", "UNKNOWN_HOUSEHOLD"),
        (4, "headIdNumber", "UNKNOWN_HOUSEHOLD"),
        (5, "householdCode", "HEAD_MISMATCH"),
        (6, "headIdNumber", "INVALID_IDENTITY_NUMBER"),
        (7, "householdCode", "SUBJECT_MISSING"),
        (8, "endedOn", "INVALID_PERIOD"),
        (9, "subtype", "UNKNOWN_WORD"),
        (10, "validFrom", "VALUE_MISSING"),
    ]
    assert (report.accepted, len(await known.rows(CERTIFIED))) == (1, 1)


async def test_a_household_shown_to_the_agency_but_not_of_its_jurisdiction_is_refused(known: Office) -> None:
    await known.imports([member("H3", 60, 行政区划代码="410102001")], grant_of("civil_affairs@410102"))
    async with known.database.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "insert into shown_household select id, 'agriculture@410105', 'REFERRAL_RECEIVED', now()"
            " from household where code = 'H3'"
        )
    assert refusals(await monitored(known, at_risk("H3"))) == [(2, "householdCode", "FOREIGN_HOUSEHOLD")]


async def test_the_list_is_agricultures_alone(known: Office) -> None:
    before = await known.counts()
    with pytest.raises(NotYourList):
        await known.imports([at_risk()], COUNTY_OFFICE, ImportKind.MONITORED, HEADERS)
    without = grant_of("agriculture@410105", without=frozenset({Scope.CERTIFICATION_WRITE}))
    with pytest.raises(ForbiddenWrite):
        await known.imports([at_risk()], without, ImportKind.MONITORED, HEADERS)
    with pytest.raises(MissingColumns):
        await known.imports([at_risk()], AGRICULTURE, ImportKind.MONITORED, ("户编号", "监测对象类别"))
    assert await known.counts() == before
