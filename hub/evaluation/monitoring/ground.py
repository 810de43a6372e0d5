"""What every condition stands on: a day, a part of the households, and who is a member on that day."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from hub.foundation.database import table_of
from hub.model.aid import AidRecordRow
from hub.model.certifications import Category, CertificationRow
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow
from hub.policy.facts.aid import counts
from hub.policy.facts.certifications import in_force
from hub.policy.facts.circumstances import lasting

HOUSEHOLD, PERSON = table_of(HouseholdRow), table_of(PersonRow)
CERTIFICATION, CIRCUMSTANCE, AID = (
    table_of(CertificationRow),
    table_of(CircumstanceRow),
    table_of(AidRecordRow),
)

DAY: ColumnElement[date] = sa.bindparam("day", type_=sa.Date)
FIRST, LAST = sa.bindparam("first", type_=sa.Uuid), sa.bindparam("last", type_=sa.Uuid)
NOBODY = sa.cast(sa.null(), sa.Uuid)


@dataclass(frozen=True)
class Part:
    """Households with ids from `first` to `last`, on a day: the parameters of every statement of monitoring."""

    day: date
    first: UUID
    last: UUID

    @property
    def parameters(self) -> dict[str, Any]:
        """By the names of the parameters."""
        return {"day": self.day, "first": self.first, "last": self.last}


def in_part(household_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether a household belongs to the part that is looked at."""
    return sa.and_(household_id >= FIRST, household_id <= LAST)


def facts(
    household_id: ColumnElement[Any],
    person_id: ColumnElement[Any] | None,
    evidence: ColumnElement[str] | None = None,
) -> Select[Any]:
    """The columns of a condition: whom it is about, and what makes one alert of it."""
    return sa.select(
        household_id.label("household_id"),
        (NOBODY if person_id is None else person_id).label("person_id"),
        (sa.literal("") if evidence is None else evidence).label("evidence"),
    )


def reported(*kinds: CircumstanceKind) -> tuple[FromClause, ColumnElement[bool]]:
    """Circumstances of some kinds that last on the day, with their condition."""
    one = CIRCUMSTANCE.alias()
    return one, sa.and_(one.c.kind.in_(kinds), lasting(one, DAY), in_part(one.c.household_id))


def certified(
    household_id: ColumnElement[Any], person_id: ColumnElement[Any] | None, *categories: Category
) -> ColumnElement[bool]:
    """Whether one of some categories (none named: any) stands for a household, or for a person in it with the household as
    a whole; `person_id` None: for anybody in the household."""
    one = CERTIFICATION.alias()
    of_subject = (
        sa.true() if person_id is None else sa.or_(one.c.person_id.is_(None), one.c.person_id == person_id)
    )
    of_kind = one.c.category.in_(categories) if categories else sa.true()
    return (
        sa.exists()
        .where(one.c.household_id == household_id, of_subject, of_kind, in_force(one, DAY))
        .correlate_except(one)
    )


def helped(
    household_id: ColumnElement[Any],
    person_id: ColumnElement[Any],
    *conditions: ColumnElement[bool],
    aid: FromClause,
) -> ColumnElement[bool]:
    """Whether a person, or the household as a whole, has a record of aid of which some conditions hold."""
    return (
        sa.exists()
        .where(
            aid.c.household_id == household_id,
            sa.or_(aid.c.person_id.is_(None), aid.c.person_id == person_id),
            counts(aid),
            *conditions,
        )
        .correlate_except(aid)
    )
