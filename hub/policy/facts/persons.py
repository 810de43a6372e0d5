"""Who is a member of a household, and who of a household is covered, once."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.database import table_of
from hub.model.persons import PersonRow
from hub.policy.facts.certifications import COVERED_BY_MEMBER, covers
from hub.policy.facts.sight import Seen

_person = table_of(PersonRow)


def present(person: FromClause, day: ColumnElement[date] | None = None) -> ColumnElement[bool]:
    """Whether it is a member on a day: `left_on` is the first on which it is none. Without a day, as the register stands now."""
    stays = person.c.left_on.is_(None)
    return stays if day is None else sa.or_(stays, person.c.left_on > day)


def covered(person: FromClause, day: ColumnElement[date], seen: Seen) -> ColumnElement[bool]:
    """Whether the subsistence allowance covers a person on a day."""
    return covers(person, day, seen, COVERED_BY_MEMBER)


def partly_covered(household: FromClause, day: ColumnElement[date], seen: Seen) -> ColumnElement[bool]:
    """非整户保 (46-2.3): the allowance covers some present members of a household, and some not. The household is read in the
    same statement behind its own rule."""

    def some(member: FromClause, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        own = sa.and_(member.c.household_id == household.c.id, present(member, day), seen(member))
        return sa.exists().where(own, condition).correlate_except(member)

    inside, outside = _person.alias(), _person.alias()
    return sa.and_(
        some(inside, covered(inside, day, seen)), some(outside, sa.not_(covered(outside, day, seen)))
    )
