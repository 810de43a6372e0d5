"""Who gets the supplement of 46-3.1 in a month, defined once.

"继续执行对低保对象中的重度残疾人、重病患者以及70周岁以上老年人、在校大学生、未成年人等困难群体,每人每月增发100元低保金的救助政策。"
It is paid for each month (每月), so ages and reports count as of the month's first day. The township's registration or a
registry's report shows who is severely disabled, seriously ill or in college: under 46-2.3 civil affairs compares its data
with theirs and monitors whether the policy is carried out (docs/adr/0012).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.model.circumstances import CircumstanceKind
from hub.policy.facts.ages import aged, minor
from hub.policy.facts.certifications import COVERED_BY_MEMBER, covers, in_force_in_month
from hub.policy.facts.circumstances import dead, is_reported
from hub.policy.facts.conditions import in_college, seriously_ill, severely_disabled
from hub.policy.facts.sight import Condition, Seen, everything


@dataclass(frozen=True, slots=True)
class SupplementClass:
    """A class of 46-3.1. `rests_on` is the field of the township's registration. `holds` is its condition in the month that
    begins on a day. `reported` is the circumstance by which a registry reports the class, `report` a further condition on
    that report."""

    rests_on: str
    holds: Callable[[FromClause, ColumnElement[date]], ColumnElement[bool]]
    reported: CircumstanceKind | None = None
    report: Condition = everything


CLASSES: Mapping[str, SupplementClass] = MappingProxyType(
    {
        "severely_disabled": SupplementClass(
            "disabilityGrade",
            lambda person, _: severely_disabled(person),
            CircumstanceKind.DISABILITY,
            severely_disabled,
        ),
        "seriously_ill": SupplementClass(
            "health", lambda person, _: seriously_ill(person), CircumstanceKind.SERIOUS_ILLNESS
        ),
        "aged": SupplementClass("birthDate", aged),
        "in_college": SupplementClass(
            "educationStage",
            lambda person, _: in_college(person),
            CircumstanceKind.HARDSHIP_STUDENT,
            in_college,
        ),
        "minor": SupplementClass("birthDate", minor),
    }
)


def registered_in_class(name: str, person: FromClause, month: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether, by the township's registration, a person belongs to a class in the month that begins on a day; false if
    unknown."""
    return sa.func.coalesce(CLASSES[name].holds(person, month), sa.false())


def of_class(
    name: str, person: FromClause, month: ColumnElement[date], seen: Seen = everything
) -> ColumnElement[bool]:
    """Whether a person belongs to a class in the month that begins on a day, as registered or as reported."""
    registered, of = registered_in_class(name, person, month), CLASSES[name]
    if of.reported is None:
        return registered
    return sa.or_(registered, is_reported(person, month, seen, of.reported, condition=of.report))


def of_any_class(
    person: FromClause, month: ColumnElement[date], seen: Seen = everything
) -> ColumnElement[bool]:
    """Whether a person belongs to one of the classes in the month that begins on a day."""
    return sa.or_(*(of_class(name, person, month, seen) for name in CLASSES))


def supplemented(
    person: FromClause, month: ColumnElement[date], seen: Seen = everything
) -> ColumnElement[bool]:
    """Whether a person gets the supplement in the month that begins on a day: the person belongs to a class, is covered by
    subsistence allowance in that month, and is alive at its end."""
    last = sa.cast(month + sa.text("interval '1 month - 1 day'"), sa.Date)
    covered = covers(person, month, seen, COVERED_BY_MEMBER, holds=in_force_in_month)
    return sa.and_(of_any_class(person, month, seen), covered, sa.not_(dead(person, last, seen)))
