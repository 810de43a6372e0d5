"""The lines in force at several places and days, read in one statement."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from hub.foundation.database import CODE, YUAN
from hub.model.certifications import Category
from hub.model.households import Residence
from hub.policy.facts.lines import line_in_force

At = tuple[str, Residence, Category, date]
"""(code of a county or of a region inside one, residence, category, day)."""


async def lines_in_force(
    connection: AsyncConnection | AsyncSession, places: Iterable[At]
) -> dict[At, Decimal]:
    """The lines in yuan a month, in one statement; an unknown line is missing."""
    wanted = list(dict.fromkeys(places))
    if not wanted:
        return {}
    lines = (
        sa.func.unnest(
            sa.cast(list(range(len(wanted))), sa.ARRAY(sa.Integer)),
            sa.cast([region for region, _, _, _ in wanted], sa.ARRAY(sa.Text)),
            sa.cast([residence.value for _, residence, _, _ in wanted], sa.ARRAY(sa.Text)),
            sa.cast([category.value for _, _, category, _ in wanted], sa.ARRAY(sa.Text)),
            sa.cast([day for _, _, _, day in wanted], sa.ARRAY(sa.Date)),
        )
        .table_valued(
            sa.column("place", sa.Integer),
            sa.column("region", CODE),
            sa.column("residence", sa.Text),
            sa.column("category", sa.Text),
            sa.column("day", sa.Date),
        )
        .render_derived("lines")
    )
    yuan = sa.type_coerce(
        line_in_force(lines.c.region, lines.c.residence, lines.c.category, lines.c.day), YUAN
    )
    rows = await connection.execute(sa.select(lines.c.place, yuan.label("yuan")))
    return {wanted[row.place]: row.yuan for row in rows if row.yuan is not None}
