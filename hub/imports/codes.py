"""The subject of a row of a file: a person by identity number, or a household by its code.

A number or a code alone is not trusted. The name in a row is compared with the person who has the number, or with the members
of the household that has the code; its 户主 is compared with the head. If the agency may not read names, none are compared.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.foundation.errors import HubError
from hub.households.refusals import HeadNameMismatch
from hub.households.registered import ids_by_code
from hub.imports.importing import Importing
from hub.imports.records import Record
from hub.imports.refusals import UnknownHousehold
from hub.model.persons import PersonRow, Relation
from hub.persons.names import NAME, NameMismatch, same_name
from hub.persons.subjects import Subject
from hub.policy.facts.persons import present
from hub.policy.permissions.field_scopes import reading
from hub.policy.permissions.row_policies import visible

_person = table_of(PersonRow)


@dataclass(slots=True)
class NamesOfHousehold:
    """The names of the present members of a household, and of its head."""

    members: list[str] = field(default_factory=list)
    head: str | None = None

    def fault(self, name: str | None, head: str | None) -> tuple[str, HubError] | None:
        """The first wrong name of a row, with its column; None if the names agree."""
        if head and self.head and not same_name(head, self.head):
            return "head", HeadNameMismatch()
        if name and self.members and not any(same_name(name, member) for member in self.members):
            return "name", NameMismatch()
        return None


def reads_names(grant: Grant) -> bool:
    """Whether an agency may compare names with stored names."""
    return grant.covers(reading(NAME))


async def names_in(
    session: AsyncSession, grant: Grant, households: Collection[UUID]
) -> dict[UUID, NamesOfHousehold]:
    """The names of the present members of households, for an agency that reads them."""
    found: dict[UUID, NamesOfHousehold] = {id: NamesOfHousehold() for id in households}
    if not found or not reads_names(grant):
        return found
    rows = await session.execute(
        sa.select(_person.c.household_id, _person.c.name, _person.c.relation).where(
            _person.c.household_id == sa.any_(sa.cast(list(found), sa.ARRAY(sa.Uuid))),
            present(_person),
            visible(_person, grant),
        )
    )
    for row in rows:
        named = found[row.household_id]
        named.members.append(row.name)
        if row.relation is Relation.HEAD:
            named.head = row.name
    return found


async def named_subjects(
    session: AsyncSession, importing: Importing, records: Sequence[Record]
) -> list[tuple[Record, Subject]]:
    """The subject of each row, by its identity number or else by its household code. A row with the code of an invisible
    household, or of a household of other people, is refused and left out. Every household that is found is noted for the
    access record, because a refusal also reveals something about it."""
    by_code = [record.values["householdCode"] for record in records if not record.values.get("idNumber")]
    households = await ids_by_code(session, importing.grant, by_code)
    importing.named.households |= set(households.values())
    names = await names_in(session, importing.grant, set(households.values()))
    compared = reads_names(importing.grant)
    named: list[tuple[Record, Subject]] = []
    for record in records:
        values = record.values
        name = values.get("name") if compared else None
        if number := values.get("idNumber"):
            named.append((record, Subject(id_number=number.number, name=name)))
        elif not (household_id := households.get(values["householdCode"])):
            importing.tally.refuse(record.row, "householdCode", UnknownHousehold())
        elif fault := names[household_id].fault(name, values.get("head")):
            importing.tally.refuse(record.row, *fault)
        else:
            named.append((record, Subject(household_id=household_id)))
    return named
