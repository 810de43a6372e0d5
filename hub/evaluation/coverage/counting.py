"""Counts households, covered members and entitlements of one county, by township and category."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from auth.scopes import Scope
from hub.evaluation.entitlements.entitled import entitled
from hub.foundation.database import CODE, table_of
from hub.foundation.prepared_sql import PreparedSql, fetch, render
from hub.model.certifications import Category, CertificationRow
from hub.model.entitlements import EntitlementStatus
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow
from hub.policy.facts.certifications import covers, in_force
from hub.policy.facts.persons import present
from hub.policy.facts.sight import everything
from hub.policy.permissions.jurisdiction import end_of

TOWNSHIP_DIGITS = 9

_household, _certification = table_of(HouseholdRow), table_of(CertificationRow)
_person = table_of(PersonRow)
_DAY = sa.cast(sa.bindparam("day", type_=sa.Date), sa.Date)
_COUNTING = Grant("civil_affairs@41", "coverage", frozenset(Scope), ("41",), "monitoring")
"""The grant for counting: the hub itself, which reads every fact. The rules for publication apply later."""


@dataclass
class Counted:
    """The numbers of one region: by category, and by category and kind."""

    households: Counter[str] = field(default_factory=Counter)
    persons: Counter[str] = field(default_factory=Counter)
    statuses: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def add(self, other: "Counted") -> None:
        """Add the numbers of a part of the region."""
        self.households.update(other.households)
        self.persons.update(other.persons)
        for key, statuses in other.statuses.items():
            self.statuses.setdefault(key, Counter()).update(statuses)


async def count_county(session: AsyncSession, county: str, day: date) -> Mapping[str, Counted]:
    """The numbers of each township of a county on a day, from the facts as recorded now.

    An entitlement that only the department in charge can judge counts if it is not missing. Approved aid counts as received.
    """
    where = {"county": county, "end": end_of(county), "day": day}
    counted: dict[str, Counted] = {}
    for township, category, households, persons in await fetch(session, _people(), where):
        region_counts = counted.setdefault(township, Counted())
        region_counts.households[category] += households
        region_counts.persons[category] += persons
    for township, category, kind, status, number in await fetch(session, _claims(), where):
        region_counts = counted.setdefault(township, Counted())
        region_counts.statuses.setdefault((category, kind), Counter())[status.lower()] += number
    return counted


def _inside(region: ColumnElement[str]) -> ColumnElement[bool]:
    return sa.and_(region >= sa.bindparam("county", type_=CODE), region < sa.bindparam("end", type_=CODE))


def _homes() -> FromClause:
    """The county's households that have a category. A household counts in its category with the most support."""
    certification, household = _certification.alias(), _household.alias()
    rank = sa.case(
        {category.value: place for place, category in enumerate(Category)}, value=certification.c.category
    )
    return (
        sa.select(
            household.c.id,
            sa.func.left(household.c.region, TOWNSHIP_DIGITS).label("township"),
            sa.cast(certification.c.category, sa.Text).label("category"),
        )
        .join_from(household, certification, certification.c.household_id == household.c.id)
        .where(_inside(household.c.region), in_force(certification, _DAY))
        .ext(pg.distinct_on(household.c.id))
        .order_by(household.c.id, rank)
        .cte("home")
    )


@cache
def _people() -> PreparedSql:
    """Households and covered members."""
    home, person = _homes(), _person.alias()
    members = sa.and_(
        person.c.household_id == home.c.id, present(person, _DAY), covers(person, _DAY, everything)
    )
    return render(
        sa.select(
            home.c.township,
            home.c.category,
            sa.func.count(sa.distinct(home.c.id)),
            sa.func.count(person.c.id),
        )
        .select_from(home.outerjoin(person, members))
        .group_by(home.c.township, home.c.category)
    )


@cache
def _claims() -> PreparedSql:
    """Entitlements by kind and status."""
    home = _homes()
    claim = entitled(_COUNTING, _DAY, within=lambda household: _inside(household.c.region))
    looked_at = sa.or_(claim.c.to_check.is_(None), claim.c.status != EntitlementStatus.MISSING)
    status = sa.case(
        (claim.c.status == EntitlementStatus.APPROVED, EntitlementStatus.RECEIVED.value),
        else_=sa.cast(claim.c.status, sa.Text),
    )
    columns = (
        home.c.township,
        home.c.category,
        sa.cast(claim.c.aid_kind, sa.Text),
        sa.cast(status, sa.Text),
    )
    return render(
        sa.select(*columns, sa.func.count())
        .join_from(home, claim, claim.c.household_id == home.c.id)
        .where(looked_at)
        .group_by(*columns)
    )
