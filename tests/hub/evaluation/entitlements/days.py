"""The days and ages of 46-3, in plain Python."""

from datetime import date, timedelta


def years_back(day: date, years: int) -> date:
    """The same day of an earlier year."""
    last = day.day if (day.month, day.day) != (2, 29) else 28
    return date(day.year - years, day.month, last)


def age(born: date, day: date) -> int:
    """Whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def months_back(day: date, months: int) -> date:
    """The same day some months earlier, or the last day of that month."""
    count = day.year * 12 + day.month - 1 - months
    following = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    return date(count // 12, count % 12 + 1, min(day.day, (following - timedelta(days=1)).day))


def month_due(day: date) -> tuple[date, date]:
    """46-3.1: payment is due by the 10th; until then the previous month is the last one due."""
    first = day.replace(day=1)
    if day.day <= 10:
        first = (first - timedelta(days=1)).replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def winter(day: date) -> tuple[date, date]:
    """The last heating season whose subsidy is due, which is on 20 December."""
    year = day.year if day >= date(day.year, 12, 20) else day.year - 1
    return date(year, 11, 15), date(year + 1, 3, 15)
