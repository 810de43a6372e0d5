"""The entitlements of households and persons as one Core subquery, which both executors read like a table.

The situation of each subject is read once. The rules are joined to it as rows of a VALUES list, and the matching aid is
looked up only if a rule holds. A condition on `household_id` is passed down to the tables, so a query for one household
reads only its rows. Rules whose facts the grant cannot read are not in the subquery.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select, Subquery
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from hub.evaluation.entitlements.conditions import to_check
from hub.evaluation.entitlements.rules import RULES, Detail, EntitlementRule
from hub.evaluation.entitlements.situation import (
    Day,
    Situation,
    among,
    certified,
    inhabited,
    reported,
)
from hub.foundation.calendar import TODAY, beginning_of
from hub.foundation.database import table_of
from hub.model.aid import AidRecordRow
from hub.model.certifications import CertificationRow
from hub.model.circumstances import CircumstanceRow
from hub.model.entitlements import ENTITLEMENT, EntitlementStatus
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow
from hub.model.referrals import ReferralRow
from hub.overlaps.detection import allowed_by_decision
from hub.overlaps.programmes import programme_identity
from hub.policy.facts.aid import counts, meets, month_due, provided
from hub.policy.facts.certifications import in_force
from hub.policy.facts.circumstances import lasting
from hub.policy.facts.persons import present
from hub.policy.facts.versions import current
from hub.policy.permissions.aid_scopes import read_scope
from hub.policy.permissions.field_scopes import ENTITLEMENT as ENTITLEMENT_FIELDS
from hub.policy.permissions.field_scopes import ENTITLEMENT_EVIDENCE
from hub.policy.permissions.implying_rows import kinds_there_for
from hub.policy.permissions.row_policies import visible

_household, _person = table_of(HouseholdRow), table_of(PersonRow)
_aid, _referral = table_of(AidRecordRow), table_of(ReferralRow)
_certification, _circumstance = table_of(CertificationRow), table_of(CircumstanceRow)
_WORDS = pg.ARRAY(sa.Text)
_RULE_COLUMNS = (
    sa.column("place", sa.Integer), sa.column("rule", sa.Text), sa.column("aid_kind", sa.Text),
    sa.column("program", sa.Text), sa.column("clause", sa.Text), sa.column("clause_text", sa.Text),
    sa.column("to_check", sa.Text), sa.column("detail", sa.Text), sa.column("categories", _WORDS),
    sa.column("evidence", _WORDS), sa.column("window_from", sa.Date), sa.column("window_until", sa.Date),
    sa.column("certified_from", sa.Date), sa.column("certified_on", sa.Date), sa.column("reported_on", sa.Date),
    sa.column("holds", sa.Boolean),
)  # fmt: skip


def _everywhere(_household: FromClause) -> ColumnElement[bool]:
    return sa.true()


def entitled(
    grant: Grant,
    day: Day = TODAY,
    rules: Sequence[EntitlementRule] = RULES,
    within: Callable[[FromClause], ColumnElement[bool]] = _everywhere,
) -> Subquery:
    """The entitlements on a day, as far as the grant may know them, in the columns of `ENTITLEMENT`. `within` limits the
    households by a condition on their own table.

    The result has the rows of all households. The caller joins it to a household that passed its row rule, or applies the row
    policies.
    """
    known = [rule for rule in rules if rule.is_open_to(grant)]
    subjects = [
        _subjects(grant, day, of_kind, of_person, within)
        for of_person in (False, True)
        if (of_kind := [rule for rule in known if rule.of_person is of_person])
    ]
    if not subjects:
        return (
            sa.select(*(sa.cast(sa.null(), column.type).label(column.name) for column in ENTITLEMENT.c))
            .where(sa.false())
            .subquery()
        )
    base = sa.union_all(*subjects).subquery()
    details = _details(grant, known)
    answer = _answer(base, grant, details) if grant.covers(ENTITLEMENT_FIELDS["status"]) else None
    columns: dict[str, ColumnElement[Any]] = {
        **{name: base.c[name] for name in ENTITLEMENT.c.keys() if name in base.c},  # noqa: SIM118
        "to_check": to_check(base, day, known),
        "status": _status(base, day, grant, answer, details),
        "certification_ids": _certifications(base, grant),
        "circumstance_ids": _circumstances(base, grant),
        "aid_ids": _ids(None) if answer is None else answer.c.ids,
        "referral_ids": _referrals(base, day, grant),
    }
    source: FromClause = base if answer is None else base.join(answer, sa.true())
    return (
        sa.select(
            *(
                sa.type_coerce(columns[column.name], column.type).label(column.name)
                for column in ENTITLEMENT.c
            )
        )
        .select_from(source)
        .subquery()
    )


def _subjects(
    grant: Grant,
    day: Day,
    rules: Iterable[EntitlementRule],
    of_person: bool,
    within: Callable[[FromClause], ColumnElement[bool]],
) -> Select[Any]:
    """Every household, or every present and living member, with each rule that holds for it."""
    household = _household.alias()
    person = _person.alias() if of_person else None
    held = certified(household, person, day, grant)
    known = reported(household, person, day, grant)
    there_is_life = sa.true() if of_person else inhabited(household, day, grant)
    life = sa.select(there_is_life.label("inhabited")).lateral()
    situation = Situation(day, household, person, held, known, life.c.inhabited)
    rule_rows = (
        sa.values(*_RULE_COLUMNS)
        .data([_rule_row(rule, situation, grant) for rule in rules])
        .alias()
        .lateral()
    )
    source: FromClause = household
    there: list[ColumnElement[bool]] = [rule_rows.c.holds, within(household)]
    if person is not None:
        source = source.join(person, person.c.household_id == household.c.id)
        there += [
            present(person, day),
            known.c.died_on.is_(None),
            visible(person, grant, household_seen=True),
        ]
    source = source.join(held, sa.true()).join(known, sa.true()).join(life, sa.true())
    source = source.join(rule_rows, sa.true())
    person_id = sa.cast(sa.null(), sa.Uuid) if person is None else person.c.id
    return (
        sa.select(
            household.c.id.label("household_id"),
            sa.func.coalesce(person_id, household.c.id).label("subject_id"),
            person_id.label("person_id"),
            household.c.region.label("region"),
            held.c.categories.label("held"),
            *(column for column in rule_rows.c if column.name != "holds"),
        )
        .select_from(source)
        .where(*there)
    )


def _rule_row(rule: EntitlementRule, situation: Situation, grant: Grant) -> tuple[Any, ...]:
    """A rule as a row of the VALUES list."""
    first, last = rule.window(situation)
    wanted = [category.value for category in rule.categories]
    detail = None if rule.detail is None else rule.detail.name
    certified_on = situation.reported.c[rule.event] if rule.event else situation.day
    reported_on = month_due(situation.day)[0] if rule.reported_by_month else situation.day
    return (
        _number(RULES.index(rule)),
        _text(rule.code),
        _text(rule.kind.value),
        _text(rule.program),
        _text(rule.clause),
        _text(rule.text),
        _text(rule.to_check),
        _text(detail),
        _list(wanted),
        _list([kind.value for kind in rule.evidence]),
        sa.cast(first, sa.Date),
        sa.cast(last, sa.Date),
        sa.cast(certified_on - 1 if rule.event else certified_on, sa.Date),
        sa.cast(certified_on, sa.Date),
        sa.cast(reported_on, sa.Date),
        _holds(rule, situation, grant),
    )


def _holds(rule: EntitlementRule, situation: Situation, grant: Grant) -> ColumnElement[bool]:
    held = "held" if rule.held else "categories_at_home" if rule.at_home else "categories"
    column = f"{held}_by_{rule.since}" if rule.since else held
    conditions = [fact.holds(situation, grant) for fact in rule.facts]
    if not rule.outlives:
        conditions.append(situation.inhabited)
    if rule.categories and not rule.event:
        conditions.append(
            among(situation.certified.c[column], *(category.value for category in rule.categories))
        )
    if rule.unless:
        conditions.append(
            sa.not_(among(situation.certified.c.categories, *(category.value for category in rule.unless)))
        )
    return sa.and_(sa.true(), *conditions)


def _details(grant: Grant, rules: Iterable[EntitlementRule]) -> list[Detail]:
    """The aid details that rules need and the grant may read."""
    readable = [
        rule.detail for rule in rules if rule.detail is not None and read_scope(rule.kind) in grant.scopes
    ]
    return list(dict.fromkeys(readable))


def _answer(base: FromClause, grant: Grant, details: Iterable[Detail]) -> FromClause:
    """The aid that fulfils a rule: the number of records, of those provided, and their ids, in one row."""
    aid = _aid.alias()
    answers: list[ColumnElement[bool]] = [base.c.detail.is_(None)]
    for detail in details:
        row = detail.table.alias()
        matches = (
            sa.exists()
            .where(
                *(row.c[name] == aid.c[name] for name in ("household_id", "id", "version")),
                detail.holds(row.c),
                visible(row, grant, household_seen=True),
            )
            .correlate_except(row)
        )
        answers.append(sa.and_(base.c.detail == detail.name, matches))
    return (
        sa.select(
            sa.func.count().label("records"),
            sa.func.count().filter(provided(aid)).label("provided"),
            sa.func.array_agg(aid.c.id, type_=pg.ARRAY(sa.Uuid)).label("ids"),
        )
        .where(
            aid.c.household_id == base.c.household_id,
            counts(aid),
            _is_of_kind(aid.c.kind, base),
            meets(aid, base.c.window_from, base.c.window_until),
            _for_subject(aid.c.person_id, base),
            sa.or_(*answers),
            visible(aid, grant, household_seen=True),
        )
        .correlate_except(aid)
        .lateral()
    )


def _is_of_kind(kind: ColumnElement[Any], base: FromClause) -> ColumnElement[bool]:
    # Not `kind = aid_kind`: an index by kind would be read through for each entitlement of one household.
    return base.c.aid_kind == sa.any_(pg.array([sa.cast(kind, sa.Text)]))


def _for_subject(person_id: ColumnElement[Any], base: FromClause) -> ColumnElement[bool]:
    """Whether aid counts for the subject: aid of the household counts for each member, and aid of a member for the
    household."""
    return sa.or_(base.c.person_id.is_(None), person_id.is_(None), person_id == base.c.person_id)


def _status(
    base: FromClause, day: Day, grant: Grant, answer: FromClause | None, details: Iterable[Detail]
) -> ColumnElement[Any]:
    """The status; null if the grant may not read the aid that would fulfil the rule, or, where no aid does, the referrals."""
    unknown = sa.cast(sa.null(), sa.Text)
    if answer is None:
        return unknown
    readable = sa.and_(
        base.c.aid_kind.in_([kind.value for kind in kinds_there_for(grant)]),
        sa.or_(base.c.detail.is_(None), base.c.detail.in_([detail.name for detail in details])),
        base.c.rule.not_in([rule.code for rule in RULES if rule.form_is_hidden_from(grant)]),
    )
    steps: list[tuple[ColumnElement[bool], str]] = [
        (sa.and_(answer.c.records > 1, _twice(answer, base)), EntitlementStatus.DUPLICATED.value),
        (answer.c.provided > 0, EntitlementStatus.RECEIVED.value),
        (answer.c.records > 0, EntitlementStatus.APPROVED.value),
    ]
    otherwise: ColumnElement[Any] = unknown
    if grant.covers(ENTITLEMENT_EVIDENCE["referrals"]):
        referral = _referral.alias()
        steps.append((_open_referral(referral, base, day, grant), EntitlementStatus.REFERRED.value))
        otherwise = sa.literal(EntitlementStatus.MISSING.value, sa.Text)
    return sa.case(
        (sa.not_(readable), unknown),
        *((condition, sa.literal(word, sa.Text)) for condition, word in steps),
        else_=otherwise,
    )


def _twice(answer: FromClause, base: FromClause) -> ColumnElement[bool]:
    """Whether one programme was given to one subject in overlapping periods, and civil affairs did not allow both."""
    row, other = _aid.alias(), _aid.alias()
    beside = sa.and_(
        other.c.household_id == row.c.household_id,
        programme_identity(other) == programme_identity(row),
        other.c.person_id.is_not_distinct_from(row.c.person_id),
        other.c.id > row.c.id,
        other.c.period_until >= row.c.period_from,
        other.c.period_from <= row.c.period_until,
        current(other),
        other.c.id == sa.any_(answer.c.ids),
    )
    return (
        sa.select(row.c.id)
        .select_from(row.join(other, beside))
        .where(
            row.c.household_id == base.c.household_id,
            row.c.id == sa.any_(answer.c.ids),
            current(row),
            sa.not_(allowed_by_decision(row, other)),
        )
        .correlate_except(row, other)
        .exists()
    )


def _open_referral(row: FromClause, base: FromClause, day: Day, grant: Grant) -> ColumnElement[bool]:
    return sa.exists().where(*_awaiting(row, base, day, grant)).correlate_except(row)


def _awaiting(row: FromClause, base: FromClause, day: Day, grant: Grant) -> list[ColumnElement[bool]]:
    """A referral of the need that was open at the end of the day in China."""
    ends = beginning_of(day + 1)
    return [
        row.c.household_id == base.c.household_id,
        _is_of_kind(row.c.need, base),
        row.c.sent_at < ends,
        sa.or_(row.c.closed_at.is_(None), row.c.closed_at >= ends),
        _for_subject(row.c.person_id, base),
        visible(row, grant, household_seen=True),
    ]


def _referrals(base: FromClause, day: Day, grant: Grant) -> ColumnElement[Any]:
    if not grant.covers(ENTITLEMENT_EVIDENCE["referrals"]):
        return _ids(None)
    referral = _referral.alias()
    return _ids(
        sa.select(referral.c.id).where(*_awaiting(referral, base, day, grant)).correlate_except(referral)
    )


def _certifications(base: FromClause, grant: Grant) -> ColumnElement[Any]:
    if not grant.covers(ENTITLEMENT_EVIDENCE["certifications"]):
        return _ids(None)
    certification = _certification.alias()
    return _ids(
        sa.select(certification.c.id)
        .where(
            certification.c.household_id == base.c.household_id,
            _for_subject(certification.c.person_id, base),
            sa.cast(certification.c.category, sa.Text) == sa.any_(base.c.categories),
            sa.or_(
                in_force(certification, base.c.certified_from), in_force(certification, base.c.certified_on)
            ),
            visible(certification, grant, household_seen=True),
        )
        .correlate_except(certification)
    )


def _circumstances(base: FromClause, grant: Grant) -> ColumnElement[Any]:
    circumstance = _circumstance.alias()
    return _ids(
        sa.select(circumstance.c.id)
        .where(
            circumstance.c.household_id == base.c.household_id,
            _for_subject(circumstance.c.person_id, base),
            sa.cast(circumstance.c.kind, sa.Text) == sa.any_(base.c.evidence),
            lasting(circumstance, base.c.reported_on),
            visible(circumstance, grant, household_seen=True),
        )
        .correlate_except(circumstance)
    )


def _ids(found: Select[Any] | None) -> ColumnElement[Any]:
    listed = sa.null() if found is None else sa.func.array(found.scalar_subquery())
    return sa.cast(listed, pg.ARRAY(sa.Uuid))


def _text(value: str | None) -> ColumnElement[Any]:
    return sa.cast(sa.null() if value is None else sa.literal(value), sa.Text)


def _number(value: int) -> ColumnElement[int]:
    return sa.literal_column(str(value), sa.Integer)


def _list(values: Sequence[str]) -> ColumnElement[Any]:
    return sa.cast(pg.array([sa.literal(value, sa.Text) for value in values]), _WORDS)
