"""Whom a row of a file is about: a person by identity number, or a household by its code."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from hub.households.registered import ids_by_code
from hub.imports.importing import Importing
from hub.imports.records import Record
from hub.imports.refusals import UnknownHousehold
from hub.persons.subjects import Subject


async def named_subjects(
    session: AsyncSession, importing: Importing, records: Sequence[Record]
) -> list[tuple[Record, Subject]]:
    """Whom each row is about, by its identity number or else by the code of a household. A row with the code of a
    household that the caller does not see is refused in the report and left out."""
    by_code = [one.values["householdCode"] for one in records if not one.values.get("idNumber")]
    households = await ids_by_code(session, importing.grant, by_code)
    named: list[tuple[Record, Subject]] = []
    for record in records:
        if number := record.values.get("idNumber"):
            named.append((record, Subject(id_number=number.number)))
        elif household_id := households.get(record.values["householdCode"]):
            named.append((record, Subject(household_id=household_id)))
        else:
            importing.tally.refuse(record.row, "householdCode", UnknownHousehold())
    return named
