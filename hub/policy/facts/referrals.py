"""Which referrals wait for an answer, and which are overdue, once."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.model.referrals import ReferralStatus

WAITING = (ReferralStatus.SENT, ReferralStatus.ACCEPTED)
"""The receiving agency has still to answer."""


def waits(referral: FromClause) -> ColumnElement[bool]:
    """Whether the receiving agency has still to answer (46-2.1)."""
    return referral.c.status.in_([status.value for status in WAITING])


def overdue(referral: FromClause, at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether it waits though its time is over: `due_at` is the instant at which that ends (民法典第二百零三条)."""
    return sa.and_(waits(referral), referral.c.due_at <= at)
