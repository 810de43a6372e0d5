"""The assistance chain: one hash-linked list of events for each household.

`append_events` is the only writer. It locks the households in the order of their ids, so writers of different
households never wait for each other and writers of the same ones never deadlock.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from hub.foundation.canonical_json import canonical_digest
from hub.foundation.crowds import PLACE, Place
from hub.foundation.database import copy_rows, table_of
from hub.foundation.prepared_sql import PreparedSql, by_columns, fetch, in_array, render, rows_of_arrays
from hub.ledger.stale import mark_stale
from hub.model.households import HouseholdRow
from hub.model.ledger import ChainEventRow, EventType

GENESIS = bytes(32)
_TICK = timedelta(microseconds=1)
"""By which an event is recorded after the one before it, at the least."""
_event = table_of(ChainEventRow)
_household = table_of(HouseholdRow)

_COLUMNS = (
    "household_id", "number", "type", "person_id", "subject_id", "agency_id", "client_id",
    "occurred_at", "recorded_at", "policy_basis", "needs", "answers", "body", "previous_hash", "hash",
)  # fmt: skip


_LOCK = render(
    sa.select(_household.c.id)
    .where(in_array(_household.c.id))
    .order_by(_household.c.id)
    .with_for_update(key_share=True)
)


def _last() -> PreparedSql:
    """The last event of each household, without a number where it has none, and the database's instant."""
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
"""The key of a session's transaction and the households that it has locked."""

_MESSAGES = (EventType.REFERRAL_REMINDED, EventType.REFERRAL_ESCALATED)
"""Events that only remind of an object: nothing follows from them."""


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
    """Who writes: an agency through one of its clients."""

    agency_id: str
    client_id: str


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What happened, before it has a place in the chain. `body` holds strings, integers, booleans, null and
    nestings of them; money as a decimal string; never an identity, telephone or account number.
    `author` None is the caller; a history that many agencies wrote names the author of each event. `needs` are the
    scopes without which the event is not visible. `answers` are the objects of the household (ids of an alert, a
    visit, a referral …) that it follows from: it is linked to the last event of each."""

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
    """RFC 3339 in UTC; the events of a batch share theirs."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def link_hash(event: Mapping[str, Any]) -> bytes:
    """SHA-256 over the RFC 8785 form of one link; `event` has the columns of `ChainEventRow`."""

    def text(value: object) -> str | None:
        return None if value is None else str(value)

    return canonical_digest(
        {
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
    )


async def lock_households(session: AsyncSession, household_ids: Iterable[UUID]) -> set[UUID]:
    """Lock households for writing, in the order of their ids; answers those that exist. What the transaction has locked is not
    asked for again: a lock lasts until the transaction ends. Raises Crowded and WaitedTooLong where the writer has a place."""
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
    """The households that the transaction of a session has locked. No command sets a savepoint, whose end would free what was
    locked since."""
    transaction = session.sync_session.get_transaction()
    held: tuple[object, set[UUID]] = session.info.get(_LOCKED, (None, set()))
    if transaction is None or held[0] is not transaction:
        held = session.info[_LOCKED] = (transaction, set())
    return held[1]


@dataclass(slots=True)
class _Head:
    """The end of a chain: the number and the hash of its last event, and when its next is recorded at the earliest."""

    number: int
    hash: bytes
    next_at: datetime


async def _heads(session: AsyncSession, household_ids: set[UUID]) -> dict[UUID, _Head]:
    """The end of each chain. Time comes from the database's clock, and within a chain it never runs backwards."""
    rows = await fetch(session, _LAST, {"id": sorted(household_ids)})
    return {
        row["id"]: _Head(0, GENESIS, row["at"])
        if row["number"] is None
        else _Head(row["number"], row["hash"], max(row["at"], row["recorded_at"] + _TICK))
        for row in rows
    }


async def _last_numbers(
    session: AsyncSession, drafts: Sequence[EventDraft], begun: Collection[UUID]
) -> dict[tuple[UUID, UUID], int]:
    """The number of the last event of each object that a draft follows from, by household and object. `begun` are the
    households that have a chain."""
    wanted = sorted(
        {
            (draft.household_id, object_id)
            for draft in drafts
            if draft.household_id in begun
            for object_id in draft.answers
        }
    )
    if not wanted:
        return {}
    rows = await fetch(session, _LAST_OF_OBJECTS, by_columns(("household_id", "subject_id"), wanted))
    return {(row["household_id"], row["subject_id"]): row["number"] for row in rows}


async def append_events(
    session: AsyncSession, author: Author, drafts: Sequence[EventDraft]
) -> list[dict[str, Any]]:
    """Append events to the chains of their households, in the order given, in the caller's transaction.

    Answers the events as written (the columns of `ChainEventRow`). The households must exist. What was kept of their evaluation
    holds no more.
    """
    if not drafts:
        return []
    touched = {draft.household_id for draft in drafts}
    await lock_households(session, touched)
    heads = await _heads(session, touched)
    told = await _last_numbers(session, drafts, {id for id, head in heads.items() if head.number})
    events = []
    for draft in drafts:
        by = draft.author or author
        head = heads[draft.household_id]
        number, recorded_at = head.number, head.next_at
        event: dict[str, Any] = {
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
                {told[at] for object_id in draft.answers if (at := (draft.household_id, object_id)) in told}
            ),
            "body": dict(draft.body),
            "previous_hash": head.hash,
        }
        event["hash"] = link_hash(event)
        heads[draft.household_id] = _Head(number + 1, event["hash"], recorded_at + _TICK)
        if draft.subject_id is not None and draft.type not in _MESSAGES:
            told[draft.household_id, draft.subject_id] = number + 1
        events.append(event)
    await copy_rows(session, "chain_event", _COLUMNS, (_record(event) for event in events))
    await mark_stale(session, touched)
    return events


def _record(event: Mapping[str, Any]) -> list[Any]:
    written = {**event, "body": orjson.dumps(event["body"]).decode()}
    return [written[column] for column in _COLUMNS]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a chain is whole; if not, the number of the first link that is wrong and why."""

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
