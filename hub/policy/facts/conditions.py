"""Who is disabled, ill or at school, defined once: from the township's registration of a member, or from a registry's report
(46-2.3, 46-3.1). Null if nothing is known."""

from sqlalchemy import ColumnElement, FromClause

from hub.model.persons import EducationStage, Health

SEVERE_UP_TO_GRADE = 2
"""重度残疾人: grades 1 and 2 of GB/T 26341."""


def disabled(known: FromClause) -> ColumnElement[bool]:
    """Whether a grade of disability is known."""
    return known.c.disability_grade.is_not(None)


def severely_disabled(known: FromClause) -> ColumnElement[bool]:
    """重度残疾人."""
    return known.c.disability_grade <= SEVERE_UP_TO_GRADE


def seriously_ill(person: FromClause) -> ColumnElement[bool]:
    """重病患者."""
    return person.c.health == Health.SERIOUS.value


def chronically_ill(person: FromClause) -> ColumnElement[bool]:
    """慢性病人 (46-2.3, 46-3.2.1: 因慢性病需要长期服药)."""
    return person.c.health == Health.CHRONIC.value


def ill(person: FromClause) -> ColumnElement[bool]:
    """重病患者或慢性病人 (46-2.3)."""
    return person.c.health.in_((Health.SERIOUS.value, Health.CHRONIC.value))


def at_school(person: FromClause) -> ColumnElement[bool]:
    """在园幼儿、在校学生 (46-3.2.2)."""
    return person.c.education_stage.is_not(None)


def in_college(known: FromClause) -> ColumnElement[bool]:
    """在校大学生."""
    return known.c.education_stage == EducationStage.COLLEGE.value
