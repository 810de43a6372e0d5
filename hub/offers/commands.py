"""Registering and withdrawing charity offers (46-3.6). An offer belongs to no household, so it has no chain event; the row
holds author and time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.commands.context import CommandContext
from hub.commands.creation import CreationByKey, Wanted, create_alone
from hub.commands.update import Update, update
from hub.commands.warnings import Warned
from hub.foundation.calendar import today
from hub.foundation.canonical_json import canonical_digest, plain
from hub.foundation.database import now, table_of
from hub.foundation.errors import HubError, InvalidInput, NotFound
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.model.certifications import Category
from hub.model.ledger import ReceiptOf
from hub.model.offers import CharityOfferRow
from hub.model.regions import RegionRow
from hub.policy.facts.offers import has_run_out, is_withdrawn
from hub.policy.permissions import write_scopes

_offer, _region = table_of(CharityOfferRow), table_of(RegionRow)
MOST = 100_000
_LONGEST = 200


class OfferWithdrawn(HubError):
    """The offer was already withdrawn.
    该慈善帮扶资源已撤回。
    """


@dataclass(frozen=True, slots=True)
class OfferDraft:
    """An offer: content, organisation, region, category (None: any), quantity and last day."""

    external_id: str
    organisation: str
    what: str
    region: str
    quantity: int
    until: date
    category: Category | None = None

    def check(self) -> None:
        """Raise InvalidInput for an error that shows without the database and the clock."""
        required_text("externalId", self.external_id, LONGEST_EXTERNAL_ID)
        required_text("organisation", self.organisation, _LONGEST)
        required_text("what", self.what, _LONGEST)
        if not 1 <= self.quantity <= MOST:
            raise InvalidInput(
                path=("quantity",), field="quantity", reason=f"1 to {MOST}", reason_zh=f"须为 1 至 {MOST}"
            )

    def digest(self) -> bytes:
        """SHA-256 of the content; equal content has an equal digest."""
        content = (
            self.organisation.strip(),
            self.what.strip(),
            self.region,
            self.quantity,
            self.until,
            self.category,
        )
        return canonical_digest([plain(value) for value in content])


@dataclass(frozen=True, slots=True)
class _Nowhere:
    """The subject of an offer: no household."""

    household_id: None = None


class _OfferCharity(CreationByKey[OfferDraft, _Nowhere]):
    receipt = ReceiptOf.OFFER

    def authorise(self, context: CommandContext, draft: OfferDraft) -> None:
        context.need(write_scopes.OFFER)

    def check_shape(self, context: CommandContext, draft: OfferDraft) -> None:
        draft.check()

    async def find_one(self, context: CommandContext, draft: OfferDraft) -> _Nowhere:
        known = await context.session.scalar(sa.select(_region.c.code).where(_region.c.code == draft.region))
        if known is None or not draft.region.startswith(context.grant.regions):
            raise NotFound(path=("region",), noun="region", noun_zh="区划")
        return _Nowhere()

    async def check_one(self, context: CommandContext, wanted: Wanted[OfferDraft, _Nowhere]) -> None:
        if has_run_out(wanted.draft.until, today()):
            raise InvalidInput(path=("until",), field="until", reason="it has passed", reason_zh="日期已过")

    async def write_one(self, context: CommandContext, new: Wanted[OfferDraft, _Nowhere]) -> None:
        draft = new.draft
        context.session.add(
            CharityOfferRow(
                id=new.id,
                external_id=new.claim.external_id,
                organisation=draft.organisation.strip(),
                what=draft.what.strip(),
                region=draft.region,
                quantity=draft.quantity,
                remaining=draft.quantity,
                until=draft.until,
                category=draft.category,
                agency_id=context.grant.agency,
                offered_at=now(),
            )
        )
        await context.session.flush()


class _WithdrawOffer(Update[tuple[UUID], None, sa.Row[Any]]):
    """A withdrawal has no content."""

    name = "withdrawOffer"
    of = "CharityOffer"

    def authorise(self, context: CommandContext, change: None) -> None:
        context.need(write_scopes.OFFER)

    def content(self, change: None) -> object:
        return ()

    async def find(self, context: CommandContext, key: tuple[UUID], change: None) -> sa.Row[Any]:
        at = sa.and_(_offer.c.id == key[0], _offer.c.agency_id == context.grant.agency)
        row = (await context.session.execute(sa.select(_offer).where(at).with_for_update())).one_or_none()
        if row is None:
            raise NotFound(path=("id",), noun="offer", noun_zh="慈善帮扶资源")
        return row

    def version(self, record: sa.Row[Any]) -> int:
        return int(record.version)

    def check_state(self, context: CommandContext, record: sa.Row[Any], change: None) -> bool:
        if is_withdrawn(record.withdrawn_at):
            raise OfferWithdrawn(path=("id",))
        return True

    async def write(self, context: CommandContext, record: sa.Row[Any], change: None) -> Sequence[Warned]:
        values = {"withdrawn_at": now(), "version": record.version + 1}
        await context.session.execute(sa.update(_offer).where(_offer.c.id == record.id).values(values))
        return ()


_OFFER_CHARITY, _WITHDRAW_OFFER = _OfferCharity(), _WithdrawOffer()


async def offer_charity(context: CommandContext, draft: OfferDraft) -> tuple[UUID]:
    """Save an offer. Idempotent by (agency, externalId): a repeated offer returns the same offer, other content is refused
    with Conflict.

    Raises ForbiddenWrite, InvalidInput, NotFound, Conflict.
    """
    return await create_alone(context, _OFFER_CHARITY, draft)


async def withdraw_offer(context: CommandContext, key: tuple[UUID], expected_version: int) -> tuple[UUID]:
    """Withdraw the rest of an offer of the caller's agency; aid that used it stays. A repeated request writes nothing and
    returns the offer.

    Raises ForbiddenWrite, NotFound, StaleVersion, OfferWithdrawn.
    """
    return (await update(context, _WITHDRAW_OFFER, key, expected_version, None)).key
