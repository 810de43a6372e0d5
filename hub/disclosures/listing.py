"""Makes a list: the certified households of a region, or those helped in a month. Each line is masked when it is made
(46-4.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.disclosures.rules import DISCLOSED_KINDS, masked_name
from hub.foundation.calendar import today
from hub.foundation.database import table_of
from hub.foundation.months import month_end
from hub.model.aid import AidKind, AidRecordRow
from hub.model.certifications import Category, CertificationRow, EndReason
from hub.model.disclosures import ListOf
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow
from hub.policy.facts.ages import is_minor
from hub.policy.facts.aid import counts, provided
from hub.policy.facts.certifications import in_force
from hub.policy.facts.persons import heads
from hub.policy.permissions.jurisdiction import end_of
from hub.policy.permissions.row_policies import visible

_household, _person = table_of(HouseholdRow), table_of(PersonRow)
_certification, _aid = table_of(CertificationRow), table_of(AidRecordRow)
_NEVER_STOOD = (EndReason.MISTAKE, EndReason.FALSE_CLAIM)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: household, village, masked name (None for a minor or a missing head), category or aid kind, and its first
    day."""

    household_id: UUID
    region: str
    masked_name: str | None
    category: Category | None
    aid_kind: AidKind | None
    since: date


async def list_of(session: AsyncSession, grant: Grant, of: ListOf, region: str, month: date) -> list[Line]:
    """The lines of a list, ordered by village, category or aid kind, and masked name. Certifications are those in force on
    the last day of the month, or today in the current month; aid is what was paid or delivered in the month."""
    last = month_end(month)
    day = min(last, today())
    query = _certified(grant, region, day) if of is ListOf.CERTIFIED else _helped(grant, region, month, last)
    rows = (await session.execute(query)).all()
    return sorted(
        _masked(rows, day),
        key=lambda line: (line.region, _category_or_kind(line), line.masked_name or "", line.since),
    )


def _category_or_kind(line: Line) -> str:
    return str(line.category or line.aid_kind)


def _masked(rows: Iterable[sa.Row[Any]], day: date) -> Iterable[Line]:
    for row in rows:
        named = row.birth_date is not None and not is_minor(row.birth_date, day)
        name = masked_name(row.name) if named else None
        yield Line(row.household_id, row.region, name, row.category, row.aid_kind, row.since)


def _named(subject: sa.FromClause, region: str, grant: Grant) -> sa.Select[Any]:
    """The rows of a table for households of a region, with the person that the line names: the row's person, or the head if
    the row is of the whole household."""
    of_person = sa.and_(_person.c.id == subject.c.person_id, _person.c.household_id == subject.c.household_id)
    head = sa.and_(
        subject.c.person_id.is_(None),
        _person.c.household_id == subject.c.household_id,
        heads(_person),
    )
    return (
        sa.select(subject.c.household_id, _household.c.region, _person.c.name, _person.c.birth_date)
        .join_from(subject, _household, _household.c.id == subject.c.household_id)
        .outerjoin(_person, sa.or_(of_person, head))
        .where(_household.c.region >= region, _household.c.region < end_of(region), visible(subject, grant))
    )


def _certified(grant: Grant, region: str, day: date) -> sa.Select[Any]:
    table = _certification
    return (
        _named(table, region, grant)
        .add_columns(table.c.category, sa.null().label("aid_kind"), table.c.valid_from.label("since"))
        .where(
            in_force(table, sa.literal(day, sa.Date)),
            sa.func.coalesce(table.c.ended_because, "").not_in([reason.value for reason in _NEVER_STOOD]),
        )
    )


def _helped(grant: Grant, region: str, first: date, last: date) -> sa.Select[Any]:
    went_out = sa.func.coalesce(_aid.c.paid_on, _aid.c.decided_on)
    since = sa.func.min(went_out).label("since")
    return (
        _named(_aid, region, grant)
        .add_columns(sa.null().label("category"), _aid.c.kind.label("aid_kind"), since)
        .where(
            counts(_aid),
            provided(_aid),
            _aid.c.kind.in_(sorted(DISCLOSED_KINDS)),
            went_out.between(first, last),
        )
        .group_by(
            _aid.c.household_id,
            _aid.c.person_id,
            _household.c.region,
            _person.c.id,
            _person.c.household_id,
            _person.c.name,
            _person.c.birth_date,
            _aid.c.kind,
        )
    )
