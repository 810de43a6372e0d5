"""Who is perhaps eligible and in no category, and who is in one and perhaps no longer eligible (46-2.3, 46-2.4)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from hub.certifications.rules import COVERED_BY_MEMBER
from hub.evaluation.entitlements.facts import SEVERE
from hub.evaluation.entitlements.ground import standing_on
from hub.evaluation.monitoring.ground import (
    CERTIFICATION,
    DAY,
    HOUSEHOLD,
    PERSON,
    certified,
    facts,
    in_part,
    present,
    reported,
)
from hub.lines.force import line_in_force
from hub.model.certifications import Category
from hub.model.circumstances import CircumstanceKind
from hub.model.persons import Labour

SUPPORTED = (Category.SUBSISTENCE_ALLOWANCE, Category.EXTREME_HARDSHIP)
BY_INCOME = (
    Category.SUBSISTENCE_ALLOWANCE, Category.SUBSISTENCE_MARGIN, Category.RIGID_EXPENDITURE,
    Category.POVERTY_RELAPSE_MONITORED,
)  # fmt: skip
"""Categories with an income line."""


def illness_outside() -> Select[Any]:
    """46-2.3: serious illness or rigid expense, of a present member or of the household, where it is in no category."""
    one, told = reported(CircumstanceKind.SERIOUS_ILLNESS, CircumstanceKind.RIGID_EXPENSE)
    person = PERSON.alias()
    here = (
        sa.exists()
        .where(
            person.c.household_id == one.c.household_id, present(person),
            sa.or_(one.c.person_id.is_(None), one.c.person_id == person.c.id),
        )
        .correlate_except(person)
    )  # fmt: skip
    return (
        facts(one.c.household_id, None)
        .distinct()
        .where(told, here, sa.not_(certified(one.c.household_id, None)))
    )


def severe_disability_outside() -> Select[Any]:
    """46-2.3: a severely disabled member who has neither subsistence allowance nor extreme hardship support."""
    person = PERSON.alias()
    one, told = reported(CircumstanceKind.DISABILITY)
    certificate = (
        sa.exists()
        .where(
            one.c.household_id == person.c.household_id, one.c.person_id == person.c.id, told,
            one.c.disability_grade <= SEVERE,
        )
        .correlate_except(one)
    )  # fmt: skip
    return facts(person.c.household_id, person.c.id).where(
        in_part(person.c.household_id), present(person), sa.or_(person.c.disability_grade <= SEVERE, certificate),
        sa.not_(certified(person.c.household_id, person.c.id, *SUPPORTED)),
    )  # fmt: skip


def partly_covered() -> Select[Any]:
    """46-2.3: the allowance covers some present members of a household, and not all."""
    person = PERSON.alias()
    covered = certified(person.c.household_id, person.c.id, COVERED_BY_MEMBER)
    return (
        facts(person.c.household_id, None)
        .where(in_part(person.c.household_id), present(person))
        .group_by(person.c.household_id)
        .having(sa.and_(sa.func.bool_or(covered), sa.not_(sa.func.bool_and(covered))))
    )


def without_labour() -> Select[Any]:
    """46-2.3: a household outside every category in which nobody has full ability to work."""
    person = PERSON.alias()
    unable = sa.and_(person.c.labour.is_not(None), person.c.labour != Labour.FULL)
    return (
        facts(person.c.household_id, None)
        .where(
            in_part(person.c.household_id), present(person), sa.not_(certified(person.c.household_id, None))
        )
        .group_by(person.c.household_id)
        .having(sa.func.bool_and(unable))
    )


def income_above_line() -> Select[Any]:
    """46-2.4: a household whose registered income is above the line of a category that it is certified in."""
    one, household = CERTIFICATION.alias(), HOUSEHOLD.alias()
    line = line_in_force(household.c.region, household.c.residence, one.c.category, DAY)
    return (
        facts(household.c.id, None, one.c.category)
        .distinct()
        .join_from(household, one, one.c.household_id == household.c.id)
        .where(
            in_part(household.c.id), one.c.category.in_(BY_INCOME), one.c.person_id.is_(None), standing_on(one, DAY),
            household.c.income_per_capita > line,
        )
    )  # fmt: skip
