"""Which alerts are open, and which are overdue, defined once."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.model.alerts import AlertStatus, ClosedBecause

UNFOUNDED_FOR_DAYS = 90
"""The policy gives no number. If a check at home did not confirm an alert, and the registers still show the fact after this
many days, the alert is raised again. Until then the office corrects the registers (46-2.2 准确性)."""


def waits(alert: FromClause) -> ColumnElement[bool]:
    """Whether an alert is neither disposed of nor closed (46-2.4)."""
    return alert.c.status.in_([AlertStatus.OPEN.value, AlertStatus.VISITED.value])


def is_waiting(status: AlertStatus) -> bool:
    """The same for one alert in Python."""
    return status in (AlertStatus.OPEN, AlertStatus.VISITED)


def not_closed(alert: FromClause) -> ColumnElement[bool]:
    """Whether an alert is not closed. Its finding is still true, whether or not it is disposed of."""
    return alert.c.closed_at.is_(None)


def refuted(alert: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a recent check at home showed that an alert is unfounded, so that the same finding is not raised again."""
    until = sa.cast(sa.func.timezone("Asia/Shanghai", alert.c.closed_at), sa.Date) + UNFOUNDED_FOR_DAYS
    return sa.and_(alert.c.closed_because == ClosedBecause.UNFOUNDED, until > day)


def overdue(alert: FromClause, at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether an open alert is past its deadline: `due_at` is the instant at which the period ends (民法典第二百零三条)."""
    return sa.and_(waits(alert), alert.c.due_at <= at)
