"""When a circumstance lasts, once."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause


def lasting(circumstance: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether it lasts on a day, as it is recorded now; `until` is its last day."""
    one = circumstance.c
    return sa.and_(one.since <= day, sa.or_(one.until.is_(None), one.until >= day))
