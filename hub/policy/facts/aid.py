"""Which aid records count, and which dates they must meet, defined once: in Python for a command, in SQL for a statement."""

from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.calendar import CHINA, after_workdays
from hub.foundation.database import table_of
from hub.model.aid import AidRecordRow, AidStatus, TemporaryDetailRow, TemporaryForm
from hub.policy.facts.versions import current

PAID_BY_DAY = 10
"""46-3.1: 每月10日前发放到位."""
PAPERS_WORKDAYS = 20
"""The policy gives no number. If the office sets no day, documents (补齐) are due this many working days after the decision."""
_aid, _temporary = table_of(AidRecordRow), table_of(TemporaryDetailRow)


def counts(aid: FromClause) -> ColumnElement[bool]:
    """Whether a record counts: it is the current version and is not revoked."""
    return sa.and_(current(aid), sa.not_(revoked(aid)))


def is_revoked(status: AidStatus) -> bool:
    """Whether one record, or one version of it, is revoked."""
    return status is AidStatus.REVOKED


def revoked(aid: FromClause) -> ColumnElement[bool]:
    """Whether a record is revoked."""
    return aid.c.status == AidStatus.REVOKED


def provided(aid: FromClause) -> ColumnElement[bool]:
    """Whether a record that counts was paid or delivered. Approved aid is still on its way."""
    return sa.and_(aid.c.status != AidStatus.APPROVED, sa.not_(ended_unprovided(aid)))


def answers_need(aid: FromClause) -> ColumnElement[bool]:
    """Whether a record counts, and was provided or is on its way."""
    return sa.and_(counts(aid), sa.not_(ended_unprovided(aid)))


def ended_unprovided(aid: FromClause) -> ColumnElement[bool]:
    """Whether a record was approved and then ended without payment or delivery. Aid that was first recorded as ended had been
    provided before: `ENDED` means that the aid is no longer granted."""
    version = _aid.alias()
    had = [version.c.household_id == aid.c.household_id, version.c.id == aid.c.id]
    planned = sa.exists().where(*had, version.c.status.in_([AidStatus.APPROVED, AidStatus.PAID]))
    delivered = sa.exists().where(*had, version.c.status == AidStatus.DELIVERED)
    return sa.and_(
        aid.c.status == AidStatus.ENDED,
        aid.c.paid_on.is_(None),
        planned.correlate_except(version),
        sa.not_(delivered.correlate_except(version)),
    )


def meets(aid: FromClause, first: ColumnElement[date], last: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a record's period includes a day of a window."""
    return sa.and_(aid.c.period_from <= last, aid.c.period_until >= first)


def decided_since(aid: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a record was decided on or after a day."""
    return aid.c.decided_on >= day


def lacks_payment(status: AidStatus, paid_on: date | None) -> bool:
    """Whether a record with the status PAID has no day of payment."""
    return status is AidStatus.PAID and paid_on is None


def is_delivered(status: AidStatus) -> bool:
    """Whether one version of a record states that goods or services were delivered."""
    return status is AidStatus.DELIVERED


def went_out(status: AidStatus, paid_on: date | None) -> bool:
    """Whether one version of a record states that money was paid, or goods or services were delivered. A revoked version
    states neither."""
    return not is_revoked(status) and (paid_on is not None or is_delivered(status))


def paid(aid: FromClause) -> ColumnElement[bool]:
    """Whether a record is money that was paid."""
    return aid.c.status == AidStatus.PAID


def months_of(aid: FromClause) -> ColumnElement[int]:
    """The number of months that a record's period touches."""
    first, last = aid.c.period_from, aid.c.period_until
    years = sa.func.date_part("year", last) - sa.func.date_part("year", first)
    months = sa.func.date_part("month", last) - sa.func.date_part("month", first)
    return sa.cast(years * 12 + months + 1, sa.Integer)


def begins_within(
    aid: FromClause, first: ColumnElement[date], last: ColumnElement[date]
) -> ColumnElement[bool]:
    """Whether a record's period begins on a day of a window."""
    return aid.c.period_from.between(first, last)


def last_month_by(aid: FromClause, day: ColumnElement[date]) -> ColumnElement[date]:
    """The first day of the last month of a record's period that began by a day."""
    last = sa.func.least(aid.c.period_until, day)
    return sa.cast(sa.func.date_trunc("month", sa.cast(last, sa.TIMESTAMP)), sa.Date)


def outlasts(aid: FromClause, certification: FromClause) -> ColumnElement[bool]:
    """Whether a record that did not end itself has days after the end of a certification. `ended_on` of the certification is
    the first of these days."""
    return sa.and_(aid.c.status != AidStatus.ENDED, aid.c.period_until >= certification.c.ended_on)


def begins_after_death(aid: FromClause, death: FromClause) -> ColumnElement[bool]:
    """Whether a record's period begins after a death. Aid that begins by the day of death is allowed (46-2.2)."""
    return aid.c.period_from > death.c.since


def payment_due(period_from: date, decided_on: date) -> date:
    """The day by which a basic living allowance must be paid (46-3.1): the first 10th on or after its first day and its
    decision."""
    ready = max(period_from, decided_on)
    month = (ready - timedelta(days=PAID_BY_DAY)).replace(day=1) + timedelta(days=31)
    return month.replace(day=PAID_BY_DAY)


def payment_due_on(aid: FromClause) -> ColumnElement[date]:
    """The same for the rows of a table."""
    ready = sa.func.greatest(aid.c.period_from, aid.c.decided_on)
    month = sa.func.date_trunc("month", sa.cast(ready - PAID_BY_DAY, sa.TIMESTAMP))
    return sa.cast(month + sa.text("interval '1 month'"), sa.Date) + (PAID_BY_DAY - 1)


def was_paid_late(status: AidStatus, paid_on: date | None, period_from: date, decided_on: date) -> bool:
    """Whether one payment was made after its due day, in Python."""
    if status is not AidStatus.PAID or paid_on is None:
        return False
    return paid_on > payment_due(period_from, decided_on)


def month_due(day: ColumnElement[date]) -> tuple[ColumnElement[date], ColumnElement[date]]:
    """The first and the last day of the last month whose payment was due before a day. A month is included from the 11th on."""
    month = sa.func.date_trunc(
        "month", sa.cast(day, sa.TIMESTAMP) - sa.literal_column(f"interval '{PAID_BY_DAY} days'")
    )
    last = month + sa.literal_column("interval '1 month - 1 day'")
    return sa.cast(month, sa.Date), sa.cast(last, sa.Date)


def paid_in_time(aid: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a payment was on time; null if on `day` it is not yet due."""
    due = payment_due_on(aid)
    return sa.case(
        (aid.c.paid_on.is_not(None), aid.c.paid_on <= due), (due < day, sa.false()), else_=sa.null()
    )


def papers_due(decided_on: date) -> date:
    """The last day for the documents of pay-first aid (46-3.3)."""
    decided = datetime.combine(decided_on, time(), CHINA)
    return (after_workdays(decided, PAPERS_WORKDAYS).astimezone(CHINA) - timedelta(days=1)).date()


def owes_papers(form: TemporaryForm, papers_supplied_on: date | None) -> bool:
    """Whether one record is pay-first aid whose documents were not supplied yet (46-3.3: 补齐相关手续)."""
    return form is TemporaryForm.PAY_FIRST and papers_supplied_on is None


def can_be_supplied_on(decided_on: date, papers_supplied_on: date, day: date) -> bool:
    """Whether documents can have been supplied on a day: from the day of the decision to today (`day`)."""
    return decided_on <= papers_supplied_on <= day


def papers_overdue(aid: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether documents of urgent aid are overdue on `day` (46-3.3). A revoked record needs no documents."""
    detail = _temporary.alias()
    owed = sa.exists().where(
        *(detail.c[name] == aid.c[name] for name in ("household_id", "id", "version")),
        aid.c.status != AidStatus.REVOKED.value,
        detail.c.papers_due_on < day,
        detail.c.papers_supplied_on.is_(None),
    )
    return owed.correlate_except(detail)  # the record's table may be several selects further out
