"""The age of a person on a day, defined once: in Python for one person, in SQL for rows.

A person is a year older from the birthday on; a person born on 29 February, from 1 March in other years.
"""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.calendar import years_before

OF_AGE = 18
"""民法典第十七条: 不满十八周岁的自然人为未成年人."""
AGED = 70
"""46-3.1: 70周岁以上老年人."""
ELDERLY = 60
"""老年人权益保障法第二条: 60周岁以上; 46-3.4 gives no other age for its 老年人."""
WORKING_AGE = (16, 63)
"""From 16, under 63: the highest statutory retirement age (渐进式延迟法定退休年龄, 2025-01-01)."""


def full_years(birth_date: date, on: date) -> int:
    """A person's age on a day; below 0 before the birth."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def of_years(person: FromClause, years: int, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a person is at least this many years old on a day."""
    return person.c.birth_date <= years_before(day, years)


def aged(person: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a person is 70 or older on a day (46-3.1)."""
    return of_years(person, AGED, day)


def elderly(person: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a person is 60 or older on a day (46-3.4)."""
    return of_years(person, ELDERLY, day)


def minor(person: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a person is a minor on a day (46-3.1, 46-3.4)."""
    return sa.not_(of_years(person, OF_AGE, day))


def is_minor(birth_date: date, day: date) -> bool:
    """Whether one person is a minor on a day."""
    return full_years(birth_date, day) < OF_AGE


def of_working_age(person: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a person is of working age on a day (46-3.2.4)."""
    youngest, retired = WORKING_AGE
    return sa.and_(of_years(person, youngest, day), sa.not_(of_years(person, retired, day)))
