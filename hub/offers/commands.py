"""Offering charity and taking an offer back (46-3.6). No household is touched, so no chain is; the row says who and when."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.calendar import today
from hub.foundation.database import new_id, now, table_of
from hub.foundation.errors import Conflict, ForbiddenWrite, HubError, InvalidInput, NotFound, StaleVersion
from hub.foundation.texts import LONGEST_EXTERNAL_ID, said
from hub.ledger.receipts import Change, repeated
from hub.model.certifications import Category
from hub.model.offers import CharityOfferRow
from hub.model.regions import RegionRow
from hub.policy.permissions import write_scopes

_offer, _region = table_of(CharityOfferRow), table_of(RegionRow)
MOST = 100_000
_LONGEST = 200


class OfferWithdrawn(HubError):
    """The offer was withdrawn already.
    该供给已撤回。
    """


@dataclass(frozen=True, slots=True)
class OfferDraft:
    """What is offered, by whom, where, to which category (None: any), how many times and until when."""

    external_id: str
    organisation: str
    what: str
    region: str
    quantity: int
    until: date
    category: Category | None = None


async def offer_charity(session: AsyncSession, grant: Grant, draft: OfferDraft) -> tuple[UUID]:
    """Keep an offer. Idempotent by (agency, externalId): the same again answers the same offer, other content Conflict.

    Raises ForbiddenWrite, InvalidInput, NotFound, Conflict.
    """
    _check_scope(grant)
    given = asdict(draft) | {
        "external_id": said("externalId", draft.external_id, LONGEST_EXTERNAL_ID),
        "organisation": said("organisation", draft.organisation, _LONGEST),
        "what": said("what", draft.what, _LONGEST),
    }
    if not 1 <= draft.quantity <= MOST:
        raise InvalidInput(
            path=("quantity",), field="quantity", reason=f"1 to {MOST}", reason_zh=f"须为 1 至 {MOST}"
        )
    known = await session.scalar(sa.select(_region.c.code).where(_region.c.code == draft.region))
    if known is None or not draft.region.startswith(grant.regions):
        raise NotFound(path=("region",), noun="region", noun_zh="区划")
    mine = sa.and_(_offer.c.agency_id == grant.agency, _offer.c.external_id == given["external_id"])
    if (await session.execute(sa.select(_offer.c.id).where(mine))).one_or_none() is None:
        if draft.until < today():
            raise InvalidInput(path=("until",), field="until", reason="it has passed", reason_zh="日期已过")
        row = {
            "id": new_id(),
            "agency_id": grant.agency,
            "remaining": draft.quantity,
            "offered_at": now(),
            "version": 1,
        }
        await session.execute(pg.insert(_offer).values(given | row).on_conflict_do_nothing())
    kept = (await session.execute(sa.select(_offer).where(mine))).mappings().one()
    if any(kept[name] != value for name, value in given.items()):
        raise Conflict(path=("externalId",))
    return (kept["id"],)


async def withdraw_offer(
    session: AsyncSession, grant: Grant, offer_id: UUID, expected_version: int
) -> tuple[UUID]:
    """Take back what is left of an offer of one's own; what was given of it stays. The same of the same version again writes
    nothing and answers the offer.

    Raises ForbiddenWrite, NotFound, StaleVersion, OfferWithdrawn.
    """
    _check_scope(grant)
    at = sa.and_(_offer.c.id == offer_id, _offer.c.agency_id == grant.agency)
    row = (await session.execute(sa.select(_offer).where(at).with_for_update())).one_or_none()
    if row is None:
        raise NotFound(path=("id",), noun="offer", noun_zh="供给")
    if await repeated(session, grant.agency, Change("withdrawOffer", (offer_id,), expected_version)):
        return (offer_id,)
    if row.withdrawn_at is not None:
        raise OfferWithdrawn(path=("id",))
    if row.version != expected_version:
        raise StaleVersion(path=("expectedVersion",), expected=expected_version, actual=row.version)
    await session.execute(sa.update(_offer).where(at).values(withdrawn_at=now(), version=row.version + 1))
    return (offer_id,)


def _check_scope(grant: Grant) -> None:
    if write_scopes.OFFER not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=write_scopes.OFFER.value)
