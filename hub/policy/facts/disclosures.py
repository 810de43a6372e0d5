"""Which lists are public, whom they name, and until when a person may object, defined once (46-4.3: 按照规定公开救助信息)."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.calendar import CHINA
from hub.model.certifications import EndReason
from hub.policy.facts.aid import counts, provided
from hub.policy.facts.certifications import in_force

_NEVER_RIGHTFUL = (EndReason.MISTAKE.value, EndReason.FALSE_CLAIM.value)


def public(disclosure: FromClause) -> ColumnElement[bool]:
    """Whether a list was not withdrawn."""
    return disclosure.c.withdrawn_at.is_(None)


def is_withdrawn(withdrawn_at: datetime | None) -> bool:
    """Whether one list was withdrawn."""
    return withdrawn_at is not None


def may_object(published_at: datetime, objected_on: date, day: date) -> bool:
    """Whether an objection to a list may have the day `objected_on`: from the day of the list's publication in China to today
    (`day`)."""
    return published_at.astimezone(CHINA).date() <= objected_on <= day


def names_certified(certification: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a list of a day names the holder of a certification: it is in force, and was not ended as a mistake or a false
    claim (46-4.3: 严查…骗取套取)."""
    rightful = sa.func.coalesce(certification.c.ended_because, "").not_in(_NEVER_RIGHTFUL)
    return sa.and_(in_force(certification, day), rightful)


def received_on(aid: FromClause) -> ColumnElement[date]:
    """The day on which aid was paid; for a benefit or service, the day of its decision."""
    return sa.func.coalesce(aid.c.paid_on, aid.c.decided_on)


def names_helped(
    aid: FromClause, first: ColumnElement[date], last: ColumnElement[date]
) -> ColumnElement[bool]:
    """Whether a list of a span of days names the recipient of aid: it was paid or delivered in that span."""
    return sa.and_(counts(aid), provided(aid), received_on(aid).between(first, last))
