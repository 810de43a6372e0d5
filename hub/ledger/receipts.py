"""Receipts: what makes writes idempotent, whoever comes first.

What is new goes by (agency, externalId). A change goes by what is said of which version of which record: sent again by the
same agency it is answered as it was the first time, however much later, and whatever became of the record since. A command
looks for the receipt after right and sight, and before everything that time and other writers change.
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
from hub.foundation.errors import Conflict
from hub.foundation.prepared_sql import PreparedSql, any_given, by_columns, fetch, given_rows, render
from hub.model.ledger import ReceiptOf, WriteReceiptRow

_receipt = table_of(WriteReceiptRow)
_CLAIMED = ("external_id", "household_id", "record_id", "digest")
_AGENCY = sa.bindparam("agency_id", type_=_receipt.c.agency_id.type)
_KIND = sa.bindparam("kind", type_=_receipt.c.kind.type)


def _claim() -> PreparedSql:
    claimed = given_rows(*(_receipt.c[name] for name in _CLAIMED), place="place")
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
        _receipt.c.agency_id == _AGENCY, _receipt.c.kind == _KIND,
        any_given(_receipt.c.external_id),
    )
)  # fmt: skip


_CHANGES = {"kind": ReceiptOf.CHANGE}


@dataclass(frozen=True, slots=True)
class Claim:
    """The wish to write `record_id` under an external id; `place` is the caller's own index."""

    place: int
    external_id: str
    household_id: UUID
    record_id: UUID
    digest: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What stands under an external id."""

    household_id: UUID
    record_id: UUID
    digest: bytes


async def claim_receipts(
    session: AsyncSession, agency_id: str, kind: ReceiptOf, claims: Sequence[Claim]
) -> dict[str, Receipt]:
    """Claim external ids; answers what stands under each afterwards, which is the claim's own where it won.

    Claims are taken in the order of their external ids, so two batches that share some wait but never deadlock.
    """
    first: dict[str, Claim] = {}
    for claim in claims:
        first.setdefault(claim.external_id, claim)
    if not first:
        return {}
    rows = [
        (claim.external_id, claim.household_id, claim.record_id, claim.digest) for claim in first.values()
    ]
    given = {"agency_id": agency_id, "kind": kind, **by_columns(_CLAIMED, sorted(rows))}
    won = {row["external_id"] for row in await fetch(session, _CLAIM, given)}
    held = {
        claim.external_id: Receipt(claim.household_id, claim.record_id, claim.digest)
        for claim in first.values()
        if claim.external_id in won
    }
    if lost := first.keys() - won:
        rows_held = await fetch(session, _HELD, {**given, "external_id": list(lost)})
        held |= {
            row["external_id"]: Receipt(row["household_id"], row["record_id"], row["digest"])
            for row in rows_held
        }
    return held


async def claim_receipt(session: AsyncSession, agency_id: str, kind: ReceiptOf, claim: Claim) -> Receipt:
    """Claim one external id; answers what stands under it. Raises Conflict where that has another content."""
    held = (await claim_receipts(session, agency_id, kind, [claim]))[claim.external_id]
    if held.digest != claim.digest:
        raise Conflict(path=("externalId",))
    return held


@dataclass(frozen=True)
class Change:
    """What is said to be changed of a record from a version on. `key` is the record's: (household id, id), or (id,) of a record
    that belongs to no household. `said` is the content: a draft, a mapping, a list, or a text."""

    command: str
    key: tuple[UUID, ...]
    version: int
    said: object = ()

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of all of it; the same change, the same digest."""
        return canonical_digest([self.command, *map(str, self.key), self.version, whole(self.said)])


async def repeated(session: AsyncSession, agency_id: str, change: Change) -> bool:
    """Whether the agency made this change before; if not, it is claimed, and stands once the transaction is committed, also
    where it changes nothing. Of two that come at once, the second waits for the first."""
    return not await claim_changes(session, agency_id, [change])


async def claim_changes(session: AsyncSession, agency_id: str, changes: Sequence[Change]) -> set[bytes]:
    """Claim changes that are made in this transaction; answers the digests of those that were not made before."""
    if not changes:
        return set()
    by_name = sorted({one.digest: one for one in changes}.items())
    rows = [
        (digest.hex(), one.key[0] if len(one.key) > 1 else None, one.key[-1], digest)
        for digest, one in by_name
    ]
    given = {"agency_id": agency_id, **_CHANGES, **by_columns(_CLAIMED, rows)}
    return {bytes.fromhex(row["external_id"]) for row in await fetch(session, _CLAIM, given)}


async def changes_made(session: AsyncSession, agency_id: str, digests: Collection[bytes]) -> set[bytes]:
    """Of the digests of changes, those of changes that the agency made before; nothing is claimed."""
    if not digests:
        return set()
    names = [digest.hex() for digest in digests]
    rows = await fetch(session, _HELD, {"agency_id": agency_id, **_CHANGES, "external_id": names})
    return {row["digest"] for row in rows}
