"""Households that are possibly eligible but in no category (46-2.3)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from hub.evaluation.monitoring.household_part import (
    DAY,
    DEATHS,
    HOUSEHOLD,
    PERSON,
    Condition,
    Conditions,
    facts,
    in_part,
    living_of_part,
    reported,
)
from hub.model.agencies import Department
from hub.model.alerts import Finding
from hub.model.circumstances import CircumstanceKind
from hub.policy.facts.certifications import SUPPORTED, certified, covers
from hub.policy.facts.circumstances import is_reported
from hub.policy.facts.conditions import severely_disabled
from hub.policy.facts.labour import households_without_labour
from hub.policy.facts.persons import living
from hub.policy.facts.persons import partly_covered as partly_covered_on
from hub.policy.facts.sight import everything
from hub.policy.facts.subjects import concerns
from hub.policy.permissions.field_scopes import CERTIFICATION as FIELDS_OF_CERTIFICATION
from hub.policy.permissions.field_scopes import PERSON as FIELDS_OF_PERSON
from hub.policy.permissions.registry_scopes import read_scope


def illness_not_covered() -> Select[Any]:
    """46-2.3: serious illness or rigid expense of a present member or of a household that is in no category."""
    row, is_report = reported(CircumstanceKind.SERIOUS_ILLNESS, CircumstanceKind.RIGID_EXPENSE)
    person = PERSON.alias()
    here = (
        sa.exists()
        .where(
            person.c.household_id == row.c.household_id,
            living(person, DAY, everything),
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
    certificate = is_reported(
        person, DAY, everything, CircumstanceKind.DISABILITY, condition=severely_disabled
    )
    return facts(person.c.household_id, person.c.id).where(
        in_part(person.c.household_id),
        living(person, DAY, everything),
        sa.or_(severely_disabled(person), certificate),
        sa.not_(covers(person, DAY, everything, *SUPPORTED)),
    )


def partly_covered() -> Select[Any]:
    """46-2.3: the allowance covers some present members of a household but not all."""
    household = HOUSEHOLD.alias()
    return facts(household.c.id, None).where(
        in_part(household.c.id), partly_covered_on(household, DAY, everything, living_of_part)
    )


def without_labour() -> Select[Any]:
    """46-2.3: a household without any category, in which no member has full ability to work."""
    row = households_without_labour(DAY, _uncertified).subquery()
    return facts(row.c.household_id, None)


def _uncertified(table: FromClause) -> ColumnElement[bool]:
    """The living members of the part whose household is in no category."""
    return sa.and_(living_of_part(table), sa.not_(certified(table.c.household_id, None, DAY, everything)))


_CERTIFIED = FIELDS_OF_CERTIFICATION.only("category")

CONDITIONS: Conditions = {
    Finding.ILLNESS_OUTSIDE: Condition(
        illness_not_covered,
        (read_scope(Department.HEALTH), read_scope(Department.MEDICAL_INSURANCE), DEATHS, _CERTIFIED),
    ),
    Finding.SEVERE_DISABILITY_OUTSIDE: Condition(
        severe_disability_not_covered,
        (
            read_scope(Department.DISABLED_FEDERATION),
            FIELDS_OF_PERSON.only("disabilityGrade"),
            DEATHS,
            _CERTIFIED,
        ),
    ),
    Finding.PARTLY_COVERED: Condition(partly_covered, (_CERTIFIED, DEATHS)),
    Finding.WITHOUT_LABOUR: Condition(
        without_labour, (FIELDS_OF_PERSON.only("employment"), _CERTIFIED, DEATHS)
    ),
}
