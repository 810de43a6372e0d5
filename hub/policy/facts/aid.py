"""Which aid records count, and what each owes by which day, once: for a command in Python, for a statement in SQL."""

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.database import table_of
from hub.model.aid import AidStatus, TemporaryDetailRow
from hub.policy.facts.versions import current

PAID_BY_DAY = 10
"""46-3.1: 每月10日前发放到位."""
_temporary = table_of(TemporaryDetailRow)


def counts(aid: FromClause) -> ColumnElement[bool]:
    """Whether a record counts: the version that stands, and it was not taken back."""
    return sa.and_(current(aid), aid.c.status != AidStatus.REVOKED)


def outlasts(aid: FromClause, certification: FromClause) -> ColumnElement[bool]:
    """Whether a record gives aid for days on which a certification that was ended is in force no more."""
    return aid.c.period_until > certification.c.ended_on


def payment_due(period_from: date, decided_on: date) -> date:
    """The day by which basic living aid is to be paid (46-3.1): the first 10th on or after its beginning and its decision."""
    ready = max(period_from, decided_on)
    month = (ready - timedelta(days=PAID_BY_DAY)).replace(day=1) + timedelta(days=31)
    return month.replace(day=PAID_BY_DAY)


def payment_due_on(aid: FromClause) -> ColumnElement[date]:
    """The same of the rows of a table."""
    ready = sa.func.greatest(aid.c.period_from, aid.c.decided_on)
    month = sa.func.date_trunc("month", sa.cast(ready - PAID_BY_DAY, sa.TIMESTAMP))
    return sa.cast(month + sa.text("interval '1 month'"), sa.Date) + (PAID_BY_DAY - 1)


def paid_in_time(aid: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a payment came by its day; null where on `day` it may still come."""
    due = payment_due_on(aid)
    return sa.case(
        (aid.c.paid_on.is_not(None), aid.c.paid_on <= due), (due < day, sa.false()), else_=sa.null()
    )


def papers_overdue(aid: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether on `day` papers of urgent aid are owed still, past the day they were due (46-3.3); what was revoked owes none."""
    detail = _temporary.alias()
    owed = sa.exists().where(
        *(detail.c[name] == aid.c[name] for name in ("household_id", "id", "version")),
        aid.c.status != AidStatus.REVOKED.value,
        detail.c.papers_due_on < day,
        detail.c.papers_supplied_on.is_(None),
    )
    return owed.correlate_except(detail)  # the record may lie more than one select further out
