"""Rows of a list that end something (变动), by each office: its own, those above it, of other places and of other departments;
and what ends only once (46-1.2, 46-2.2, 46-2.4)."""

from datetime import date, timedelta
from typing import Any

import pytest

from hub.foundation.calendar import today
from hub.foundation.errors import ForbiddenWrite
from tests.hub.imports.conftest import Office, grant_of, notices, refusals
from tests.hub.imports.office import family
from tests.hub.imports.test_endings import COVERED, WITH_CHANGE, gone

pytestmark = pytest.mark.anyio
STREET, COUNTY, CITY, FARMS = (
    "civil_affairs@410105001", "civil_affairs@410105", "civil_affairs@4101", "agriculture@410105",
)  # fmt: skip
NEXT_STREET, ELSEWHERE, STREET_ELSEWHERE = (
    "civil_affairs@410105002", "civil_affairs@410102", "civil_affairs@410102001",
)  # fmt: skip
SHOWN = "civil_affairs@410103"
"""An office of another place that sees the household, since something of it was sent there."""
WORDS = ("死亡", "迁出", "转出", "停保")
NOBODY = dict.fromkeys(WORDS, ("idNumber", "NOT_A_MEMBER"))
NOT_THE_AUTHORITY = {"停保": ("change", "NOT_YOUR_CATEGORY")}
NOT_THE_REGISTRY = {"死亡": ("change", "NOT_YOUR_REGISTRY")}
REFUSED: dict[str, dict[str, tuple[str, str]]] = {
    STREET: {},
    COUNTY: NOT_THE_AUTHORITY,
    CITY: NOT_THE_AUTHORITY,
    FARMS: NOT_THE_AUTHORITY | NOT_THE_REGISTRY,
    NEXT_STREET: NOBODY,
    ELSEWHERE: NOBODY,
    STREET_ELSEWHERE: NOBODY,
    "agriculture@410102": NOBODY | NOT_THE_REGISTRY,
    SHOWN: dict.fromkeys(WORDS, ("householdCode", "FOREIGN_HOUSEHOLD")),
}
"""By the office, what is refused: allowance is the township's (46-1.2.1), the register of deaths civil affairs' (46-2.2)."""
FAMILY = [row | COVERED for row in family("H1", 0, 5)]
ROWS = dict(zip(WORDS, (FAMILY[1], FAMILY[2], FAMILY[3], FAMILY[0]), strict=True))
"""Who is named in the row of each change: 停保 in the head's row is the household's."""
STANDING = (
    "select p.name, p.left_on, p.version, (select max(since) from circumstance d where d.person_id = p.id and kind = 'DEATH')"
    " from person p order by p.id_number_index"
)
ENDED = "select category, person_id is null, ended_on, ended_because from certification order by id"
SHOW = f"insert into shown_household select id, '{SHOWN}', 'REFERRAL_RECEIVED', now() from household where code = 'H1'"


async def everything(office: Office) -> list[Any]:
    """Who is there, who is dead, what is certified, and how much was written but for runs."""
    counts = await office.counts()
    return [await office.rows(STANDING), await office.rows(ENDED), counts | {"import_run": 0}]


@pytest.fixture
async def registered(office: Office) -> Office:
    """A household of five with allowance, which one more office sees."""
    report = await office.imports(FAMILY)
    assert report.refused == []
    async with office.database.write() as session:
        await (await session.connection()).exec_driver_sql(SHOW)
    return office


def days_ago(days: int) -> str:
    """A day, as files write it."""
    return (today() - timedelta(days=days)).isoformat()


@pytest.mark.parametrize("agency", REFUSED)
async def test_each_office_ends_by_a_file_what_it_has_the_say_over_where_it_has_it(
    registered: Office, agency: str
) -> None:
    for word in WORDS:
        before = await everything(registered)
        sent = [gone(ROWS[word], word), gone(ROWS[word], word) | {"户编号": "H9"}]
        reports = [await registered.imports([row], grant_of(agency), headers=WITH_CHANGE) for row in sent]
        refused = REFUSED[agency].get(word)
        assert refusals(reports[0]) == ([(2, *refused)] if refused else []), word
        of_nobody = NOT_THE_REGISTRY[word] if refused in NOT_THE_REGISTRY.values() else NOBODY[word]
        assert refusals(reports[1]) == [(2, *of_nobody)]
        if refused == of_nobody:
            assert reports[0].refused == reports[1].refused, "of what is out of sight as of nothing"
        after = await everything(registered)
        assert (after != before) == (refused is None), word
        if refused is None:
            again = await registered.imports(sent[:1], grant_of(agency), headers=WITH_CHANGE)
            assert (again.refused, again.changed, again.ended) == ([], 0, 0)
            assert await everything(registered) == after, word
    assert await registered.chains_are_whole()


async def test_an_agency_without_the_right_to_register_sends_no_such_file(registered: Office) -> None:
    before = await everything(registered)
    for agency in ("education@410105", "health@410105", "audit@4101"):
        with pytest.raises(ForbiddenWrite, match="household:write"):
            await registered.imports([gone(ROWS["迁出"], "迁出")], grant_of(agency), headers=WITH_CHANGE)
    assert await everything(registered) == before


async def test_what_is_certified_for_the_dead_ends_by_the_file_of_its_authority_whoever_reported_the_death(
    office: Office,
) -> None:
    rows = family("H1", 0, 2)
    rows[1] |= {"救助类别": "特困人员", "认定日期": "2026-03-01"}
    await office.imports(rows)
    of_county = await office.imports([gone(rows[1], "死亡")], grant_of(COUNTY), headers=WITH_CHANGE)
    assert (of_county.refused, of_county.ended) == ([], 1)
    assert await office.rows(ENDED) == [("EXTREME_HARDSHIP", False, None, None)]
    of_street = await office.imports([gone(rows[1], "死亡")], headers=WITH_CHANGE)
    assert (of_street.refused, of_street.ended) == ([], 1)
    ((_, _, ended_on, because),) = await office.rows(ENDED)
    assert (ended_on, because) == (date.fromisoformat(days_ago(3)), "DECEASED")


THEN: list[tuple[str, str, str, list[str]]] = [
    ("迁出", STREET, "迁出", []),
    ("迁出", COUNTY, "转出", []),
    ("停保", STREET, "停保", []),
    ("死亡", STREET, "死亡", ["DEATH_DATE_MISMATCH"]),
    ("死亡", COUNTY, "死亡", ["DEATH_DATE_MISMATCH"]),
    ("迁出", STREET, "停保", []),
]
"""What ended by a row of the street, what an office sends of the same person for a later day, and what it is told."""


@pytest.mark.parametrize(
    ("first", "agency", "second", "told"), THEN, ids=[f"{one[0]}, {one[2]} by {one[1]}" for one in THEN]
)
async def test_what_has_ended_keeps_its_day_whatever_day_is_sent_later(
    registered: Office, first: str, agency: str, second: str, told: list[str]
) -> None:
    row = ROWS[first]
    ended = await registered.imports([gone(row, first, days_ago(9))], headers=WITH_CHANGE)
    assert (ended.refused, ended.ended) == ([], 1)
    before = await everything(registered)
    report = await registered.imports([gone(row, second, days_ago(2))], grant_of(agency), headers=WITH_CHANGE)
    assert (report.changed, report.ended, notices(report)) == (0, 0, told)
    assert await everything(registered) == before


async def test_who_moved_out_may_still_die_and_does_not_come_back_by_it(registered: Office) -> None:
    row = ROWS["迁出"]
    await registered.imports([gone(row, "迁出", days_ago(9))], headers=WITH_CHANGE)
    ((left_on, version),) = await registered.rows(
        "select left_on, version from person where left_on is not null"
    )
    report = await registered.imports([gone(row, "死亡", days_ago(2))], headers=WITH_CHANGE)
    assert (report.refused, report.ended) == ([], 1)
    still = "select left_on, version from person where left_on is not null"
    assert await registered.rows(still) == [(left_on, version)]
    assert await registered.rows("select since::text from circumstance where kind = 'DEATH'") == [days_ago(2)]
