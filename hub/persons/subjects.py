"""Finding whom a write is about. A subject out of sight answers exactly as one that does not exist."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import AmbiguousIdentity, HubError, InvalidInput, NotFound
from hub.foundation.prepared_sql import any_given, by_columns, fetch, given_rows
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow
from hub.persons.identity_number import InvalidIdentityNumber, parse_identity_number
from hub.policy.facts.persons import present
from hub.policy.permissions.row_policies import ForGrants, grant_parameters, visible

_person = table_of(PersonRow)
_household = table_of(HouseholdRow)


def _persons_by_identity(grant: Grant) -> sa.Select[Any]:
    columns = _person.c.id_number_index, _person.c.household_id, _person.c.id, _person.c.birth_date
    return sa.select(*columns, visible(_person, grant).label("in_sight")).where(
        any_given(_person.c.id_number_index), present(_person)
    )


def _persons_by_key(grant: Grant) -> sa.Select[Any]:
    columns = _person.c.household_id, _person.c.id
    wanted = given_rows(*columns)
    same = sa.and_(*(column == wanted.c[column.name] for column in columns))
    return (
        sa.select(*columns, _person.c.id_number_index, _person.c.birth_date)
        .select_from(wanted.join(_person, same))
        .where(visible(_person, grant))
    )


def _households_by_id(grant: Grant) -> sa.Select[Any]:
    return sa.select(_household.c.id).where(any_given(_household.c.id), visible(_household, grant))


_BY_IDENTITY = ForGrants(_persons_by_identity)
_BY_KEY = ForGrants(_persons_by_key)
_HOUSEHOLDS = ForGrants(_households_by_id)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is helped: exactly one of an identity number, a person's key, or a household's id."""

    id_number: str | None = None
    person: tuple[UUID, UUID] | None = None
    household_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A household, and the person in it unless the household as a whole is meant. `identity` is the person's blind index,
    which is one wherever they are registered. `birth_date` is that of a person in sight; whoever tells of it looks first
    whether the grant opens it."""

    household_id: UUID
    person_id: UUID | None
    in_sight: bool
    identity: bytes | None = None
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """A subject to find; `anywhere` where the aid is given whatever the household register says (46-3.3)."""

    subject: Subject
    anywhere: bool = False


async def find_subject(session: AsyncSession, grant: Grant, secrecy: Secrecy, subject: Subject) -> Resolved:
    """Resolve one subject in sight; raises InvalidInput, NotFound, AmbiguousIdentity."""
    found = (await resolve_subjects(session, grant, secrecy, [Sought(subject)]))[0]
    if isinstance(found, HubError):
        raise found
    return found


async def resolve_subjects(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, wanted: Sequence[Sought]
) -> list[Resolved | HubError]:
    """Resolve each subject, in three statements at the most."""
    indexes = {
        one.subject.id_number: _index(secrecy, one.subject.id_number)
        for one in wanted
        if one.subject.id_number
    }
    by_index = await _by_identity(session, grant, {one for one in indexes.values() if isinstance(one, bytes)})
    by_key = await _by_key(session, grant, {one.subject.person for one in wanted if one.subject.person})
    households = await _households(
        session, grant, {one.subject.household_id for one in wanted if one.subject.household_id}
    )

    def find(one: Sought) -> Resolved | HubError:
        subject = one.subject
        if [subject.id_number, subject.person, subject.household_id].count(None) != 2:
            return InvalidInput(
                path=("subject",), field="subject",
                reason="name exactly one of idNumber, personId and householdId",
                reason_zh="身份证号、人员编号、家庭编号须且只能填一项",
            )  # fmt: skip
        found = _candidates(subject, indexes, by_index, by_key, households)
        if isinstance(found, HubError):
            return found
        seen = [one for one in found if one.in_sight]
        if not seen and one.anywhere and subject.id_number:
            seen = found
        if not seen:
            return NotFound(path=("subject",), noun="person or household", noun_zh="人员或家庭")
        return seen[0] if len(seen) == 1 else AmbiguousIdentity(path=("subject", "idNumber"))

    return [find(one) for one in wanted]


def _index(secrecy: Secrecy, number: str) -> bytes | InvalidIdentityNumber:
    """Of a number that can be somebody's. One that cannot is refused, since "nobody is found" is read as "nobody is there"."""
    try:
        return secrecy.blind_index(parse_identity_number(number, sample=True).number)
    except InvalidIdentityNumber as refused:
        return refused


def _candidates(
    subject: Subject,
    indexes: dict[str, bytes | InvalidIdentityNumber],
    by_index: dict[bytes, list[Resolved]],
    by_key: dict[tuple[UUID, UUID], Resolved],
    households: dict[UUID, Resolved],
) -> list[Resolved] | HubError:
    if subject.id_number:
        index = indexes[subject.id_number]
        if isinstance(index, bytes):
            return by_index.get(index, [])
        return InvalidIdentityNumber(path=("subject", "idNumber"), **index.details)
    if subject.person:
        return [by_key[subject.person]] if subject.person in by_key else []
    return [households[subject.household_id]] if subject.household_id in households else []


async def _by_identity(
    session: AsyncSession, grant: Grant, indexes: set[bytes]
) -> dict[bytes, list[Resolved]]:
    found: dict[bytes, list[Resolved]] = {}
    if indexes:
        given = {"id_number_index": list(indexes), **grant_parameters(grant)}
        for row in await fetch(session, _BY_IDENTITY.rendered(grant), given):
            index = row["id_number_index"]
            born = row["birth_date"] if row["in_sight"] else None
            resolved = Resolved(row["household_id"], row["id"], row["in_sight"], index, born)
            found.setdefault(index, []).append(resolved)
    return found


async def _by_key(
    session: AsyncSession, grant: Grant, keys: set[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], Resolved]:
    if not keys:
        return {}
    given = {**by_columns(("household_id", "id"), keys), **grant_parameters(grant)}
    rows = await fetch(session, _BY_KEY.rendered(grant), given)
    return {
        (row["household_id"], row["id"]): Resolved(
            row["household_id"], row["id"], True, row["id_number_index"], row["birth_date"]
        )
        for row in rows
    }


async def _households(session: AsyncSession, grant: Grant, ids: set[UUID]) -> dict[UUID, Resolved]:
    if not ids:
        return {}
    rows = await fetch(session, _HOUSEHOLDS.rendered(grant), {"id": list(ids), **grant_parameters(grant)})
    return {row["id"]: Resolved(row["id"], None, in_sight=True) for row in rows}
