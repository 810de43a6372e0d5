"""Months, each by its first day."""

from datetime import date, timedelta

from hub.errors import InvalidInput
from hub.workdays.calendar import today


def month_end(month: date) -> date:
    """The last day of the month that a first day stands for."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_of(text: str | None) -> date:
    """The first day of a month written as 2026-11, None for the one that runs; raises InvalidInput."""
    if text is None:
        return today().replace(day=1)
    try:
        if len(text) == len("2026-11"):
            return date.fromisoformat(f"{text}-01")
    except ValueError:
        pass
    raise InvalidInput(
        path=("month",), field="month", reason="a month is written as 2026-11", reason_zh="月份写作 2026-11"
    )
