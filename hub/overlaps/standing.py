"""What stands already: pairs of the same programme that have no case yet, and the cases whose records both still stand.

Monitoring takes the pairs up as cases and brings to mind those that stand, so that one finding is one case (46-2.1).
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

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


def untaken(in_part: ColumnElement[bool], later: FromClause, earlier: FromClause) -> Select[Any]:
    """The same programme for the same person, on overlapping days, from two agencies, without a case; of each pair the
    earlier record is the first. `in_part` is about `later`."""
    person, same, case = _person.alias(), _person.alias(), _case.alias()
    of_person = sa.and_(person.c.household_id == later.c.household_id, person.c.id == later.c.person_id)
    of_same = sa.and_(
        earlier.c.household_id == same.c.household_id, earlier.c.person_id == same.c.id,
        earlier.c.program == later.c.program,
    )  # fmt: skip
    taken = (
        sa.exists()
        .where(case.c.first_id.in_([earlier.c.id, later.c.id]), case.c.second_id.in_([earlier.c.id, later.c.id]))
        .correlate_except(case)
    )  # fmt: skip
    pairs = (
        sa.select(
            later.c.household_id, later.c.person_id, later.c.id.label("second_id"),
            later.c.agency_id.label("second_agency"), later.c.external_id,
            earlier.c.household_id.label("first_household_id"), earlier.c.id.label("first_id"),
            earlier.c.agency_id.label("first_agency"),
        )
        .select_from(later)
        .join(person, of_person)
        .join(same, same.c.id_number_index == person.c.id_number_index)
        .join(earlier, of_same)
    )  # fmt: skip
    return pairs.where(
        in_part, _counts(later), _counts(earlier), _at_once(later, earlier), earlier.c.id < later.c.id,
        earlier.c.agency_id.collate("C") != later.c.agency_id.collate("C"),
        sa.not_(taken), sa.not_(_stand_beside(later, earlier)),
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
