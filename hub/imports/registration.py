"""Writing households: each batch is one transaction that checks, writes rows and appends events (46-2.2)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from hub.certifications.changes import Certifying
from hub.foundation.canonical_json import plain
from hub.foundation.database import copy_rows, new_id, now, table_of, update_rows
from hub.foundation.encryption import place_of
from hub.imports.admission import Admission
from hub.imports.ages import unlikely_rows
from hub.imports.coverage import certify_household
from hub.imports.households import OF_HOUSEHOLD, OF_PERSON, Household
from hub.imports.import_lock import one_import_at_a_time
from hub.imports.importing import Importing
from hub.imports.records import Record
from hub.imports.report import shown
from hub.imports.standing import Standing, read_standing
from hub.ledger.chain import Author, EventDraft, append_events
from hub.ledger.receipts import Change, changes_made, claim_changes
from hub.model.changes import keep_changes
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType
from hub.model.persons import PersonRow
from hub.persons.identity_number import masked

CLAUSE = "46-2.2"

_household = table_of(HouseholdRow)
_person = table_of(PersonRow)
_HOUSEHOLD_COLUMNS = [column.name for column in _household.columns]
_PERSON_COLUMNS = [column.name for column in _person.columns]
_FIXED = frozenset(
    {"code", "created_at", "id_number_sealed", "id_number_index", "id_number_masked", "birth_date", "gender"}
)
_SEALED = frozenset({"phone", "account"})
FieldChange = tuple[str, str | None, str | None]
"""A field, what it was and what it is, in text."""
_NEVER_CLEARED = frozenset({"region", "residence"})


async def register_households(
    session: AsyncSession, importing: Importing, households: Sequence[Household]
) -> None:
    """Write what can be written of the households, in the session's transaction; put the rest into the report."""
    importing.tally.changed += len(await register(session, importing, households))


async def register(session: AsyncSession, importing: Importing, households: Sequence[Household]) -> set[int]:
    """The same; answers the rows that were new or differed."""
    await one_import_at_a_time(session)
    indexes = {
        record.row: importing.secrecy.blind_index(record.values["idNumber"].number)
        for household in households
        for record in household.members
    }
    codes = [household.code for household in households]
    standing = await read_standing(session, importing.grant, codes, set(indexes.values()))
    admission = Admission(standing, indexes, importing.places, importing.tally)
    certifying = Certifying(importing.grant)
    await certifying.read(session, [one["id"] for one in standing.households.values()])
    writing = _Writing(importing, standing, indexes)
    repeats = await _repeats(session, importing.grant.agency, households, standing)
    for household in households:
        kept = repeats.get(household.said, frozenset())
        admission.admit(household, kept)
        if household.members and not kept:
            id, persons, unlisted = writing.plan(household)
            certify_household(certifying, household, id, persons, unlisted)
    await writing.write(session)
    await certifying.write(session)
    author = Author(importing.grant.agency, importing.grant.client)
    events = await append_events(session, author, writing.events + certifying.events)
    await keep_changes(
        session,
        (
            (events[place]["household_id"], events[place]["number"], *change)
            for place, changes in writing.changes.items()
            for change in changes
        ),
    )
    importing.tally.notice_rows(certifying.notices)
    importing.tally.notice_rows(unlikely_rows(households, writing.changed_rows))
    return writing.changed_rows | certifying.changed_rows


def _change_from(household: Household, id: UUID, *places: int) -> Change | None:
    """What a client says of a household, or only of the members at these places, as a change of the version that it names;
    None where it names none."""
    if household.said is None or household.expected_version is None:
        return None
    return Change("upsertHouseholds", (id,), household.expected_version, [household.said, *places])


async def _repeats(
    session: AsyncSession, agency: str, households: Sequence[Household], standing: Standing
) -> Mapping[str | None, Collection[int]]:
    """Of what clients say of households that have another version by now, what the agency said before of the same version,
    and the places of the members that were kept then."""
    asked: dict[bytes, tuple[str | None, range]] = {}
    for household in households:
        stands = standing.households.get(household.code)
        if stands is None or household.expected_version == stands["version"]:
            continue
        every = range(len(household.members) + len(household.refused))
        for kept, named in ((every, ()), *((range(place, place + 1), (place,)) for place in every)):
            if change := _change_from(household, stands["id"], *named):
                asked[change.digest] = household.said, kept
    repeats: dict[str | None, set[int]] = {}
    for digest in await changes_made(session, agency, asked):
        said, kept = asked[digest]
        repeats.setdefault(said, set()).update(kept)
    return repeats


def _change(key: str, before: Any, after: Any) -> FieldChange:
    """A change as it is kept: numbers that are sealed in their row are masked."""

    def text(value: Any) -> str | None:
        if value is None:
            return None
        return shown(key, value) if key in _SEALED else str(plain(value))

    return key, text(before), text(after)


def _next(row: dict[str, Any]) -> dict[str, Any]:
    """The next version of a row. A household has one too where only its members changed: who names a version of it names
    all that it was."""
    row["version"] += 1
    return {column: value for column, value in row.items() if column not in _FIXED}


@dataclass
class _Writing:
    """The rows and events of one batch, planned in memory and written in a few statements. `changes` are what each
    event changed, by its place among the events."""

    importing: Importing
    standing: Standing
    indexes: Mapping[int, bytes]
    events: list[EventDraft] = field(default_factory=list)
    changes: dict[int, list[FieldChange]] = field(default_factory=dict)
    changed_rows: set[int] = field(default_factory=set)
    _new_households: list[dict[str, Any]] = field(default_factory=list)
    _changed_households: list[dict[str, Any]] = field(default_factory=list)
    _new_persons: list[dict[str, Any]] = field(default_factory=list)
    _changed_persons: list[dict[str, Any]] = field(default_factory=list)
    _made: list[Change] = field(default_factory=list)

    def plan(self, household: Household) -> tuple[UUID, dict[int, UUID], list[UUID]]:
        """Plan one household; answers its id, the person of each row, and the members the file does not list."""
        stands = self.standing.households.get(household.code)
        members = self.standing.members[stands["id"]] if stands else {}
        version, rows_changed = stands["version"] if stands else None, len(self.changed_rows)
        id = self._change_household(household, stands) if stands else self._add_household(household)
        persons = {
            record.row: self._change_person(record, member)
            if (member := members.get(self.indexes[record.row]))
            else self._add_person(record, id, joins=stands is not None)
            for record in household.members
        }
        if len(self.changed_rows) > rows_changed and stands and stands["version"] == version:
            self._changed_households.append(_next(stands))
        self._keep_receipts(household, id)
        listed = set(persons.values())
        unlisted = [
            one["id"] for one in members.values() if one["left_on"] is None and one["id"] not in listed
        ]
        return id, persons, unlisted

    async def write(self, session: AsyncSession) -> None:
        """Write the rows: new ones by COPY, changed ones in one statement for each table."""
        for table, columns, rows in (
            ("household", _HOUSEHOLD_COLUMNS, self._new_households),
            ("person", _PERSON_COLUMNS, self._new_persons),
        ):
            if rows:
                records = (tuple(row.get(column) for column in columns) for row in rows)
                await copy_rows(session, table, columns, records)
        await update_rows(session, _household, ("id",), self._changed_households)
        await update_rows(session, _person, ("household_id", "id"), self._changed_persons)
        await claim_changes(session, self.importing.grant.agency, self._made)

    def _keep_receipts(self, household: Household, id: UUID) -> None:
        """One of the whole, also where it changed nothing; of what is refused in part, one of each member that is kept."""
        kept = [(household.place(one),) for one in household.members] if household.refused else [()]
        self._made += filter(None, (_change_from(household, id, *places) for places in kept))

    def _add_household(self, household: Household) -> UUID:
        head = household.head
        assert head is not None
        id, region = new_id(), head.values.get("region") or self.importing.places.own()
        assert region is not None
        residence = head.values.get("residence")
        if residence is None:
            residence = self.importing.places.likely_residence(region)
            self.importing.tally.residences_inferred += 1
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
        self.changed_rows.add(head.row)
        body = {"code": household.code, "region": region, "members": len(household.members)}
        self.events.append(EventDraft(id, EventType.HOUSEHOLD_REGISTERED, body, None, id, CLAUSE))
        return id

    def _change_household(self, household: Household, stands: dict[str, Any]) -> UUID:
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
            changes = [_change(key, stands[OF_HOUSEHOLD[key]], head.values[key]) for key in changed]
            stands.update({OF_HOUSEHOLD[key]: head.values[key] for key in changed})
            self._changed_households.append(self._next_version(stands))
            self._updated(id, None, changed, head.row, changes)
        return id

    def _add_person(self, record: Record, household_id: UUID, *, joins: bool) -> UUID:
        values, id = record.values, new_id()
        identity = values["idNumber"]
        person = {column: values.get(key) for key, column in OF_PERSON.items()}
        person |= {
            "household_id": household_id,
            "id": id,
            "id_number_sealed": self.importing.secrecy.seal(
                identity.number, place_of("person.id_number", id.bytes)
            ),
            "id_number_index": self.indexes[record.row],
            "id_number_masked": masked(identity.number),
            "birth_date": identity.birth_date,
            "gender": identity.gender,
            "phone_sealed": self._sealed("phone", values.get("phone"), id),
            "account_sealed": self._sealed("account", values.get("account"), id),
            **self._provenance(),
        }
        self._new_persons.append(person)
        self.changed_rows.add(record.row)
        if joins:
            self._updated(household_id, id, ["members"], record.row, [])
        return id

    def _change_person(self, record: Record, stands: dict[str, Any]) -> UUID:
        id: UUID = stands["id"]
        changed = [
            key
            for key, column in OF_PERSON.items()
            if key in record.values and record.values[key] != self._opened(key, stands[column], id)
        ]
        changes: list[FieldChange] = []
        for key in changed:
            value = record.values[key]
            changes.append(_change(key, self._opened(key, stands[OF_PERSON[key]], id), value))
            stands[OF_PERSON[key]] = self._sealed(key, value, id) if key in _SEALED else value
        if stands["left_on"] is not None:
            stands["left_on"] = None
            changed.append("rejoined")
        if changed:
            self._changed_persons.append(self._next_version(stands))
            self._updated(stands["household_id"], id, changed, record.row, changes)
        return id

    def _updated(
        self,
        household_id: UUID,
        person_id: UUID | None,
        changed: list[str],
        row: int,
        changes: list[FieldChange],
    ) -> None:
        """Tell which columns changed; an event holds no values of a person, what they were is kept beside it."""
        self.changes[len(self.events)] = changes
        self.changed_rows.add(row)
        subject = person_id or household_id
        self.events.append(
            EventDraft(
                household_id, EventType.HOUSEHOLD_UPDATED, {"changed": changed}, person_id, subject, CLAUSE
            )
        )

    def _provenance(self) -> dict[str, Any]:
        return {
            "source_agency": self.importing.grant.agency,
            "version": 1,
            "created_at": now(),
            "updated_at": now(),
        }

    def _next_version(self, row: dict[str, Any]) -> dict[str, Any]:
        row.update(source_agency=self.importing.grant.agency, updated_at=now())
        return _next(row)

    def _sealed(self, key: str, value: str | None, id: UUID) -> bytes | None:
        return (
            None if value is None else self.importing.secrecy.seal(value, place_of(f"person.{key}", id.bytes))
        )

    def _opened(self, key: str, value: Any, id: UUID) -> Any:
        if key not in _SEALED or value is None:
            return value
        return self.importing.secrecy.open(value, place_of(f"person.{key}", id.bytes))
