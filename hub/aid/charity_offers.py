"""46-3.6: charity aid uses up the offer that it comes from, and never more than is left.

The offers of a batch are locked in one order until the transaction ends, so two writers never use the same last unit.
"""

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.drafts import AidDraft
from hub.foundation.database import table_of
from hub.foundation.errors import HubError, NotFound
from hub.model.aid import AidKind, detail_path
from hub.model.offers import CharityOfferRow
from hub.policy.facts.aid import is_revoked
from hub.policy.facts.offers import is_available

_offer = table_of(CharityOfferRow)
OF_AN_OFFER = "CharityOffer.remaining", "CharityOffer.until"
"""The fields of an offer that aid is compared with."""


class OfferExhausted(HubError):
    """The offer is used up, withdrawn or expired (46-3.6).
    该慈善帮扶资源已用完、已撤回或已过期(46-3.6)。
    """


def offer_of(draft: AidDraft) -> str | None:
    """The external id of the offer that a draft uses; None for a revoked record."""
    if draft.kind is not AidKind.CHARITY or is_revoked(draft.status):
        return None
    number = draft.detail.get("offer")
    return str(number).strip() if number else None


async def offer_refusals(
    session: AsyncSession, grant: Grant, drafts: Mapping[int, AidDraft]
) -> dict[int, HubError]:
    """The refusals of drafts by the offers that they name, by place. Each external id of a batch uses its offer once. The
    offers stay locked."""
    named = {place: number for place, draft in drafts.items() if (number := offer_of(draft))}
    if not named:
        return {}
    rows = await session.execute(
        sa.select(_offer)
        .where(_offer.c.agency_id == grant.agency, _offer.c.external_id.in_(set(named.values())))
        .order_by(_offer.c.id)
        .with_for_update()
    )
    offers = {row.external_id: row for row in rows}
    counted: set[str] = set()
    left = {number: row.remaining for number, row in offers.items()}
    refused: dict[int, HubError] = {}
    for place, number in named.items():
        draft = drafts[place]
        if draft.external_id in counted:
            continue
        if number not in offers:
            refused[place] = NotFound(
                path=detail_path(AidKind.CHARITY, "offer"), noun="offer", noun_zh="慈善帮扶资源"
            )
        elif not is_available(
            left[number], (offer := offers[number]).withdrawn_at, offer.until, draft.decided_on
        ):
            refused[place] = OfferExhausted(path=detail_path(AidKind.CHARITY, "offer"))
        else:
            counted.add(draft.external_id)
            left[number] -= 1
    return refused


async def use_up(session: AsyncSession, grant: Grant, numbers: Counter[str]) -> None:
    """Reduce each offer by a number, or increase it if the number is negative."""
    for number, count in sorted(numbers.items()):
        if count:
            await session.execute(
                sa.update(_offer)
                .where(_offer.c.agency_id == grant.agency, _offer.c.external_id == number)
                .values(remaining=_offer.c.remaining - count)
            )
