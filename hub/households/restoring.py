"""Restores the registrations that an import replaced: households and persons get their earlier values back, with an event for
each."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.commands.context import CommandContext
from hub.foundation.database import now, table_of, update_rows
from hub.foundation.encryption import Unreadable, place_of
from hub.foundation.errors import ForbiddenWrite
from hub.households.columns import OF_HOUSEHOLD, OF_PERSON
from hub.households.planning import CLAUSE, SEALED, FieldChange, change_of
from hub.ledger.chain import EventDraft, append_events
from hub.model.changes import insert_changes
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType
from hub.model.persons import PersonRow
from hub.policy.facts.persons import is_present
from hub.policy.permissions import write_scopes
from hub.policy.permissions.written_fields import closed_to

_household, _person = table_of(HouseholdRow), table_of(PersonRow)
_IDENTITY = {"idNumber": "id_number_masked", "birthDate": "birth_date", "gender": "gender"}
"""The fields that a corrected number changes, with the columns that a history shows."""
Stood = Mapping[UUID, Mapping[str, Any]]
"""The earlier values of the columns of rows, by id."""


async def restore_registration(context: CommandContext, households: Stood, persons: Stood) -> None:
    """Restore households and persons, in the caller's transaction, which has locked them. Each changed row gets a new
    version. Raises ForbiddenWrite for a field that the caller may not write."""
    if households or persons:
        context.need(*write_scopes.REGISTERING)
    changed = await _Restoring(context, _household, OF_HOUSEHOLD, households).restore()
    changed |= await _Restoring(context, _person, OF_PERSON, persons).restore()
    if changed:
        stamps = {
            "version": _household.c.version + 1,
            "source_agency": context.grant.agency,
            "updated_at": now(),
        }
        await context.session.execute(
            sa.update(_household).where(_household.c.id.in_(changed)).values(**stamps)
        )


class _Restoring:
    """The rows of one table."""

    def __init__(
        self, context: CommandContext, table: sa.Table, fields: Mapping[str, str], stood: Stood
    ) -> None:
        self._context, self._table, self._fields, self._stood = context, table, fields, stood
        self._closed = closed_to(context.grant)
        self._drafts: list[EventDraft] = []
        self._changes: list[list[FieldChange]] = []

    async def restore(self) -> set[UUID]:
        """Write the changed rows and their events; returns the ids of their households."""
        session, table = self._context.session, self._table
        query = sa.select(table).where(table.c.id.in_(list(self._stood)))
        rows = [
            restored
            for row in (await session.execute(query)).mappings()
            if (restored := self._row(row)) is not None
        ]
        await update_rows(session, table, [name for name in ("household_id", "id") if name in table.c], rows)
        events = await append_events(session, self._context.author, self._drafts)
        await insert_changes(
            session,
            (
                (event["household_id"], event["number"], *change)
                for event, changes in zip(events, self._changes, strict=True)
                for change in changes
            ),
        )
        return {draft.household_id for draft in self._drafts}

    def _row(self, row: sa.RowMapping) -> dict[str, Any] | None:
        stood, of_person = self._stood[row["id"]], self._table is _person
        changed = [key for key, column in self._fields.items() if row[column] != stood[column]]
        for key in changed:
            if scope := self._closed.get(key):
                raise ForbiddenWrite(scope=scope.value)
        changes = [
            change_of(
                key, self._opened(key, row["id"], row[column]), self._opened(key, row["id"], stood[column])
            )
            for key, column in self._fields.items()
            if key in changed
        ]
        if of_person and row["id_number_index"] != stood["id_number_index"]:
            for key, column in _IDENTITY.items():
                if row[column] != stood[column] or key == "idNumber":
                    changed.append(key)
                    changes.append(change_of(key, row[column], stood[column]))
        body: dict[str, Any] = {"changed": changed}
        if of_person and row["left_on"] != stood["left_on"]:
            back = is_present(stood["left_on"])
            body["changed"] = [*changed, "rejoined" if back else "left"]
            body |= {} if back else {"leftOn": stood["left_on"].isoformat()}
        if not body["changed"]:
            return None
        household_id = row["household_id"] if of_person else row["id"]
        person_id = row["id"] if of_person else None
        self._drafts.append(
            EventDraft(household_id, EventType.HOUSEHOLD_UPDATED, body, person_id, row["id"], CLAUSE)
        )
        self._changes.append(changes)
        keys: dict[str, Any] = (
            {"household_id": household_id, "id": row["id"]} if of_person else {"id": row["id"]}
        )
        stamps: dict[str, Any] = {"source_agency": self._context.grant.agency, "updated_at": now()}
        return {**keys, **stood, **stamps, "version": row["version"] + of_person}

    def _opened(self, key: str, id: UUID, value: Any) -> Any:
        if key not in SEALED or value is None:
            return value
        try:
            return self._context.secrecy.open(value, place_of(f"person.{key}", id.bytes))
        except Unreadable:
            return None
