"""The line in force for a county, urban or rural, on a day."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from hub.foundation.database import CODE, YUAN, table_of
from hub.model.certifications import Category
from hub.model.households import Residence
from hub.model.lines import PovertyLineRow
from hub.policy.facts.versions import current

COUNTY_DIGITS = 6
_line = table_of(PovertyLineRow)

At = tuple[str, Residence, Category, date]
"""(code of a county or of a region inside one, residence, category, day)."""


def line_in_force(
    region: ColumnElement[str],
    residence: ColumnElement[str],
    category: ColumnElement[str],
    day: ColumnElement[date],
) -> ColumnElement[Decimal]:
    """Yuan a month of the line in force on a day, as SQL; null where none is known.

    `region` is a county's code or that of a region inside one; words and codes are compared as text.
    """
    line = _line.alias()
    found: ColumnElement[Decimal] = (
        sa.select(line.c.yuan)
        .where(
            line.c.county == sa.func.left(region, COUNTY_DIGITS).collate("C"),
            line.c.residence == sa.type_coerce(residence, sa.Text),
            line.c.category == sa.type_coerce(category, sa.Text),
            line.c.from_month <= day,
            current(line),
        )
        .order_by(line.c.from_month.desc())
        .limit(1)
        .scalar_subquery()
    )
    return found


def above_every_line(household: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a household's income is above the line of every category in its county; false where no line or no income is
    known."""
    lines = [
        line_in_force(household.c.region, household.c.residence, sa.literal(category.value), day)
        for category in Category
    ]
    return sa.func.coalesce(household.c.income_per_capita > sa.func.greatest(*lines), sa.false())


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
