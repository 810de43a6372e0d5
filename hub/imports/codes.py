"""Whom a row of a file is about: a person by identity number, or a household by its code."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.imports.importing import Importing
from hub.imports.records import Record
from hub.imports.refusals import UnknownHousehold
from hub.model.households import HouseholdRow
from hub.persons.subjects import Subject
from hub.policy.permissions.row_policies import visible

_household = table_of(HouseholdRow)


async def _households_by_code(session: AsyncSession, grant: Grant, codes: Iterable[str]) -> dict[str, UUID]:
    """The households with these codes that the grant sees."""
    wanted = list(codes)
    if not wanted:
        return {}
    rows = await session.execute(
        sa.select(_household.c.code, _household.c.id).where(
            _household.c.code == sa.any_(sa.cast(wanted, pg.ARRAY(sa.Text))), visible(_household, grant)
        )
    )
    return {row.code: row.id for row in rows}


async def named_subjects(
    session: AsyncSession, importing: Importing, records: Sequence[Record]
) -> list[tuple[Record, Subject]]:
    """Whom each row is about, by its identity number or else by the code of a household. A row with the code of a
    household that the caller does not see is refused in the report and left out."""
    by_code = [one.values["householdCode"] for one in records if not one.values.get("idNumber")]
    households = await _households_by_code(session, importing.grant, by_code)
    named: list[tuple[Record, Subject]] = []
    for record in records:
        if number := record.values.get("idNumber"):
            named.append((record, Subject(id_number=number.number)))
        elif household_id := households.get(record.values["householdCode"]):
            named.append((record, Subject(household_id=household_id)))
        else:
            importing.tally.refuse(record.row, "householdCode", UnknownHousehold())
    return named
