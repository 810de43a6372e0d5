"""The assistance chain: whole as written, and broken by any change that bypasses the hub."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import Database, new_id, table_of
from hub.ledger.chain import (
    GENESIS,
    Author,
    EventDraft,
    Verdict,
    append_events,
    link_hash,
    lock_households,
    verify_chain,
)
from hub.model.households import HouseholdRow, Residence
from hub.model.ledger import ChainEventRow, EventType
from tests.fixtures.clock import Clock

pytestmark = pytest.mark.anyio

OFFICE = Author("civil_affairs@410105001", "test")
SCHOOLS = Author("education@410105", "test")
LINKS = 5
EVENT = table_of(ChainEventRow)


async def households(database: Database, count: int) -> list[UUID]:
    """New households without events."""
    made = [
        HouseholdRow(
            code=f"T-{new_id()}",
            region="410105001",
            residence=Residence.URBAN,
            source_agency=OFFICE.agency_id,
        )
        for _ in range(count)
    ]
    ids = [one.id for one in made]
    async with database.write() as session:
        session.add_all(made)
    return ids


def drafts(household: UUID, count: int = LINKS) -> list[EventDraft]:
    """Events with everything that a body may contain."""
    return [
        EventDraft(
            household,
            EventType.AID_RECORDED,
            {
                "amount": "1200.00",
                "times": number,
                "paid": True,
                "note": None,
                "words": ["急难", {"z": "\u2028", "a": "é"}],
            }
            if number % 2
            else {},
            person_id=new_id(),
            subject_id=new_id(),
            policy_basis="46-3.3",
            occurred_at=datetime(2026, 3, number + 1, 8, 30, 0, 123456, UTC),
        )
        for number in range(count)
    ]


async def verdict_of(database: Database, household: UUID) -> Verdict:
    """The verdict on one chain."""
    async with database.read() as connection:
        return await verify_chain(connection, household)


async def test_events_that_were_appended_are_a_whole_chain_and_stand_as_answered(database: Database) -> None:
    (household,) = await households(database, 1)
    answered = []
    for _ in range(2):
        async with database.write() as session:
            answered += await append_events(session, OFFICE, drafts(household))
    assert await verdict_of(database, household) == Verdict(True, 2 * LINKS)
    async with database.read() as connection:
        rows = await connection.execute(
            sa.select(EVENT).where(EVENT.c.household_id == household).order_by(EVENT.c.number)
        )
        stored = [
            {name: value for name, value in row.items() if name in answered[0]} for row in rows.mappings()
        ]
    assert stored == answered
    assert [one["number"] for one in stored] == list(range(1, 2 * LINKS + 1))
    assert [one["previous_hash"] for one in stored] == [GENESIS, *(one["hash"] for one in stored[:-1])]


async def test_an_event_that_names_its_author_stands_under_that_name(database: Database) -> None:
    (household,) = await households(database, 1)
    named = EventDraft(household, EventType.AID_RECORDED, author=SCHOOLS)
    async with database.write() as session:
        events = await append_events(session, OFFICE, [EventDraft(household, EventType.CERTIFIED), named])
    assert [event["agency_id"] for event in events] == [OFFICE.agency_id, SCHOOLS.agency_id]
    assert (await verdict_of(database, household)).whole


async def test_an_event_follows_from_one_that_is_appended_with_it(database: Database) -> None:
    (household,) = await households(database, 1)
    alert = new_id()
    raised = EventDraft(household, EventType.ALERT_RAISED, subject_id=alert)
    closed = EventDraft(household, EventType.ALERT_CLOSED, subject_id=alert, answers=(alert,))
    async with database.write() as session:
        await append_events(session, OFFICE, drafts(household, 3))
        events = await append_events(session, OFFICE, [raised, closed, closed])
    assert [(event["number"], event["answers"]) for event in events] == [(4, []), (5, [4]), (6, [5])]


async def test_time_within_a_chain_comes_from_the_database_and_never_runs_backwards(
    database: Database, clock: Clock
) -> None:
    (household,) = await households(database, 1)
    async with database.write() as session:
        events = await append_events(session, OFFICE, [EventDraft(household, EventType.CERTIFIED)] * 2)
    for hours in (-5, 5):
        with clock.apart(timedelta(hours=hours)):  # another process, on a machine with another clock
            async with database.write() as session:
                events += await append_events(session, OFFICE, [EventDraft(household, EventType.CERTIFIED)])
    before = clock.seconds_off
    clock.set(datetime.now(UTC) - timedelta(hours=1))  # the database moves to a machine whose clock is slow
    try:
        async with database.write() as session:
            events += await append_events(session, OFFICE, [EventDraft(household, EventType.CERTIFIED)])
    finally:
        clock.set(datetime.fromtimestamp(time.time() - clock.seconds_off + before, UTC))
    recorded = [event["recorded_at"] for event in events]
    assert sorted(set(recorded)) == recorded
    assert recorded[-1] - recorded[0] < timedelta(minutes=5)
    assert (await verdict_of(database, household)).whole


async def test_a_write_that_was_rolled_back_leaves_no_link_and_no_gap(database: Database) -> None:
    (household,) = await households(database, 1)
    async with database.write() as session:
        await append_events(session, OFFICE, drafts(household))
        await session.rollback()
    assert await verdict_of(database, household) == Verdict(True, 0)
    async with database.write() as session:
        await append_events(session, OFFICE, drafts(household, 1))
    assert await verdict_of(database, household) == Verdict(True, 1)


CHANGED, DETACHED, MISSING = (
    "its content was changed",
    "it does not follow the link before it",
    "link {} is missing",
)


@pytest.mark.parametrize(
    ("statement", "broken_at", "reason"),
    [
        ("update chain_event set body = '{\"amount\": \"9.00\"}' where number = 2", 2, CHANGED),
        ("update chain_event set body = body || '{\"times\": 7}' where number = 4", 4, CHANGED),
        ("update chain_event set body = '{\"a\": null}' where number = 3", 3, CHANGED),
        ("update chain_event set agency_id = 'civil_affairs@4101' where number = 1", 1, CHANGED),
        ("update chain_event set client_id = 'other' where number = 5", 5, CHANGED),
        ("update chain_event set type = 'AID_AMENDED' where number = 3", 3, CHANGED),
        ("update chain_event set person_id = null where number = 3", 3, CHANGED),
        ("update chain_event set subject_id = person_id where number = 3", 3, CHANGED),
        ("update chain_event set policy_basis = null where number = 3", 3, CHANGED),
        ("update chain_event set occurred_at = occurred_at + interval '1 microsecond' where number = 2", 2, CHANGED),
        ("update chain_event set recorded_at = recorded_at - interval '1 day' where number = 2", 2, CHANGED),
        ("update chain_event set hash = sha256('x') where number = 5", 5, CHANGED),
        ("update chain_event set hash = sha256('x') where number = 2", 2, CHANGED),
        ("update chain_event set previous_hash = sha256('x') where number = 2", 2, DETACHED),
        ("delete from chain_event where number = 1", 1, MISSING),
        ("delete from chain_event where number = 3", 3, MISSING),
        # numbers closed up after a deletion; two links exchanged; one link inserted twice
        ("delete from chain_event where number = 3; update chain_event set number = number - 1 where number > 3", 3, DETACHED),
        ("update chain_event set needs = '{circumstance.health:read}' where number = 3", 3, CHANGED),
        ("update chain_event set number = -2 where number = 2; update chain_event set number = 2 where number = 3; "
         "update chain_event set number = 3 where number = -2", 2, DETACHED),
        ("insert into chain_event (household_id, number, type, agency_id, client_id, occurred_at, recorded_at, needs, body, "
         "previous_hash, hash, position, id) select household_id, 6, type, agency_id, client_id, occurred_at, recorded_at, "
         "needs, body, hash, hash, position + 1, gen_random_uuid() from chain_event where number = 5", 6, CHANGED),
    ],
)  # fmt: skip
async def test_a_change_behind_the_hub_s_back_is_found_at_its_link(
    database: Database, database_url: str, statement: str, broken_at: int, reason: str
) -> None:
    (household,) = await households(database, 1)
    async with database.write() as session:
        await append_events(session, OFFICE, drafts(household))
    with psycopg.connect(database_url) as owner:
        owner.execute(statement)
    verdict = await verdict_of(database, household)
    assert not verdict.whole
    assert (verdict.broken_at, verdict.reason) == (broken_at, reason.format(broken_at))


async def test_a_link_whose_hash_was_made_anew_breaks_the_chain_at_the_next(
    database: Database, database_url: str
) -> None:
    (household,) = await households(database, 1)
    async with database.write() as session:
        events = await append_events(session, OFFICE, drafts(household))
    forged = link_hash({**events[1], "body": {"amount": "9.00"}})
    with psycopg.connect(database_url) as owner:
        owner.execute(
            'update chain_event set body = \'{"amount": "9.00"}\', hash = %s where number = 2', [forged]
        )
    assert await verdict_of(database, household) == Verdict(False, 3, 3, DETACHED)


async def test_a_link_of_another_household_s_chain_fits_into_no_other(
    database: Database, database_url: str
) -> None:
    robbed, receiver = await households(database, 2)
    async with database.write() as session:
        await append_events(session, OFFICE, drafts(robbed, 1))
    with psycopg.connect(database_url) as owner:
        owner.execute("update chain_event set household_id = %s", [receiver])
    assert await verdict_of(database, receiver) == Verdict(False, 1, 1, CHANGED)


async def test_writers_of_the_same_households_make_whole_chains_and_never_deadlock(
    database: Database,
) -> None:
    made = await households(database, 3)
    writers, rounds = 16, 3

    async def write(writer: int) -> None:
        order = made[writer % 3 :] + made[: writer % 3]
        for _ in range(rounds):
            async with database.write() as session:
                await append_events(
                    session, OFFICE, [EventDraft(one, EventType.CERTIFIED) for one in order[::-1]]
                )

    await asyncio.gather(*(write(writer) for writer in range(writers)))
    for household in made:
        assert await verdict_of(database, household) == Verdict(True, writers * rounds)


async def test_a_writer_waits_for_nobody_but_writers_of_the_same_household(database: Database) -> None:
    busy, free = await households(database, 2)
    async with database.write() as holding:
        await append_events(holding, OFFICE, drafts(busy, 1))
        async with asyncio.timeout(5), database.write() as session:
            await append_events(session, OFFICE, drafts(free, 1))
        assert await verdict_of(database, free) == Verdict(True, 1)
        assert await verdict_of(database, busy) == Verdict(True, 0), "readers wait for nobody either"


def is_locked(database_url: str, household: UUID) -> bool:
    """Whether another transaction would have to wait for a household."""
    with psycopg.connect(database_url) as owner:
        free = "select from household where id = %s for no key update skip locked"
        return owner.execute(free, [household]).fetchone() is None


async def test_a_transaction_holds_the_households_that_it_locked_and_the_next_one_locks_its_own(
    database: Database, database_url: str
) -> None:
    first, second = await households(database, 2)
    nobody = new_id()
    async with AsyncSession(database.writer) as session:
        for _ in range(2):
            async with session.begin():
                assert await lock_households(session, [first, nobody]) == {first}
                assert is_locked(database_url, first)
                assert not is_locked(database_url, second)
                assert await lock_households(session, [second, first]) == {first, second}
                assert is_locked(database_url, second)
            assert not is_locked(database_url, first)
