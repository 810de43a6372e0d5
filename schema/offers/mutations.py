"""Offering charity: inputs, payloads and mutations (46-3.6)."""

from datetime import date

import strawberry

from hub.model.certifications import Category
from hub.offers.commands import OfferDraft, offer_charity, withdraw_offer
from schema.engine.declare import ids
from schema.offers.types import CharityOffer
from schema.payloads import EXPECTED_VERSION, SavedRow, command

OFFER = SavedRow(CharityOffer, "offer", "慈善帮扶资源 The offer, as it is now")


@strawberry.input(description="登记慈善帮扶资源 What an organisation offers")
class OfferCharityInput:
    """登记慈善帮扶资源."""

    external_id: str = strawberry.field(
        description="资源编号 Its id in your own system; sending the same content again writes nothing"
    )
    organisation: str = strawberry.field(description="慈善组织 Who offers it, 1 to 200 characters")
    what: str = strawberry.field(description="资源内容 What is offered, 1 to 200 characters")
    region: str = strawberry.field(description="区划 Where: a region of your jurisdiction")
    quantity: int = strawberry.field(description="数量 Number of times that it can be given")
    until: date = strawberry.field(
        description="有效期至 The last day of the offer, YYYY-MM-DD; today or later"
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


@strawberry.input(description="撤回慈善帮扶资源 Withdrawal of the rest of your own offer")
class WithdrawOfferInput:
    """撤回慈善帮扶资源."""

    id: strawberry.ID = strawberry.field(description="慈善帮扶资源 The offer's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)


@strawberry.type
class OfferMutations:
    """Offers of charity."""

    offer_charity = command(
        OfferCharityInput,
        "登记慈善帮扶资源 Offer charity; idempotent by externalId (46-3.6)",
        keeps=OFFER,
        answer="登记慈善帮扶资源结果 The result of an offer",
        run=lambda context, input: offer_charity(context, input.to_draft()),
    )
    withdraw_offer = command(
        WithdrawOfferInput,
        "撤回慈善帮扶资源 Withdraw the rest of your own offer",
        keeps=OFFER,
        answer="撤回慈善帮扶资源结果 The result of withdrawing an offer",
        run=lambda context, input: withdraw_offer(
            context, ids.key_of(input.id, "CharityOffer", 1), input.expected_version
        ),
    )
