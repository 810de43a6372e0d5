"""Which referrals are open, and which are overdue, defined once."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.model.referrals import ReferralStatus

WAITING = (ReferralStatus.SENT, ReferralStatus.ACCEPTED)
"""The statuses in which the receiver must still answer."""


def waits(referral: FromClause) -> ColumnElement[bool]:
    """Whether the receiver must still answer (46-2.1)."""
    return referral.c.status.in_([status.value for status in WAITING])


def overdue(referral: FromClause, at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether an open referral is past its deadline: `due_at` is the instant at which the time ends (民法典第二百零三条)."""
    return sa.and_(waits(referral), referral.c.due_at <= at)
