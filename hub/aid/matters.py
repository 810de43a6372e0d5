"""46-3.3: "对于救助金额不高于当地3倍月低保标准的临时救助事项,由乡镇(街道)实行“先行救助”": the limit applies to the matter,
however many payments there are.

A matter is the trouble of one household on one day (`happened_on`). This module adds up what the caller's own office paid
first for a matter. Aid of other offices is compared as overlapping aid (`hub/overlaps`), if the caller may read it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.drafts import AidDraft
from hub.aid.urgent import PAY_FIRST_MONTHS, Urgent, most_paid_first
from hub.foundation.database import table_of
from hub.foundation.errors import HubError
from hub.model.aid import AidKind, AidRecordRow, TemporaryDetailRow, TemporaryForm
from hub.policy.facts.aid import counts

_aid, _detail = table_of(AidRecordRow), table_of(TemporaryDetailRow)

Matter = tuple[UUID, date]
"""A household, and the day of its trouble."""


class MatterLimitExceeded(HubError, numbers=("most", "months")):
    """Your office paid first for this matter before; the limit in total is {most} yuan, {months} months of the standard (46-3.3).
    本单位已就同一事项先行救助;同一事项合计不得高于当地 {months} 倍月低保标准,此处为 {most} 元(46-3.3)。
    """


async def beyond_matter(
    session: AsyncSession,
    grant: Grant,
    drafts: Mapping[int, tuple[AidDraft, UUID]],
    own: UUID | None = None,
) -> dict[int, HubError]:
    """The refusals of drafts of pay-first aid that exceed the limit of their matter, by place; `drafts` holds each draft with
    its household. `own` is the id of the record that is corrected."""
    asked = {
        place: (Urgent(draft), (household_id, draft.detail["happened_on"]))
        for place, (draft, household_id) in drafts.items()
        if draft.kind is AidKind.TEMPORARY
        and draft.detail.get("form") == TemporaryForm.PAY_FIRST
        and draft.detail.get("happened_on") is not None
        and draft.amount is not None
    }
    if not asked:
        return {}
    before = await _paid_before(session, grant, {matter for _, matter in asked.values()}, own)
    limits = await most_paid_first(session, {place: urgent for place, (urgent, _) in asked.items()})
    refused: dict[int, HubError] = {}
    for place, (urgent, matter) in asked.items():
        amount = urgent.draft.amount or Decimal(0)
        if matter in before and place in limits and before[matter] + amount > limits[place]:
            refused[place] = MatterLimitExceeded(
                path=("amount",), most=limits[place], months=PAY_FIRST_MONTHS
            )
        else:
            before[matter] += amount
    return refused


async def _paid_before(
    session: AsyncSession, grant: Grant, matters: Collection[Matter], own: UUID | None
) -> defaultdict[Matter, Decimal]:
    """The amount that the caller's office paid first, in yuan, by matter."""
    same = (_detail.c[name] == _aid.c[name] for name in ("household_id", "id", "version"))
    rows = await session.execute(
        sa.select(_aid.c.household_id, _detail.c.happened_on, sa.func.sum(_aid.c.amount).label("yuan"))
        .select_from(_aid.join(_detail, sa.and_(*same)))
        .where(
            sa.tuple_(_aid.c.household_id, _detail.c.happened_on).in_(list(matters)),
            counts(_aid),
            _aid.c.agency_id == grant.agency,
            _aid.c.amount.is_not(None),
            _detail.c.form == TemporaryForm.PAY_FIRST,
            sa.true() if own is None else _aid.c.id != own,
        )
        .group_by(_aid.c.household_id, _detail.c.happened_on)
    )
    return defaultdict(Decimal, {(row.household_id, row.happened_on): row.yuan for row in rows})
