"""An import is undone completely, by events of its own, unless later records depend on it (46-4.3)."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from auth.grant import Grant
from hub.certifications.commands import certify
from hub.certifications.drafts import CertificationDraft
from hub.commands.context import CommandContext
from hub.foundation.errors import NotFound
from hub.imports.built_on import ImportHasLaterChanges
from hub.imports.undo import Undone, undo_import
from hub.model.certifications import Category
from hub.model.import_runs import ImportKind
from hub.persons.subjects import Subject
from tests.hub.imports.conftest import (
    COUNTY_OFFICE,
    EDUCATION,
    OTHER_TOWNSHIP_OFFICE,
    TOWNSHIP_OFFICE,
    Office,
)
from tests.hub.imports.office import HEADERS, family, identity_number, member

pytestmark = pytest.mark.anyio

COVERED = {"救助类别": "低保", "认定日期": "2026-03-01"}
PUPIL = {"身份证号": identity_number(1), "起始日期": "2026-09-01", "学段": "小学", "学校": "经三路小学"}


async def run_id(office: Office) -> UUID:
    """The run of the last import."""
    found: UUID = (await office.rows("select id from import_run order by started_at desc limit 1"))[0]
    return found


async def undo(office: Office, run: UUID | None = None, grant: Grant = TOWNSHIP_OFFICE) -> Undone:
    """Undo an import, by default the last, and undo it again with the same result; every chain is whole."""
    run = run or await run_id(office)
    undone = await undo_import(office.database, office.secrecy, run, grant)
    counts = await office.counts()
    assert (await undo_import(office.database, office.secrecy, run, grant)).before
    assert await office.counts() == counts
    assert await office.chains_are_whole()
    return undone


async def present(office: Office) -> list[Any]:
    """Households, persons with their encrypted values, certifications in force, and facts."""
    persons = await office.rows(
        "select h.code, h.region, h.address, h.income_per_capita, p.name, p.relation, p.phone_sealed, p.account_sealed,"
        " p.health, p.school, p.left_on from household h join person p on p.household_id = h.id where p.left_on is null"
        " order by h.code, p.id_number_index"
    )
    certified = await office.rows(
        "select household_id, person_id, category, valid_from, valid_until, ended_on, ended_because from certification"
        " where ended_because is distinct from 'MISTAKE' order by household_id, id"
    )
    facts = await office.rows(
        "select person_id, kind, since, until, school, note from circumstance where until is distinct from since"
        " order by household_id, id"
    )
    return [persons, certified, facts]


async def test_what_was_new_is_withdrawn_and_the_same_file_brings_it_again(office: Office) -> None:
    rows = [*family("H1", 0, 3, **COVERED), member("H2", 9)]
    await office.imports(rows)
    stood = await present(office)
    assert await undo(office) == Undone(2)
    assert await present(office) == [[], [], []]
    assert await office.rows("select distinct ended_because from certification") == ["MISTAKE"]
    assert await office.rows("select distinct client_id like 'hub-undo:%' from chain_event order by 1") == [
        False,
        True,
    ]
    again = await office.imports(rows)
    assert (again.refused, again.changed) == ([], 4)
    assert (await present(office))[0] == stood[0]


async def test_what_was_changed_stands_as_before_to_the_last_secret(office: Office) -> None:
    before = [
        *family(
            "H1", 0, 3, 联系电话="13900001234", 银行账号="6228480712345678901", 健康状况="健康", **COVERED
        ),
        *family("H2", 10, 2, 健康状况="慢性病"),
    ]
    await office.imports(before)
    stood = await present(office)
    after = [dict(row) for row in before]
    for row in after:
        row |= {
            "联系电话": "",
            "银行账号": "6228480799999999999",
            "健康状况": "重病",
            "地址": "别处" if row["地址"] else "",
        }
    for row in after[:3]:
        row |= {"认定日期": "2026-06-01"}
    after.append(member("H1", 5, "其他"))
    report = await office.imports(after)
    assert (report.refused, report.changed) == ([], 6)
    assert await present(office) != stood
    assert await undo(office) == Undone(2)
    assert await present(office) == stood
    changes = await office.rows(
        "select before, after from field_change where field = 'phone' order by household_id, number"
    )
    assert ("13*******34", None) in changes
    assert (None, "13*******34") in changes


async def test_rows_that_ended_something_are_undone_too(office: Office) -> None:
    rows = family("H1", 0, 4, **COVERED)
    await office.imports(rows)
    stood = await present(office)
    headers = (*HEADERS, "变动", "变动日期")
    ends = [
        {
            "户编号": "H1",
            "姓名": row["姓名"],
            "身份证号": row["身份证号"],
            "变动": change,
            "变动日期": "2026-10-01",
        }
        for row, change in zip(rows, ("停保", "死亡", "迁出"), strict=False)
    ]
    report = await office.imports(ends, headers=headers)
    assert (report.refused, report.ended) == ([], 3)
    await undo(office)
    assert await present(office) == stood


async def test_a_list_of_circumstances_says_again_what_it_said(office: Office) -> None:
    await office.imports([member("H1", 1)])
    await office.imports([PUPIL], EDUCATION, ImportKind.CIRCUMSTANCES, headers=list(PUPIL))
    stood, first = await present(office), await run_id(office)
    moved = PUPIL | {"学校": "纬五路小学", "结束日期": "2026-10-31"}
    await office.imports([moved], EDUCATION, ImportKind.CIRCUMSTANCES, headers=list(moved))
    second = await run_id(office)
    with pytest.raises(ImportHasLaterChanges) as refused:
        await undo_import(office.database, office.secrecy, first, EDUCATION)
    assert refused.value.message_numbers == {"count": 1, "households": 1}
    await undo(office, second, EDUCATION)
    assert await present(office) == stood
    await undo(office, first, EDUCATION)
    assert (await present(office))[2] == []


async def test_aid_is_revoked_and_lines_are_as_before(office: Office) -> None:
    await office.imports([member("H1", 1)])
    aid = {
        "外部编号": "Z-1", "身份证号": identity_number(1), "救助类型": "教育救助", "救助项目": "国家助学金",
        "起始日期": "2026-03-01", "截止日期": "2026-07-31", "金额": "500", "状态": "已审核确认", "决定日期": "2026-02-20",
        "救助形式": "助学金",
        "学年": "2025", "就学阶段": "小学", "学校": "经三路小学",
    }  # fmt: skip
    await office.imports([aid], EDUCATION, ImportKind.AID, headers=list(aid))
    await undo(office, grant=EDUCATION)
    assert await office.rows(
        "select status, revoked_because from aid_record where superseded_at is null"
    ) == [("REVOKED", "MISTAKE")]
    line = {
        "区县": "金水区",
        "城乡类别": "城市",
        "救助类别": "低保",
        "执行月份": "2026-07",
        "月标准": "800",
        "文号": "一号",
    }
    current = (
        "select yuan, source from poverty_line where superseded_at is null and county = '410105'"
        " and from_month = '2026-07-01' and residence = 'URBAN' and category = 'SUBSISTENCE_ALLOWANCE'"
    )
    await office.imports([line], COUNTY_OFFICE, ImportKind.LINES, headers=list(line))
    stood = await office.rows(current)
    await office.imports([line | {"月标准": "900"}], COUNTY_OFFICE, ImportKind.LINES, headers=list(line))
    assert await office.rows(current) != stood
    await undo(office, grant=COUNTY_OFFICE)
    assert await office.rows(current) == stood


async def test_of_several_versions_of_a_line_the_last_holds_again_and_a_new_line_no_longer_holds(
    office: Office,
) -> None:
    line = {
        "区县": "金水区",
        "城乡类别": "城市",
        "救助类别": "低保",
        "执行月份": "2027-01",
        "月标准": "800",
        "文号": "一号",
    }
    rural = line | {"城乡类别": "农村", "月标准": "600"}
    for lines in ([line], [line | {"月标准": "900"}], [line | {"月标准": "850"}, rural]):
        await office.imports(lines, COUNTY_OFFICE, ImportKind.LINES, headers=list(line))
    await undo(office, grant=COUNTY_OFFICE)
    of_january = (
        "select residence, version, yuan::text, superseded_at is null from poverty_line"
        " where county = '410105' and from_month = '2027-01-01' order by residence, version"
    )
    assert await office.rows(of_january) == [
        ("RURAL", 1, "600.00", False),
        ("URBAN", 1, "800.00", False),
        ("URBAN", 2, "900.00", False),
        ("URBAN", 3, "850.00", False),
        ("URBAN", 4, "900.00", True),
    ]


async def test_what_others_built_on_is_counted_and_nothing_is_undone(office: Office) -> None:
    await office.imports(family("H1", 0, 2))
    run = await run_id(office)
    async with office.database.write() as session:
        context = CommandContext(session, TOWNSHIP_OFFICE, office.secrecy)
        draft = CertificationDraft(
            external_id="C-1",
            subject=Subject(household_id=(await office.rows("select id from household"))[0]),
            category=Category.SUBSISTENCE_ALLOWANCE,
            valid_from=(await office.rows("select current_date - 3"))[0],
        )
        await certify(context, draft)
    counts = await office.counts()
    with pytest.raises(ImportHasLaterChanges) as refused:
        await undo_import(office.database, office.secrecy, run, TOWNSHIP_OFFICE)
    assert refused.value.message_numbers == {"count": 1, "households": 1}
    assert await office.counts() == counts
    assert await office.rows(
        "select outcome, code from access_record where operation_name = 'undo import'"
    ) == [("REFUSED", "IMPORT_HAS_LATER_CHANGES")]


async def test_for_another_agency_there_is_no_such_import(office: Office) -> None:
    await office.imports([member("H1", 1)])
    with pytest.raises(NotFound):
        await undo_import(office.database, office.secrecy, await run_id(office), OTHER_TOWNSHIP_OFFICE)


async def test_an_undoing_that_is_cut_leaves_nothing_and_is_done_again(office: Office) -> None:
    await office.imports([*family("H1", 0, 3), *family("H2", 10, 3)])
    run, stood, counts = await run_id(office), await present(office), await office.counts()
    async with office.database.write() as session:
        await session.execute(sa.text("select 1 from person where name is not null for update"))
        cut = asyncio.create_task(undo_import(office.database, office.secrecy, run, TOWNSHIP_OFFICE))
        await asyncio.sleep(0.5)
        assert not cut.done()
        cut.cancel()
        await asyncio.wait([cut])
    assert (await present(office), await office.counts()) == (stood, counts)
    assert await undo(office, run) == Undone(2)
