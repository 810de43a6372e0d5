"""Who has the supplement of 46-3.1 in a month, once.

"继续执行对低保对象中的重度残疾人、重病患者以及70周岁以上老年人、在校大学生、未成年人等困难群体,每人每月增发100元低保金的救助政策。"
It is given for each month (每月), so an age is that of the month's first day.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.policy.facts.ages import aged, minor
from hub.policy.facts.certifications import COVERED_BY_MEMBER, covers, in_force_in_month
from hub.policy.facts.circumstances import dead
from hub.policy.facts.conditions import in_college, seriously_ill, severely_disabled
from hub.policy.facts.sight import Seen, everything


@dataclass(frozen=True, slots=True)
class SupplementClass:
    """A class of 46-3.1 as the township registered it: the field that it `rests_on`, and the condition in the month that
    begins on a day."""

    rests_on: str
    holds: Callable[[FromClause, ColumnElement[date]], ColumnElement[bool]]


CLASSES: Mapping[str, SupplementClass] = MappingProxyType(
    {
        "severely_disabled": SupplementClass("disabilityGrade", lambda person, _: severely_disabled(person)),
        "seriously_ill": SupplementClass("health", lambda person, _: seriously_ill(person)),
        "aged": SupplementClass("birthDate", aged),
        "in_college": SupplementClass("educationStage", lambda person, _: in_college(person)),
        "minor": SupplementClass("birthDate", minor),
    }
)


def of_class(name: str, person: FromClause, month: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a person belongs to a class in the month that begins on a day; false if unknown."""
    return sa.func.coalesce(CLASSES[name].holds(person, month), sa.false())


def of_any_class(person: FromClause, month: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a person belongs to one of the classes in the month that begins on a day."""
    return sa.or_(*(of_class(name, person, month) for name in CLASSES))


def supplemented(
    person: FromClause, month: ColumnElement[date], seen: Seen = everything
) -> ColumnElement[bool]:
    """Whether a person has the supplement in the month that begins on a day: a member of a class, covered by subsistence
    allowance in that month, and alive at its end."""
    last = sa.cast(month + sa.text("interval '1 month - 1 day'"), sa.Date)
    covered = covers(person, month, seen, COVERED_BY_MEMBER, holds=in_force_in_month)
    return sa.and_(of_any_class(person, month), covered, sa.not_(dead(person, last, seen)))
