"""Who can work, who works, and the households in which nobody can work or nobody works, defined once."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from hub.model.persons import Employment, Labour
from hub.policy.facts.ages import of_working_age
from hub.policy.facts.circumstances import dead
from hub.policy.facts.persons import all_members, households_of_members, some_member
from hub.policy.facts.sight import Seen


def able(person: FromClause) -> ColumnElement[bool]:
    """Whether a person may be able to work: no record states the opposite."""
    return person.c.labour.is_distinct_from(Labour.NONE.value)


def little_labour(person: FromClause) -> ColumnElement[bool]:
    """Whether a person is known to have no or weak ability to work (无劳动力或弱劳动力, 46-2.3)."""
    return sa.and_(person.c.labour.is_not(None), person.c.labour != Labour.FULL.value)


_AT_WORK = (Employment.EMPLOYED.value, Employment.FLEXIBLE.value, Employment.FARMING.value)
_OUT_OF_WORKING_LIFE = (Employment.STUDYING.value, Employment.RETIRED.value)


def could_work(person: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a person is of working age on a day, able to work, and neither at school nor retired."""
    occupied = sa.func.coalesce(person.c.employment.in_(_OUT_OF_WORKING_LIFE), sa.false())
    return sa.and_(of_working_age(person, day), able(person), sa.not_(occupied))


def works(person: FromClause) -> ColumnElement[bool]:
    """Whether a person is known to work, at any age and ability."""
    return sa.func.coalesce(person.c.employment.in_(_AT_WORK), sa.false())


def unemployed(person: FromClause) -> ColumnElement[bool]:
    """Whether a person is registered as unemployed and able to work (46-3.2.4)."""
    return sa.and_(person.c.employment == Employment.UNEMPLOYED.value, able(person))


def zero_employment(household: FromClause, day: ColumnElement[date], seen: Seen) -> ColumnElement[bool]:
    """零就业家庭 (46-3.2.4): some living members could work, and none of them works."""

    def alive(person: FromClause) -> ColumnElement[bool]:
        return sa.not_(dead(person, day, seen))

    return sa.and_(
        some_member(household, day, seen, lambda person: sa.and_(could_work(person, day), alive(person))),
        sa.not_(some_member(household, day, seen, lambda person: sa.and_(works(person), alive(person)))),
    )


def households_of_zero_employment(day: ColumnElement[date], seen: Seen) -> Select[tuple[UUID]]:
    """The ids of all such households, if `seen` excludes the dead."""
    return households_of_members(
        day,
        seen,
        lambda person: sa.and_(
            sa.func.bool_or(could_work(person, day)), sa.not_(sa.func.bool_or(works(person)))
        ),
    )


def without_labour(household: FromClause, day: ColumnElement[date] | None, seen: Seen) -> ColumnElement[bool]:
    """无劳动力或弱劳动力家庭 (46-2.3): there are present members, and each is known to have weak or no ability to work."""
    return all_members(household, day, seen, little_labour)


def households_without_labour(day: ColumnElement[date], seen: Seen) -> Select[tuple[UUID]]:
    """The ids of all such households."""
    return households_of_members(day, seen, lambda person: sa.func.bool_and(little_labour(person)))
