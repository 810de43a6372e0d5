"""Showing a household to an agency beyond its jurisdiction."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import now, table_of
from hub.model.agencies import ShownBecause, ShownHouseholdRow

_shown = table_of(ShownHouseholdRow)


async def show_to(
    session: AsyncSession, agency_id: str, household_ids: Iterable[UUID], because: ShownBecause
) -> None:
    """Let an agency see households from now on; those it was shown before stay as they were."""
    rows = [
        {"household_id": household_id, "agency_id": agency_id, "because": because, "since": now()}
        for household_id in sorted(household_ids)
    ]
    if rows:
        await session.execute(pg.insert(_shown).on_conflict_do_nothing(), rows)
