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


def arrived(share: FromClause) -> ColumnElement[bool]:
    """Whether a list was shared, in time or late."""
    return share.c.shared_at.is_not(None)


def newly_missing(share: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a list is missing after its last day, and was not found missing before."""
    return sa.and_(missing(share, day), share.c.found_late_at.is_(None))


def came_after_all(share: FromClause) -> ColumnElement[bool]:
    """Whether a list that was found missing has arrived since, and that was not found before."""
    return sa.and_(share.c.found_late_at.is_not(None), share.c.late_closed_at.is_(None), arrived(share))
