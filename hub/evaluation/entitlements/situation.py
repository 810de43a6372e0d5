"""The situation of one household or person on a day: the data from which facts and windows are computed.

Each part is read once for a subject, for any number of rules. If the grant's scopes do not open a part, it is empty, and no
fact can be computed from it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from hub.evaluation.entitlements.windows import heating_season
from hub.foundation.database import table_of
from hub.model.certifications import CertificationRow
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.model.persons import PersonRow
from hub.policy.facts.aid import month_due
from hub.policy.facts.certifications import (
    SUPPORTED_BY_EVENT,
    began_before,
    began_by,
    in_force,
    in_force_at,
    lives_at_home,
)
from hub.policy.facts.certifications import certified as certified_on
from hub.policy.facts.circumstances import death, lasting
from hub.policy.facts.persons import living
from hub.policy.facts.sight import beside
from hub.policy.facts.subjects import concerns
from hub.policy.permissions.field_scopes import PERSON
from hub.policy.permissions.row_policies import visible

_certification = table_of(CertificationRow)
_person = table_of(PersonRow)
_circumstance = table_of(CircumstanceRow)
_WORDS = pg.ARRAY(sa.Text)

Day = ColumnElement[date]


@dataclass(frozen=True)
class Situation:
    """A subject on a day. `person` is None if the subject is the household.

    `certified` and `reported` are one row each: the certifications in force, and the circumstances that last. `inhabited`:
    whether the household has a living member, or has no registered member; true if the grant reads no persons.
    """

    day: Day
    household: FromClause
    person: FromClause | None
    certified: FromClause
    reported: FromClause
    inhabited: ColumnElement[bool]

    @property
    def member(self) -> FromClause:
        """The person. Facts of persons are never computed for a household."""
        assert self.person is not None
        return self.person


def certified(household: FromClause, person: FromClause | None, day: Day, grant: Grant) -> FromClause:
    """The categories of a subject. `held`: by the subject itself. `categories`: all that apply to it: a person has those of
    the whole household too, a household those of any member. `_by_…`: only those in force since before that window began."""
    certification = _certification.alias()
    own = certification.c.person_id.is_(None) if person is None else certification.c.person_id == person.c.id

    def gathered(column: ColumnElement[Any], name: str, *only: ColumnElement[bool]) -> ColumnElement[Any]:
        collected = sa.func.array_agg(sa.cast(column, sa.Text), type_=_WORDS)
        return (collected.filter(*only) if only else collected).label(name)

    category = certification.c.category
    by_month = began_before(certification, month_due(day)[0])
    at_home = lives_at_home(certification)
    by_winter = began_by(certification, heating_season(day)[0])
    return (
        sa.select(
            gathered(category, "held", own),
            gathered(category, "held_by_month", own, by_month),
            gathered(category, "categories"),
            gathered(category, "categories_by_month", by_month),
            gathered(category, "categories_at_home", at_home),
            gathered(category, "categories_at_home_by_winter", at_home, by_winter),
            gathered(certification.c.support, "supports"),
            gathered(certification.c.subtype, "subtypes"),
            sa.func.min(certification.c.valid_from)
            .filter(certification.c.subtype.is_not(None))
            .label("monitored_since"),
        )
        .where(
            certification.c.household_id == household.c.id,
            _of_subject(certification, person),
            in_force(certification, day),
            visible(certification, grant, household_seen=True),
        )
        .correlate_except(certification)
        .lateral()
    )


def _of_subject(row: FromClause, person: FromClause | None) -> ColumnElement[bool]:
    return concerns(row, None if person is None else person.c.id)


def reported(household: FromClause, person: FromClause | None, day: Day, grant: Grant) -> FromClause:
    """The kinds of circumstance of a subject, the worst grade of disability, and the dates of the last disaster and the last
    death. For a household also the dates of the last disaster and the last death at which the affected person was certified."""
    circumstance = _circumstance.alias()
    struck = circumstance.c.kind == CircumstanceKind.DISASTER
    since = circumstance.c.since
    covered_then: list[ColumnElement[Any]] = []
    if person is None:
        covered = certified_on(
            household.c.id,
            circumstance.c.person_id,
            since,
            beside(grant),
            *SUPPORTED_BY_EVENT,
            holds=in_force_at,
        )
        whole = sa.and_(
            circumstance.c.person_id.is_(None),
            certified_on(household.c.id, None, since, beside(grant), *SUPPORTED_BY_EVENT, holds=in_force_at),
        )
        covered_then = [
            sa.func.max(since).filter(event, sa.or_(covered, whole)).label(name)
            for event, name in ((struck, "struck_when_covered"), (death(circumstance), "died_when_covered"))
        ]
    return (
        sa.select(
            *covered_then,
            sa.func.array_agg(sa.cast(circumstance.c.kind, sa.Text), type_=_WORDS).label("kinds"),
            sa.func.min(circumstance.c.disability_grade).label("disability_grade"),
            sa.func.max(circumstance.c.since).filter(struck).label("struck_on"),
            sa.func.max(circumstance.c.since).filter(death(circumstance)).label("died_on"),
        )
        .where(
            circumstance.c.household_id == household.c.id,
            _of_subject(circumstance, person),
            lasting(circumstance, day),
            visible(circumstance, grant, household_seen=True),
        )
        .correlate_except(circumstance)
        .lateral()
    )


def inhabited(household: FromClause, day: Day, grant: Grant) -> ColumnElement[bool]:
    """Whether a household has a living member, or has no registered member; true if the grant reads no persons."""
    if not grant.covers(PERSON.base):
        return sa.true()
    member = _person.alias()
    there = sa.select(sa.func.bool_or(living(member, day, beside(grant)))).where(
        member.c.household_id == household.c.id, beside(grant)(member)
    )
    return sa.func.coalesce(there.correlate_except(member).scalar_subquery(), sa.true())


def among(words: ColumnElement[Any], *wanted: str) -> ColumnElement[bool]:
    """Whether an array contains one of the wanted values; false if there is no array."""
    listed = sa.cast(pg.array([sa.literal(kind, sa.Text) for kind in wanted]), _WORDS)
    return sa.func.coalesce(words.op("&&", is_comparison=True)(listed), sa.false())
