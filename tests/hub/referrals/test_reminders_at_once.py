"""`hub referrals remind` by two processes at the same time: everybody is reminded once, and told of once (46-2.1)."""

import asyncio
import time

import psycopg
import pytest

from hub.foundation.database import Database
from hub.foundation.settings import Settings
from hub.referrals.reminders import remind_all

pytestmark = pytest.mark.anyio
LONGEST = 30.0
DUE = """
insert into referral (household_id, id, from_agency, to_agency, need, reason, status, sent_at, due_at, external_id, version)
 select id, gen_random_uuid(), 'civil_affairs@410105', 'education@410105', 'EDUCATION', '需核实', 'SENT',
 now() - interval '30 days', now() + cast(%s as interval), %s || code, 1 from
 (select id, code from household order by code limit 9) h
"""
WAITING = (
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)
TOLD = """
select r.external_id, e.type, count(*) from referral r join chain_event e on e.subject_id = r.id
 where r.external_id like 'DUE %' group by 1, 2 having count(*) > 1
"""
EVENTS = """
select e.type, count(*) from referral r join chain_event e on e.subject_id = r.id
 where r.external_id like 'DUE %' group by 1 order by 1
"""


async def test_two_processes_remind_of_each_referral_once(sample_copy_url: str, settings: Settings) -> None:
    one, other = Database(sample_copy_url, settings), Database(sample_copy_url, settings)
    await remind_all(one)
    with psycopg.connect(sample_copy_url) as owner:
        for when in ("1 hour", "-1 hour"):
            owner.execute(DUE, (when, f"DUE {when} "))
        owner.commit()
        owner.execute("select id from household for update")
        running = [asyncio.ensure_future(remind_all(database)) for database in (one, other)]
        until = time.monotonic() + LONGEST
        with psycopg.connect(sample_copy_url, autocommit=True) as looking:
            while looking.execute(WAITING).fetchall() != [(2,)]:
                assert time.monotonic() < until, "they do not come to the households at once"
                await asyncio.sleep(0.01)
        owner.rollback()
        async with asyncio.timeout(LONGEST):
            counts = await asyncio.gather(*running)
        assert (sum(one.reminded for one in counts), sum(one.escalated for one in counts)) == (9, 9)
        assert owner.execute(TOLD).fetchall() == []
        assert owner.execute(EVENTS).fetchall() == [("REFERRAL_ESCALATED", 9), ("REFERRAL_REMINDED", 9)]
    for database in (one, other):
        await database.close()
