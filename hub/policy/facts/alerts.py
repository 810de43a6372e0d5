"""Which alerts are open, and which are overdue, defined once."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.model.alerts import AlertStatus, ClosedBecause

UNFOUNDED_FOR_DAYS = 90
"""The policy gives no number: what a check at home did not confirm is raised again after so many days, where the registers still
say it. Until then the office corrects what they say (46-2.2 准确性)."""


def waits(alert: FromClause) -> ColumnElement[bool]:
    """Whether an alert is neither disposed of nor closed (46-2.4)."""
    return alert.c.status.in_([AlertStatus.OPEN.value, AlertStatus.VISITED.value])


def is_waiting(status: AlertStatus) -> bool:
    """The same for one alert in Python."""
    return status in (AlertStatus.OPEN, AlertStatus.VISITED)


def not_closed(alert: FromClause) -> ColumnElement[bool]:
    """Whether an alert is not closed: its finding still holds, disposed of or not."""
    return alert.c.closed_at.is_(None)


def refuted(alert: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a check at home lately showed that an alert is unfounded, so that the same finding is not raised again."""
    until = sa.cast(sa.func.timezone("Asia/Shanghai", alert.c.closed_at), sa.Date) + UNFOUNDED_FOR_DAYS
    return sa.and_(alert.c.closed_because == ClosedBecause.UNFOUNDED, until > day)


def overdue(alert: FromClause, at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether an open alert is past its deadline: `due_at` is the instant at which the time ends (民法典第二百零三条)."""
    return sa.and_(waits(alert), alert.c.due_at <= at)
