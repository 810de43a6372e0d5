"""Finds the records that overlap a record: the same person, wherever registered, or the same household, on overlapping
days.

One statement serves a whole batch. Records are found by programme, whatever its name (`programmes`), or by form if a rule is
about forms. A person who is registered twice is found by the blind index of the identity number.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.foundation.prepared_sql import by_columns, fetch, in_array, render, rows_of_arrays
from hub.ledger.chain import lock_households
from hub.model.aid import DETAIL_OF, AidKind, AidRecordRow, TemporaryDetailRow
from hub.model.overlaps import SETTLED, Bearing, OverlapCaseRow, OverlapCode
from hub.model.persons import PersonRow
from hub.overlaps.programmes import names_beside
from hub.overlaps.rules import RULE_OF, Family, group_of
from hub.persons.subjects import Resolved
from hub.policy.facts.aid import counts
from hub.policy.facts.periods import overlap
from hub.policy.permissions.jurisdiction import grant_parameters
from hub.policy.permissions.row_policies import ForGrants, visible
from hub.policy.permissions.sight import agency_of

_aid, _person, _case = table_of(AidRecordRow), table_of(PersonRow), table_of(OverlapCaseRow)
_VERSION = ("household_id", "id", "version")
_NOBODY = UUID(int=0)
_BETWEEN_NAMES = "\x1f"
"""The ASCII unit separator, which no name contains."""
_RECORD_COLUMNS = (
    sa.column("place", sa.Integer), sa.column("household_id", sa.Uuid), sa.column("person_id", sa.Uuid),
    sa.column("identity", sa.LargeBinary), sa.column("form", sa.Text), sa.column("program", sa.Text),
    sa.column("period_from", sa.Date), sa.column("period_until", sa.Date), sa.column("group", sa.Text),
    sa.column("own", sa.Uuid), sa.column("external_id", sa.Text), sa.column("happened_on", sa.Date),
    sa.column("kind", sa.Text), sa.column("names", sa.Text),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record to be saved, with the values that the rules need. `own` is its id if it already exists; `happened_on` the day of
    the trouble that urgent aid is for."""

    place: int
    external_id: str
    to: Resolved
    family: Family
    program: str
    period_from: date
    period_until: date
    own: UUID | None = None
    happened_on: date | None = None


@dataclass(frozen=True, slots=True)
class OverlappingRecord:
    """A record that overlaps a candidate. `in_sight`: its household is visible; `settled`: both records were allowed;
    `known`: the pair already has a case with the candidate as the first record."""

    place: int
    household_id: UUID
    id: UUID
    agency: str
    family: Family
    program: str
    amount: Decimal | None
    in_sight: bool
    settled: bool
    known: bool


def form_of(aid: FromClause) -> ColumnElement[str]:
    """The form of a record, from its detail."""
    forms: dict[str, ColumnElement[Any]] = {}
    for kind, row in DETAIL_OF.items():
        detail = table_of(row).alias()
        same = (detail.c[name] == aid.c[name] for name in _VERSION)
        forms[kind.value] = (
            sa.select(sa.cast(detail.c.form, sa.Text)).where(*same).correlate_except(detail).scalar_subquery()
        )
    return sa.case(forms, value=sa.cast(aid.c.kind, sa.Text))


def allowed_by_decision(row: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Whether a decision allows both records (NOT_DUPLICATE, BOTH_STAND)."""
    case = _case.alias()
    pair = sa.or_(
        sa.and_(case.c.first_id == row.c.id, case.c.second_id == other.c.id),
        sa.and_(case.c.first_id == other.c.id, case.c.second_id == row.c.id),
    )
    settled = case.c.disposition.in_(SETTLED)
    households = case.c.first_household_id.in_([row.c.household_id, other.c.household_id])
    return sa.exists().where(households, pair, settled).correlate_except(case)


def days_apart(kind: ColumnElement[Any]) -> ColumnElement[int]:
    """The number of days that two periods of a kind may lie apart and still overlap: one for urgent and disaster aid (46-3.3,
    46-3.2.5), so that a payment for the same matter on the next day is found; else none."""
    of_one_matter = kind.in_([AidKind.TEMPORARY.value, AidKind.DISASTER.value])
    return sa.case((of_one_matter, 1), else_=0)


Branch = tuple[OverlapCode | None, bool]
"""A set of records to search: the forms of a rule (None: the same programme), of the same person or of the household."""


def _branches(candidate: Candidate) -> set[Branch]:
    """The sets of records to search for a candidate."""
    whole, rule = candidate.to.person_id is None, group_of(candidate.family)
    branches: set[Branch] = {(None, not whole)}
    if rule is not None and not whole:
        branches.add((rule.code, True))
    if rule is not None and (rule.of_household or (whole and rule.bearing is Bearing.CAPPED)):
        branches.add((rule.code, False))  # the records may be of different members of the household
    return branches


def _look(grant: Grant, branches: Collection[Branch]) -> sa.CompoundSelect[Any]:
    candidates = rows_of_arrays(*_RECORD_COLUMNS)
    return sa.union_all(*(_branch(grant, candidates, *branch) for branch in sorted(branches, key=str)))


def _branch(grant: Grant, candidates: FromClause, code: OverlapCode | None, by_person: bool) -> Select[Any]:
    """The overlaps of candidates in one set of records. Each step is fenced, so that the database goes from the few
    candidates to their records by index, regardless of its statistics."""
    other, rule = _aid.alias(), None if code is None else RULE_OF[code]
    another = other.c.agency_id != agency_of(grant)
    apart = days_apart(other.c.kind)
    there = [
        counts(other),
        other.c.id != candidates.c.own,
        overlap(other, candidates, apart),
    ]
    if by_person:
        there.append(candidates.c.person_id.is_not(None))
        person = _fenced(sa.select(_person).where(_person.c.id_number_index == candidates.c.identity))
        there += [other.c.household_id == person.c.household_id, other.c.person_id == person.c.id]
    else:
        person = None
        there.append(other.c.household_id == candidates.c.household_id)
        if rule is None or not rule.of_household:
            there += [other.c.person_id.is_(None), candidates.c.person_id.is_(None)]
    records: FromClause = other
    if rule is None:
        there += [
            _of_programme(other, candidates),
            sa.not_(of_another_matter(other, candidates.c.happened_on)),
        ]
    else:
        assert rule.kind is not None
        detail = table_of(DETAIL_OF[rule.kind]).alias()
        records = other.join(detail, sa.and_(*(detail.c[name] == other.c[name] for name in _VERSION)))
        form = sa.cast(detail.c.form, sa.Text)
        differs = form != candidates.c.form
        there += [
            candidates.c.group == rule.code.value,
            other.c.kind == rule.kind,
            form.in_(sorted(rule.forms)),
        ]
        if rule.code is OverlapCode.PAID_FIRST_TOGETHER:
            there.append(_one_matter(detail.c.happened_on, candidates.c.happened_on))
        there.append(differs if rule.bearing is Bearing.EXCLUSIVE else sa.or_(another, differs))
    met = _fenced(sa.select(other).select_from(records).where(*there))
    as_second = sa.and_(
        _case.c.first_id == met.c.id,
        _case.c.second_external_id == candidates.c.external_id,
        _case.c.second_agency == agency_of(grant),
    )
    as_first = sa.and_(_case.c.first_id == candidates.c.own, _case.c.second_id == met.c.id)
    settled = sa.exists().where(_case.c.disposition.in_(SETTLED), sa.or_(as_second, as_first))
    source = candidates if person is None else candidates.join(person, sa.true())
    return sa.select(
        candidates.c.place,
        met.c.household_id,
        met.c.id,
        met.c.agency_id,
        sa.cast(met.c.kind, sa.Text).label("kind"),
        form_of(met).label("form"),
        met.c.program,
        met.c.amount,
        visible(met, grant, name="aid_record").label("in_sight"),
        settled.correlate_except(_case).label("settled"),
        sa.exists().where(as_first).correlate_except(_case).label("known"),
    ).select_from(source.join(met, sa.true()))


def _of_programme(other: FromClause, candidates: FromClause) -> ColumnElement[bool]:
    """Whether a record has the programme of a candidate, under its own name or another of the catalogue's."""
    names = sa.func.string_to_array(candidates.c.names, _BETWEEN_NAMES, type_=pg.ARRAY(sa.Text))
    of_kind = sa.and_(sa.cast(other.c.kind, sa.Text) == candidates.c.kind, other.c.program == sa.any_(names))
    return sa.or_(other.c.program == candidates.c.program, of_kind)


def _one_matter(day: ColumnElement[date], other: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether two records of urgent aid may be for the same trouble: another day is another matter (46-3.3)."""
    return sa.or_(day.is_(None), other.is_(None), day == other)


def of_another_matter(aid: FromClause, happened_on: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a record is urgent aid for trouble on another day than `happened_on` (46-3.3); never null."""
    return sa.func.coalesce(happened_on_of(aid) != happened_on, sa.false())


def happened_on_of(aid: FromClause) -> ColumnElement[date]:
    """The day of the trouble that urgent aid is for; null for other aid, and if the day is unknown."""
    detail = table_of(TemporaryDetailRow).alias()
    same = (detail.c[name] == aid.c[name] for name in _VERSION)
    return sa.select(detail.c.happened_on).where(*same).correlate_except(detail).scalar_subquery()


def _fenced(rows: Select[Any]) -> FromClause:
    return rows.offset(sa.literal_column("0")).lateral()


@cache
def _looks(branches: frozenset[Branch]) -> ForGrants:
    """The statement for some sets of records; only few combinations occur."""
    return ForGrants(lambda grant: _look(grant, branches))


_LOCK_PERSONS = render(
    sa.select(_person.c.id)
    .where(in_array(_person.c.id_number_index))
    .order_by(_person.c.household_id, _person.c.id)
    .with_for_update(key_share=True)
)


async def lock_subjects(session: AsyncSession, subjects: Collection[Resolved]) -> None:
    """Lock the households of the subjects, and then the person rows with the same identities, until the transaction ends. If
    two agencies give aid to one person at the same time, the later one sees the record of the other. Other households of
    these persons are not locked, so their writers wait only if they need the same person's row. Whether such a household gets
    a case is known only after the search, so it is locked last. If another transaction holds it and needs the person's row,
    PostgreSQL ends one of the two transactions, which is tried again (`Writer.run`)."""
    await lock_households(session, {subject.household_id for subject in subjects})
    if identities := {subject.identity for subject in subjects if subject.identity}:
        await fetch(session, _LOCK_PERSONS, {"id_number_index": sorted(identities)})


async def subject_of(session: AsyncSession, key: tuple[UUID, UUID]) -> Resolved | None:
    """The subject of a record; None if there is no such record."""
    row = (
        await session.execute(
            sa.select(_aid.c.person_id, _person.c.id_number_index, _person.c.birth_date)
            .select_from(
                _aid.outerjoin(
                    _person,
                    sa.and_(_person.c.household_id == _aid.c.household_id, _person.c.id == _aid.c.person_id),
                )
            )
            .where(_aid.c.household_id == key[0], _aid.c.id == key[1])
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    return Resolved(key[0], row.person_id, True, row.id_number_index, row.birth_date)


async def find_overlaps(
    session: AsyncSession, grant: Grant, candidates: Sequence[Candidate]
) -> list[OverlappingRecord]:
    """The existing records that overlap the candidates; each record once for each candidate."""
    if not candidates:
        return []
    rows = [
        (
            candidate.place,
            candidate.to.household_id,
            candidate.to.person_id,
            candidate.to.identity,
            candidate.family.form,
            candidate.program,
            candidate.period_from,
            candidate.period_until,
            _group(candidate),
            candidate.own or _NOBODY,
            candidate.external_id,
            candidate.happened_on,
            candidate.family.kind.value,
            _BETWEEN_NAMES.join(names_beside(candidate.family.kind, candidate.program)),
        )
        for candidate in candidates
    ]
    parameters = {**by_columns([column.name for column in _RECORD_COLUMNS], rows), **grant_parameters(grant)}
    found: dict[tuple[int, UUID], OverlappingRecord] = {}
    branches = frozenset(branch for candidate in candidates for branch in _branches(candidate))
    for row in await fetch(session, _looks(branches).rendered(grant), parameters):
        family = Family(AidKind(row["kind"]), row["form"])
        found[row["place"], row["id"]] = OverlappingRecord(
            row["place"],
            row["household_id"],
            row["id"],
            row["agency_id"],
            family,
            row["program"],
            row["amount"],
            row["in_sight"],
            row["settled"],
            row["known"],
        )
    return sorted(found.values(), key=lambda match: (match.place, match.id))


def _group(candidate: Candidate) -> str:
    rule = group_of(candidate.family)
    return "" if rule is None else rule.code.value
