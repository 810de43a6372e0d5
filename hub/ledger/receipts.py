"""Receipts make writes idempotent, also when the same request comes twice at once.

A new record has its receipt by (agency, externalId). A change has its receipt by its content and the version of the record
that it changes: if the same agency sends it again, it gets the first answer, however much later, and whatever changed since.
A command looks for the receipt after permission and sight, and before all checks that depend on time or on other writers.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.canonical_json import canonical_digest, whole
from hub.foundation.database import table_of
from hub.foundation.prepared_sql import PreparedSql, by_columns, fetch, in_array, render, rows_of_arrays
from hub.model.ledger import ReceiptOf, WriteReceiptRow

_receipt = table_of(WriteReceiptRow)
_CLAIMED = ("external_id", "household_id", "record_id", "digest")
_AGENCY = sa.bindparam("agency_id", type_=_receipt.c.agency_id.type)
_KIND = sa.bindparam("kind", type_=_receipt.c.kind.type)


def _claim() -> PreparedSql:
    claimed = rows_of_arrays(*(_receipt.c[name] for name in _CLAIMED), place="place")
    values = sa.select(_AGENCY, _KIND, *(claimed.c[name] for name in _CLAIMED)).order_by(claimed.c.place)
    return render(
        pg.insert(_receipt)
        .from_select(["agency_id", "kind", *_CLAIMED], values, include_defaults=False)
        .on_conflict_do_nothing()
        .returning(_receipt.c.external_id)
    )


_CLAIM = _claim()
_HELD = render(
    sa.select(*(_receipt.c[name] for name in _CLAIMED)).where(
        _receipt.c.agency_id == _AGENCY,
        _receipt.c.kind == _KIND,
        in_array(_receipt.c.external_id),
    )
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim to write `record_id` under an external id; `place` is the caller's own index."""

    place: int
    external_id: str
    household_id: UUID | None
    record_id: UUID
    digest: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """The record stored under an external id; the household's id is None if the record belongs to no household."""

    household_id: UUID | None
    record_id: UUID
    digest: bytes

    @property
    def household(self) -> UUID:
        """The household of a record that belongs to one."""
        assert self.household_id is not None
        return self.household_id

    @property
    def key(self) -> tuple[UUID, ...]:
        """(household id, record id), or (record id,)."""
        return (self.record_id,) if self.household_id is None else (self.household_id, self.record_id)


async def claim_receipts(
    session: AsyncSession, agency_id: str, kind: ReceiptOf, claims: Sequence[Claim]
) -> dict[str, Receipt]:
    """Claim external ids; returns the receipt of each, which is the claim's own if the claim succeeded.

    Claims are made in the order of their external ids, so two batches that share some wait but never deadlock.
    """
    first: dict[str, Claim] = {}
    for claim in claims:
        first.setdefault(claim.external_id, claim)
    if not first:
        return {}
    rows = [
        (claim.external_id, claim.household_id, claim.record_id, claim.digest) for claim in first.values()
    ]
    given = {
        "agency_id": agency_id,
        "kind": kind,
        **by_columns(_CLAIMED, sorted(rows, key=lambda row: row[0])),
    }
    won = {row["external_id"] for row in await fetch(session, _CLAIM, given)}
    held = {
        claim.external_id: Receipt(claim.household_id, claim.record_id, claim.digest)
        for claim in first.values()
        if claim.external_id in won
    }
    return held | await stored_receipts(session, agency_id, kind, first.keys() - won)


async def stored_receipts(
    session: AsyncSession, agency_id: str, kind: ReceiptOf, external_ids: Collection[str]
) -> dict[str, Receipt]:
    """The receipts of an agency's external ids, without those that have none."""
    if not external_ids:
        return {}
    given = {"agency_id": agency_id, "kind": kind, "external_id": list(external_ids)}
    return {
        row["external_id"]: Receipt(row["household_id"], row["record_id"], row["digest"])
        for row in await fetch(session, _HELD, given)
    }


@dataclass(frozen=True)
class Change:
    """A change of a record from a version. `key` is the record's: (household id, id), or (id,) if it belongs to no household.
    `content`: a draft, a mapping, a list, or a text."""

    command: str
    key: tuple[UUID, ...]
    version: int
    content: object = ()

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the whole change; the same change has the same digest."""
        return canonical_digest([self.command, *map(str, self.key), self.version, whole(self.content)])


@dataclass(frozen=True)
class ReceiptRequest:
    """A request whose answer is a record that may have existed before. `content` is the caller's and has no identity number."""

    command: str
    content: object

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the whole request; the same request has the same digest."""
        return canonical_digest([self.command, whole(self.content)])


async def answered(session: AsyncSession, agency_id: str, request: ReceiptRequest) -> tuple[UUID, ...] | None:
    """The key of the record that answered the same request of the agency before; None if there was none."""
    name = request.digest.hex()
    held = await stored_receipts(session, agency_id, ReceiptOf.CHANGE, [name])
    return held[name].key if name in held else None


async def save_answer(
    session: AsyncSession, agency_id: str, request: ReceiptRequest, key: tuple[UUID, UUID]
) -> None:
    """Store the answer to a request."""
    claim = Claim(0, request.digest.hex(), *key, request.digest)
    await claim_receipts(session, agency_id, ReceiptOf.CHANGE, [claim])


async def repeated(session: AsyncSession, agency_id: str, change: Change) -> bool:
    """Whether the agency made this change before. If not, it is claimed, which takes effect when the transaction commits,
    even if the change changes nothing. Of two simultaneous changes, the second waits for the first."""
    return not await claim_changes(session, agency_id, [change])


async def claim_changes(session: AsyncSession, agency_id: str, changes: Sequence[Change]) -> set[bytes]:
    """Claim changes of this transaction; returns the digests of those that were not made before."""
    if not changes:
        return set()
    by_name = sorted({one.digest: one for one in changes}.items())
    rows = [
        (digest.hex(), one.key[0] if len(one.key) > 1 else None, one.key[-1], digest)
        for digest, one in by_name
    ]
    given = {"agency_id": agency_id, "kind": ReceiptOf.CHANGE, **by_columns(_CLAIMED, rows)}
    return {bytes.fromhex(row["external_id"]) for row in await fetch(session, _CLAIM, given)}


async def changes_made(session: AsyncSession, agency_id: str, digests: Collection[bytes]) -> set[bytes]:
    """The digests among `digests` of changes that the agency made before; nothing is claimed."""
    held = await stored_receipts(session, agency_id, ReceiptOf.CHANGE, [digest.hex() for digest in digests])
    return {one.digest for one in held.values()}
