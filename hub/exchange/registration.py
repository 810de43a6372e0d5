"""Writing households: each batch is one transaction that checks, writes rows and appends events (46-2.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from auth.grant import Grant
from hub.database import copy_rows, new_id, now, table_of
from hub.errors import HubError
from hub.exchange.certifying import Certifying
from hub.exchange.coverage import wish_for
from hub.exchange.households import OF_HOUSEHOLD, OF_PERSON, Household
from hub.exchange.places import Places
from hub.exchange.records import Record
from hub.exchange.refusals import (
    ForeignHousehold,
    HeadMissing,
    HeadRefused,
    PersonInAnotherHousehold,
    SecondHead,
    ValueMissing,
)
from hub.exchange.report import Tally
from hub.exchange.standing import Standing, read_standing
from hub.exchange.updating import one_import_at_a_time, update_rows
from hub.households.tables import HouseholdRow
from hub.ledger.chain import Author, EventDraft, append_events
from hub.ledger.tables import EventType
from hub.persons.identity_number import masked
from hub.persons.tables import PersonRow, Relation
from hub.secrecy import Secrecy, place_of

CLAUSE = "46-2.2"

_household = table_of(HouseholdRow)
_person = table_of(PersonRow)
_HOUSEHOLD_COLUMNS = [column.name for column in _household.columns]
_PERSON_COLUMNS = [column.name for column in _person.columns]
_HOUSEHOLD_COLUMN_OF = {
    "region": "region", "residence": "residence", "address": "address", "incomePerCapita": "income_per_capita",
}  # fmt: skip
_PERSON_COLUMN_OF = {
    "name": "name", "relation": "relation", "phone": "phone_sealed", "account": "account_sealed",
    "health": "health", "disabilityType": "disability_type", "disabilityGrade": "disability_grade",
    "educationStage": "education_stage", "school": "school", "employment": "employment", "labour": "labour",
}  # fmt: skip
_SEALED = frozenset({"phone", "account"})
_NEVER_CLEARED = frozenset({"region", "residence"})


@dataclass
class Registration:
    """One batch of households on its way into the database."""

    secrecy: Secrecy
    grant: Grant
    places: Places
    tally: Tally
    inferred: int = 0
    _standing: Standing = field(default_factory=Standing)
    _taken: dict[bytes, tuple[UUID, str]] = field(default_factory=dict)
    _indexes: dict[int, bytes] = field(default_factory=dict)
    _new_households: list[dict[str, Any]] = field(default_factory=list)
    _changed_households: list[dict[str, Any]] = field(default_factory=list)
    _new_persons: list[dict[str, Any]] = field(default_factory=list)
    _changed_persons: list[dict[str, Any]] = field(default_factory=list)
    _events: list[EventDraft] = field(default_factory=list)
    _changed_rows: set[int] = field(default_factory=set)

    async def register(self, session: AsyncSession, households: Sequence[Household]) -> None:
        """Write what can be written of the households, in the session's transaction; refuse the rest."""
        await one_import_at_a_time(session)
        self._indexes = {
            record.row: self.secrecy.blind_index(record.values["idNumber"].number)
            for household in households
            for record in household.members
        }
        codes = [household.code for household in households]
        self._standing = await read_standing(session, self.grant, codes, set(self._indexes.values()))
        certifying = Certifying(self.grant, self.tally)
        await certifying.read(session, [one["id"] for one in self._standing.households.values()])
        for household in households:
            self._register(household, certifying)
        await self._write(session)
        await certifying.write(session)
        author = Author(self.grant.agency, self.grant.client)
        await append_events(session, author, self._events + certifying.events)
        self.tally.changed += len(self._changed_rows | certifying.changed_rows)
