"""Finding whom a write is about. A subject out of sight answers exactly as one that does not exist."""

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
from hub.foundation.prepared_sql import PreparedSql, any_given, by_columns, fetch, given_rows, render
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


def _members() -> PreparedSql:
    """Whoever is or was registered in a household under an identity."""
    columns = _person.c.household_id, _person.c.id_number_index
    wanted = given_rows(*columns)
    same = sa.and_(*(column == wanted.c[column.name] for column in columns))
    return render(sa.select(*columns, _person.c.id).select_from(wanted.join(_person, same)))


_MEMBERS = _members()
_BY_IDENTITY = ForGrants(_persons_by_identity)
_BY_KEY = ForGrants(_persons_by_key)
_HOUSEHOLDS = ForGrants(_households_by_id)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is helped: exactly one of an identity number, a person's key, or a household's id."""

    id_number: str | None = None
    person: tuple[UUID, UUID] | None = None
    household_id: UUID | None = None

    @classmethod
    def of(cls, household_id: UUID, person_id: UUID | None) -> Self:
        """The person, or the household as a whole, that a record is about."""
        return cls(household_id=household_id) if person_id is None else cls(person=(household_id, person_id))

    @property
    def one_name(self) -> bool:
        """Whether exactly one of them is given."""
        return [self.id_number, self.person, self.household_id].count(None) == 2


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


def as_named(secrecy: Secrecy, subject: Subject) -> list[str | None]:
    """A subject as its caller named it, without the number itself."""
    index = _index(secrecy, subject.id_number) if subject.id_number else None
    person = None if subject.person is None else "/".join(map(str, subject.person))
    return [
        index.hex() if isinstance(index, bytes) else None,
        person,
        None if subject.household_id is None else str(subject.household_id),
    ]


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
        seen = [one for one in found if one.in_sight]
        if not seen and one.anywhere and subject.id_number:
            seen = sorted(found, key=_registered)[:1]
        if not seen:
            return NotFound(path=("subject",), noun="person or household", noun_zh="人员或家庭")
        return seen[0] if len(seen) == 1 else AmbiguousIdentity(path=("subject", "idNumber"))

    return [find(one) for one in wanted]


def _registered(one: Resolved) -> UUID:
    """By the time of registration, as ids are ordered: how often somebody is registered out of sight is not told."""
    return one.person_id or one.household_id


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


async def named_in(
    session: AsyncSession, secrecy: Secrecy, wanted: Mapping[int, tuple[Subject, UUID]]
) -> dict[int, Resolved]:
    """Whom each subject names in a household about which the caller wrote before; without those who are not of it. Sight is
    not looked at: the caller hears of nobody but whom it named then, and who has left since is found too."""
    indexes = {
        place: index
        for place, (subject, _) in wanted.items()
        if subject.id_number and isinstance(index := _index(secrecy, subject.id_number), bytes)
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
