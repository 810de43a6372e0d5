"""Plans the changes of a batch against the registered households in memory; a few statements write them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.commands.context import CommandContext
from hub.foundation.canonical_json import plain
from hub.foundation.database import copy_rows, new_id, now, table_of, update_rows
from hub.foundation.encryption import Unreadable, place_of
from hub.households.answer import HouseholdsAnswer
from hub.households.checking import CheckedHousehold, CheckedMember
from hub.households.columns import OF_HOUSEHOLD, OF_PERSON
from hub.households.receipts import save_receipts
from hub.households.registered import Registered
from hub.ledger.before import Stood, columns_of, save_before
from hub.ledger.chain import EventDraft
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType
from hub.model.persons import PersonRow
from hub.model.privileges import CHANGED
from hub.persons.identity_number import masked, veiled
from hub.policy.facts.persons import is_present
from hub.regions.places import Places

CLAUSE = "46-2.2"

_household = table_of(HouseholdRow)
_person = table_of(PersonRow)
_HOUSEHOLD_COLUMNS = [column.name for column in _household.columns]
_PERSON_COLUMNS = [column.name for column in _person.columns]
_KEY = ("household_id", "id")
SEALED = frozenset({"phone", "account"})
FieldChange = tuple[str, str | None, str | None]
"""A field with its old and its new value, as text."""
_NEVER_CLEARED = frozenset({"region", "residence"})
_UNREADABLE = object()
"""Replaces an encrypted value that cannot be decrypted. It differs from every value, so the value that was sent is written."""


def change_of(key: str, before: Any, after: Any) -> FieldChange:
    """A change in its stored form: encrypted numbers are masked."""

    def text(value: Any) -> str | None:
        if value is None or value is _UNREADABLE:
            return None
        return veiled(value) if key in SEALED else str(plain(value))

    return key, text(before), text(after)


def _next(row: dict[str, Any]) -> dict[str, Any]:
    """The next version of a row. A household also gets a new version if only its members changed: a version names the whole
    household."""
    row["version"] += 1
    return dict(row)


def _changing(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The key of a row, and the columns of it that may change."""
    return {name: row[name] for name in (*_KEY, *CHANGED[table.name]) if name in row}


@dataclass
class Planned:
    """The rows and events of one batch. `changes` holds the changes of each event, by the event's place."""

    context: CommandContext
    places: Places
    registered: Registered
    indexes: Mapping[int, bytes]
    answer: HouseholdsAnswer
    events: list[EventDraft] = field(default_factory=list)
    changes: dict[int, list[FieldChange]] = field(default_factory=dict)
    _new_households: list[dict[str, Any]] = field(default_factory=list)
    moved: list[UUID] = field(default_factory=list)
    _changed_households: list[dict[str, Any]] = field(default_factory=list)
    _new_persons: list[dict[str, Any]] = field(default_factory=list)
    _changed_persons: list[dict[str, Any]] = field(default_factory=list)
    _written: list[tuple[CheckedHousehold, UUID]] = field(default_factory=list)
    _before: Stood = field(default_factory=dict)

    def plan(self, household: CheckedHousehold) -> tuple[UUID, dict[int, UUID], list[UUID]]:
        """Plan one household; returns its id, the person of each row, and the members without a row."""
        stands = self.registered.households.get(household.code)
        members = self.registered.members[stands["id"]] if stands else {}
        version, rows_changed = stands["version"] if stands else None, len(self.answer.changed)
        id = self._change_household(household, stands) if stands else self._add_household(household)
        persons = {
            member.row: self._change_person(member, stood)
            if (stood := members.get(self.indexes[member.row]))
            else self._add_person(member, id, joins=stands is not None)
            for member in household.members
        }
        if len(self.answer.changed) > rows_changed and stands and stands["version"] == version:
            self._changed_households.append(_next(stands))
        self._written.append((household, id))
        listed = set(persons.values())
        unlisted = [
            member["id"]
            for member in members.values()
            if is_present(member["left_on"]) and member["id"] not in listed
        ]
        return id, persons, unlisted

    async def write(self) -> None:
        """Write the rows: new ones by COPY, changed ones in one statement for each table."""
        session = self.context.session
        for table, columns, rows in (
            ("household", _HOUSEHOLD_COLUMNS, self._new_households),
            ("person", _PERSON_COLUMNS, self._new_persons),
        ):
            if rows:
                records = (tuple(row.get(column) for column in columns) for row in rows)
                await copy_rows(session, table, columns, records)
        for changed, rows_changed in (
            (_household, self._changed_households),
            (_person, self._changed_persons),
        ):
            key = [name for name in _KEY if name in changed.c]
            await update_rows(session, changed, key, [_changing(changed, row) for row in rows_changed])
        await save_before(session, self.context.grant.client, self._before)
        await save_receipts(session, self.context.grant.agency, self._written)

    def _add_household(self, household: CheckedHousehold) -> UUID:
        head = household.head
        assert head is not None
        id, region = new_id(), head.values.get("region") or self.places.own()
        assert region is not None
        residence = head.values.get("residence")
        if residence is None:
            residence = self.places.likely_residence(region)
            self.answer.residences_inferred += 1
        self._new_households.append(
            {
                "id": id,
                "code": household.code,
                "region": region,
                "residence": residence,
                "address": head.values.get("address"),
                "income_per_capita": head.values.get("incomePerCapita"),
                **self._provenance(),
            }
        )
        self.answer.changed.add(head.row)
        body = {"code": household.code, "region": region, "members": len(household.members)}
        self.events.append(EventDraft(id, EventType.HOUSEHOLD_REGISTERED, body, None, id, CLAUSE))
        return id

    def _change_household(self, household: CheckedHousehold, stands: dict[str, Any]) -> UUID:
        head = household.head
        id: UUID = stands["id"]
        if head is None:
            return id
        changed = [
            key
            for key, column in OF_HOUSEHOLD.items()
            if key in head.values
            and head.values[key] != stands[column]
            and not (head.values[key] is None and column in _NEVER_CLEARED)
        ]
        if changed:
            changes = [change_of(key, stands[OF_HOUSEHOLD[key]], head.values[key]) for key in changed]
            self._before.setdefault(("household", id), (id, columns_of("household", stands)))
            stands.update({OF_HOUSEHOLD[key]: head.values[key] for key in changed})
            self._changed_households.append(self._next_version(stands))
            if "region" in changed:
                self.moved.append(id)
            self._updated(id, None, changed, head.row, changes)
        return id

    def _add_person(self, member: CheckedMember, household_id: UUID, *, joins: bool) -> UUID:
        values, id = member.values, new_id()
        identity = values["idNumber"]
        person = {column: values.get(key) for key, column in OF_PERSON.items()}
        person |= {
            "household_id": household_id,
            "id": id,
            "id_number_sealed": self.context.secrecy.seal(
                identity.number, place_of("person.id_number", id.bytes)
            ),
            "id_number_index": self.indexes[member.row],
            "id_number_masked": masked(identity.number),
            "birth_date": identity.birth_date,
            "gender": identity.gender,
            "phone_sealed": self._sealed("phone", values.get("phone"), id),
            "account_sealed": self._sealed("account", values.get("account"), id),
            **self._provenance(),
        }
        self._new_persons.append(person)
        self.answer.changed.add(member.row)
        if joins:
            self._updated(household_id, id, ["members"], member.row, [])
        return id

    def _change_person(self, member: CheckedMember, stands: dict[str, Any]) -> UUID:
        id: UUID = stands["id"]
        changed = [
            key
            for key, column in OF_PERSON.items()
            if key in member.values and member.values[key] != self._opened(key, stands[column], id)
        ]
        changes: list[FieldChange] = []
        rejoins = not is_present(stands["left_on"])
        if changed or rejoins:
            self._before.setdefault(("person", id), (stands["household_id"], columns_of("person", stands)))
        for key in changed:
            value = member.values[key]
            changes.append(change_of(key, self._opened(key, stands[OF_PERSON[key]], id), value))
            stands[OF_PERSON[key]] = self._sealed(key, value, id) if key in SEALED else value
        if rejoins:
            stands["left_on"] = None
            changed.append("rejoined")
        if changed:
            self._changed_persons.append(self._next_version(stands))
            self._updated(stands["household_id"], id, changed, member.row, changes)
        return id

    def _updated(
        self,
        household_id: UUID,
        person_id: UUID | None,
        changed: list[str],
        row: int,
        changes: list[FieldChange],
    ) -> None:
        """An event that names the changed columns. It holds no values of a person; the old values are saved beside it."""
        self.changes[len(self.events)] = changes
        self.answer.changed.add(row)
        self.answer.changes += [(row, *change) for change in changes]
        subject = person_id or household_id
        self.events.append(
            EventDraft(
                household_id, EventType.HOUSEHOLD_UPDATED, {"changed": changed}, person_id, subject, CLAUSE
            )
        )

    def _provenance(self) -> dict[str, Any]:
        return {
            "source_agency": self.context.grant.agency,
            "version": 1,
            "created_at": now(),
            "updated_at": now(),
        }

    def _next_version(self, row: dict[str, Any]) -> dict[str, Any]:
        row.update(source_agency=self.context.grant.agency, updated_at=now())
        return _next(row)

    def _sealed(self, key: str, value: str | None, id: UUID) -> bytes | None:
        return (
            None if value is None else self.context.secrecy.seal(value, place_of(f"person.{key}", id.bytes))
        )

    def _opened(self, key: str, value: Any, id: UUID) -> Any:
        if key not in SEALED or value is None:
            return value
        try:
            return self.context.secrecy.open(value, place_of(f"person.{key}", id.bytes))
        except Unreadable:
            return _UNREADABLE
