"""The windows in which aid counts as received, from a day: (first day, last day), both included."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from hub.foundation.calendar import years_before

Day = ColumnElement[date]
Span = tuple[Day, Day]

HEATING_PAID_BY = (12, 20)
"""Month and day by which the season's heating subsidy is paid. Before that day, the last due season is the previous season."""


def _date(value: ColumnElement[Any]) -> Day:
    return sa.cast(value, sa.Date)


def _year(day: ColumnElement[Any]) -> ColumnElement[int]:
    return sa.cast(sa.func.date_part("year", day), sa.Integer)


def _interval(text: str) -> ColumnElement[Any]:
    return sa.literal_column(f"interval '{text}'")


def calendar_year(day: Day) -> Span:
    """January to December, the insurance year of residents."""
    return sa.func.make_date(_year(day), 1, 1), sa.func.make_date(_year(day), 12, 31)


def heating_season(day: Day) -> Span:
    """15 November to 15 March of the last season whose subsidy is due."""
    due = sa.func.make_date(_year(day), *HEATING_PAID_BY)
    year = sa.case((day >= due, _year(day)), else_=_year(day) - 1)
    return sa.func.make_date(year, 11, 15), sa.func.make_date(year + 1, 3, 15)


def this_day(day: Day) -> Span:
    """The day itself, for aid that is in progress."""
    return day, day


def twelve_months(day: Day) -> Span:
    """The twelve months up to the day."""
    return years_before(day, 1), day


def six_months(day: Day) -> Span:
    """The six months up to the day."""
    return _date(day - _interval("6 months")), day
