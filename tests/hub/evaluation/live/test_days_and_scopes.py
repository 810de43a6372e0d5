"""Stored entitlements are read only on their own day, only by callers that may read all facts behind them, and only for
households in sight.

The expected missing aid is computed in plain Python (`tests.hub.evaluation.entitlements.oracle`).
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa

from auth.grant import Grant
from auth.scopes import Scope
from hub.evaluation.entitlements.entitled import entitled
from hub.evaluation.entitlements.rules import RULES
from hub.evaluation.live.reading import missing, visit_list
from hub.evaluation.live.refreshing import refresh_stale
from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.prepared_sql import fetch, render
from hub.foundation.settings import Settings
from hub.policy.permissions.jurisdiction import grant_parameters
from tests.fixtures.clock import Clock
from tests.fixtures.served import Served
from tests.hub.evaluation.entitlements.drawn import write_families
from tests.hub.evaluation.entitlements.families import families
from tests.hub.evaluation.entitlements.oracle import ANSWERED, Evaluation
from tests.hub.policy.permissions.reasons import ON_DUTY

CERTAIN = {
    "SUBSISTENCE_ALLOWANCE", "SUBSISTENCE_ALLOWANCE_OF_MEMBER", "EXTREME_HARDSHIP_SUPPORT", "MONTHLY_SUPPLEMENT",
    "PREMIUM_IN_FULL", "PREMIUM_FIXED_PART", "MEDICAL_COST_AID", "EDUCATION_AID", "EDUCATION_AID_OF_LISTED", "EMPLOYMENT_AID",
    "ZERO_EMPLOYMENT", "DISASTER_AID", "HEATING", "FUNERAL_FEES", "DISABILITY_LIVING", "RELAPSE_PREVENTION",
}  # fmt: skip
"""46-3: entitlements by facts that registries report. The others need a condition that somebody must check (按规定,
符合条件), or an extension by the county (46-3.5), of which there is none here."""
CHINA = timezone(timedelta(hours=8))
RESTED_ON = (
    "certification:read", "person:read", "person.health:read", "person.education:read", "person.employment:read",
    "circumstance.civil_affairs:read", "circumstance.education:read", "circumstance.emergency_management:read",
    "circumstance.human_resources:read", "referral:read",
    "aid.medical:read", "aid.other:read", "household.finance:read",
)  # fmt: skip
"""The facts by which 46-3 grants aid, the records that fulfil it, and the deaths that end it; of the last scope, 46-3 grants
none of these entitlements."""
READS = frozenset(scope for scope in Scope if scope.endswith(":read"))


def reader(*but: str) -> Grant:
    """Civil affairs of the city, with all scopes to read except some."""
    return Grant("civil_affairs@4101", "test", READS - {Scope.AUDIT_READ, *but}, ("4101",), "test")


def missed(connection: psycopg.Connection[Any], day: date) -> dict[UUID, set[str]]:
    """By plain Python: for each household, the kinds of aid with a certain entitlement that is missing on a day."""
    found: dict[UUID, set[str]] = {}
    for family in families(connection):
        for rule, _, status in Evaluation(family, day).claims():
            if rule in CERTAIN and status == "MISSING":
                found.setdefault(family.household["id"], set()).add(ANSWERED[rule][0])
    return found


@dataclass(frozen=True)
class Lot:
    """Households with random facts."""

    database: Database
    url: str

    async def rows(self, statement: sa.Select[Any], grant: Grant) -> list[Any]:
        """The rows of a statement for a grant."""
        async with self.database.write() as session:
            return list(await fetch(session, render(statement), grant_parameters(grant)))

    async def missing(self, grant: Grant) -> set[UUID]:
        """The households with a missing entitlement, from the stored rows or the evaluation."""
        rules = [rule for rule in RULES if rule.code in CERTAIN]
        return {row[0] for row in await self.rows(missing(rules, grant), grant)}

    async def evaluated(self, grant: Grant) -> dict[str, set[Any]]:
        """By rule: the missing entitlements for a grant, by the evaluation alone."""
        claim = entitled(grant)
        query = sa.select(claim.c.rule, claim.c.household_id, claim.c.person_id, claim.c.status)
        found: dict[str, set[Any]] = {rule: set() for rule in CERTAIN}
        for rule, *key, status in await self.rows(query, grant):
            if rule in CERTAIN and status == "MISSING":
                found[rule].add(tuple(key))
        return found


def draw(url: str, seed: int, day: date, count: int) -> None:
    """Households with facts around a day, none of them evaluated yet."""
    with psycopg.connect(url) as connection:
        write_families(connection, seed, day, count)
        connection.execute(
            "insert into live_household (household_id, next_change_on, evaluation, partly_covered)"
            " select id, '0001-01-01', '', false from household"
        )


@pytest.fixture
async def lot(database_url: str, settings: Settings) -> AsyncIterator[Lot]:
    """An empty database, to be filled."""
    database = Database(database_url, settings)
    yield Lot(database, database_url)
    await database.close()


@pytest.fixture
def moved(clock: Clock) -> Iterator[Callable[[datetime], None]]:
    """Moves the clock of this process and of the database, and moves it back at the end."""
    before = clock.seconds_off
    yield clock.set
    clock.set(datetime.fromtimestamp(time.time() - clock.seconds_off + before, UTC))


@pytest.mark.anyio
@pytest.mark.parametrize(
    "last", [date(2029, 3, 31), date(2028, 12, 31), date(2029, 4, 10), date(2029, 8, 31)]
)
async def test_what_was_evaluated_before_midnight_is_not_read_after_it(
    lot: Lot, moved: Callable[[datetime], None], last: date
) -> None:
    """At the end of a month, of a year, of the days for paying allowances (46-3.1), and of a school year."""
    moved(datetime(last.year, last.month, last.day, 23, 30, tzinfo=CHINA))
    draw(lot.url, last.toordinal(), last, 90)
    assert await refresh_stale(lot.database) == 90
    first = last + timedelta(days=1)
    with psycopg.connect(lot.url, autocommit=True) as owner:
        before, after = (set(missed(owner, day)) for day in (last, first))
        assert before
        assert before != after, "the lot tells the days apart"
        assert await lot.missing(reader()) == before
        assert owner.execute("select distinct next_change_on from live_household").fetchall() == [(first,)]
        moved(datetime(first.year, first.month, first.day, 0, 30, tzinfo=CHINA))
        assert await lot.missing(reader()) == after, "nobody has evaluated them anew"
        owner.execute("update live_entitlement set status = 'MISSING', to_check = false")
        owner.execute("update live_household set visit_rank = 1, visit_reasons = array['ILLNESS']")
        assert await lot.missing(reader()) == after
        assert 1 not in {row["rank"] for row in await lot.rows(sa.select(visit_list(reader())), reader())}
        assert await refresh_stale(lot.database) == 90
        assert await lot.missing(reader()) == after


@pytest.mark.anyio
async def test_who_reads_less_than_a_rule_rests_on_is_not_answered_by_its_rows(lot: Lot) -> None:
    """The stored rows of each rule are in a household of their own, so that the answer shows whose rows were read."""
    draw(lot.url, 3, today(), 50)
    await refresh_stale(lot.database)
    marked = {uuid4(): rule for rule in sorted(CERTAIN)}
    with psycopg.connect(lot.url) as owner:
        owner.execute("delete from live_entitlement")
        for number, (id, rule) in enumerate(marked.items()):
            owner.execute(
                "insert into household (id, code, region, residence, source_agency, version, created_at, updated_at)"
                " values (%s, %s, '410105001', 'URBAN', 'civil_affairs@410105', 1, now(), now())",
                [id, f"M{number}"],
            )
            owner.execute(
                "insert into live_household (household_id, next_change_on, evaluation, partly_covered)"
                " select %s, next_change_on, evaluation, false from live_household limit 1",
                [id],
            )
            owner.execute(
                "insert into live_entitlement (household_id, rule, subject_id, aid_kind, status, to_check, since)"
                " values (%s, %s, %s, %s, 'MISSING', false, current_date)",
                [id, rule, id, ANSWERED[rule][0]],
            )
    whole = await lot.evaluated(reader())
    assert {marked[id] for id in await lot.missing(reader()) if id in marked} == CERTAIN
    mattered: dict[str, set[str]] = {}
    for scope in RESTED_ON:
        by_rows = {marked[id] for id in await lot.missing(reader(scope)) if id in marked}
        evaluated = await lot.evaluated(reader(scope))
        mattered[scope] = {rule for rule in CERTAIN if evaluated[rule] != whole[rule]}
        assert not mattered[scope] & by_rows, scope
    assert mattered["circumstance.civil_affairs:read"] > {"EDUCATION_AID", "FUNERAL_FEES"}, "the dead"
    assert mattered["circumstance.education:read"] >= {"EDUCATION_AID_OF_LISTED"}
    assert {scope for scope, rules in mattered.items() if not rules} <= {
        "aid.medical:read",
        "household.finance:read",
    }


FILTERED = "query ($kind: AidKind!) { households(filter: {missing: [$kind]}, first: 500) { totalCount nodes { code } } }"


@pytest.mark.parametrize("evaluated", [True, False], ids=["from the rows", "by the evaluation"])
def test_a_county_is_answered_of_its_own_households_and_the_city_of_all(
    writable_hub: Served, sample_copy_url: str, settings: Settings, evaluated: bool
) -> None:
    """The households that live in the county, and those that are shown to it."""
    if evaluated:
        asyncio.run(_evaluate(sample_copy_url, settings))
    with psycopg.connect(sample_copy_url) as connection:
        of = missed(connection, today())
    homes = writable_hub.rows("select id, code, region from household")
    shown = set(writable_hub.rows(f"select household_id, agency_id from {ON_DUTY} shown"))
    assert writable_hub.rows("select 1 from county_option") == [], "nothing was extended"
    counties = Counter(lives_in[:6] for id, _, lives_in in homes if of.get(id))
    ((busy, _), *_, (quiet, _)) = counties.most_common()
    found: Counter[str] = Counter()
    for region, kind in product(("4101", busy, quiet), sorted({ANSWERED[rule][0] for rule in CERTAIN})):
        agency = f"civil_affairs@{region}"
        page = writable_hub.ask(agency, FILTERED, {"kind": kind}).data["households"]
        expected = {
            code
            for id, code, lives_in in homes
            if kind in of.get(id, ()) and (lives_in.startswith(region) or (id, agency) in shown)
        }
        assert {node["code"] for node in page["nodes"]} == expected, (agency, kind)
        assert page["totalCount"] == len(expected)
        found[region] += len(expected)
    assert found["4101"] > found[busy] > found[quiet] > 0


async def _evaluate(url: str, settings: Settings) -> None:
    database = Database(url, settings)
    assert await refresh_stale(database) > 0
    await database.close()
