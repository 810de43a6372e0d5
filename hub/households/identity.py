"""Corrects identity numbers that were registered wrongly (46-4.3). A correction has its own command and its own event; it is
never a side effect of another write. The person and all their records stay.

A correction has the former number, the correct number and the name, which must be the registered one. Birth date and gender
follow the number. Corrections of one batch are made together, so two people can get each other's number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.commands.context import CommandContext
from hub.foundation.canonical_json import plain
from hub.foundation.database import now, table_of, update_rows
from hub.foundation.encryption import place_of
from hub.foundation.errors import ForbiddenWrite, HubError
from hub.households.admission import in_another
from hub.households.import_lock import one_at_a_time
from hub.households.planning import CLAUSE
from hub.households.refusals import ForeignHousehold
from hub.ledger.before import Stood, columns_of, save_before
from hub.ledger.chain import EventDraft, append_events
from hub.model.changes import insert_changes
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType
from hub.model.persons import PersonRow
from hub.persons.identity_number import IdentityNumber, masked
from hub.persons.names import NameMismatch, same_name
from hub.policy.facts.persons import present
from hub.policy.permissions import write_scopes
from hub.policy.permissions.row_policies import visible
from hub.policy.permissions.written_fields import closed_to
from hub.regions.places import Places

_household, _person = table_of(HouseholdRow), table_of(PersonRow)
_FIELDS = ("idNumber", "birthDate", "gender", "name")
Change = tuple[str, str | None, str | None]


class FormerNumberNotFound(HubError):
    """No member of a household with this code has the former number.
    该户编号下没有登记此原身份证号的成员。
    """


class NumberOfAnotherMember(HubError):
    """Another member of this household already has the correct number.
    该户已有其他成员登记此身份证号。
    """


@dataclass(frozen=True, slots=True)
class NumberCorrection:
    """A correction of a number. `former` may be the number of a paper, if there is now an identity number; `row` is the row
    of the file."""

    row: int
    code: str
    former: str
    number: IdentityNumber
    name: str


@dataclass
class Corrected:
    """The rows whose number was corrected, the values that changed, and the rows that were refused, each with its column."""

    changed: set[int] = field(default_factory=set)
    changes: list[tuple[int, str, str | None, str | None]] = field(default_factory=list)
    refused: dict[int, tuple[str, HubError]] = field(default_factory=dict)


async def correct_numbers(
    context: CommandContext, places: Places, corrections: Sequence[NumberCorrection]
) -> Corrected:
    """Correct numbers in the caller's transaction; a correction that was made before changes nothing. Raises ForbiddenWrite."""
    result = Corrected()
    if not corrections:
        return result
    context.need(*write_scopes.REGISTERING)
    closed = closed_to(context.grant)
    for name in _FIELDS:
        if name in closed:
            raise ForbiddenWrite(scope=closed[name].value)
    await one_at_a_time(context.session)
    work = await _Correcting.read(context, places, corrections, result)
    work.plan(corrections)
    await work.write()
    return result


@dataclass(frozen=True, slots=True)
class _Correction:
    """A correction with its person and the blind index of the correct number."""

    of: NumberCorrection
    person: Mapping[str, Any]
    index: bytes


@dataclass
class _Correcting:
    """The corrections of one batch. `persons`: the registered members by household code and blind index. `taken`: the present
    holders of the correct numbers in any household, as (household id, person id) by blind index."""

    context: CommandContext
    places: Places
    result: Corrected
    persons: dict[tuple[str, bytes], dict[str, Any]]
    taken: dict[bytes, set[tuple[UUID, UUID]]]
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _before: Stood = field(default_factory=dict)
    _events: list[EventDraft] = field(default_factory=list)
    _changes: list[list[Change]] = field(default_factory=list)

    @classmethod
    async def read(
        cls,
        context: CommandContext,
        places: Places,
        corrections: Sequence[NumberCorrection],
        result: Corrected,
    ) -> "_Correcting":
        """Read the members of the households, lock these households, and find the present holders of the correct numbers."""
        rows = await context.session.execute(
            sa.select(_person, _household.c.code, _household.c.region)
            .join_from(_person, _household, _household.c.id == _person.c.household_id)
            .where(
                _household.c.code.in_({correction.code for correction in corrections}),
                visible(_household, context.grant),
            )
            .with_for_update(key_share=True, of=_household)
        )
        persons = {(row["code"], row["id_number_index"]): dict(row) for row in rows.mappings()}
        indexes = [context.secrecy.blind_index(correction.number.number) for correction in corrections]
        taken: dict[bytes, set[tuple[UUID, UUID]]] = {}
        others = sa.select(_person.c.id_number_index, _person.c.household_id, _person.c.id).where(
            _person.c.id_number_index.in_(indexes), present(_person)
        )
        for row in await context.session.execute(others):
            taken.setdefault(row.id_number_index, set()).add((row.household_id, row.id))
        return cls(context, places, result, persons, taken)

    def plan(self, corrections: Sequence[NumberCorrection]) -> None:
        """Plan the corrections or refuse them. They are made together: a number is free if its holder's number is corrected
        too, in any order of the rows."""
        made: dict[UUID, _Correction] = {}
        claimed: dict[bytes, UUID] = {}
        for wanted in corrections:
            if (correction := self._find(wanted)) is None:
                continue
            id, household_id = correction.person["id"], correction.person["household_id"]
            if id in made:
                self.result.refused[wanted.row] = "formerNumber", FormerNumberNotFound()
            elif (first := claimed.get(correction.index)) is not None:
                same = first == household_id
                self.result.refused[wanted.row] = (
                    "idNumber",
                    NumberOfAnotherMember() if same else in_another(None),
                )
            else:
                made[id] = correction
                claimed[correction.index] = household_id
        while refused := {
            id: error
            for id, correction in made.items()
            if (error := self._taken_by_others(correction, made)) is not None
        }:
            for id, error in refused.items():
                self.result.refused[made.pop(id).of.row] = "idNumber", error
        for correction in made.values():
            self._plan(correction)

    def _find(self, wanted: NumberCorrection) -> _Correction | None:
        """A correction with its person; None if it was made before or is refused."""
        index = self.context.secrecy.blind_index(wanted.number.number)
        person = self.persons.get((wanted.code, self.context.secrecy.blind_index(wanted.former)))
        same = self.persons.get((wanted.code, index))
        named = person is not None and same_name(wanted.name, person["name"])
        if person is None:
            if same is None:
                self.result.refused[wanted.row] = "formerNumber", FormerNumberNotFound()
        elif not self.places.within(person["region"]):
            self.result.refused[wanted.row] = "householdCode", ForeignHousehold()
        elif named:
            return _Correction(wanted, person, index)
        elif same is None or not same_name(wanted.name, same["name"]):
            self.result.refused[wanted.row] = "name", NameMismatch()
        return None

    def _taken_by_others(self, correction: _Correction, made: Mapping[UUID, _Correction]) -> HubError | None:
        """The refusal if another person keeps the correct number, or if its former holder has the same name: if the file were
        sent again, the hub could not tell the two people apart. None if the number is free."""
        same = self.persons.get((correction.of.code, correction.index))
        if same is not None and (same["id"] not in made or same_name(correction.of.name, same["name"])):
            return NumberOfAnotherMember()
        for household_id, id in self.taken.get(correction.index, ()):
            holder = made.get(id)
            if household_id != correction.person["household_id"] and (
                holder is None or same_name(correction.of.name, holder.of.name)
            ):
                return in_another(None)
        return None

    def _plan(self, correction: _Correction) -> None:
        wanted, person, index = correction.of, correction.person, correction.index
        household_id, id = person["household_id"], person["id"]
        secrecy, number = self.context.secrecy, wanted.number
        self._before[("person", id)] = household_id, columns_of("person", person)
        changes: list[Change] = [("idNumber", person["id_number_masked"], masked(number.number))]
        for key, column, right in (
            ("birthDate", "birth_date", number.birth_date),
            ("gender", "gender", number.gender),
        ):
            if person[column] != right:
                changes.append((key, str(plain(person[column])), str(plain(right))))
        values = {
            "id_number_sealed": secrecy.seal(number.number, place_of("person.id_number", id.bytes)),
            "id_number_index": index,
            "id_number_masked": masked(number.number),
            "birth_date": number.birth_date,
            "gender": number.gender,
            "source_agency": self.context.grant.agency,
            "version": person["version"] + 1,
            "updated_at": now(),
        }
        self._rows.append({"household_id": household_id, "id": id, **values})
        body: Mapping[str, Any] = {"changed": [key for key, _, _ in changes]}
        self._events.append(EventDraft(household_id, EventType.HOUSEHOLD_UPDATED, body, id, id, CLAUSE))
        self._changes.append(changes)
        self.result.changed.add(wanted.row)
        self.result.changes += [(wanted.row, *change) for change in changes]

    async def write(self) -> None:
        """Write the persons and their events."""
        if not self._rows:
            return
        session, households = self.context.session, {row["household_id"] for row in self._rows}
        await save_before(session, self.context.grant.client, self._before)
        await update_rows(session, _person, ("household_id", "id"), self._rows)
        await session.execute(
            sa.update(_household)
            .where(_household.c.id.in_(households))
            .values(version=_household.c.version + 1, updated_at=now())
        )
        events = await append_events(session, self.context.author, self._events)
        await insert_changes(
            session,
            (
                (event["household_id"], event["number"], *change)
                for event, changes in zip(events, self._changes, strict=True)
                for change in changes
            ),
        )
        await self.context.renew_sight(*households, moved=True)
