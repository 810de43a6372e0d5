"""Which monthly lists are late, defined once."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.calendar import day_of


def missing(share: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a list is missing after its last day (46-2.2, 46-2.3); null if the list is optional."""
    return sa.and_(share.c.due_on < day, share.c.shared_at.is_(None))


def late(share: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a list came late, or is missing on `day`; false if the list is optional."""
    came_late = day_of(share.c.first_shared_at) > share.c.due_on
    return sa.func.coalesce(sa.or_(came_late, missing(share, day)), sa.false())
