"""Undoing an import as a whole (46-4.3): new records are withdrawn, changed records get their earlier values back, each by an
event. Nothing is deleted: a new person left the household on the day of the import, a new certification was a mistake and
never in force, aid is revoked.

It is one transaction, so it happens completely or not at all. It is refused if others changed or used what the import wrote.
The shares of a month stay counted, and the words of an office stay.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.revocation import Revocation, revoke_aid
from hub.certifications.lists import restore_certifications
from hub.circumstances.commands import report_circumstances
from hub.circumstances.drafts import CircumstanceDraft
from hub.circumstances.rules import FIELDS
from hub.commands.context import CommandContext
from hub.foundation.calendar import CHINA
from hub.foundation.database import Database, now, table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError, NotFound
from hub.households.import_lock import one_at_a_time
from hub.households.leaving import Leaving, leave_households
from hub.households.restoring import restore_registration
from hub.imports.built_on import MEMBERS, ImportHasLaterChanges, built_on, events_of, households_of
from hub.imports.imports import check_may_import
from hub.ledger.access import NOTHING_READ, AccessRecord, save_record
from hub.ledger.before import rows_before
from hub.ledger.chain import lock_households
from hub.lines.commands import restore_lines
from hub.model.aid import AidRecordRow, CorrectionReason
from hub.model.certifications import CertificationRow
from hub.model.circumstances import CircumstanceRow
from hub.model.households import HouseholdRow
from hub.model.import_runs import IMPORTER, UNDOER, ImportKind, ImportRunRow
from hub.model.ledger import AccessOutcome, EventType
from hub.model.persons import PersonRow
from hub.persons.subjects import Subject
from hub.policy.facts.persons import present
from hub.policy.facts.versions import current

_run, _household, _person = table_of(ImportRunRow), table_of(HouseholdRow), table_of(PersonRow)
_certification, _circumstance, _aid = (
    table_of(CertificationRow),
    table_of(CircumstanceRow),
    table_of(AidRecordRow),
)
_AT_ONCE = 1_000
"""The number of households whose rows are in memory at a time."""
_REASON = "整批导入撤销"
Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Undone:
    """The result of an undoing. `households`: the number of changed households. `before`: the import had been undone earlier."""

    households: int
    before: bool = False


async def undo_import(database: Database, secrecy: Secrecy, run_id: UUID, grant: Grant) -> Undone:
    """Undo an import of the grant's agency. To undo it again changes nothing. Raises NotFound, ImportHasLaterChanges, and the
    errors of the commands that write."""
    grant = replace(grant, client=f"{UNDOER}:{run_id}")
    started = time.perf_counter()
    try:
        async with database.write() as session:
            await one_at_a_time(session)
            run = await _locked_run(session, run_id, grant)
            if run.undone_at is not None:
                return Undone(0, before=True)
            check_may_import(run.kind, grant, None)
            context = CommandContext(session, grant, secrecy)
            households = await _undo(context, run_id, run.kind)
            await session.execute(sa.update(_run).where(_run.c.id == run_id).values(undone_at=now()))
            await save_record(session, _record(grant, run, started, households), NOTHING_READ)
    except HubError as refusal:
        async with database.write() as session:
            await save_record(session, _record(grant, None, started, (), refusal), NOTHING_READ)
        raise
    return Undone(len(households))


async def _locked_run(session: AsyncSession, run_id: UUID, grant: Grant) -> sa.Row[Any]:
    query = sa.select(_run).where(_run.c.id == run_id, _run.c.agency_id == grant.agency).with_for_update()
    run = (await session.execute(query)).one_or_none()
    if run is None:
        raise NotFound(noun="import", noun_zh="导入")
    return run


async def _undo(context: CommandContext, run_id: UUID, kind: ImportKind) -> Sequence[UUID]:
    client = f"{IMPORTER}:{run_id}"
    if kind is ImportKind.LINES:
        if replaced := await restore_lines(context.session, client, context.grant.client):
            raise ImportHasLaterChanges(count=replaced, households=0)
        return ()
    if others := await built_on(context.session, client):
        raise ImportHasLaterChanges(count=others.events, households=others.households)
    ids = await households_of(context.session, client)
    for at in range(0, len(ids), _AT_ONCE):
        await _Undoing(context, run_id, client, ids[at : at + _AT_ONCE]).undo()
    return ids


@dataclass
class _Undoing:
    """The undoing of an import in some households."""

    context: CommandContext
    run_id: UUID
    client: str
    households: Sequence[UUID]
    events: dict[EventType, list[Event]] = field(default_factory=lambda: defaultdict(list))

    async def undo(self) -> None:
        """Undo in an order in which no step prevents the next."""
        await lock_households(self.context.session, self.households)
        await self._read_events()
        await self._revoke_aid()
        await self._withdraw_circumstances()
        await self._put_certifications_back()
        await self._put_registrations_back()
        await self.context.renew_sight(*self.households, moved=True)

    async def _read_events(self) -> None:
        for event in await events_of(self.context.session, self.client, self.households):
            self.events[event["type"]].append(dict(event))

    async def _revoke_aid(self) -> None:
        for event in self.events[EventType.AID_RECORDED]:
            key = event["household_id"], event["subject_id"]
            version = await self.context.session.scalar(
                sa.select(_aid.c.version).where(
                    _aid.c.household_id == key[0], _aid.c.id == key[1], current(_aid)
                )
            )
            await revoke_aid(self.context, key, Revocation(version or 1, CorrectionReason.MISTAKE, _REASON))

    async def _withdraw_circumstances(self) -> None:
        """A circumstance that the import reported first ends on the day it began. A corrected circumstance gets its earlier
        values back."""
        events = [*self.events[EventType.CIRCUMSTANCE_REPORTED], *self.events[EventType.CIRCUMSTANCE_ENDED]]
        ids = {event["subject_id"] for event in events}
        if not ids:
            return
        found = await self.context.session.execute(
            sa.select(_circumstance).where(
                _circumstance.c.household_id.in_(self.households), _circumstance.c.id.in_(ids)
            )
        )
        rows = [dict(row) for row in found.mappings()]
        before = await rows_before(self.context.session, self.run_id, _circumstance, self.households)
        new = {event["subject_id"] for event in events if event["first"]}
        drafts = [_withdrawn(row) if row["id"] in new else _draft(row, before[row["id"]]) for row in rows]
        for outcome in await report_circumstances(self.context, drafts):
            if outcome.error is not None:
                raise outcome.error

    async def _put_certifications_back(self) -> None:
        """A new certification ends as a mistake. A changed certification gets its earlier values back."""
        events = [*self.events[EventType.CERTIFIED], *self.events[EventType.CERTIFICATION_ENDED]]
        if not events:
            return
        begun = {event["subject_id"] for event in events if event["first"]}
        before = await rows_before(self.context.session, self.run_id, _certification, self.households)
        await restore_certifications(self.context, self.households, begun, before, _REASON)

    async def _put_registrations_back(self) -> None:
        session = self.context.session
        await restore_registration(
            self.context,
            await rows_before(session, self.run_id, _household, self.households),
            await rows_before(session, self.run_id, _person, self.households),
        )
        new = {event["household_id"]: _day(event) for event in self.events[EventType.HOUSEHOLD_REGISTERED]}
        joined = {
            event["person_id"]: _day(event)
            for event in self.events[EventType.HOUSEHOLD_UPDATED]
            if MEMBERS in event["body"]["changed"]
        }
        persons = (
            await session.execute(
                sa.select(_person).where(
                    present(_person),
                    sa.or_(
                        _person.c.household_id.in_(new),
                        sa.and_(_person.c.household_id.in_(self.households), _person.c.id.in_(joined)),
                    ),
                )
            )
        ).mappings()
        await leave_households(
            self.context,
            [Leaving(dict(row), joined.get(row["id"]) or new[row["household_id"]]) for row in persons],
        )


def _day(event: Event) -> date:
    recorded: datetime = event["recorded_at"]
    return recorded.astimezone(CHINA).date()


def _withdrawn(row: Mapping[str, Any]) -> CircumstanceDraft:
    return _draft(row, {**row, "until": row["since"]})


def _draft(row: Mapping[str, Any], content: Mapping[str, Any]) -> CircumstanceDraft:
    person = row["person_id"]
    household_id = row["household_id"]
    return CircumstanceDraft(
        row["external_id"],
        Subject(household_id=household_id) if person is None else Subject(person=(household_id, person)),
        row["kind"],
        content["since"],
        content["until"],
        {name: content[name] for name in FIELDS},
        newest=True,
    )


def _record(
    grant: Grant, run: Any, started: float, households: Collection[UUID], refusal: HubError | None = None
) -> AccessRecord:
    """The access record of an undoing; `operation_hash` is the SHA-256 of its client, which names the run."""
    return AccessRecord(
        agency_id=grant.agency,
        client_id=grant.client,
        person=grant.person,
        purpose=grant.purpose,
        operation_name="undo import",
        operation_hash=hashlib.sha256(grant.client.encode()).digest(),
        coordinates_digest=NOTHING_READ.digest,
        forbidden=(),
        household_ids=sorted(households),
        rows=0 if run is None else run.rows,
        milliseconds=round((time.perf_counter() - started) * 1000),
        outcome=AccessOutcome.ANSWERED if refusal is None else AccessOutcome.REFUSED,
        code=None if refusal is None else refusal.code,
        codes=[] if refusal is None else [refusal.code],
    )
