"""What stands already: pairs of the same programme that have no case yet, and the cases whose records both still stand.

Monitoring takes the pairs up as cases and brings to mind those that stand, so that one finding is one case (46-2.1).
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, CompoundSelect, FromClause, Select

from hub.aid.tables import AidKind, AidRecordRow, AidStatus
from hub.database import table_of
from hub.overlaps.found import form_of
from hub.overlaps.rules import OVERLAP_RULES, Bearing
from hub.overlaps.tables import SETTLED, OverlapCaseRow
from hub.persons.tables import PersonRow

_aid, _person, _case = table_of(AidRecordRow), table_of(PersonRow), table_of(OverlapCaseRow)
_BESIDE_EACH_OTHER = [
    rule.kind
    for rule in OVERLAP_RULES
    if rule.bearing is Bearing.TOPPING_UP and rule.kind is not AidKind.CHARITY
]
"""The kinds whose forms stand beside each other."""


def _counts(aid: FromClause) -> ColumnElement[bool]:
    return sa.and_(aid.c.superseded_at.is_(None), aid.c.status != AidStatus.REVOKED)


def _at_once(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    return sa.and_(one.c.period_from <= other.c.period_until, one.c.period_until >= other.c.period_from)


def _stand_beside(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Whether two records top each other up: other forms of such a kind, or charity beside what the government gives."""
    forms = sa.and_(
        one.c.kind == other.c.kind, one.c.kind.in_(_BESIDE_EACH_OTHER), form_of(one) != form_of(other)
    )
    charity = (one.c.kind == AidKind.CHARITY) != (other.c.kind == AidKind.CHARITY)
    return sa.or_(forms, charity)


InPart = Callable[[ColumnElement[UUID]], ColumnElement[bool]]
"""Whether a household belongs to the part that is looked at."""


def untaken(in_part: InPart) -> CompoundSelect[Any]:
    """The same programme for the same person, on overlapping days, from two agencies, without a case; of each pair the
    earlier record is the first, and the household of the later one is in the part."""
    return sa.union(_untaken_of_one_member(in_part), _untaken_across_households(in_part))


def _untaken_of_one_member(in_part: InPart) -> Select[Any]:
    """Pairs of one household. Whom two agencies gave a programme is asked first, in one pass over the records: comparing
    each with each is five times the work."""
    one, later, earlier = _aid.alias(), _aid.alias(), _aid.alias()
    agency = one.c.agency_id.collate("C")
    same = ("household_id", "person_id", "program")
    by_two = (
        sa.select(*(one.c[name] for name in same))
        .where(in_part(one.c.household_id), _counts(one), one.c.person_id.is_not(None))
        .group_by(*(one.c[name] for name in same))
        .having(sa.func.min(agency) < sa.func.max(agency))
        .cte()
    )
    source = by_two.join(later, sa.and_(*(later.c[name] == by_two.c[name] for name in same))).join(
        earlier, sa.and_(*(earlier.c[name] == by_two.c[name] for name in same))
    )
    return _pairs(source, later, earlier)


def _untaken_across_households(in_part: InPart) -> Select[Any]:
    """Pairs of somebody who is registered twice."""
    later, earlier, person, same = _aid.alias(), _aid.alias(), _person.alias(), _person.alias()
    both = (
        sa.select(
            person.c.household_id, person.c.id, same.c.household_id.label("other_household"), same.c.id.label("other")
        )
        .join_from(person, same, same.c.id_number_index == person.c.id_number_index)
        .where(in_part(person.c.household_id), same.c.id != person.c.id)
        .cte()
    )  # fmt: skip
    of_other = sa.and_(
        earlier.c.household_id == both.c.other_household, earlier.c.person_id == both.c.other,
        earlier.c.program == later.c.program,
    )  # fmt: skip
    source = both.join(
        later, sa.and_(later.c.household_id == both.c.household_id, later.c.person_id == both.c.id)
    ).join(earlier, of_other)
    return _pairs(source, later, earlier)


def _pairs(source: FromClause, later: FromClause, earlier: FromClause) -> Select[Any]:
    case = _case.alias()
    taken = (
        sa.exists()
        .where(case.c.first_id.in_([earlier.c.id, later.c.id]), case.c.second_id.in_([earlier.c.id, later.c.id]))
        .correlate_except(case)
    )  # fmt: skip
    return (
        sa.select(
            later.c.household_id, later.c.person_id, later.c.id.label("second_id"),
            later.c.agency_id.label("second_agency"), later.c.external_id,
            earlier.c.household_id.label("first_household_id"), earlier.c.id.label("first_id"),
            earlier.c.agency_id.label("first_agency"),
        )
        .select_from(source)
        .where(
            _counts(later), _counts(earlier), _at_once(later, earlier), earlier.c.id < later.c.id,
            earlier.c.agency_id.collate("C") != later.c.agency_id.collate("C"),
            sa.not_(taken), sa.not_(_stand_beside(later, earlier)),
        )
    )  # fmt: skip


def standing() -> tuple[FromClause, FromClause, ColumnElement[bool]]:
    """Cases of two records that both still stand on overlapping days, and not because it was decided so: the case, what it
    is joined to, and the condition."""
    case, first, second = _case.alias(), _aid.alias(), _aid.alias()
    source = case.join(
        first, sa.and_(first.c.household_id == case.c.first_household_id, first.c.id == case.c.first_id)
    ).join(second, sa.and_(second.c.household_id == case.c.household_id, second.c.id == case.c.second_id))
    unsettled = sa.or_(case.c.disposition.is_(None), case.c.disposition.not_in(SETTLED))
    return case, source, sa.and_(_counts(first), _counts(second), _at_once(first, second), unsettled)
