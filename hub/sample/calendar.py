"""The days of the sample: everything in it happened before `as_of`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from hub.policy.facts.aid import PAID_BY_DAY
from hub.policy.facts.school_years import school_year_of

MONTHS_OF_HISTORY = 6


@dataclass(frozen=True, slots=True)
class SampleCalendar:
    """`months` are the first days of the last months whose payment day has passed, oldest first."""

    as_of: date
    last: date
    months: tuple[date, ...]
    school_year: int


def calendar_of(as_of: date) -> SampleCalendar:
    """The calendar of a sample made as of a day."""
    newest = as_of.replace(day=1)
    if as_of.day <= PAID_BY_DAY:
        newest = months_before(newest, 1)
    months = tuple(months_before(newest, back) for back in reversed(range(MONTHS_OF_HISTORY)))
    return SampleCalendar(as_of, as_of - timedelta(days=1), months, school_year_of(as_of))


def months_before(first: date, back: int) -> date:
    """The first day of the month `back` months earlier."""
    count = first.year * 12 + first.month - 1 - back
    return date(count // 12, count % 12 + 1, 1)


def month_end(first: date) -> date:
    """The last day of a month."""
    return months_before(first, -1) - timedelta(days=1)


def years_after(day: date, years: int) -> date:
    """The same day a number of years later (earlier if negative); 29 February becomes the 28th."""
    return date(day.year + years, day.month, min(day.day, 28) if day.month == 2 else day.day)


def between(rng: Random, first: date, last: date) -> date:
    """A day from first to last, both included; `last` if it is before `first`."""
    return last if last <= first else first + timedelta(days=rng.randrange((last - first).days + 1))


def office_hours(rng: Random, day: date) -> datetime:
    """An instant in Zhengzhou's office hours of a day."""
    return datetime(day.year, day.month, day.day, 1 + rng.randrange(8), rng.randrange(60), tzinfo=UTC)


def quarters(calendar: SampleCalendar) -> Iterator[tuple[date, date]]:
    """The spans of three months in the history, oldest first."""
    for start in range(0, MONTHS_OF_HISTORY, 3):
        yield calendar.months[start], month_end(calendar.months[start + 2])
