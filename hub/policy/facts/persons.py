"""Who is a member of a household, who is its head, and who is covered, defined once."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from hub.foundation.database import table_of
from hub.model.persons import PersonRow, Relation
from hub.policy.facts.certifications import COVERED_BY_MEMBER, covers
from hub.policy.facts.circumstances import dead
from hub.policy.facts.sight import Condition, Seen, everything

_person = table_of(PersonRow)


def present(person: FromClause, day: ColumnElement[date] | None = None) -> ColumnElement[bool]:
    """Whether a person is a member on a day; `left_on` is the first day after the membership. Without a day: now."""
    stays = person.c.left_on.is_(None)
    return stays if day is None else sa.or_(stays, person.c.left_on > day)


def is_present(left_on: date | None, day: date | None = None) -> bool:
    """The same for one person in Python."""
    return left_on is None or (day is not None and left_on > day)


def living(person: FromClause, day: ColumnElement[date], seen: Seen) -> ColumnElement[bool]:
    """Whether a person is a member on a day and not dead (46-2.2)."""
    return sa.and_(present(person, day), sa.not_(dead(person, day, seen)))


def heads(person: FromClause, day: ColumnElement[date] | None = None) -> ColumnElement[bool]:
    """Whether a person is the head of the household (户主) on a day; without a day: now."""
    return sa.and_(person.c.relation == Relation.HEAD.value, present(person, day))


def some_member(
    household: FromClause, day: ColumnElement[date] | None, seen: Seen, condition: Condition = everything
) -> ColumnElement[bool]:
    """Whether a condition is true for a member who is present on a day (None: now). The same statement applies the
    household's own row rule."""
    member = _person.alias()
    own = sa.and_(member.c.household_id == household.c.id, present(member, day), seen(member))
    return sa.exists().where(own, condition(member)).correlate_except(member)


def all_members(
    household: FromClause,
    day: ColumnElement[date] | None,
    seen: Seen,
    condition: Condition,
    who: Condition = everything,
) -> ColumnElement[bool]:
    """Whether a condition is true for all members present on a day (None: now) for whom `who` is true; false if there are
    none. The same statement applies the household's own row rule."""
    member = _person.alias()
    of_household = member.c.household_id == household.c.id
    found = sa.select(sa.func.bool_and(condition(member))).where(
        of_household, present(member, day), seen(member), who(member)
    )
    return sa.func.coalesce(found.correlate_except(member).scalar_subquery(), sa.false())


def households_of_members(day: ColumnElement[date], seen: Seen, having: Condition) -> Select[tuple[UUID]]:
    """The ids of the households for which an aggregate condition is true over the members present on a day, in one pass."""
    member = _person.alias()
    return (
        sa.select(member.c.household_id)
        .where(present(member, day), seen(member))
        .group_by(member.c.household_id)
        .having(having(member))
    )


def covered(person: FromClause, day: ColumnElement[date], seen: Seen) -> ColumnElement[bool]:
    """Whether the subsistence allowance covers a person on a day."""
    return covers(person, day, seen, COVERED_BY_MEMBER)


def partly_covered(
    household: FromClause, day: ColumnElement[date], seen: Seen, who: Condition = everything
) -> ColumnElement[bool]:
    """非整户保 (46-2.3): among the present members for whom `who` is true, the allowance covers some but not all."""
    return sa.and_(
        some_member(household, day, seen, lambda person: sa.and_(who(person), covered(person, day, seen))),
        some_member(
            household, day, seen, lambda person: sa.and_(who(person), sa.not_(covered(person, day, seen)))
        ),
    )
