"""The entitlements of households and persons as one Core subquery, which both executors read like a table.

The situation of each subject is read once (`holding`), and the matching aid is looked up only if a rule holds. A condition on
`household_id` is passed down to the tables, so a query for one household reads only its rows. Rules whose facts the grant
cannot read are not in the subquery.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select, Subquery
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from hub.evaluation.entitlements.conditions import to_check
from hub.evaluation.entitlements.holding import subjects
from hub.evaluation.entitlements.rules import RULES, Detail, EntitlementRule
from hub.evaluation.entitlements.situation import Day
from hub.foundation.calendar import TODAY, beginning_of
from hub.foundation.database import table_of
from hub.model.aid import AidRecordRow
from hub.model.certifications import CertificationRow
from hub.model.circumstances import CircumstanceRow
from hub.model.entitlements import ENTITLEMENT, EntitlementStatus
from hub.model.referrals import ReferralRow
from hub.overlaps.detection import allowed_by_decision
from hub.overlaps.programmes import programme_identity
from hub.policy.facts.aid import answers_need, meets, provided
from hub.policy.facts.certifications import in_force
from hub.policy.facts.circumstances import lasting
from hub.policy.facts.periods import overlap
from hub.policy.facts.referrals import was_open_at
from hub.policy.facts.versions import current
from hub.policy.permissions.aid_scopes import read_scope
from hub.policy.permissions.field_scopes import ENTITLEMENT as ENTITLEMENT_FIELDS
from hub.policy.permissions.field_scopes import ENTITLEMENT_EVIDENCE
from hub.policy.permissions.implying_rows import kinds_there_for
from hub.policy.permissions.row_policies import visible

_aid, _referral = table_of(AidRecordRow), table_of(ReferralRow)
_certification, _circumstance = table_of(CertificationRow), table_of(CircumstanceRow)


def _everywhere(_household: FromClause) -> ColumnElement[bool]:
    return sa.true()


def entitled(
    grant: Grant,
    day: Day = TODAY,
    rules: Sequence[EntitlementRule] = RULES,
    within: Callable[[FromClause], ColumnElement[bool]] = _everywhere,
) -> Subquery:
    """The entitlements on a day that the grant may know, in the columns of `ENTITLEMENT`. `within` limits the households by a
    condition on their own table.

    The result has the rows of all households. The caller joins it to a household that passed its row rule, or applies the row
    policies.
    """
    known = [rule for rule in rules if rule.is_open_to(grant)]
    parts = [
        subjects(grant, day, of_kind, of_person, within)
        for of_person in (False, True)
        if (of_kind := [rule for rule in known if rule.of_person is of_person])
    ]
    if not parts:
        return (
            sa.select(*(sa.cast(sa.null(), column.type).label(column.name) for column in ENTITLEMENT.c))
            .where(sa.false())
            .subquery()
        )
    base = sa.union_all(*parts).subquery()
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
            answers_need(aid),
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
    # Not `kind = aid_kind`: PostgreSQL would read an index by kind completely for each entitlement of one household.
    return base.c.aid_kind == sa.any_(pg.array([sa.cast(kind, sa.Text)]))


def _for_subject(person_id: ColumnElement[Any], base: FromClause) -> ColumnElement[bool]:
    """Whether aid counts for the subject: aid of the household counts for each member, and aid of a member for the
    household."""
    return sa.or_(base.c.person_id.is_(None), person_id.is_(None), person_id == base.c.person_id)


def _status(
    base: FromClause, day: Day, grant: Grant, answer: FromClause | None, details: Iterable[Detail]
) -> ColumnElement[Any]:
    """The status. It is null if the grant may not read the aid that would fulfil the rule. If no aid fulfils it, the status
    is also null if the grant may not read the referrals."""
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
    """Whether two records of one programme for one subject have overlapping periods, and civil affairs did not allow both."""
    row, other = _aid.alias(), _aid.alias()
    beside = sa.and_(
        other.c.household_id == row.c.household_id,
        programme_identity(other) == programme_identity(row),
        other.c.person_id.is_not_distinct_from(row.c.person_id),
        other.c.id > row.c.id,
        overlap(other, row),
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
    """The conditions of a referral of the need that was open at the end of the day in China."""
    ends = beginning_of(day + 1)
    return [
        row.c.household_id == base.c.household_id,
        _is_of_kind(row.c.need, base),
        was_open_at(row, ends),
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
