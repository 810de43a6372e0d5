"""Rows of a list of households that end something by the column 变动 (46-2.2, 46-2.4)."""

from datetime import date, timedelta
from typing import Any

import pytest

from auth.scopes import Scope
from hub.foundation.calendar import today
from hub.model.agencies import Department
from hub.policy.permissions import registry_scopes
from tests.hub.imports.conftest import TOWNSHIP_OFFICE, Office, grant_of, notices, refusals
from tests.hub.imports.office import HEADERS, family, member

pytestmark = pytest.mark.anyio

WITH_CHANGE = (*HEADERS, "变动", "变动日期")
COVERED = {"救助类别": "低保", "认定日期": "2026-03-01"}
VILLAGE = "410105001003"
LEFT = "select p.name from person p where left_on is not null order by 1"
ENDED = "select category, person_id is null, ended_because from certification where ended_on is not null order by 1, 2"
EVENTS = "select type, body from chain_event order by household_id, number"


def days_ago(days: int) -> date:
    """The date a number of days before today."""
    return today() - timedelta(days=days)


def gone(row: dict[str, Any], change: str, on: str | None = None) -> dict[str, Any]:
    """The row of a person who leaves, without values of the household."""
    identification = {header: row[header] for header in ("户编号", "姓名", "身份证号")}
    return {**identification, "变动": change, "变动日期": days_ago(3).isoformat() if on is None else on}


async def ends(office: Office, *rows: dict[str, Any], **more: Any) -> Any:
    """Import rows, and import them again: the second time nothing changes."""
    report = await office.imports(list(rows), headers=WITH_CHANGE, **more)
    counts = await office.counts()
    again = await office.imports(list(rows), headers=WITH_CHANGE, **more)
    assert (again.changed, again.ended) == (0, 0)
    assert await office.counts() == counts | {"import_run": counts["import_run"] + 1}
    assert await office.chains_are_whole()
    return report


async def test_who_moves_out_is_no_member_from_that_day_on(office: Office) -> None:
    rows = family("H1", 0, 3)
    await office.imports(rows)
    report = await ends(office, gone(rows[2], "迁出"))
    assert (report.rows, report.changed, report.ended, report.refused) == (1, 1, 1, [])
    assert await office.rows(LEFT) == [rows[2]["姓名"]]
    assert await office.rows("select left_on, version from person where left_on is not null") == [
        (days_ago(3), 2)
    ]
    assert (await office.rows(EVENTS))[-1] == (
        "HOUSEHOLD_UPDATED",
        {"changed": ["left"], "leftOn": days_ago(3).isoformat()},
    )
    joins = await office.imports([member("H2", 9), member("H2", 2, "其他")])
    assert joins.refused == [], "free for another household"


async def test_a_death_is_reported_with_its_day_and_ends_what_is_certified_for_the_dead(
    office: Office,
) -> None:
    rows = family("H1", 0, 2)
    rows[1] |= {"救助类别": "特困人员", "认定日期": "2026-03-01"}
    await office.imports(rows)
    report = await ends(office, gone(rows[1], "死亡"))
    assert (report.changed, report.ended) == (1, 1)
    assert await office.rows("select kind, since, source_registry, agency_id from circumstance") == [
        ("DEATH", days_ago(3), "civil_affairs", TOWNSHIP_OFFICE.agency)
    ]
    assert await office.rows(ENDED) == [("EXTREME_HARDSHIP", False, "DECEASED")]
    assert await office.rows(LEFT) == []
    other = await ends(office, gone(rows[1], "去世", days_ago(2).isoformat()))
    assert notices(other) == ["DEATH_DATE_MISMATCH"]
    month = await office.imports([gone(rows[0], "死亡", f"{today():%Y-%m}")], headers=WITH_CHANGE)
    assert refusals(month) == [(2, "changedOn", "DAY_REQUIRED")]


async def test_what_is_stopped_is_the_persons_and_in_the_heads_row_the_households(office: Office) -> None:
    whole, partly = family("H1", 0, 2, **COVERED), family("H2", 10, 2)
    partly[1] |= COVERED
    await office.imports([*whole, *partly])
    report = await ends(office, gone(whole[0], "停保"), gone(partly[1], "停保"))
    assert (report.changed, report.ended) == (2, 2)
    assert await office.rows(ENDED) == [
        ("SUBSISTENCE_ALLOWANCE", False, "NO_LONGER_ELIGIBLE"),
        ("SUBSISTENCE_ALLOWANCE", True, "NO_LONGER_ELIGIBLE"),
    ]
    nothing = await office.imports([gone(whole[1], "停保")], headers=WITH_CHANGE)
    assert refusals(nothing) == [(2, "change", "NOTHING_CERTIFIED")]
    early = family("H3", 20, 1, **COVERED)
    await office.imports(early)
    before = await office.imports([gone(early[0], "停保", "2026-02-01")], headers=WITH_CHANGE)
    assert refusals(before) == [(2, "changedOn", "INVALID_PERIOD")]


async def test_a_head_leaves_or_dies_with_the_next_head_in_the_same_file(office: Office) -> None:
    for code, first, change in (("H1", 0, "转出"), ("H2", 10, "死亡")):
        rows = family(code, first, 3)
        await office.imports(rows)
        if change == "转出":
            alone = await office.imports([gone(rows[0], change)], headers=WITH_CHANGE)
            assert refusals(alone) == [(2, "change", "HEAD_CANNOT_LEAVE")]
        follows = rows[1] | {"与户主关系": "户主", "户主": rows[1]["姓名"]}
        report = await ends(office, gone(rows[0], change), follows)
        assert (report.changed, report.refused) == (2, [])
        heads = (
            f"select p.name from person p join household h on h.id = household_id where h.code = '{code}'"
            " and relation = 'HEAD' and left_on is null"
        )
        assert await office.rows(heads) == [rows[1]["姓名"]]
    last = family("H3", 20, 2)
    await office.imports(last)
    last_report = await ends(office, gone(last[0], "死亡"))
    assert (last_report.refused, notices(last_report)[:1]) == ([], ["NEW_HEAD_REQUIRED"]), (
        "a death is no less a fact"
    )


async def test_a_whole_household_moves_out_and_what_is_certified_for_it_ends(office: Office) -> None:
    rows = family("H1", 0, 3, **COVERED)
    await office.imports(rows)
    report = await ends(office, *(gone(row, "迁出") for row in rows))
    assert (report.changed, report.refused) == (3, [])
    assert await office.rows("select count(*) from person where left_on is null") == [0]
    assert await office.rows(ENDED) == [("SUBSISTENCE_ALLOWANCE", True, "NO_LONGER_ELIGIBLE")]


async def test_a_row_that_names_another_person_or_says_two_things_ends_nothing(office: Office) -> None:
    rows = family("H1", 0, 8)
    await office.imports(rows)
    counts = await office.counts()
    cases = [
        (gone(rows[1], "迁出") | {"姓名": "李四"}, ("name", "NAME_MISMATCH")),
        (gone(rows[2], "迁出") | {"户编号": "H9"}, ("idNumber", "NOT_A_MEMBER")),
        (gone(member("H1", 77), "迁出"), ("idNumber", "NOT_A_MEMBER")),
        (gone(rows[3], "减少"), ("change", "AMBIGUOUS_WORD")),
        (gone(rows[4], "调整"), ("change", "UNKNOWN_WORD")),
        (gone(rows[5], "迁出", ""), ("changedOn", "VALUE_MISSING")),
        (gone(rows[6], "迁出", "2099-01-01"), ("changedOn", "DATE_IN_FUTURE")),
    ]
    report = await office.imports([row for row, _ in cases], headers=WITH_CHANGE)
    assert sorted(refusals(report)) == [(n, *expected) for n, (_, expected) in enumerate(cases, 2)]
    both = await office.imports([rows[0], rows[2], gone(rows[2], "迁出")], headers=WITH_CHANGE)
    assert refusals(both) == [(4, "idNumber", "DUPLICATE_ROW")]
    stays = await office.imports([rows[0], rows[1] | {"变动": "正常"}], headers=WITH_CHANGE)
    assert (stays.refused, stays.changed) == ([], 0)
    assert await office.counts() == counts | {"import_run": counts["import_run"] + 3}


async def test_only_who_may_report_deaths_and_end_certifications_does_so_by_a_file(office: Office) -> None:
    rows = family("H1", 0, 2, **COVERED)
    await office.imports(rows)
    for without, change, code in (
        (registry_scopes.write_scope(Department.CIVIL_AFFAIRS), "死亡", "FORBIDDEN_WRITE"),
        (Scope.CERTIFICATION_WRITE, "停保", "FORBIDDEN_WRITE"),
    ):
        grant = grant_of(TOWNSHIP_OFFICE.agency, without=frozenset({without}))
        report = await office.imports([gone(rows[0], change)], grant, headers=WITH_CHANGE)
        assert refusals(report) == [(2, "change", code)], change
    elsewhere = await office.imports(
        [gone(rows[1], "迁出")], grant_of("civil_affairs@410105002"), headers=WITH_CHANGE
    )
    assert [code for _, _, code in refusals(elsewhere)] == ["NOT_A_MEMBER"], "out of sight"
    assert await office.rows(ENDED) == []


async def test_a_preview_tells_what_would_be_new_renamed_moved_and_ended(office: Office) -> None:
    rows = family("H1", 0, 3)
    await office.imports(rows)
    sent = [
        rows[0] | {"姓名": "王新", "户主": "王新", "行政区划代码": VILLAGE, "地址": ""},
        gone(rows[2], "迁出"),
        member("H2", 9),
    ]
    seen = await office.imports(sent, headers=WITH_CHANGE, preview=True)
    changes = {(change.row, change.kind) for change in seen.changes}
    assert changes == {(2, "RENAMED"), (2, "MOVED"), (2, "CLEARED"), (3, "ENDED"), (4, "NEW")}
    assert [change.after for change in seen.changes if change.kind == "ENDED"] == [f"LEFT {days_ago(3)}"]
    assert await office.rows(LEFT) == []
