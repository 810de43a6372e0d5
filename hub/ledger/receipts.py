"""Receipts: what makes write-backs idempotent by (agency, externalId), whoever comes first."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.database import table_of
from hub.ledger.tables import ReceiptOf, WriteReceiptRow

_receipt = table_of(WriteReceiptRow)


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
    ordered = [claim for _, claim in sorted(first.items())]
    names = ("external_id", "household_id", "record_id", "digest")
    arrays = [
        sa.cast([getattr(claim, name) for claim in ordered], sa.ARRAY(_receipt.c[name].type))
        for name in names
    ]
    claimed = (
        sa.func.unnest(*arrays)
        .table_valued(*(sa.column(name, _receipt.c[name].type) for name in names), with_ordinality="place")
        .render_derived(name="claimed")
    )
    won = await session.execute(
        pg.insert(_receipt)
        .from_select(
            ["agency_id", "kind", *names],
            sa.select(
                sa.literal(agency_id),
                sa.literal(kind, _receipt.c.kind.type),
                *(claimed.c[name] for name in names),
            ).order_by(claimed.c.place),
            include_defaults=False,
        )
        .on_conflict_do_nothing()
        .returning(_receipt.c.external_id)
    )
    held = {
        external_id: Receipt(
            first[external_id].household_id, first[external_id].record_id, first[external_id].digest
        )
        for external_id in won.scalars()
    }
    if lost := first.keys() - held.keys():
        rows = await session.execute(
            sa.select(
                _receipt.c.external_id, _receipt.c.household_id, _receipt.c.record_id, _receipt.c.digest
            ).where(
                _receipt.c.agency_id == agency_id, _receipt.c.kind == kind, _receipt.c.external_id.in_(lost)
            )
        )
        held.update({row.external_id: Receipt(row.household_id, row.record_id, row.digest) for row in rows})
    return held
