"""Whether what an aid record owes was done by its day, as SQL: papers of urgent aid (46-3.3), the monthly payment (46-3.1)."""

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.aid.warnings import PAID_BY_DAY
from hub.foundation.calendar import TODAY
from hub.foundation.database import table_of
from hub.model.aid import AidStatus, TemporaryDetailRow

_temporary = table_of(TemporaryDetailRow)


def papers_overdue(aid: FromClause) -> ColumnElement[bool]:
    """Whether papers are owed still, past the day they were due; what was revoked owes none."""
    detail = _temporary.alias()
    owed = sa.exists().where(
        *(detail.c[name] == aid.c[name] for name in ("household_id", "id", "version")),
        aid.c.status != AidStatus.REVOKED.value,
        detail.c.papers_due_on < TODAY,
        detail.c.papers_supplied_on.is_(None),
    )
    return owed.correlate_except(detail)  # the record may lie more than one select further out


def paid_in_time(aid: FromClause) -> ColumnElement[bool]:
    """Whether a payment came by its day, as `hub.aid.warnings.payment_due` counts it; null where it may still come."""
    ready = sa.func.greatest(aid.c.period_from, aid.c.decided_on)
    month = sa.func.date_trunc("month", sa.cast(ready - PAID_BY_DAY, sa.TIMESTAMP))
    due = sa.cast(month + sa.text("interval '1 month'"), sa.Date) + (PAID_BY_DAY - 1)
    return sa.case(
        (aid.c.paid_on.is_not(None), aid.c.paid_on <= due), (due < TODAY, sa.false()), else_=sa.null()
    )
