"""When a circumstance lasts, of whom one is reported, and who is dead, once."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.database import table_of
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.policy.facts.sight import Condition, Seen, everything

_circumstance = table_of(CircumstanceRow)


def lasting(circumstance: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether it lasts on a day, as it is recorded now; `until` is its last day."""
    one = circumstance.c
    return sa.and_(one.since <= day, sa.or_(one.until.is_(None), one.until >= day))


def reports(
    circumstance: FromClause, day: ColumnElement[date], *kinds: CircumstanceKind
) -> ColumnElement[bool]:
    """Whether it is of some kinds, and lasts on a day."""
    return sa.and_(circumstance.c.kind.in_(kinds), lasting(circumstance, day))


def is_reported(
    person: FromClause,
    day: ColumnElement[date],
    seen: Seen,
    *kinds: CircumstanceKind,
    as_told: Condition = everything,
) -> ColumnElement[bool]:
    """Whether a registry knows a person in a circumstance of some kinds that lasts on a day; `as_told`: what else must hold
    of the report."""
    circumstance = _circumstance.alias()
    of_person = sa.and_(
        circumstance.c.household_id == person.c.household_id, circumstance.c.person_id == person.c.id
    )
    return (
        sa.exists()
        .where(of_person, reports(circumstance, day, *kinds), as_told(circumstance), seen(circumstance))
        .correlate_except(circumstance)
    )


def death(circumstance: FromClause) -> ColumnElement[bool]:
    """Whether it is a death in the funeral records (46-2.2), `since` the day on which somebody died."""
    return circumstance.c.kind == CircumstanceKind.DEATH.value


def dead(person: FromClause, day: ColumnElement[date], seen: Seen) -> ColumnElement[bool]:
    """Whether a person is dead on a day, the day of death included (46-2.2). A death that its registry ended (`until`) was
    taken back: it holds no more."""
    return is_reported(person, day, seen, CircumstanceKind.DEATH)
