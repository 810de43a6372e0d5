"""Months, each by its first day."""

import re
from datetime import date, timedelta

from hub.errors import InvalidInput
from hub.workdays.calendar import YEARS, today

_FORM = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def month_end(month: date) -> date:
    """The last day of the month that a first day stands for."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_of(text: str | None, at: tuple[str | int, ...] = ("month",)) -> date:
    """The first day of a month written as 2026-11, None for the one that runs; raises InvalidInput at its place."""
    if text is None:
        return today().replace(day=1)
    written = _FORM.fullmatch(text)
    if written is None or int(written[1]) not in YEARS:
        raise InvalidInput(
            path=at, field="month", reason=f"a month is written as 2026-11, from {YEARS[0]} to {YEARS[-1]}",
            reason_zh=f"月份写作 2026-11,须在 {YEARS[0]} 年至 {YEARS[-1]} 年间",
        )  # fmt: skip
    return date(int(written[1]), int(written[2]), 1)
