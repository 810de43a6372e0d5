"""46-3.1, 分类施保: 100 yuan a month more for covered members of five classes.

"继续执行对低保对象中的重度残疾人、重病患者以及70周岁以上老年人、在校大学生、未成年人等困难群体,每人每月增发100元低保金的救助政策。"
It is given for each person, once: who is of several classes has no more than who is of one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant, ScopeSets
from hub.foundation.database import table_of
from hub.model.agencies import Department
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.model.persons import EducationStage, Health, PersonRow
from hub.policy.facts.certifications import COVERED_BY_MEMBER, covers, in_force_in_month
from hub.policy.facts.persons import present
from hub.policy.facts.sight import Seen, everything
from hub.policy.permissions.field_scopes import CERTIFICATION, PERSON
from hub.policy.permissions.registry_scopes import read_scope
from hub.policy.permissions.row_policies import visible
from hub.policy.permissions.scope_sets import needs, together

CLAUSE = "46-3.1"
YUAN_A_MONTH = Decimal(100)
SEVERE_UP_TO_GRADE = 2
"""重度残疾人: grades 1 and 2 of GB/T 26341."""

_AGED, _OF_AGE = 70, 18
_person = table_of(PersonRow)
_circumstance = table_of(CircumstanceRow)


@dataclass(frozen=True, slots=True)
class SupplementClass:
    """A class of 46-3.1: who is of it in the month that begins on a day, and the scopes that open the fact it rests on."""

    scopes: ScopeSets
    holds: Callable[[FromClause, ColumnElement[date]], ColumnElement[bool]]


def _years_before(day: ColumnElement[date], years: int) -> ColumnElement[date]:
    before: ColumnElement[date] = sa.cast(day - sa.text(f"interval '{years} years'"), sa.Date)
    return before


CLASSES: Mapping[str, SupplementClass] = MappingProxyType(
    {
        "severely_disabled": SupplementClass(
            PERSON["disabilityGrade"], lambda p, _: p.c.disability_grade <= SEVERE_UP_TO_GRADE
        ),
        "seriously_ill": SupplementClass(PERSON["health"], lambda p, _: p.c.health == Health.SERIOUS.value),
        "aged": SupplementClass(
            PERSON["birthDate"], lambda p, day: p.c.birth_date <= _years_before(day, _AGED)
        ),
        "in_college": SupplementClass(
            PERSON["educationStage"], lambda p, _: p.c.education_stage == EducationStage.COLLEGE.value
        ),
        "minor": SupplementClass(
            PERSON["birthDate"], lambda p, day: p.c.birth_date > _years_before(day, _OF_AGE)
        ),
    }
)

NEEDED = together(
    CERTIFICATION.base, needs(read_scope(Department.CIVIL_AFFAIRS)), *(one.scopes for one in CLASSES.values())
)
"""What the sum of a household rests on: without all of it, nobody is told whether an amount fits."""


def of_any_class(person: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a person is of one of the classes in the month that begins on a day."""
    return sa.or_(*(sa.func.coalesce(one.holds(person, day), sa.false()) for one in CLASSES.values()))


def due(person: FromClause, day: ColumnElement[date], seen: Seen = everything) -> ColumnElement[bool]:
    """Whether a person has the supplement in the month that begins on a day: of a class, covered by subsistence allowance in
    that month, and not dead before its end."""
    death = _circumstance.alias()
    next_month = day + sa.text("interval '1 month'")
    covered = covers(person, day, seen, COVERED_BY_MEMBER, holds=in_force_in_month)
    died = sa.exists().where(
        death.c.household_id == person.c.household_id,
        death.c.person_id == person.c.id,
        death.c.kind == CircumstanceKind.DEATH.value,
        death.c.since < next_month,
        seen(death),
    )
    return sa.and_(of_any_class(person, day), covered, sa.not_(died.correlate_except(death)))


async def supplements_due(
    session: AsyncSession, grant: Grant, asked: Mapping[UUID, tuple[UUID, UUID | None, date]]
) -> dict[UUID, Decimal]:
    """Yuan a month that the rule gives, by the facts on record: for one person, or all covered members of a household.

    `asked` are (household, person or None, first day of the month) by any key. Answers nothing to a grant that lacks one
    of the scopes in `NEEDED`.
    """
    if not asked or not grant.covers(NEEDED):
        return {}
    given = (
        sa.func.unnest(
            sa.cast(list(asked), sa.ARRAY(sa.Uuid)),
            sa.cast([household for household, _, _ in asked.values()], sa.ARRAY(sa.Uuid)),
            sa.cast([person for _, person, _ in asked.values()], sa.ARRAY(sa.Uuid)),
            sa.cast([day for _, _, day in asked.values()], sa.ARRAY(sa.Date)),
        )
        .table_valued(
            sa.column("id", sa.Uuid),
            sa.column("household_id", sa.Uuid),
            sa.column("person_id", sa.Uuid),
            sa.column("day", sa.Date),
        )
        .render_derived("given")
    )
    of = sa.and_(
        _person.c.household_id == given.c.household_id,
        sa.or_(given.c.person_id.is_(None), _person.c.id == given.c.person_id),
        present(_person),
        visible(_person, grant),
        due(_person, given.c.day, lambda table: visible(table, grant)),
    )
    rows = await session.execute(
        sa.select(given.c.id, sa.func.count(_person.c.id).label("persons"))
        .select_from(given.outerjoin(_person, of))
        .group_by(given.c.id)
    )
    return {row.id: YUAN_A_MONTH * row.persons for row in rows}
