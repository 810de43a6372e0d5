"""School years, defined once: from 1 September to 31 August (46-3.2.2)."""

from datetime import MAXYEAR, date

import sqlalchemy as sa
from sqlalchemy import ColumnElement

_BEGINS = (9, 1)
_ENDS = (8, 31)


def school_year_of(day: date) -> int:
    """The year in which the school year of a day began."""
    return day.year - ((day.month, day.day) < _BEGINS)


def days_of_school_year(year: int) -> tuple[date, date]:
    """The first and the last day of the school year that begins in a year."""
    return date(year, *_BEGINS), date(min(year + 1, MAXYEAR), *_ENDS)


def school_year(day: ColumnElement[date]) -> tuple[ColumnElement[date], ColumnElement[date]]:
    """The first and the last day of the school year of a day, in SQL."""
    months = _BEGINS[0] - 1
    began = sa.cast(day, sa.TIMESTAMP) - sa.literal_column(f"interval '{months} months'")
    year = sa.cast(sa.func.date_part("year", began), sa.Integer)
    return sa.func.make_date(year, *_BEGINS), sa.func.make_date(year + 1, *_ENDS)
