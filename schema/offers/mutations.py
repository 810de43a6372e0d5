"""Offering charity: inputs, payloads and mutations (46-3.6)."""

from datetime import date
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from hub.model.certifications import Category
from hub.offers.commands import OfferDraft, offer_charity, withdraw_offer
from schema.engine.declare import ids
from schema.engine.declare.fields import kept, mutation
from schema.engine.execute.transactions import Writer
from schema.offers.types import CharityOffer
from schema.payloads import ERRORS, EXPECTED_VERSION, UserError, payload


@strawberry.input(description="登记慈善供给 What an organisation offers")
class OfferCharityInput:
    """登记供给."""

    external_id: str = strawberry.field(
        description="供给编号 Its id in your own system; the same again writes nothing twice"
    )
    organisation: str = strawberry.field(description="慈善组织 Who offers it, 1 to 200 characters")
    what: str = strawberry.field(description="供给内容 What is offered, 1 to 200 characters")
    region: str = strawberry.field(description="区划 Where: a region of your jurisdiction")
    quantity: int = strawberry.field(description="数量 How many times it can be given")
    until: date = strawberry.field(
        description="有效期至 The last day on which it can be given, YYYY-MM-DD; today or later"
    )
    category: Category | None = strawberry.field(default=None, description="面向类别 null: any category")

    def to_draft(self) -> OfferDraft:
        """The draft."""
        return OfferDraft(
            self.external_id,
            self.organisation,
            self.what,
            self.region,
            self.quantity,
            self.until,
            self.category,
        )


@strawberry.input(description="撤回慈善供给 Taking back what is left of an offer of your own")
class WithdrawOfferInput:
    """撤回供给."""

    id: strawberry.ID = strawberry.field(description="慈善供给 The offer's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)


@strawberry.type(description="登记供给结果 The answer to an offer")
class OfferCharityPayload:
    """登记供给结果."""

    key: strawberry.Private[tuple[UUID] | None]
    offer: CharityOffer | None = kept("CharityOffer", "供给 The offer, as it now stands")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="撤回供给结果 The answer to an offer taken back")
class WithdrawOfferPayload:
    """撤回供给结果."""

    key: strawberry.Private[tuple[UUID] | None]
    offer: CharityOffer | None = kept("CharityOffer", "供给 The offer, as it now stands")
    errors: list[UserError] = strawberry.field(description=ERRORS)


async def _offer(writer: Writer, input: OfferCharityInput) -> OfferCharityPayload:
    async def write(session: AsyncSession) -> tuple[UUID]:
        return await offer_charity(session, writer.grant, input.to_draft())

    answered: OfferCharityPayload = await payload(OfferCharityPayload, writer, write)
    return answered


async def _withdraw(writer: Writer, input: WithdrawOfferInput) -> WithdrawOfferPayload:
    async def write(session: AsyncSession) -> tuple[UUID]:
        (offer,) = ids.key_of(input.id, "CharityOffer", parts=1)
        return await withdraw_offer(session, writer.grant, offer, input.expected_version)

    answered: WithdrawOfferPayload = await payload(WithdrawOfferPayload, writer, write)
    return answered


@strawberry.type
class OfferMutations:
    """What charity offers."""

    offer_charity: OfferCharityPayload | None = mutation(
        _offer, OfferCharityInput, "登记慈善供给 Offer charity; idempotent by externalId (46-3.6)"
    )
    withdraw_offer: WithdrawOfferPayload | None = mutation(
        _withdraw, WithdrawOfferInput, "撤回慈善供给 Take back what is left of your own offer"
    )
