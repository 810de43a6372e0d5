"""Monthly shares of the sample: the lists of each county's registries for recent months, with one list missing."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import table_of
from hub.model.circumstances import CircumstanceRow
from hub.model.households import HouseholdRow
from hub.model.shares import MonthlyShareRow, ShareEntryRow
from hub.sample.calendar import month_end, months_before, office_hours
from hub.sample.identities import randomness
from hub.sample.places import places
from hub.sample.planted import LATE_LIST
from hub.shares.rules import COUNTY_DIGITS, SHARE_RULES, due_on

MONTHS = 3
"""The number of months before the month of the sample's day."""

_circumstance, _household = table_of(CircumstanceRow), table_of(HouseholdRow)
_share, _entry = table_of(MonthlyShareRow), table_of(ShareEntryRow)
_KEY = ("source_registry", "kind", "month", "region")


async def share_lists(session: AsyncSession, seed: int, as_of: date) -> None:
    """Write the shares of a sample whose facts exist, with the facts that each share contained."""
    shares = pg.insert(_share).on_conflict_do_nothing()  # monitoring may already expect lists
    await session.execute(shares, list(_shares(seed, as_of)))
    named = (
        sa.select(*(_share.c[name] for name in _KEY), _circumstance.c.household_id, _circumstance.c.id)
        .join_from(_circumstance, _household, _household.c.id == _circumstance.c.household_id)
        .join(
            _share,
            sa.and_(
                _share.c.source_registry == _circumstance.c.source_registry,
                _share.c.kind == _circumstance.c.kind,
                _share.c.region == sa.func.left(_household.c.region, COUNTY_DIGITS),
                _circumstance.c.recorded_at <= _share.c.shared_at,
            ),
        )
        .subquery()
    )
    entries = sa.select(named.c.household_id, named.c.id, named.c.month)
    await session.execute(sa.insert(_entry).from_select(["household_id", "record_id", "month"], entries))
    key = [named.c[name] for name in _KEY]
    counted = sa.select(*key, sa.func.count().label("rows")).group_by(*key).subquery()
    await session.execute(
        sa.update(_share)
        .where(*(_share.c[name] == counted.c[name] for name in _KEY))
        .values(rows=counted.c.rows)
    )


def _shares(seed: int, as_of: date) -> Iterator[dict[str, Any]]:
    """A list for each registry, county and month, shared on a day of the month; lists of the current month may still be
    missing."""
    rng, last = randomness(seed, 0), as_of - timedelta(days=1)
    this_month = as_of.replace(day=1)
    for ago in range(MONTHS, -1, -1):
        month = months_before(this_month, ago)
        for registry, rule in SHARE_RULES.items():
            for county in places():
                day = month + timedelta(days=rng.randint(2, (month_end(month) - month).days))
                at: datetime | None = office_hours(rng, day)
                late = (registry, county, ago) == (LATE_LIST.registry, LATE_LIST.county, LATE_LIST.months_ago)
                if late or day > last:
                    at = None
                yield {
                    "source_registry": registry,
                    "kind": rule.kind,
                    "month": month,
                    "region": county,
                    "policy_basis": rule.clause,
                    "due_on": due_on(month),
                    "rows": 0,
                    "agency_id": at and f"{registry}@{county}",
                    "first_shared_at": at,
                    "shared_at": at,
                }
