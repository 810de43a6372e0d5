"""The subject of a row of a file: a person by identity number, or a household by its code."""

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
    """The subject of each row, by its identity number or else by its household code. A row with the code of an invisible
    household is refused and left out."""
    by_code = [record.values["householdCode"] for record in records if not record.values.get("idNumber")]
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
