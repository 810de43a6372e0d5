"""A head has died: the next head can come in any later file or request, without a row of the dead person (46-2.2)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from hub.commands.context import CommandContext
from hub.households.commands import upsert_households
from hub.households.drafts import HouseholdDraft, MemberDraft, WholeDraft
from hub.imports.undo import undo_import
from hub.model.import_runs import ImportKind
from hub.model.persons import Relation
from tests.hub.imports.conftest import AGRICULTURE, COUNTY_OFFICE, TOWNSHIP_OFFICE, Office, notices, refusals
from tests.hub.imports.office import HEADERS, family, identity_number, member

pytestmark = pytest.mark.anyio

DIED = "2026-10-08"
MEMBERS = (
    "select p.name, p.relation, p.left_on from person p join household h on h.id = p.household_id where h.code = 'H1'"
    " order by p.id_number_index"
)
HEADS = "select name from person where relation = 'HEAD' and left_on is null"
ROWS = family("H1", 0, 3)
DEAD, WIDOW, CHILD = ROWS


async def dies_by_a_row(office: Office) -> None:
    """The township's list of households reports the death."""
    row = {header: DEAD[header] for header in ("户编号", "姓名", "身份证号")} | {
        "变动": "死亡",
        "变动日期": DIED,
    }
    report = await office.imports([row], headers=(*HEADERS, "变动", "变动日期"))
    assert (report.refused, report.changed, report.ended) == ([], 1, 1)


async def dies_by_the_list_of_deaths(office: Office) -> None:
    """The county's list of funerals reports the death."""
    row = {"身份证号": DEAD["身份证号"], "姓名": DEAD["姓名"], "困难情形": "死亡", "起始日期": DIED}
    report = await office.imports([row], COUNTY_OFFICE, ImportKind.CIRCUMSTANCES, list(row))
    assert (report.refused, report.changed) == ([], 1)


DEATHS = [dies_by_a_row, dies_by_the_list_of_deaths]
NEXT = WIDOW | {"与户主关系": "户主", "户籍性质": "城镇"}
BROTHER = member("H1", 7, "户主")
LATER: dict[str, tuple[list[Mapping[str, Any]], str]] = {
    "all who are left": ([NEXT, CHILD], WIDOW["姓名"]),
    "and the column of the head names them": (
        [one | {"户主": WIDOW["姓名"]} for one in (NEXT, CHILD)],
        WIDOW["姓名"],
    ),
    "in another order": ([CHILD, NEXT], WIDOW["姓名"]),
    "alone": ([NEXT], WIDOW["姓名"]),
    "a child": ([CHILD | {"与户主关系": "户主"}, WIDOW | {"与户主关系": "父母"}], CHILD["姓名"]),
    "somebody who joins": (
        [BROTHER, WIDOW | {"与户主关系": "其他"}, CHILD | {"与户主关系": "其他"}],
        BROTHER["姓名"],
    ),
}


@pytest.mark.parametrize("dies", DEATHS)
@pytest.mark.parametrize("later", LATER)
async def test_the_next_head_comes_by_a_later_file(office: Office, dies: Any, later: str) -> None:
    rows, name = LATER[later]
    await office.imports(ROWS)
    await dies(office)
    report = await office.imports(rows)
    assert report.refused == []
    assert await office.rows(HEADS) == [name]
    gone = [(one, left) for one, _, left in await office.rows(MEMBERS) if left is not None]
    assert gone == [(DEAD["姓名"], date.fromisoformat(DIED))], "no member from the day of the death on"
    bodies = await office.rows("select body from chain_event order by number desc limit 1")
    assert bodies == [{"changed": ["left"], "leftOn": DIED}]
    counts = await office.counts()
    assert (await office.imports(rows)).changed == 0
    assert await office.counts() == counts | {"import_run": counts["import_run"] + 1}
    assert await office.chains_are_whole()


async def test_who_follows_is_the_head_by_whom_the_next_lists_find_the_household(office: Office) -> None:
    await office.imports(ROWS)
    await dies_by_the_list_of_deaths(office)
    await office.imports([NEXT])
    watched = {"户主身份证号": WIDOW["身份证号"], "监测对象类别": "脱贫不稳定户", "认定日期": "2026-03-01"}
    assert (await office.imports([watched], AGRICULTURE, ImportKind.MONITORED, list(watched))).changed == 1
    old = await office.imports([DEAD])
    assert refusals(old) == [(2, "relation", "DUPLICATE_HEAD")], "a list from before the death"
    assert await office.rows(HEADS) == [WIDOW["姓名"]]


async def test_a_dead_head_is_gone_from_the_day_that_is_registered_whatever_a_later_row_says(
    office: Office,
) -> None:
    await office.imports(ROWS)
    await dies_by_the_list_of_deaths(office)
    dead = {header: DEAD[header] for header in ("户编号", "姓名", "身份证号")}
    rows = [NEXT, dead | {"变动": "死亡", "变动日期": "2026-10-20"}]
    report = await office.imports(rows, headers=(*HEADERS, "变动", "变动日期"))
    assert report.refused == []
    assert "DEATH_DATE_MISMATCH" in notices(report)
    assert await office.rows("select left_on from person where left_on is not null") == [
        date.fromisoformat(DIED)
    ]


async def test_the_rows_of_others_may_name_who_follows_before_that_row_comes(office: Office) -> None:
    await office.imports(ROWS)
    named = [CHILD | {"户主": WIDOW["姓名"], "健康状况": "重病"}]
    assert refusals(await office.imports(named)) == [(2, "head", "HEAD_NAME_MISMATCH")], "the head lives"
    await dies_by_the_list_of_deaths(office)
    assert refusals(await office.imports([named[0] | {"户主": "李四"}])) == [
        (2, "head", "HEAD_NAME_MISMATCH")
    ]
    report = await office.imports(named)
    assert (report.refused, report.changed) == ([], 1)
    assert await office.rows(HEADS) == [DEAD["姓名"]], "until the row of the next head comes"


async def test_nobody_follows_a_head_who_lives_or_whose_death_was_withdrawn(office: Office) -> None:
    await office.imports(ROWS)
    assert refusals(await office.imports([NEXT])) == [(2, "relation", "DUPLICATE_HEAD")]
    await dies_by_the_list_of_deaths(office)
    row = {"身份证号": DEAD["身份证号"], "困难情形": "死亡", "起始日期": DIED, "结束日期": DIED}
    withdrawn = await office.imports([row], COUNTY_OFFICE, ImportKind.CIRCUMSTANCES, list(row))
    assert withdrawn.changed == 1
    assert refusals(await office.imports([NEXT])) == [(2, "relation", "DUPLICATE_HEAD")]
    assert await office.rows(HEADS) == [DEAD["姓名"]]


async def test_who_reads_no_deaths_learns_of_none(office: Office) -> None:
    await office.imports(ROWS)
    await dies_by_the_list_of_deaths(office)
    few = ("户编号", "姓名", "身份证号", "与户主关系")
    report = await office.imports([NEXT], AGRICULTURE, headers=few)
    assert refusals(report) == [(2, "relation", "DUPLICATE_HEAD")]
    assert (await office.imports([NEXT], headers=few)).refused == []


async def test_the_file_that_brings_the_next_head_is_undone_as_a_whole(office: Office) -> None:
    await office.imports(ROWS)
    await dies_by_the_list_of_deaths(office)
    before = await office.rows(MEMBERS)
    await office.imports([NEXT, CHILD])
    run = (await office.rows("select id from import_run order by started_at desc limit 1"))[0]
    await undo_import(office.database, office.secrecy, run, TOWNSHIP_OFFICE)
    assert await office.rows(MEMBERS) == before
    assert await office.chains_are_whole()


async def test_who_was_covered_by_person_is_covered_whole_once_all_who_are_left_are(office: Office) -> None:
    covered = {"救助类别": "低保", "认定日期": "2026-03-01"}
    await office.imports([DEAD, WIDOW | covered, CHILD | covered])
    await dies_by_the_list_of_deaths(office)
    later = covered | {"认定日期": "2026-11-01"}
    assert (await office.imports([NEXT | later, CHILD | later])).refused == []
    in_force = "select person_id is null from certification where ended_on is null"
    assert await office.rows(in_force) == [True]


async def test_a_request_brings_the_next_head_too(office: Office) -> None:
    await office.imports(ROWS)
    await dies_by_the_list_of_deaths(office)
    next_head = MemberDraft(id_number=identity_number(1), name=WIDOW["姓名"], relation=Relation.HEAD)
    draft = HouseholdDraft("H1", [next_head], whole=WholeDraft(address="经三路 9 号院"))
    for changed in (True, False):
        async with office.database.write() as session:
            context = CommandContext(session, TOWNSHIP_OFFICE, office.secrecy)
            (outcome,) = await upsert_households(context, [draft])
        assert (outcome.refused, outcome.changed) == ([], changed)
    assert await office.rows(HEADS) == [WIDOW["姓名"]]
    assert await office.rows("select address from household") == ["经三路 9 号院"]
