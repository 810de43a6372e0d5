"""Which referrals are open, and which are due soon or overdue, defined once."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.model.referrals import ReferralStatus

WAITING = (ReferralStatus.SENT, ReferralStatus.ACCEPTED)
"""The statuses in which the receiver must still respond."""


def waits(referral: FromClause) -> ColumnElement[bool]:
    """Whether the receiver must still respond (46-2.1)."""
    return referral.c.status.in_([status.value for status in WAITING])


def overdue(referral: FromClause, at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether an open referral is past its deadline: `due_at` is the instant at which the period ends (民法典第二百零三条)."""
    return sa.and_(waits(referral), referral.c.due_at <= at)


def deadline_passed(due_at: datetime, at: datetime) -> bool:
    """Whether a deadline has passed at an instant, in Python. It passes at `due_at` itself."""
    return due_at <= at


def due_by(
    referral: FromClause, at: ColumnElement[datetime], until: ColumnElement[datetime]
) -> ColumnElement[bool]:
    """Whether the deadline of a referral is after `at` and not after `until`."""
    return sa.and_(referral.c.due_at > at, referral.c.due_at <= until)


def not_closed(referral: FromClause) -> ColumnElement[bool]:
    """Whether a referral is not closed: completed, returned, forwarded or ended."""
    return referral.c.closed_at.is_(None)


def not_reminded(referral: FromClause) -> ColumnElement[bool]:
    """Whether the receiver was not reminded of its deadline yet."""
    return referral.c.reminded_at.is_(None)


def not_escalated(referral: FromClause) -> ColumnElement[bool]:
    """Whether the agency above was not informed of its lateness yet."""
    return referral.c.escalated_at.is_(None)


def was_open_at(referral: FromClause, at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether a referral was sent before an instant and not closed before it."""
    return sa.and_(referral.c.sent_at < at, sa.or_(not_closed(referral), referral.c.closed_at >= at))
