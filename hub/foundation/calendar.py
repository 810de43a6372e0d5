"""Working days, by the State Council's arrangement of each year's holidays (`holidays.csv`).

A year whose arrangement is not in the file yet has its public holidays with fixed dates, and its weekends. The operators add
the year's lines in November, when they are announced; referrals sent before keep their deadlines.
"""

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import sqlalchemy as sa

from hub.foundation.clock import CLOCK

CHINA = timezone(timedelta(hours=8))
YEARS = range(1900, 2100)
"""The years that a date in an input may have."""
TODAY: sa.ColumnElement[date] = sa.literal_column("(now() at time zone 'Asia/Shanghai')::date", sa.Date)
"""Today's date in China, as an SQL expression."""
_ZONE = "Asia/Shanghai"
_DAY = timedelta(days=1)
_SATURDAY = 5
_FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""全国年节及纪念日放假办法, article 2: the holidays with the same date every year, without those of the lunar and solar
calendars."""


def today() -> date:
    """Today's date in China, by the database's clock."""
    return CLOCK.now().astimezone(CHINA).date()


def day_of(instant: sa.ColumnElement[datetime]) -> sa.ColumnElement[date]:
    """The date in China at an instant, as an SQL expression."""
    return sa.cast(sa.func.timezone(_ZONE, instant), sa.Date)


def hour_of(instant: sa.ColumnElement[datetime]) -> sa.ColumnElement[int]:
    """The hour in China at an instant, 0 to 23, as an SQL expression."""
    return sa.extract("hour", sa.func.timezone(_ZONE, instant))


def beginning_of(day: sa.ColumnElement[date]) -> sa.ColumnElement[datetime]:
    """The instant at which a day begins in China, as an SQL expression."""
    return sa.func.timezone(_ZONE, sa.cast(day, sa.TIMESTAMP), type_=sa.TIMESTAMP(timezone=True))


def years_before(day: sa.ColumnElement[date], years: int) -> sa.ColumnElement[date]:
    """The same day some years before, as an SQL expression; 29 February becomes the 28th."""
    return sa.cast(day - sa.literal_column(f"interval '{years} years'"), sa.Date)


@cache
def _arranged() -> Mapping[date, bool]:
    """Each day that the arrangements name: True for a working day, False for a holiday."""
    text = files("hub.foundation").joinpath("holidays.csv").read_text("utf-8")
    days: dict[date, bool] = {}
    for row in csv.DictReader(text.splitlines()):
        day, until = date.fromisoformat(row["from"]), date.fromisoformat(row["until"])
        while day <= until:
            days[day] = row["works"] == "yes"
            day += _DAY
    return MappingProxyType(days)


@cache
def arranged_years() -> frozenset[int]:
    """The years whose holidays are in the file."""
    return frozenset(day.year for day in _arranged())


def is_workday(day: date) -> bool:
    """Whether offices work on a day: weekends that are working days in exchange for a holiday count, holidays do not."""
    arranged = _arranged().get(day)
    if arranged is not None:
        return arranged
    fixed = day.year not in arranged_years() and (day.month, day.day) in _FIXED
    return day.weekday() < _SATURDAY and not fixed


def after_workdays(start: datetime, days: int) -> datetime:
    """The instant at which a period of `days` working days ends: 24:00 in China of the last one. The day of `start` is not
    counted (民法典 201, 203). Raises ValueError for less than one day."""
    if days < 1:
        raise ValueError("a deadline lies at least one working day ahead")
    day = start.astimezone(CHINA).date()
    while days:
        day += _DAY
        days -= is_workday(day)
    return datetime.combine(day + _DAY, time(), CHINA).astimezone(UTC)
