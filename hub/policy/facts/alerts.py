"""Which alerts are open, and which are overdue, defined once."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.model.alerts import AlertStatus


def waits(alert: FromClause) -> ColumnElement[bool]:
    """Whether an alert is neither disposed of nor closed (46-2.4)."""
    return alert.c.status.in_([AlertStatus.OPEN.value, AlertStatus.VISITED.value])


def overdue(alert: FromClause, at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether an open alert is past its deadline: `due_at` is the instant at which the time ends (民法典第二百零三条)."""
    return sa.and_(waits(alert), alert.c.due_at <= at)
