"""Finds the subject of a write. The result for an invisible subject is exactly that for a missing one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import AmbiguousIdentity, HubError, InvalidInput, NotFound
from hub.foundation.prepared_sql import PreparedSql, by_columns, fetch, in_array, render, rows_of_arrays
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow
from hub.persons.identity_number import InvalidIdentityNumber
from hub.persons.papers import number_registered
from hub.policy.facts.persons import present
from hub.policy.permissions.jurisdiction import grant_parameters
from hub.policy.permissions.row_policies import ForGrants, visible

_person = table_of(PersonRow)
_household = table_of(HouseholdRow)


def _persons_by_identity(grant: Grant) -> sa.Select[Any]:
    columns = (
        _person.c.id_number_index,
        _person.c.household_id,
        _person.c.id,
        _person.c.birth_date,
        _person.c.name,
    )
    return sa.select(*columns, visible(_person, grant).label("in_sight")).where(
        in_array(_person.c.id_number_index), present(_person)
    )


def _persons_by_key(grant: Grant) -> sa.Select[Any]:
    columns = _person.c.household_id, _person.c.id
    wanted = rows_of_arrays(*columns)
    same = sa.and_(*(column == wanted.c[column.name] for column in columns))
    return (
        sa.select(*columns, _person.c.id_number_index, _person.c.birth_date, _person.c.name)
        .select_from(wanted.join(_person, same))
        .where(visible(_person, grant))
    )


def _households_by_id(grant: Grant) -> sa.Select[Any]:
    return sa.select(_household.c.id).where(in_array(_household.c.id), visible(_household, grant))


def _members() -> PreparedSql:
    """Present and former members with an identity."""
    columns = _person.c.household_id, _person.c.id_number_index
    wanted = rows_of_arrays(*columns)
    same = sa.and_(*(column == wanted.c[column.name] for column in columns))
    return render(sa.select(*columns, _person.c.id).select_from(wanted.join(_person, same)))


_MEMBERS = _members()
_BY_IDENTITY = ForGrants(_persons_by_identity)
_BY_KEY = ForGrants(_persons_by_key)
_HOUSEHOLDS = ForGrants(_households_by_id)


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a write: exactly one of an identity number, the key of a person, or the id of a household. `name`: the
    name beside the number or the key, only for comparison."""

    id_number: str | None = None
    person: tuple[UUID, UUID] | None = None
    household_id: UUID | None = None
    name: str | None = None

    @classmethod
    def of(cls, household_id: UUID, person_id: UUID | None) -> Self:
        """The subject of a record: the person, or the household as a whole."""
        return cls(household_id=household_id) if person_id is None else cls(person=(household_id, person_id))

    @property
    def one_name(self) -> bool:
        """Whether exactly one of the fields is set."""
        return [self.id_number, self.person, self.household_id].count(None) == 2


@dataclass(frozen=True, slots=True)
class Resolved:
    """A household, and the person in it unless the subject is the whole household. `identity` is the person's blind index,
    the same wherever they are registered. `birth_date` and `name` are those of a visible person; callers check the grant
    before they reveal them."""

    household_id: UUID
    person_id: UUID | None
    in_sight: bool
    identity: bytes | None = None
    birth_date: date | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """A subject to find; `anywhere`: the aid does not depend on household registration (46-3.3)."""

    subject: Subject
    anywhere: bool = False


def as_named(secrecy: Secrecy, subject: Subject) -> list[str | None]:
    """A subject as its caller named it, without the number itself."""
    index = blind_index_of(secrecy, subject.id_number) if subject.id_number else None
    person = None if subject.person is None else "/".join(map(str, subject.person))
    return [
        index.hex() if isinstance(index, bytes) else None,
        person,
        None if subject.household_id is None else str(subject.household_id),
    ]


async def resolve_subjects(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, wanted: Sequence[Sought]
) -> list[Resolved | HubError]:
    """Find each subject, in at most three statements."""
    indexes = {
        request.subject.id_number: blind_index_of(secrecy, request.subject.id_number)
        for request in wanted
        if request.subject.id_number
    }
    by_index = await _by_identity(
        session, grant, {sought for sought in indexes.values() if isinstance(sought, bytes)}
    )
    by_key = await _by_key(
        session, grant, {sought.subject.person for sought in wanted if sought.subject.person}
    )
    households = await _households(
        session, grant, {sought.subject.household_id for sought in wanted if sought.subject.household_id}
    )

    def find(request: Sought) -> Resolved | HubError:
        subject = request.subject
        if not subject.one_name:
            return InvalidInput(
                path=("subject",),
                field="subject",
                reason="name exactly one of idNumber, personId and householdId",
                reason_zh="身份证号、人员编号、家庭编号须且只能填一项",
            )
        found = _candidates(subject, indexes, by_index, by_key, households)
        if isinstance(found, HubError):
            return found
        seen = [sought for sought in found if sought.in_sight]
        if not seen and request.anywhere and subject.id_number:
            seen = sorted(found, key=_by_registration)[:1]
        if not seen:
            return NotFound(path=("subject",), noun="person or household", noun_zh="人员或家庭")
        return seen[0] if len(seen) == 1 else AmbiguousIdentity(path=("subject", "idNumber"))

    return [find(sought) for sought in wanted]


def _by_registration(resolved: Resolved) -> UUID:
    """The first registration is taken (ids are ordered by time), so that the result does not depend on households out of
    sight."""
    return resolved.person_id or resolved.household_id


def blind_index_of(secrecy: Secrecy, number: str) -> bytes | InvalidIdentityNumber:
    """The blind index of an identity number or of a paper's number. An impossible number is refused; otherwise the caller
    would read "not found" as "not registered"."""
    try:
        return secrecy.blind_index(number_registered(number))
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
        parameters = {"id_number_index": list(indexes), **grant_parameters(grant)}
        for row in await fetch(session, _BY_IDENTITY.rendered(grant), parameters):
            index = row["id_number_index"]
            born, name = (row["birth_date"], row["name"]) if row["in_sight"] else (None, None)
            resolved = Resolved(row["household_id"], row["id"], row["in_sight"], index, born, name)
            found.setdefault(index, []).append(resolved)
    return found


async def named_in(
    session: AsyncSession, secrecy: Secrecy, wanted: Mapping[int, tuple[Subject, UUID]]
) -> dict[int, Resolved]:
    """The subjects within a household that the caller wrote about before; subjects outside it are left out. Visibility is not
    checked: the caller learns only about persons that it named in that write, and former members are found too."""
    indexes = {
        place: index
        for place, (subject, _) in wanted.items()
        if subject.id_number and isinstance(index := blind_index_of(secrecy, subject.id_number), bytes)
    }
    columns = "household_id", "id_number_index"
    sought = sorted({(wanted[place][1], index) for place, index in indexes.items()})
    rows = await fetch(session, _MEMBERS, by_columns(columns, sought)) if sought else []
    members = {(row["household_id"], row["id_number_index"]): row["id"] for row in rows}
    named: dict[int, Resolved] = {}
    for place, (subject, household_id) in wanted.items():
        if not subject.one_name:
            continue
        if place in indexes:
            person_id = members.get((household_id, indexes[place]))
            if person_id is not None:
                named[place] = Resolved(household_id, person_id, in_sight=False)
        elif subject.person is not None and subject.person[0] == household_id:
            named[place] = Resolved(household_id, subject.person[1], in_sight=False)
        elif subject.household_id == household_id:
            named[place] = Resolved(household_id, None, in_sight=False)
    return named


async def _by_key(
    session: AsyncSession, grant: Grant, keys: set[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], Resolved]:
    if not keys:
        return {}
    parameters = {**by_columns(("household_id", "id"), keys), **grant_parameters(grant)}
    rows = await fetch(session, _BY_KEY.rendered(grant), parameters)
    return {
        (row["household_id"], row["id"]): Resolved(
            row["household_id"], row["id"], True, row["id_number_index"], row["birth_date"], row["name"]
        )
        for row in rows
    }


async def _households(session: AsyncSession, grant: Grant, ids: set[UUID]) -> dict[UUID, Resolved]:
    if not ids:
        return {}
    rows = await fetch(session, _HOUSEHOLDS.rendered(grant), {"id": list(ids), **grant_parameters(grant)})
    return {row["id"]: Resolved(row["id"], None, in_sight=True) for row in rows}
