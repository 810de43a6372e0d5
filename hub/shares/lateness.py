"""Late monthly lists (46-2.2, 46-2.3): each run of monitoring finds them, reports each once, and closes it when the list
comes."""

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import now, table_of
from hub.foundation.months import month_end
from hub.model.regions import RegionLevel, RegionRow
from hub.model.shares import MonthlyShareRow
from hub.policy.facts.shares import came_after_all, missing, newly_missing
from hub.shares.rules import SHARE_RULES, due_on

_share, _region = table_of(MonthlyShareRow), table_of(RegionRow)


@dataclass(frozen=True, slots=True)
class Lateness:
    """The number of lists that are late on a day, that were found late for the first time, and that arrived since."""

    found: int
    raised: int
    closed: int


async def look_for_late(session: AsyncSession, first: date, day: date) -> Lateness:
    """Expect the lists of the months between two days, and compare those that are late on the last day with the known ones."""
    await expect_lists(session, first, day)
    absent = missing(_share, sa.literal(day, sa.Date))
    found = await session.scalar(sa.select(sa.func.count()).select_from(_share).where(absent))
    raised = await session.execute(
        sa.update(_share)
        .where(newly_missing(_share, sa.literal(day, sa.Date)))
        .values(found_late_at=now())
        .returning(_share.c.month)
    )
    closed = await session.execute(
        sa.update(_share).where(came_after_all(_share)).values(late_closed_at=now()).returning(_share.c.month)
    )
    return Lateness(found or 0, len(raised.all()), len(closed.all()))


async def expect_lists(session: AsyncSession, first: date, day: date) -> None:
    """Insert a row for each required list of each county and month between two days."""
    counties = list(
        await session.scalars(sa.select(_region.c.code).where(_region.c.level == RegionLevel.COUNTY))
    )
    month = first.replace(day=1)
    while month <= day and counties:
        await session.execute(
            pg.insert(_share)
            .values(
                [
                    {
                        "source_registry": registry,
                        "kind": rule.kind,
                        "month": month,
                        "region": county,
                        "policy_basis": rule.clause,
                        "due_on": due_on(month),
                        "rows": 0,
                    }
                    for registry, rule in SHARE_RULES.items()
                    for county in counties
                ]
            )
            .on_conflict_do_nothing()
        )
        month = month_end(month) + timedelta(days=1)
