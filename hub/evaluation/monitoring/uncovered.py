"""Who is perhaps eligible and in no category, and who is in one and perhaps no longer eligible (46-2.3, 46-2.4)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from hub.evaluation.entitlements.facts import SEVERE
from hub.evaluation.monitoring.ground import (
    CERTIFICATION,
    DAY,
    HOUSEHOLD,
    PERSON,
    certified,
    facts,
    in_part,
    reported,
)
from hub.lines.force import line_in_force
from hub.model.certifications import Category
from hub.model.circumstances import CircumstanceKind
from hub.model.persons import Labour
from hub.policy.facts.certifications import in_force
from hub.policy.facts.persons import partly_covered as partly_covered_on
from hub.policy.facts.persons import present
from hub.policy.facts.sight import everything

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
            person.c.household_id == one.c.household_id,
            present(person, DAY),
            sa.or_(one.c.person_id.is_(None), one.c.person_id == person.c.id),
        )
        .correlate_except(person)
    )
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
            one.c.household_id == person.c.household_id,
            one.c.person_id == person.c.id,
            told,
            one.c.disability_grade <= SEVERE,
        )
        .correlate_except(one)
    )
    return facts(person.c.household_id, person.c.id).where(
        in_part(person.c.household_id),
        present(person, DAY),
        sa.or_(person.c.disability_grade <= SEVERE, certificate),
        sa.not_(certified(person.c.household_id, person.c.id, *SUPPORTED)),
    )


def partly_covered() -> Select[Any]:
    """46-2.3: the allowance covers some present members of a household, and not all."""
    household = HOUSEHOLD.alias()
    return facts(household.c.id, None).where(
        in_part(household.c.id), partly_covered_on(household, DAY, everything)
    )


def without_labour() -> Select[Any]:
    """46-2.3: a household outside every category in which nobody has full ability to work."""
    person = PERSON.alias()
    unable = sa.and_(person.c.labour.is_not(None), person.c.labour != Labour.FULL)
    return (
        facts(person.c.household_id, None)
        .where(
            in_part(person.c.household_id),
            present(person, DAY),
            sa.not_(certified(person.c.household_id, None)),
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
            in_part(household.c.id),
            one.c.category.in_(BY_INCOME),
            one.c.person_id.is_(None),
            in_force(one, DAY),
            household.c.income_per_capita > line,
        )
    )
