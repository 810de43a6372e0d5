"""When a certification is in force, and for whom, defined once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.database import table_of
from hub.model.certifications import Category, CertificationRow, EndReason, Support
from hub.policy.facts.periods import share_a_day
from hub.policy.facts.sight import Seen
from hub.policy.facts.subjects import concerns

COVERED_BY_MEMBER = Category.SUBSISTENCE_ALLOWANCE
"""The category that covers either a whole household or single members (非整户保, 46-2.3), never both."""
SUPPORTED = (Category.SUBSISTENCE_ALLOWANCE, Category.EXTREME_HARDSHIP)
"""46-3.1: the categories that get basic living aid each month."""
SUPPORTED_BY_EVENT = (
    Category.SUBSISTENCE_ALLOWANCE,
    Category.EXTREME_HARDSHIP,
    Category.SUBSISTENCE_MARGIN,
    Category.RIGID_EXPENDITURE,
)
"""46-3.2.5, 46-3.5: 低保对象、特困人员、低保边缘家庭成员、刚性支出困难家庭成员, at the time of a disaster or a death."""
_certification = table_of(CertificationRow)
Holds = Callable[[FromClause, ColumnElement[date]], ColumnElement[bool]]
"""A condition for the time of a certification: (certification, day) -> whether it applies."""


def in_force(certification: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a certification is in force on a day. `valid_until` is its last day; `ended_on` is the first day on which it is
    no longer in force. If it was ended as a mistake, it never was in force (46-4.3: 失误偏差 … 及时纠正)."""
    return sa.and_(began_by(certification, day), _goes_on(certification, day))


@dataclass(frozen=True, slots=True)
class Validity:
    """The days on which one certification is in force, in Python: the same as `in_force` of its row."""

    valid_from: date
    valid_until: date | None = None
    ended_on: date | None = None
    ended_because: EndReason | None = None

    @classmethod
    def of(cls, certification: Mapping[Any, Any]) -> "Validity":
        """The validity of a row of the table."""
        return cls(
            *(certification[name] for name in ("valid_from", "valid_until", "ended_on", "ended_because"))
        )

    @property
    def has_ended(self) -> bool:
        """Whether it was ended, on any day. A certification that expired was not ended."""
        return self.ended_on is not None

    def has_ended_by(self, day: date) -> bool:
        """Whether it was ended, and its first day out of force is on or before a day. Nobody ends a certification in advance."""
        return self.ended_on is not None and self.ended_on <= day

    @property
    def never_in_force(self) -> bool:
        """Whether it was ended as a mistake, so that it never was in force (46-4.3)."""
        return self.ended_because is EndReason.MISTAKE

    @property
    def end(self) -> date:
        """The first day on which it is no longer in force: the last possible date if it has no end, its own first day if it
        was a mistake."""
        if self.never_in_force:
            return self.valid_from
        over = date.max
        if self.valid_until is not None and self.valid_until != date.max:
            over = self.valid_until + timedelta(days=1)
        return min(over, self.ended_on or date.max)

    def had_begun_by(self, day: date) -> bool:
        """Whether it began on or before a day. It can end on such a day, but not earlier."""
        return self.valid_from <= day

    def began_before(self, day: date) -> bool:
        """Whether it began before a day."""
        return self.valid_from < day

    def ending_on(self, day: date) -> date:
        """The day on which it ends if it is ended by a day: not before its first day."""
        return max(day, self.valid_from)

    def is_in_force(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.had_begun_by(day) and day < self.end

    def is_in_force_between(self, begins: date, ends: date | None) -> bool:
        """Whether it is in force on a day from `begins` to before `ends` (None: no end)."""
        return share_a_day(begins, ends or date.max, self.valid_from, self.end)


def in_force_at(certification: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a certification was in force at an event on a day, such as a death that ended it on that day."""
    return sa.or_(in_force(certification, day), in_force(certification, day - 1))


def in_force_in_month(certification: FromClause, first: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a certification is in force on a day of the month that begins on `first`."""
    began = certification.c.valid_from < first + sa.text("interval '1 month'")
    return sa.and_(began, _goes_on(certification, first))


def in_force_between(
    certification: FromClause, first: ColumnElement[date], last: ColumnElement[date]
) -> ColumnElement[bool]:
    """Whether a certification is in force on a day of a window."""
    return sa.and_(certification.c.valid_from <= last, _goes_on(certification, first))


def lives_at_home(certification: FromClause) -> ColumnElement[bool]:
    """Whether a certification is not for support in an institution (集中供养), which provides house, heating and power."""
    return sa.func.coalesce(certification.c.support != Support.INSTITUTIONAL.value, sa.true())


def _goes_on(certification: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    columns = certification.c
    return sa.and_(
        sa.or_(columns.valid_until.is_(None), columns.valid_until >= day),
        sa.or_(
            columns.ended_on.is_(None),
            sa.and_(
                columns.ended_on > day,
                columns.ended_on > columns.valid_from,  # it has at least one day, in the window or before it
                columns.ended_because != EndReason.MISTAKE.value,
            ),
        ),
    )


def began_before(certification: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a certification began before a day, so that it was already in force at the start of a month or year."""
    return certification.c.valid_from < day


def began_by(certification: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a certification began on or before a day."""
    return certification.c.valid_from <= day


def certified(
    household_id: ColumnElement[Any],
    person_id: ColumnElement[Any] | None,
    day: ColumnElement[date],
    seen: Seen,
    *categories: Category,
    holds: Holds = in_force,
) -> ColumnElement[bool]:
    """Whether a person has a certification in one of these categories (none passed: in any category), alone or with the
    household. `person_id` None: whether any member has one. `holds` sets the time: on the day, or in the month that begins on
    it."""
    certification = _certification.alias()
    of_kind = certification.c.category.in_(categories) if categories else sa.true()
    return (
        sa.exists()
        .where(
            certification.c.household_id == household_id,
            concerns(certification, person_id),
            of_kind,
            holds(certification, day),
            seen(certification),
        )
        .correlate_except(certification)
    )


def covers(
    person: FromClause, day: ColumnElement[date], seen: Seen, *categories: Category, holds: Holds = in_force
) -> ColumnElement[bool]:
    """The same as `certified`, for rows of persons."""
    return certified(person.c.household_id, person.c.id, day, seen, *categories, holds=holds)
