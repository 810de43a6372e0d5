"""Incomes compared with the lines of the county: households that may be eligible, eligible for more, or no longer eligible
(46-2.3, 46-2.4)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from hub.evaluation.monitoring.household_part import (
    CERTIFICATION,
    DAY,
    DEATHS,
    HOUSEHOLD,
    Condition,
    Conditions,
    facts,
    in_part,
    living_of_part,
)
from hub.model.alerts import Finding
from hub.model.certifications import Category
from hub.policy.facts.certifications import certified, in_force
from hub.policy.facts.lines import line_in_force
from hub.policy.facts.persons import some_member
from hub.policy.facts.sight import everything
from hub.policy.permissions.field_scopes import CERTIFICATION as FIELDS_OF_CERTIFICATION
from hub.policy.permissions.field_scopes import HOUSEHOLD as FIELDS_OF_HOUSEHOLD

_SA, _M = Category.SUBSISTENCE_ALLOWANCE, Category.SUBSISTENCE_MARGIN
BY_INCOME = (
    _SA,
    Category.EXTREME_HARDSHIP,
    _M,
    Category.RIGID_EXPENDITURE,
    Category.POVERTY_RELAPSE_MONITORED,
)
"""Categories with an income line."""
BETTER: tuple[tuple[Category, tuple[Category, ...]], ...] = (
    (_SA, (_SA, Category.EXTREME_HARDSHIP)),
    (_M, tuple(category for category in Category if category is not Category.OTHER_HARDSHIP)),
)
"""The categories that may be opened by income alone, each with the categories that make it unnecessary. Rigid expenditure
also needs expenses; extreme hardship needs that nobody can provide for the person."""


def income_above_line() -> Select[Any]:
    """46-2.4: a household whose registered income is above the line of one of its categories, or of a member's."""
    certification, household = CERTIFICATION.alias(), HOUSEHOLD.alias()
    line = line_in_force(household.c.region, household.c.residence, certification.c.category, DAY)
    return (
        facts(household.c.id, None, certification.c.category)
        .distinct()
        .join_from(household, certification, certification.c.household_id == household.c.id)
        .where(
            in_part(household.c.id),
            certification.c.category.in_(BY_INCOME),
            in_force(certification, DAY),
            household.c.income_per_capita > line,
            some_member(household, DAY, living_of_part),
        )
    )


def income_below_line() -> Select[Any]:
    """46-2.3: a household in no category whose registered income is within the line of subsistence allowance or of the
    margin."""
    household = HOUSEHOLD.alias()
    within = [_within(household, category) for category, _ in BETTER]
    return facts(household.c.id, None).where(
        in_part(household.c.id),
        sa.or_(*within),
        sa.not_(certified(household.c.id, None, DAY, everything)),
        some_member(household, DAY, living_of_part),
    )


def better_category() -> Select[Any]:
    """46-2.3: a certified household whose income is within the line of a category with more support. The first such category
    is found."""
    household = HOUSEHOLD.alias()
    first = sa.case(
        *(
            (
                sa.and_(
                    _within(household, better),
                    sa.not_(certified(household.c.id, None, DAY, everything, *enough)),
                ),
                better.value,
            )
            for better, enough in BETTER
        )
    )
    every = facts(household.c.id, None, first).where(
        in_part(household.c.id),
        certified(household.c.id, None, DAY, everything),
        some_member(household, DAY, living_of_part),
    )
    found = every.subquery()
    return sa.select(found).where(found.c.evidence.is_not(None))


def _within(household: FromClause, category: Category) -> ColumnElement[bool]:
    """Whether the income is at most the line of a category; false where either is unknown."""
    line = line_in_force(household.c.region, household.c.residence, sa.literal(category.value), DAY)
    return sa.func.coalesce(household.c.income_per_capita <= line, sa.false())


_NEEDED = (
    FIELDS_OF_CERTIFICATION.only("category"),
    DEATHS,
    *sorted(FIELDS_OF_HOUSEHOLD["incomePerCapita"][0]),
)

CONDITIONS: Conditions = {
    Finding.INCOME_BELOW_LINE: Condition(income_below_line, _NEEDED),
    Finding.BETTER_CATEGORY: Condition(better_category, _NEEDED),
    Finding.INCOME_ABOVE_LINE: Condition(income_above_line, _NEEDED),
}
