"""Months, each represented by its first day. The hub accepts months in the form in which it returns them."""

import re
from datetime import date, timedelta

from hub.foundation.calendar import YEARS, today
from hub.foundation.errors import InvalidInput

_FORM = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])(-01)?")


def month_end(month: date) -> date:
    """The last day of a month, which is represented by its first day."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_of(text: str | None, at: tuple[str | int, ...] = ("month",)) -> date:
    """The first day of a month written as 2026-11 or as its first day; None means the present month. Raises InvalidInput with
    the path `at`."""
    if text is None:
        return today().replace(day=1)
    written = _FORM.fullmatch(text)
    if written is None or int(written[1]) not in YEARS:
        raise InvalidInput(
            path=at,
            field="month",
            reason=f"a month is written as 2026-11 or 2026-11-01, from {YEARS[0]} to {YEARS[-1]}",
            reason_zh=f"月份写作 2026-11 或 2026-11-01,须在 {YEARS[0]} 年至 {YEARS[-1]} 年间",
        )
    return date(int(written[1]), int(written[2]), 1)


def first_day(day: date) -> date:
    """Checks that a day is the first of its month and returns it; raises InvalidInput for another, which may have been meant
    as a single day."""
    if day.day != 1:
        raise InvalidInput(
            field="month",
            reason="a month is named by its first day, as 2026-11-01",
            reason_zh="月份以其首日表示,如 2026-11-01",
        )
    return day
