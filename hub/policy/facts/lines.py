"""The standard or income line in force for a county, urban or rural, on a day, defined once (46-3.1, 46-3.3: 当地 … 月低保标准).

A line is valid from the first day of its month until the day before a later line begins.
"""

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.database import table_of
from hub.model.certifications import Category
from hub.model.lines import PovertyLineRow
from hub.policy.facts.versions import current

_COUNTY_DIGITS = 6
_line = table_of(PovertyLineRow)
_SERIES = ("county", "residence", "category")
"""Lines with equal values in these columns replace each other."""


def began_by(line: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a line began on or before a day."""
    return line.c.from_month <= day


def in_force(line: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a line is in force on a day: it has begun, and no later line has begun."""
    later = _line.alias()
    replaced = sa.exists().where(
        *(later.c[name] == line.c[name] for name in _SERIES),
        current(later),
        later.c.from_month > line.c.from_month,
        began_by(later, day),
    )
    return sa.and_(began_by(line, day), sa.not_(replaced.correlate_except(later)))


def line_in_force(
    region: ColumnElement[str],
    residence: ColumnElement[str],
    category: ColumnElement[str],
    day: ColumnElement[date],
) -> ColumnElement[Decimal]:
    """Yuan a month of the line in force on a day; null if no line is known.

    `region` is a county's code or the code of a region inside it. Words and codes are compared as text.
    """
    line = _line.alias()
    found: ColumnElement[Decimal] = (
        sa.select(line.c.yuan)
        .where(
            line.c.county == sa.func.left(region, _COUNTY_DIGITS).collate("C"),
            line.c.residence == sa.type_coerce(residence, sa.Text),
            line.c.category == sa.type_coerce(category, sa.Text),
            began_by(line, day),
            current(line),
        )
        .order_by(line.c.from_month.desc())
        .limit(1)
        .scalar_subquery()
    )
    return found


def above_every_line(household: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a household's income is above the line of every category in its county. False if no line or no income is known."""
    lines = [
        line_in_force(household.c.region, household.c.residence, sa.literal(category.value), day)
        for category in Category
    ]
    return sa.func.coalesce(household.c.income_per_capita > sa.func.greatest(*lines), sa.false())
