"""Households by the code that a row names them by."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.database import table_of
from hub.households.tables import HouseholdRow
from hub.rows import visible

_household = table_of(HouseholdRow)


async def households_by_code(session: AsyncSession, grant: Grant, codes: Iterable[str]) -> dict[str, UUID]:
    """The households with these codes that the grant sees."""
    wanted = list(codes)
    if not wanted:
        return {}
    rows = await session.execute(
        sa.select(_household.c.code, _household.c.id).where(
            _household.c.code == sa.any_(sa.cast(wanted, pg.ARRAY(sa.Text))), visible(_household, grant)
        )
    )
    return {row.code: row.id for row in rows}
