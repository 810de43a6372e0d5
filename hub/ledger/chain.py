"""The assistance chain: one hash-linked list of events for each household.

`append_events` is the only writer. Households are locked in the order of their ids: writers of different households never
wait for each other, and writers of the same ones never deadlock.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from hub.foundation.canonical_json import canonical_digest
from hub.foundation.database import of_transaction, table_of
from hub.foundation.household_queues import PLACE, Place
from hub.foundation.prepared_sql import PreparedSql, by_columns, fetch, in_array, render, rows_of_arrays
from hub.ledger.order import write_last
from hub.ledger.stale import mark_stale
from hub.model.households import HouseholdRow
from hub.model.ledger import ChainEventRow, EventType, new_event_id

GENESIS = bytes(32)
_TICK = timedelta(microseconds=1)
"""The least time between two events of a chain."""
_event = table_of(ChainEventRow)
_household = table_of(HouseholdRow)

_LOCK = render(
    sa.select(_household.c.id)
    .where(in_array(_household.c.id))
    .order_by(_household.c.id)
    .with_for_update(key_share=True)
)


def _last() -> PreparedSql:
    """The last event of each household, with a null number if there is none, and the database's instant."""
    wanted = rows_of_arrays(_household.c.id)
    last = (
        sa.select(_event.c.number, _event.c.hash, _event.c.recorded_at)
        .where(_event.c.household_id == wanted.c.id)
        .order_by(_event.c.number.desc())
        .limit(1)
        .lateral("last")
    )
    at = sa.func.clock_timestamp().label("at")
    return render(
        sa.select(wanted.c.id, last.c.number, last.c.hash, last.c.recorded_at, at).select_from(
            wanted.outerjoin(last, sa.true())
        )
    )


_LAST = _last()
_LOCKED = "households locked"
"""The key of a session's info for the households that its transaction has locked."""
_ENDS = "ends of chains"
"""The key of a session's info for the ends of the chains to which its transaction appends."""

_MESSAGES = (EventType.REFERRAL_REMINDED, EventType.REFERRAL_ESCALATED)
"""Events that only remind of an object: no event follows from them."""


def _last_of_objects() -> PreparedSql:
    """The last event of each of some objects."""
    wanted = rows_of_arrays(_event.c.household_id, _event.c.subject_id)
    last = (
        sa.select(_event.c.number)
        .where(
            _event.c.household_id == wanted.c.household_id,
            _event.c.subject_id == wanted.c.subject_id,
            _event.c.type.not_in(_MESSAGES),
        )
        .order_by(_event.c.number.desc())
        .limit(1)
        .lateral("last")
    )
    columns = wanted.c.household_id, wanted.c.subject_id, last.c.number
    return render(sa.select(*columns).select_from(wanted.join(last, sa.true())))


_LAST_OF_OBJECTS = _last_of_objects()


@dataclass(frozen=True, slots=True)
class Author:
    """The author of an event: an agency, through one of its clients."""

    agency_id: str
    client_id: str


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event before it has a place in the chain. `body` holds strings, integers, booleans, null and nestings of them; money
    as a decimal string; never an identity, telephone or account number. `author` None is the caller; a history written by
    many agencies names the author of each event. `needs` are the scopes required to see the event. `answers` are the objects
    of the household (ids of an alert, a visit, a referral …) from which it follows: it is linked to the last event of each."""

    household_id: UUID
    type: EventType
    body: Mapping[str, Any] = field(default_factory=dict)
    person_id: UUID | None = None
    subject_id: UUID | None = None
    policy_basis: str | None = None
    occurred_at: datetime | None = None
    author: Author | None = None
    needs: Collection[str] = ()
    answers: Collection[UUID] = ()


@lru_cache(maxsize=64)
def _instant(value: datetime) -> str:
    """RFC 3339 in UTC; cached, since the events of a batch share their instant."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def link_hash(event: Mapping[str, Any]) -> bytes:
    """SHA-256 over the RFC 8785 form of one event; `event` has the columns of `ChainEventRow`."""
    return canonical_digest(link_form(event))


def link_form(event: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the hash of an event covers."""

    def text(value: object) -> str | None:
        return None if value is None else str(value)

    return {
        "household": str(event["household_id"]),
        "number": event["number"],
        "type": str(event["type"]),
        "person": text(event["person_id"]),
        "subject": text(event["subject_id"]),
        "agency": event["agency_id"],
        "client": event["client_id"],
        "occurredAt": _instant(event["occurred_at"]),
        "recordedAt": _instant(event["recorded_at"]),
        "policyBasis": event["policy_basis"],
        "body": event["body"],
        "previousHash": event["previous_hash"].hex(),
        **({"needs": list(event["needs"])} if event["needs"] else {}),
        **({"answers": list(event["answers"])} if event["answers"] else {}),
    }


async def lock_households(session: AsyncSession, household_ids: Iterable[UUID]) -> set[UUID]:
    """Lock households for writing, in the order of their ids; returns those that exist. Households that the transaction has
    locked already are skipped: a lock lasts until the transaction ends. Raises HouseholdQueueFull and WaitedTooLong
    if the session has a writer's place."""
    asked = set(household_ids)
    locked = _locked_households(session)
    if others := asked - locked:
        place: Place | None = session.info.get(PLACE)
        if place is not None:
            place.enter(others)
        locking = fetch(session, _LOCK, {"id": sorted(others)})
        rows = await (locking if place is None else place.within(locking))
        locked |= {row["id"] for row in rows}
    return asked & locked


def _locked_households(session: AsyncSession) -> set[UUID]:
    """The households that the transaction of a session has locked. No command sets a savepoint, whose rollback would release
    later locks."""
    return of_transaction(session, _LOCKED, set[UUID])


@dataclass(slots=True)
class _Head:
    """The end of a chain: the number and the hash of its last event, and the earliest instant of the next."""

    number: int
    hash: bytes
    next_at: datetime


@dataclass(slots=True)
class _Ends:
    """The ends of the chains to which a transaction appends, and the number of the last event of each object (by household
    and object). The new events are written at the commit; the chains are locked, so nobody else appends to them."""

    heads: dict[UUID, _Head] = field(default_factory=dict)
    last: dict[tuple[UUID, UUID], int] = field(default_factory=dict)

    async def read(self, session: AsyncSession, drafts: Sequence[EventDraft]) -> None:
        """Read the events to which drafts are appended and from which they follow. Times come from the database's clock, and
        within a chain they never go backwards."""
        if others := {draft.household_id for draft in drafts} - self.heads.keys():
            for row in await fetch(session, _LAST, {"id": sorted(others)}):
                self.heads[row["id"]] = (
                    _Head(0, GENESIS, row["at"])
                    if row["number"] is None
                    else _Head(row["number"], row["hash"], max(row["at"], row["recorded_at"] + _TICK))
                )
        wanted = {
            (draft.household_id, object_id)
            for draft in drafts
            if self.heads[draft.household_id].number
            for object_id in draft.answers
        } - self.last.keys()
        if wanted:
            given = by_columns(("household_id", "subject_id"), sorted(wanted))
            for row in await fetch(session, _LAST_OF_OBJECTS, given):
                self.last[row["household_id"], row["subject_id"]] = row["number"]


async def append_events(
    session: AsyncSession, author: Author, drafts: Sequence[EventDraft]
) -> list[dict[str, Any]]:
    """Append events to the chains of their households, in the given order, in the caller's transaction; they are written when
    it commits.

    Returns the events as they will be written (the columns of `ChainEventRow` except the position). The households must
    exist. Their stored evaluations become stale.
    """
    if not drafts:
        return []
    touched = {draft.household_id for draft in drafts}
    await lock_households(session, touched)
    ends = of_transaction(session, _ENDS, _Ends)
    await ends.read(session, drafts)
    heads, last = ends.heads, ends.last
    events = []
    for draft in drafts:
        by = draft.author or author
        head = heads[draft.household_id]
        number, recorded_at = head.number, head.next_at
        event: dict[str, Any] = {
            "id": new_event_id(),
            "household_id": draft.household_id,
            "number": number + 1,
            "type": draft.type,
            "person_id": draft.person_id,
            "subject_id": draft.subject_id,
            "agency_id": by.agency_id,
            "client_id": by.client_id,
            "occurred_at": draft.occurred_at or recorded_at,
            "recorded_at": recorded_at,
            "policy_basis": draft.policy_basis,
            "needs": sorted(str(scope) for scope in draft.needs),
            "answers": sorted(
                {last[at] for object_id in draft.answers if (at := (draft.household_id, object_id)) in last}
            ),
            "body": dict(draft.body),
            "previous_hash": head.hash,
        }
        event["hash"] = link_hash(event)
        heads[draft.household_id] = _Head(number + 1, event["hash"], recorded_at + _TICK)
        if draft.subject_id is not None and draft.type not in _MESSAGES:
            last[draft.household_id, draft.subject_id] = number + 1
        events.append(event)
    write_last(session, events)
    await mark_stale(session, touched)
    return events


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a chain is intact; if not, the number of the first wrong event and the reason."""

    whole: bool
    length: int
    broken_at: int | None = None
    reason: str | None = None


def verify_links(events: Iterable[Mapping[str, Any]]) -> Verdict:
    """Check one household's events, in the order of their numbers: no gap, no change, no reordering."""
    previous, number = GENESIS, 0
    for event in events:
        number += 1
        if event["number"] != number:
            return Verdict(False, number, number, f"link {number} is missing")
        if event["previous_hash"] != previous:
            return Verdict(False, number, number, "it does not follow the link before it")
        if event["hash"] != link_hash(event):
            return Verdict(False, number, number, "its content was changed")
        previous = event["hash"]
    return Verdict(True, number)


async def verify_chain(connection: AsyncConnection, household_id: UUID) -> Verdict:
    """Check the chain of one household."""
    rows = await connection.execute(
        sa.select(_event).where(_event.c.household_id == household_id).order_by(_event.c.number)
    )
    return verify_links(dict(row) for row in rows.mappings())
