"""Reminds receivers of deadlines and escalates overdue referrals to the agency above (46-2.1).

Each referral is reminded and escalated once: its row records this, under the lock of its household. Every batch is a
transaction, so an interrupted run continues where it stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.agencies.nearest import nearest_agency
from hub.agencies.shown import renew_sight
from hub.foundation.calendar import after_workdays
from hub.foundation.database import Database, now, table_of
from hub.ledger.chain import Author, EventDraft, append_events, lock_households
from hub.model.agencies import AgencyRow, Department
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType
from hub.model.referrals import ReferralRow
from hub.policy.facts.referrals import due_by, not_escalated, not_reminded, overdue, waits
from hub.referrals.rules import CLAUSE, REMIND_BEFORE

_referral = table_of(ReferralRow)
_household = table_of(HouseholdRow)
_agency = table_of(AgencyRow)
_BATCH = 500
_CLIENT = "hub"
"""The events belong to the sender: the hub acts on its behalf."""
_COUNTY = 6

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ReminderCounts:
    """The numbers of reminded and escalated referrals."""

    reminded: int
    escalated: int


async def remind_all(database: Database, progress: Progress = lambda _: None) -> ReminderCounts:
    """Remind and escalate everything that is due, batch by batch; `progress` gets the size of each batch. Safe to run twice
    or in parallel."""
    reminded = await _batches(database, remind, progress)
    return ReminderCounts(reminded, await _batches(database, escalate, progress))


async def _batches(database: Database, step: Any, progress: Progress) -> int:
    total = 0
    while True:
        async with database.write() as session:
            count = await step(session, now())
        if not count:
            return total
        total += count
        progress(count)


async def remind(session: AsyncSession, at: datetime) -> int:
    """Remind the receivers of a batch of referrals that are due within two working days; returns the number."""
    soon = sa.and_(
        not_reminded(_referral),
        due_by(
            _referral,
            *(
                sa.literal(limit, _referral.c.due_at.type)
                for limit in (at, after_workdays(at, REMIND_BEFORE))
            ),
        ),
    )
    rows = await _due(session, soon)
    await _append(session, rows, EventType.REFERRAL_REMINDED, [{} for _ in rows])
    await _set(session, rows, {"reminded_at": at})
    return len(rows)


async def escalate(session: AsyncSession, at: datetime) -> int:
    """Escalate a batch of overdue referrals to the agency above, which then sees the household; returns the number."""
    over = overdue(_referral, sa.literal(at, _referral.c.due_at.type))
    rows = await _due(session, sa.and_(not_escalated(_referral), over))
    escalated = [row for row in rows if row.above]
    await _append(session, escalated, EventType.REFERRAL_ESCALATED, [{"to": row.above} for row in escalated])
    for agency in sorted({row.above for row in escalated}):
        of_it = [row for row in escalated if row.above == agency]
        await _set(session, of_it, {"escalated_at": at, "escalated_to": agency})
    await _set(session, [row for row in rows if not row.above], {"escalated_at": at})
    if escalated:
        author = Author(escalated[0].from_agency, _CLIENT)
        await renew_sight(session, author, {row.household_id for row in escalated})
    return len(rows)


async def _due(session: AsyncSession, condition: sa.ColumnElement[bool]) -> Sequence[sa.Row[Any]]:
    """The next batch of open referrals that meet a condition, with their households locked."""
    waiting = sa.and_(waits(_referral), condition)
    first = (
        sa.select(_referral.c.household_id, _referral.c.id)
        .where(waiting)
        .order_by(_referral.c.due_at, _referral.c.id)
        .limit(_BATCH)
    )
    keys = [(row.household_id, row.id) for row in await session.execute(first)]
    await lock_households(session, [household_id for household_id, _ in keys])
    receiver = _agency.alias()
    above = sa.func.coalesce(
        _department_above(receiver),
        nearest_agency(Department.CIVIL_AFFAIRS, sa.func.left(_household.c.region, _COUNTY)),
    )
    wanted = sa.tuple_(_referral.c.household_id, _referral.c.id).in_(keys)
    found = await session.execute(
        sa.select(_referral, above.label("above"))
        .join(receiver, receiver.c.id == _referral.c.to_agency)
        .join(_household, _household.c.id == _referral.c.household_id)
        .where(wanted, waiting)
        .order_by(_referral.c.household_id, _referral.c.id)
    )
    return found.all()


def _department_above(receiver: sa.FromClause) -> sa.ColumnElement[str]:
    """The same department at the nearest region above the receiver's; null if there is none."""
    above = _agency.alias()
    return (
        sa.select(above.c.id)
        .where(
            above.c.department == receiver.c.department,
            above.c.region != receiver.c.region,
            sa.func.starts_with(receiver.c.region, above.c.region),
        )
        .order_by(sa.func.length(above.c.region).desc())
        .limit(1)
        .scalar_subquery()
    )


async def _append(
    session: AsyncSession, rows: Sequence[sa.Row[Any]], event: EventType, bodies: Sequence[dict[str, Any]]
) -> None:
    drafts = [
        EventDraft(
            row.household_id,
            event,
            {"need": row.need.value, **body},
            row.person_id,
            row.id,
            CLAUSE,
            author=Author(row.from_agency, _CLIENT),
            answers=(row.id,),
        )
        for row, body in zip(rows, bodies, strict=True)
    ]
    if drafts:
        await append_events(session, Author(rows[0].from_agency, _CLIENT), drafts)


async def _set(session: AsyncSession, rows: Sequence[sa.Row[Any]], values: dict[str, Any]) -> None:
    """Set the same values in each row. The version stays, because nothing changes for the clients that process the referral."""
    if not rows:
        return
    wanted = sa.tuple_(_referral.c.household_id, _referral.c.id).in_(
        [(row.household_id, row.id) for row in rows]
    )
    await session.execute(sa.update(_referral).where(wanted).values(values))
