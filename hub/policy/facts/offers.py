"""Which charity offers can still be used, defined once (46-3.6: 救助需求与慈善供给的匹配对接)."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause


def available(offer: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether an offer can be used on a day: some of it is left, and it has neither expired nor been withdrawn; `until` is
    its last day."""
    return sa.and_(offer.c.remaining > 0, offer.c.withdrawn_at.is_(None), offer.c.until >= day)


def is_available(remaining: int, withdrawn_at: datetime | None, until: date, day: date) -> bool:
    """The same for one offer in Python."""
    return remaining > 0 and not is_withdrawn(withdrawn_at) and not has_run_out(until, day)


def is_withdrawn(withdrawn_at: datetime | None) -> bool:
    """Whether an offer was withdrawn."""
    return withdrawn_at is not None


def has_run_out(until: date, day: date) -> bool:
    """Whether the last day of an offer is before a day."""
    return until < day
