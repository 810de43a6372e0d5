"""Marks households whose stored evaluation (`hub.model.live`) is stale, because a write touched them."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import table_of
from hub.foundation.prepared_sql import fetch, render, rows_of_arrays
from hub.model.households import HouseholdRow
from hub.model.live import NOT_EVALUATED, LiveHouseholdRow

_live = table_of(LiveHouseholdRow)
_written = rows_of_arrays(sa.column("household_id", sa.Uuid()))
_insert = pg.insert(_live).from_select(
    ["household_id", "next_change_on", "evaluation", "partly_covered"],
    sa.select(_written.c.household_id, NOT_EVALUATED, sa.literal(""), sa.false()),
)
_MARK = render(
    _insert.on_conflict_do_update(
        index_elements=[_live.c.household_id],
        set_={"next_change_on": NOT_EVALUATED},
        where=_live.c.next_change_on > NOT_EVALUATED,
    )
)


async def mark_stale(session: AsyncSession, household_ids: Iterable[UUID]) -> None:
    """Mark households for a new evaluation, in the transaction of the write that touches them. The caller has locked them."""
    await fetch(session, _MARK, {"household_id": sorted(household_ids)})


async def mark_county_stale(session: AsyncSession, county: str) -> None:
    """Mark every household of a county for a new evaluation, after a write that concerns all of them and is in no chain."""
    household = table_of(HouseholdRow)
    of_county = sa.select(household.c.id).where(sa.func.starts_with(household.c.region, county))
    await session.execute(
        sa.update(_live)
        .where(_live.c.household_id.in_(of_county), _live.c.next_change_on > NOT_EVALUATED)
        .values(next_change_on=NOT_EVALUATED)
    )
