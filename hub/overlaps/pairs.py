"""Existing overlaps: pairs of one programme or of excluding forms without a case, and cases whose two records are both in
force.

Monitoring opens cases for the pairs and raises alerts for the cases, so one finding is one case (46-2.1).
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, CompoundSelect, FromClause, Select

from hub.foundation.database import table_of
from hub.model.aid import DETAIL_OF, AidKind, AidRecordRow
from hub.model.overlaps import SETTLED, Bearing, OverlapCaseRow
from hub.model.persons import PersonRow
from hub.overlaps.detection import days_apart, form_of, happened_on_of, of_another_matter
from hub.overlaps.programmes import programme_identity
from hub.overlaps.rules import NO_DUPLICATE, OVERLAP_RULES, OverlapRule
from hub.policy.facts.aid import counts
from hub.policy.facts.periods import begins_by_the_day_after, overlap

_aid, _person, _case = table_of(AidRecordRow), table_of(PersonRow), table_of(OverlapCaseRow)
_BESIDE_EACH_OTHER = [
    rule.kind
    for rule in OVERLAP_RULES
    if rule.bearing is Bearing.TOPPING_UP and rule.kind is not AidKind.CHARITY
]
"""The kinds whose forms may be given together."""
_EXCLUSIVE = [rule for rule in OVERLAP_RULES if rule.bearing is Bearing.EXCLUSIVE]


def _at_once(row: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Whether two records overlap; `days_apart` allows a gap between records of one kind."""
    apart = sa.case((row.c.kind == other.c.kind, days_apart(row.c.kind)), else_=0)
    return overlap(row, other, apart)


def _compatible(row: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Whether two records may be given together: different forms of such a kind, or charity with government aid."""
    forms = sa.and_(
        row.c.kind == other.c.kind, row.c.kind.in_(_BESIDE_EACH_OTHER), form_of(row) != form_of(other)
    )
    charity = (row.c.kind == AidKind.CHARITY) != (other.c.kind == AidKind.CHARITY)
    return sa.or_(forms, charity)


InPart = Callable[[ColumnElement[UUID]], ColumnElement[bool]]
"""Whether a household is in the part."""


def pairs_without_case(in_part: InPart) -> CompoundSelect[Any]:
    """Pairs on overlapping days without a case, each with its rule: one programme for one person or household, and excluding
    forms, from one agency or two. The earlier record is the first of the pair, and the household of the later one is in
    the part."""
    return sa.union(
        _same_programme_in_one_household(in_part),
        *(_excluding_in_one_household(in_part, rule) for rule in _EXCLUSIVE),
        _same_programme_across_households(in_part),
    )


def _same_programme_in_one_household(in_part: InPart) -> Select[Any]:
    """Pairs within one household. A record that begins before all earlier ones of its programme ended is found first, in one
    pass over the records in the order of their days: comparing each record with each is five times the work."""
    aid, later, earlier = _aid.alias(), _aid.alias(), _aid.alias()
    programme = programme_identity(aid)
    before = (
        sa.func.max(aid.c.period_until)
        .over(
            partition_by=[aid.c.household_id, aid.c.person_id, programme],
            order_by=[aid.c.period_from, aid.c.id],
            rows=(None, -1),
        )
        .label("before")
    )
    of_programme = (
        sa.select(
            aid.c.household_id, aid.c.person_id, programme.label("programme"), aid.c.period_from, before
        )
        .where(in_part(aid.c.household_id), counts(aid))
        .subquery()
    )
    met = (
        sa.select(of_programme.c.household_id, of_programme.c.person_id, of_programme.c.programme)
        .where(begins_by_the_day_after(of_programme, of_programme.c.before))
        .distinct()
        .cte()
    )

    def same(row: FromClause) -> ColumnElement[bool]:
        return sa.and_(
            row.c.household_id == met.c.household_id,
            row.c.person_id.is_not_distinct_from(met.c.person_id),
            programme_identity(row) == met.c.programme,
        )

    return _pairs(
        met.join(later, same(later)).join(earlier, same(earlier)), later, earlier, _doubles(later, earlier)
    )


def _excluding_in_one_household(in_part: InPart, rule: OverlapRule) -> Select[Any]:
    """Pairs within one household that a rule excludes. Households with several of the rule's forms are found first, from
    the details alone; there are few."""
    assert rule.kind is not None
    detail = table_of(DETAIL_OF[rule.kind]).alias()
    form = sa.cast(detail.c.form, sa.Text)
    several = (
        sa.select(detail.c.household_id)
        .where(in_part(detail.c.household_id), form.in_(sorted(rule.forms)))
        .group_by(detail.c.household_id)
        .having(sa.func.min(form) < sa.func.max(form))
        .cte()
    )
    later, earlier = _aid.alias(), _aid.alias()
    of_kind = [
        sa.and_(row.c.household_id == several.c.household_id, row.c.kind == rule.kind)
        for row in (later, earlier)
    ]
    source = several.join(later, of_kind[0]).join(earlier, of_kind[1])
    whom = sa.true() if rule.of_household else later.c.person_id == earlier.c.person_id
    return _pairs(source, later, earlier, whom, _excluding(rule, later, earlier))


def _same_programme_across_households(in_part: InPart) -> Select[Any]:
    """Pairs of a person who is registered twice."""
    later, earlier, person, same = _aid.alias(), _aid.alias(), _person.alias(), _person.alias()
    both = (
        sa.select(
            person.c.household_id,
            person.c.id,
            same.c.household_id.label("other_household"),
            same.c.id.label("other"),
        )
        .join_from(person, same, same.c.id_number_index == person.c.id_number_index)
        .where(in_part(person.c.household_id), same.c.id != person.c.id)
        .cte()
    )
    of_other = sa.and_(earlier.c.household_id == both.c.other_household, earlier.c.person_id == both.c.other)
    source = both.join(
        later, sa.and_(later.c.household_id == both.c.household_id, later.c.person_id == both.c.id)
    ).join(earlier, of_other)
    excluding = sa.or_(*(_excluding(rule, later, earlier) for rule in _EXCLUSIVE))
    return _pairs(source, later, earlier, sa.or_(_doubles(later, earlier), excluding))


def _doubles(later: FromClause, earlier: FromClause) -> ColumnElement[bool]:
    """Whether both are of the same programme and of one matter, and the policy does not allow both."""
    return sa.and_(
        programme_identity(earlier) == programme_identity(later),
        sa.not_(_compatible(later, earlier)),
        sa.not_(
            sa.and_(later.c.kind == AidKind.TEMPORARY, of_another_matter(earlier, happened_on_of(later)))
        ),
    )


def _excluding(rule: OverlapRule, row: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Whether a rule excludes the forms of two records."""
    assert rule.kind is not None
    forms = [_form(rule.kind, record) for record in (row, other)]
    named = [form.in_(sorted(rule.forms)) for form in forms]
    return sa.and_(row.c.kind == rule.kind, other.c.kind == rule.kind, *named, forms[0] != forms[1])


def _form(kind: AidKind, aid: FromClause) -> ColumnElement[str]:
    """The form of a record of a kind; null for other kinds."""
    detail = table_of(DETAIL_OF[kind]).alias()
    same = (detail.c[name] == aid.c[name] for name in ("household_id", "id", "version"))
    return sa.select(sa.cast(detail.c.form, sa.Text)).where(*same).correlate_except(detail).scalar_subquery()


def _pairs(
    source: FromClause, later: FromClause, earlier: FromClause, *which: ColumnElement[bool]
) -> Select[Any]:
    case = _case.alias()
    taken = (
        sa.exists()
        .where(
            case.c.first_id.in_([earlier.c.id, later.c.id]), case.c.second_id.in_([earlier.c.id, later.c.id])
        )
        .correlate_except(case)
    )
    rule = sa.case(
        *((_excluding(exclusive, later, earlier), exclusive.code.value) for exclusive in _EXCLUSIVE),
        else_=NO_DUPLICATE.code.value,
    )
    return (
        sa.select(
            later.c.household_id,
            later.c.person_id,
            later.c.id.label("second_id"),
            later.c.agency_id.label("second_agency"),
            later.c.external_id,
            earlier.c.household_id.label("first_household_id"),
            earlier.c.id.label("first_id"),
            earlier.c.agency_id.label("first_agency"),
            rule.label("rule"),
        )
        .select_from(source)
        .where(
            counts(later),
            counts(earlier),
            _at_once(later, earlier),
            earlier.c.id < later.c.id,
            sa.not_(taken),
            *which,
        )
    )


def cases_in_force() -> tuple[FromClause, FromClause, ColumnElement[bool]]:
    """Cases whose two records are both in force on overlapping days, and for which no decision allows both: the case, its
    joins, and the condition."""
    case, first, second = _case.alias(), _aid.alias(), _aid.alias()
    source = case.join(
        first, sa.and_(first.c.household_id == case.c.first_household_id, first.c.id == case.c.first_id)
    ).join(second, sa.and_(second.c.household_id == case.c.household_id, second.c.id == case.c.second_id))
    unsettled = sa.or_(case.c.disposition.is_(None), case.c.disposition.not_in(SETTLED))
    return case, source, sa.and_(counts(first), counts(second), _at_once(first, second), unsettled)
