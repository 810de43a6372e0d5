"""When a circumstance lasts, who is reported in one, and who is dead, defined once."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.database import table_of
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.policy.facts.sight import Condition, Seen, everything

_circumstance = table_of(CircumstanceRow)
DEATH = CircumstanceKind.DEATH
"""A death in the funeral records (46-2.2)."""
OF_A_DAY = frozenset({CircumstanceKind.DEATH, CircumstanceKind.DISASTER})
"""Facts of one day. Entitlements because of them are judged on that day."""


def lasting(circumstance: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a circumstance lasts on a day, from the facts as recorded now; `until` is its last day."""
    columns = circumstance.c
    return sa.and_(columns.since <= day, sa.or_(columns.until.is_(None), columns.until >= day))


def lasts(since: date, until: date | None, day: date) -> bool:
    """The same for one circumstance in Python."""
    return since <= day and (until is None or until >= day)


def goes_on(until: date | None) -> bool:
    """Whether a circumstance has no known end."""
    return until is None


def last_known_day(until: date | None, day: date) -> date:
    """The last day of a circumstance; today (`day`) if it has no end."""
    return day if until is None else until


def has_future_day(since: date, until: date | None, day: date) -> str | None:
    """The name of the field of a report whose day is after today (`day`), or None. A report cannot be about the future."""
    return next(
        (name for name, own in (("since", since), ("until", until)) if own is not None and own > day), None
    )


def began_by(circumstance: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a circumstance began on or before a day."""
    return circumstance.c.since <= day


def reports(
    circumstance: FromClause, day: ColumnElement[date], *kinds: CircumstanceKind
) -> ColumnElement[bool]:
    """Whether a circumstance is of some kinds and lasts on a day."""
    return sa.and_(circumstance.c.kind.in_(kinds), lasting(circumstance, day))


def is_reported(
    person: FromClause,
    day: ColumnElement[date],
    seen: Seen,
    *kinds: CircumstanceKind,
    condition: Condition = everything,
) -> ColumnElement[bool]:
    """Whether a registry reports a person in a circumstance of these kinds that lasts on a day; `condition` is a further
    condition on the report."""
    circumstance = _circumstance.alias()
    of_person = sa.and_(
        circumstance.c.household_id == person.c.household_id, circumstance.c.person_id == person.c.id
    )
    return (
        sa.exists()
        .where(of_person, reports(circumstance, day, *kinds), condition(circumstance), seen(circumstance))
        .correlate_except(circumstance)
    )


def death(circumstance: FromClause) -> ColumnElement[bool]:
    """Whether a circumstance is a death in the funeral records (46-2.2); `since` is the day of death."""
    return circumstance.c.kind == CircumstanceKind.DEATH.value


def death_on_record(circumstance: FromClause) -> ColumnElement[bool]:
    """Whether a circumstance is a death that its registry did not withdraw. A withdrawn death has `until`."""
    return sa.and_(death(circumstance), circumstance.c.until.is_(None))


def alive(reported: FromClause) -> ColumnElement[bool]:
    """Whether no death of a person is reported: `died_on` is the day of the last reported death."""
    return reported.c.died_on.is_(None)


def last_trouble(reported: FromClause, monitored_since: ColumnElement[date]) -> ColumnElement[date]:
    """The day since which a person is in trouble: the last disaster or the start of being monitored, whichever is later."""
    return sa.func.greatest(reported.c.struck_on, monitored_since)


def struck_since(reported: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a disaster after a day is reported: `struck_on` is the day of the last disaster (46-3.2.5)."""
    return reported.c.struck_on > day


def dead(person: FromClause, day: ColumnElement[date], seen: Seen) -> ColumnElement[bool]:
    """Whether a person is dead on a day, the day of death included (46-2.2). If the registry ended a death (`until`), it
    withdrew it, and the death does not count."""
    return is_reported(person, day, seen, CircumstanceKind.DEATH)
