"""When two periods have a common day, defined once. A period of aid includes its last day; a period of a certification ends
before its end day (46-2.1: 避免救助遗漏或重复救助)."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause


def overlap(
    aid: FromClause, other: FromClause, apart: ColumnElement[int] | None = None
) -> ColumnElement[bool]:
    """Whether the periods of two aid records have a common day. With `apart`: or are at most this many days apart."""
    last: ColumnElement[date] = aid.c.period_until
    other_last: ColumnElement[date] = other.c.period_until
    if apart is not None:
        last, other_last = last + apart, other_last + apart
    return sa.and_(aid.c.period_from <= other_last, last >= other.c.period_from)


def begins_by_the_day_after(aid: FromClause, last: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a record's period begins by the day after another period's last day, so that no day is between them."""
    return aid.c.period_from <= last + 1


def overlapping(first: date, last: date, other_first: date, other_last: date) -> bool:
    """Whether two periods have a common day, in Python. Each period includes its last day."""
    return first <= other_last and last >= other_first


def share_a_day(begins: date, ends: date, other_begins: date, other_ends: date) -> bool:
    """Whether two periods have a common day, in Python. Neither period includes the day on which it ends."""
    return max(begins, other_begins) < min(ends, other_ends)


def is_reversed(first: date, last: date | None) -> bool:
    """Whether a period ends before its first day, so that it has no day."""
    return last is not None and last < first


def days_between(first: date, last: date, other_first: date, other_last: date) -> int:
    """The number of days between the nearer ends of two periods; 0 or less if they have a common day."""
    return max((first - other_last).days, (other_first - last).days)
