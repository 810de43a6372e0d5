"""Households that are possibly eligible but in no category, and certified ones that are possibly no longer eligible
(46-2.3, 46-2.4)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from hub.evaluation.monitoring.household_part import (
    CERTIFICATION,
    DAY,
    HOUSEHOLD,
    PERSON,
    Condition,
    Conditions,
    facts,
    in_part,
    of_part,
    reported,
)
from hub.lines.force import line_in_force
from hub.model.agencies import Department
from hub.model.alerts import Finding
from hub.model.certifications import Category
from hub.model.circumstances import CircumstanceKind
from hub.policy.facts.certifications import certified, covers, in_force
from hub.policy.facts.circumstances import is_reported
from hub.policy.facts.conditions import severely_disabled
from hub.policy.facts.labour import households_without_labour
from hub.policy.facts.persons import partly_covered as partly_covered_on
from hub.policy.facts.persons import present
from hub.policy.facts.sight import everything
from hub.policy.facts.subjects import concerns
from hub.policy.permissions.field_scopes import CERTIFICATION as FIELDS_OF_CERTIFICATION
from hub.policy.permissions.field_scopes import HOUSEHOLD as FIELDS_OF_HOUSEHOLD
from hub.policy.permissions.field_scopes import PERSON as FIELDS_OF_PERSON
from hub.policy.permissions.registry_scopes import read_scope

SUPPORTED = (Category.SUBSISTENCE_ALLOWANCE, Category.EXTREME_HARDSHIP)
BY_INCOME = (
    Category.SUBSISTENCE_ALLOWANCE, Category.SUBSISTENCE_MARGIN, Category.RIGID_EXPENDITURE,
    Category.POVERTY_RELAPSE_MONITORED,
)  # fmt: skip
"""Categories with an income line."""


def illness_not_covered() -> Select[Any]:
    """46-2.3: serious illness or rigid expense of a present member or of a household that is in no category."""
    row, is_report = reported(CircumstanceKind.SERIOUS_ILLNESS, CircumstanceKind.RIGID_EXPENSE)
    person = PERSON.alias()
    here = (
        sa.exists()
        .where(
            person.c.household_id == row.c.household_id,
            present(person, DAY),
            concerns(row, person.c.id),
        )
        .correlate_except(person)
    )
    return (
        facts(row.c.household_id, None)
        .distinct()
        .where(is_report, here, sa.not_(certified(row.c.household_id, None, DAY, everything)))
    )


def severe_disability_not_covered() -> Select[Any]:
    """46-2.3: a severely disabled member with neither subsistence allowance nor extreme hardship support."""
    person = PERSON.alias()
    certificate = is_reported(person, DAY, of_part, CircumstanceKind.DISABILITY, condition=severely_disabled)
    return facts(person.c.household_id, person.c.id).where(
        in_part(person.c.household_id),
        present(person, DAY),
        sa.or_(severely_disabled(person), certificate),
        sa.not_(covers(person, DAY, everything, *SUPPORTED)),
    )


def partly_covered() -> Select[Any]:
    """46-2.3: the allowance covers some present members of a household but not all."""
    household = HOUSEHOLD.alias()
    return facts(household.c.id, None).where(
        in_part(household.c.id), partly_covered_on(household, DAY, everything)
    )


def without_labour() -> Select[Any]:
    """46-2.3: a household without any category, in which no member has full ability to work."""
    row = households_without_labour(DAY, _uncertified).subquery()
    return facts(row.c.household_id, None)


def _uncertified(table: FromClause) -> ColumnElement[bool]:
    """The rows of the part whose household is in no category."""
    return sa.and_(of_part(table), sa.not_(certified(table.c.household_id, None, DAY, everything)))


def income_above_line() -> Select[Any]:
    """46-2.4: a household whose registered income is above the line of one of its categories."""
    certification, household = CERTIFICATION.alias(), HOUSEHOLD.alias()
    line = line_in_force(household.c.region, household.c.residence, certification.c.category, DAY)
    return (
        facts(household.c.id, None, certification.c.category)
        .distinct()
        .join_from(household, certification, certification.c.household_id == household.c.id)
        .where(
            in_part(household.c.id),
            certification.c.category.in_(BY_INCOME),
            certification.c.person_id.is_(None),
            in_force(certification, DAY),
            household.c.income_per_capita > line,
        )
    )


_CERTIFIED = FIELDS_OF_CERTIFICATION.only("category")

CONDITIONS: Conditions = {
    Finding.ILLNESS_OUTSIDE: Condition(
        illness_not_covered,
        (read_scope(Department.HEALTH), read_scope(Department.MEDICAL_INSURANCE), _CERTIFIED),
    ),
    Finding.SEVERE_DISABILITY_OUTSIDE: Condition(
        severe_disability_not_covered,
        (read_scope(Department.DISABLED_FEDERATION), FIELDS_OF_PERSON.only("disabilityGrade"), _CERTIFIED),
    ),
    Finding.PARTLY_COVERED: Condition(partly_covered, (_CERTIFIED,)),
    Finding.WITHOUT_LABOUR: Condition(without_labour, (FIELDS_OF_PERSON.only("employment"),)),
    Finding.INCOME_ABOVE_LINE: Condition(
        income_above_line, (_CERTIFIED, *sorted(FIELDS_OF_HOUSEHOLD["incomePerCapita"][0]))
    ),
}
