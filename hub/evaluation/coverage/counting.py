"""Counts one county: households, covered members and entitlements, by township and category."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from auth.scopes import Scope
from hub.evaluation.entitlements.entitled import entitled
from hub.evaluation.entitlements.situation import Day
from hub.foundation.database import CODE, table_of
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
_COUNTING = Grant("civil_affairs@41", "coverage", frozenset(Scope), ("41",), "monitoring")
"""The grant of the count: the hub itself, which reads every fact. The rules for publication apply later."""


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

    An entitlement that only the department in charge can judge counts if it is not missing. What is approved counts as
    received.
    """
    on = sa.cast(sa.bindparam("day", day), sa.Date)
    home = _homes(county, on)
    counted: dict[str, Counted] = {}
    for township, category, households, persons in await session.execute(_people(home, on)):
        region_counts = counted.setdefault(township, Counted())
        region_counts.households[category] += households
        region_counts.persons[category] += persons
    for township, category, kind, status, number in await session.execute(_claims(home, county, on)):
        region_counts = counted.setdefault(township, Counted())
        region_counts.statuses.setdefault((category, kind), Counter())[status.lower()] += number
    return counted


def _inside(county: str, region: ColumnElement[str]) -> ColumnElement[bool]:
    first, end = sa.bindparam("county", county, type_=CODE), sa.bindparam("end", end_of(county), type_=CODE)
    return sa.and_(region >= first, region < end)


def _homes(county: str, day: Day) -> FromClause:
    """The county's households in a category, each counted in its category with the most support."""
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
        .where(_inside(county, household.c.region), in_force(certification, day))
        .ext(pg.distinct_on(household.c.id))
        .order_by(household.c.id, rank)
        .cte("home")
    )


def _people(home: FromClause, day: Day) -> sa.Select[Any]:
    person = _person.alias()
    members = sa.and_(
        person.c.household_id == home.c.id, present(person, day), covers(person, day, everything)
    )
    return (
        sa.select(
            home.c.township,
            home.c.category,
            sa.func.count(sa.distinct(home.c.id)),
            sa.func.count(person.c.id),
        )
        .select_from(home.outerjoin(person, members))
        .group_by(home.c.township, home.c.category)
    )


def _claims(home: FromClause, county: str, day: Day) -> sa.Select[Any]:
    claim = entitled(_COUNTING, day, within=lambda household: _inside(county, household.c.region))
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
    return (
        sa.select(*columns, sa.func.count())
        .join_from(home, claim, claim.c.household_id == home.c.id)
        .where(looked_at)
        .group_by(*columns)
    )
