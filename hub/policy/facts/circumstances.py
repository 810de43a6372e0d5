"""When a circumstance lasts, for whom one is reported, and who is dead, defined once."""

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
"""Facts of one day: what somebody is entitled to is judged by it."""


def lasting(circumstance: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a circumstance lasts on a day, as it is recorded now; `until` is its last day."""
    columns = circumstance.c
    return sa.and_(columns.since <= day, sa.or_(columns.until.is_(None), columns.until >= day))


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
    """Whether a registry reports a person in a circumstance of some kinds that lasts on a day; `condition` is a further
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


def dead(person: FromClause, day: ColumnElement[date], seen: Seen) -> ColumnElement[bool]:
    """Whether a person is dead on a day, the day of death included (46-2.2). A death that its registry ended (`until`) was
    withdrawn and does not count."""
    return is_reported(person, day, seen, CircumstanceKind.DEATH)
