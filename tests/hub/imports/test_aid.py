"""`hub import aid`: an agency's outcomes are recorded by the same commands as those by GraphQL."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest

from auth.grant import Grant
from hub.aid.drafts import detail_columns
from hub.foundation.errors import camel
from hub.imports.aid import columns
from hub.imports.aid_words import FORMS
from hub.imports.report import ImportReport
from hub.model.aid import AidKind
from hub.model.import_runs import ImportKind
from hub.regions.places import Places
from tests.hub.imports.conftest import EDUCATION, TOWNSHIP_OFFICE, Office, grant_of, refusals
from tests.hub.imports.office import family, identity_number

pytestmark = pytest.mark.anyio

NOWHERE = Places({}, EDUCATION)
HEADERS = (
    "外部编号", "身份证号", "户编号", "救助类型", "救助项目", "起始日期", "截止日期", "金额", "状态", "决定日期",
    "发放日期", "救助形式", "学年", "就学阶段", "学校", "医疗机构", "困难事由", "发生地区划", "服务机构", "服务次数",
)  # fmt: skip


def grant_money(number: str, **values: str) -> dict[str, str]:
    """A row of a student grant with valid values."""
    return {
        "外部编号": number,
        "身份证号": identity_number(2),
        "救助类型": "教育救助",
        "救助项目": "国家助学金",
        "起始日期": "2026-03-01",
        "截止日期": "2026-07-31",
        "金额": "1,500.00",
        "状态": "已发放",
        "决定日期": "2026-02-20",
        "发放日期": "2026-03-10",
        "救助形式": "助学金",
        "学年": "2025-2026学年",
        "就学阶段": "高中",
        "学校": "郑州一中",
        **values,
    }


async def outcomes(office: Office, *rows: Mapping[str, Any], grant: Grant = EDUCATION) -> ImportReport:
    return await office.imports(list(rows), grant, ImportKind.AID, HEADERS)


@pytest.fixture
async def known(office: Office) -> Office:
    """An office with one household in the hub: H1, with persons 0 to 2."""
    await office.imports(family("H1", 0, 3))
    return office


async def test_an_outcome_lands_with_its_detail_and_its_link_in_the_chain(known: Office) -> None:
    report = await outcomes(
        known, grant_money("E-1"), grant_money("E-2", 身份证号="", 户编号="H1", 救助项目="学费减免")
    )
    assert (report.accepted, report.changed, report.refused) == (2, 2, [])
    assert await known.rows(
        "select a.external_id, a.person_id is null, a.amount::text, d.form, d.school_year, d.stage, d.school"
        " from aid_record a join education_detail d using (household_id, id, version) order by 1"
    ) == [
        ("E-1", False, "1500.00", "GRANT", 2025, "SENIOR_HIGH", "郑州一中"),
        ("E-2", True, "1500.00", "GRANT", 2025, "SENIOR_HIGH", "郑州一中"),
    ]
    assert await known.rows("select count(*) from chain_event where type = 'AID_RECORDED'") == [2]
    assert await known.chains_are_whole()


async def test_the_same_file_again_writes_nothing_and_other_content_is_a_conflict(known: Office) -> None:
    await outcomes(known, grant_money("E-1"))
    before = await known.counts()
    again = await outcomes(known, grant_money("E-1"))
    assert (again.accepted, again.changed) == (1, 0)
    other = await outcomes(known, grant_money("E-1", 金额="2"))
    assert refusals(other) == [(2, "externalId", "CONFLICT")]
    assert await known.counts() == before | {"import_run": before["import_run"] + 2}


async def test_each_bad_row_is_refused_at_its_column_and_the_good_one_lands(known: Office) -> None:
    report = await outcomes(
        known,
        grant_money("E-1", 身份证号=identity_number(77)),
        grant_money("E-2", 身份证号="", 户编号="H9"),
        grant_money("E-3", 身份证号=""),
        grant_money("E-4", 身份证号="41019919800517"),
        grant_money("E-5", 救助类型="医疗救助", 救助形式="住院救助", 学年="", 就学阶段="", 学校=""),
        grant_money("E-6", 救助形式="危房改造"),
        grant_money("E-7", 救助形式=""),
        grant_money("E-8", 截止日期="2026-01-01"),
        grant_money("E-9", 发放日期=""),
        grant_money("E-10", 医疗机构="市一院"),
        grant_money("E-11", 金额="壹佰"),
        grant_money("E-12", 状态="在途"),
        grant_money(""),
        grant_money("E-14"),
    )
    assert refusals(report) == [
        (2, "idNumber", "NOT_FOUND"),
        (3, "householdCode", "UNKNOWN_HOUSEHOLD"),
        (4, "idNumber", "SUBJECT_MISSING"),
        (5, "idNumber", "INVALID_IDENTITY_NUMBER"),
        (6, "kind", "FORBIDDEN_WRITE"),
        (7, "form", "UNKNOWN_WORD"),
        (8, "form", "INVALID_INPUT"),
        (9, "periodUntil", "INVALID_INPUT"),
        (10, "paidOn", "INVALID_INPUT"),
        (11, "hospital", "INVALID_INPUT"),
        (12, "amount", "INVALID_MONEY"),
        (13, "status", "UNKNOWN_WORD"),
        (14, "externalId", "VALUE_MISSING"),
    ]
    assert await known.rows("select external_id from aid_record") == ["E-14"]


async def test_what_another_record_excludes_is_refused_at_its_form_in_both_languages(known: Office) -> None:
    houses = grant_of("housing_security@410105")
    rental = {
        "救助类型": "住房救助",
        "救助项目": "公租房",
        "救助形式": "公租房",
        "学年": "",
        "就学阶段": "",
        "学校": "",
    }
    subsidy = rental | {"救助项目": "租赁补贴", "救助形式": "租赁补贴"}
    accepted = await outcomes(known, grant_money("H-1", 身份证号="", 户编号="H1", **rental), grant=houses)
    assert (accepted.changed, accepted.refused) == (1, [])
    report = await outcomes(
        known,
        grant_money("H-2", **subsidy),
        grant_money("H-3", 起始日期="2026-08-01", 截止日期="2026-08-31", **subsidy),
        grant_money("H-4", 起始日期="2026-08-01", 截止日期="2026-08-31", **rental),
        grant=houses,
    )
    assert refusals(report) == [(2, "form", "EXCLUSIVE_AID"), (4, "form", "EXCLUSIVE_AID")]
    for refusal in report.refused:
        assert "46-3.2.3" in refusal.message
        assert "公租房与租赁补贴按户择一给予" in refusal.message_zh
    assert await known.rows("select external_id from aid_record order by 1") == ["H-1", "H-3"]
    assert await known.chains_are_whole()


async def test_a_household_out_of_sight_answers_as_one_that_does_not_exist(known: Office) -> None:
    elsewhere = grant_of("education@410102")
    report = await outcomes(
        known, grant_money("E-1"), grant_money("E-2", 身份证号="", 户编号="H1"), grant=elsewhere
    )
    unknown = await outcomes(
        known,
        grant_money("E-1", 身份证号=identity_number(77)),
        grant_money("E-2", 身份证号="", 户编号="H9"),
        grant=elsewhere,
    )
    assert [(refusal.code, refusal.message) for refusal in report.refused] == [
        (refusal.code, refusal.message) for refusal in unknown.refused
    ]
    assert await known.rows("select count(*) from aid_record") == [0]


async def test_services_and_urgent_aid_carry_details_of_their_own(known: Office) -> None:
    visit = grant_money(
        "S-1",
        救助类型="服务类救助",
        救助形式="探访",
        金额="",
        状态="已提供",
        发放日期="",
        学年="",
        就学阶段="",
        学校="",
        服务机构="社工站",
        服务次数="4",
    )
    urgent = grant_money(
        "T-1",
        救助类型="临时救助",
        救助形式="先行救助",
        学年="",
        就学阶段="",
        学校="",
        困难事由="火灾",
        发生地区划="410102001",
    )
    report = await outcomes(
        known, visit, urgent, urgent | {"外部编号": "T-2", "发生地区划": "410199001"}, grant=TOWNSHIP_OFFICE
    )
    assert refusals(report) == [(4, "happenedAtRegion", "NOT_FOUND")]
    assert await known.rows("select provider, times from service_detail") == [("社工站", 4)]
    assert await known.rows("select trouble, happened_at_region from temporary_detail") == [
        ("火灾", "410102001")
    ]


async def test_aid_that_another_agency_gives_already_lands_with_a_warning(known: Office) -> None:
    await outcomes(known, grant_money("E-1", 就学阶段="大学"))
    report = await outcomes(known, grant_money("C-1", 就学阶段="大学"), grant=grant_of("education@4101"))
    assert (report.accepted, [(warning.code, warning.row) for warning in report.warnings]) == (
        1,
        [("DUPLICATE_AID", 2)],
    )


async def test_a_file_longer_than_one_batch_lands_whole(known: Office) -> None:
    steps: list[tuple[int, int]] = []
    report = await known.imports(
        [grant_money(f"E-{number}", 救助项目=f"项目{number}") for number in range(2_345)],
        EDUCATION,
        ImportKind.AID,
        HEADERS,
        lambda done, total: steps.append((done, total)),
    )
    assert (report.accepted, report.changed) == (2_345, 2_345)
    assert steps == [(1000, 2345), (2000, 2345), (2345, 2345)]
    assert await known.rows("select count(*) from aid_record") == [2_345]
    assert (await known.rows("select max(number) from chain_event")) == [2_346]


def test_every_detail_of_every_kind_has_a_column_and_every_kind_its_forms() -> None:
    details = {camel(name) for kind in AidKind for name in detail_columns(kind)}
    assert details <= {column.key for column in columns(NOWHERE, sample=False)}
    for kind in AidKind:
        form, _ = detail_columns(kind)["form"]
        assert issubclass(form, StrEnum)
        assert set(FORMS[kind].name_of) == set(form), kind
