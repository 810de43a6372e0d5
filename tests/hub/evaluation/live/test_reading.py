"""Stored entitlements give the same answers as the evaluation: before they are stored, afterwards, and after further writes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from hub.evaluation.entitlements.rules import RULES
from hub.evaluation.live.needs import EVERYTHING
from hub.evaluation.live.reading import missing, partly_covered, visit_list
from hub.evaluation.live.refreshing import holds_no_more, refresh_stale
from hub.foundation.database import Database, table_of
from hub.foundation.prepared_sql import fetch, render
from hub.foundation.settings import Settings
from hub.ledger.chain import Author, EventDraft, append_events
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType
from hub.model.live import LiveHouseholdRow
from hub.policy.permissions.jurisdiction import grant_parameters

pytestmark = pytest.mark.anyio

_household, _live = table_of(HouseholdRow), table_of(LiveHouseholdRow)
KNOWN = [rule for rule in RULES if rule.to_check is None]


def grant_of(department: str) -> Grant:
    """The full grant of a department of the city."""
    permissions = DEPARTMENTS[department]
    agency = f"{department}@4101"
    return Grant(agency, "test", permissions.scopes, ("4101",), permissions.purposes[0])


@dataclass(frozen=True)
class Kept:
    """A copy of the sample, and its owner's URL."""

    database: Database
    url: str

    async def ids(self, statement: sa.Select[Any], grant: Grant = EVERYTHING) -> set[Any]:
        """The rows of a statement for a grant."""
        async with self.database.write() as session:
            rows = await fetch(session, render(statement), grant_parameters(grant))
        return {tuple(tuple(value) if isinstance(value, list) else value for value in row) for row in rows}

    async def answers(self) -> dict[tuple[str, str], set[Any]]:
        """The answers for some departments: civil affairs, which can know everything, and departments that know a part."""
        found = {}
        for department in ("civil_affairs", "education", "disabled_federation"):
            grant = grant_of(department)
            queries = {
                "missing": missing(KNOWN, grant),
                "visits": sa.select(visit_list(grant)),
                "partly": partly_covered(grant),
            }
            for name, statement in queries.items():
                found[department, name] = await self.ids(statement, grant)
        return found

    async def agrees(self) -> None:
        """Fails if an answer differs from that of an evaluation of every household."""
        answered = await self.answers()
        with psycopg.connect(self.url, autocommit=True) as owner:
            owner.execute("create table held as select household_id, next_change_on from live_household")
            owner.execute("update live_household set next_change_on = '0001-01-01'")
            evaluated = await self.answers()
            owner.execute(
                "update live_household l set next_change_on = h.next_change_on from held h where h.household_id = l.household_id"
            )
            owner.execute("drop table held")
        assert answered == evaluated
        assert all(evaluated["civil_affairs", name] for name in ("missing", "visits", "partly"))

    async def stale(self) -> set[UUID]:
        """The households that must be evaluated."""
        found = await self.ids(sa.select(_live.c.household_id).where(holds_no_more(_live)))
        return {row[0] for row in found}


@pytest.fixture
async def kept(sample_copy_url: str, settings: Settings) -> AsyncIterator[Kept]:
    """The sample, to be evaluated and changed."""
    database = Database(sample_copy_url, settings)
    yield Kept(database, sample_copy_url)
    await database.close()


async def test_what_is_kept_answers_as_the_evaluation_and_does_so_after_a_write(
    kept: Kept,
) -> None:
    households = {row[0] for row in await kept.ids(sa.select(_household.c.id))}
    assert await kept.stale() == households, "whoever is registered is to be evaluated"
    assert await refresh_stale(kept.database, households_in_part=70) == len(households)
    assert not await kept.stale()
    await kept.agrees()
    with psycopg.connect(kept.url) as owner:
        written = {row[0] for row in owner.execute(_REVOKED).fetchall()}
    async with kept.database.write() as session:
        author = Author("civil_affairs@4101", "test")
        await append_events(session, author, [EventDraft(id, EventType.AID_REVOKED) for id in written])
    assert await kept.stale() == written
    await kept.agrees()
    assert await refresh_stale(kept.database) == len(written)


async def test_a_household_that_is_being_written_is_evaluated_after_the_write(kept: Kept) -> None:
    await refresh_stale(kept.database)
    (home, *_) = sorted(row[0] for row in await kept.ids(sa.select(_household.c.id)))
    author, event = Author("civil_affairs@4101", "test"), EventDraft(home, EventType.VISITED)
    for _ in ("the first write", "a write of what waits already"):
        async with kept.database.write() as session:
            await append_events(session, author, [event])
            assert await refresh_stale(kept.database) == 0
    assert await kept.stale() == {home}
    assert await refresh_stale(kept.database) == 1


async def test_what_other_rules_found_is_not_read(kept: Kept) -> None:
    households = await refresh_stale(kept.database)
    with psycopg.connect(kept.url, autocommit=True) as owner:
        owner.execute(
            "update live_household set evaluation = 'of another version', visit_rank = 1, partly_covered = true"
        )
        owner.execute("update live_entitlement set status = 'MISSING'")
    await kept.agrees()
    assert await refresh_stale(kept.database) == households


_REVOKED = (
    "with first as (select id from household order by id limit 40)"
    " update aid_record set status = 'REVOKED', revoked_because = 'MISTAKE' where household_id in (select id from first)"
    " and superseded_at is null returning household_id"
)


async def test_a_status_keeps_its_day_until_it_changes(kept: Kept) -> None:
    await refresh_stale(kept.database)
    with psycopg.connect(kept.url, autocommit=True) as owner:
        owner.execute("update live_entitlement set since = date '2026-01-05'")
        owner.execute("update live_household set next_change_on = '0001-01-01'")
        home = owner.execute(
            "select household_id from live_entitlement where status = 'RECEIVED' limit 1"
        ).fetchone()
        assert home is not None
        owner.execute(
            "update aid_record set status = 'REVOKED', revoked_because = 'MISTAKE' where household_id = %s",
            home,
        )
        await refresh_stale(kept.database)
        changed = "select distinct household_id from live_entitlement where since <> date '2026-01-05'"
        assert owner.execute(changed).fetchall() == [home]
