"""Publishing lists, withdrawing them and objecting to them: inputs, payloads and mutations (46-4.3)."""

from datetime import date

import strawberry

from hub.disclosures.commands import DisclosureDraft, publish_disclosure, withdraw_disclosure
from hub.disclosures.objections import ObjectionDraft, object_to_disclosure
from hub.foundation.calendar import today
from hub.foundation.months import month_of
from hub.model.disclosures import ListOf
from schema.disclosures.types import Disclosure, DisclosureObjection
from schema.engine.declare import ids
from schema.payloads import EXPECTED_VERSION, EXTERNAL_ID, SavedRow, command

DISCLOSURE = SavedRow(Disclosure, "disclosure", "公示名单 The list, as it is now")
OBJECTION = SavedRow(DisclosureObjection, "objection", "异议 The objection, with its alert")


@strawberry.input(description="发布公示 Which list to publish; the hub makes and masks it (46-4.3)")
class PublishDisclosureInput:
    """公示."""

    external_id: str = strawberry.field(description=EXTERNAL_ID)
    region: str = strawberry.field(description="区划 A township or village of your jurisdiction")
    month: str = strawberry.field(
        description="月份 As 2026-11 or 2026-11-01; the current month or an earlier one 当月或此前月份"
    )
    list_of: ListOf = strawberry.field(description="公示内容 Whom it names")

    def to_draft(self) -> DisclosureDraft:
        """The draft; raises InvalidInput."""
        return DisclosureDraft(self.external_id, self.region, month_of(self.month), self.list_of)


@strawberry.input(description="撤回公示 Taking back a list of your own")
class WithdrawDisclosureInput:
    """撤回公示."""

    id: strawberry.ID = strawberry.field(description="公示名单 The list's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    reason: str = strawberry.field(description="撤回原因 Why; 1 to 500 characters")


@strawberry.input(description="公示异议 An objection to a line of a list; do not send who objected")
class ObjectToDisclosureInput:
    """公示异议."""

    external_id: str = strawberry.field(description=EXTERNAL_ID)
    disclosure_id: strawberry.ID = strawberry.field(description="公示名单 The id of the list")
    number: int = strawberry.field(description="条目序号 The line of the list")
    ground: str = strawberry.field(description="异议内容 The content of the objection")
    objected_on: date | None = strawberry.field(
        default=None, description="提出日期 Left out: today, in China"
    )

    def to_draft(self) -> ObjectionDraft:
        """The draft; raises InvalidId."""
        (disclosure,) = ids.key_of(self.disclosure_id, "Disclosure", 1, ("disclosureId",))
        return ObjectionDraft(
            self.external_id, disclosure, self.number, self.ground, self.objected_on or today()
        )


@strawberry.type
class DisclosureMutations:
    """公示."""

    publish_disclosure = command(
        PublishDisclosureInput,
        "发布公示 Make, mask and publish a list; idempotent by externalId (46-4.3)",
        keeps=DISCLOSURE,
        answer="公示结果 The result of publishing a list",
        run=lambda context, input: publish_disclosure(context, input.to_draft()),
    )
    withdraw_disclosure = command(
        WithdrawDisclosureInput,
        "撤回公示 Take back a list of your own; it stays readable",
        keeps=DISCLOSURE,
        answer="撤回公示结果 The result of withdrawing a list",
        run=lambda context, input: withdraw_disclosure(
            context, ids.key_of(input.id, "Disclosure", 1), input.expected_version, input.reason
        ),
    )
    object_to_disclosure = command(
        ObjectToDisclosureInput,
        "登记公示异议 Record an objection, and have it checked; idempotent by externalId",
        keeps=OBJECTION,
        answer="公示异议结果 The result of an objection",
        run=lambda context, input: object_to_disclosure(context, input.to_draft()),
    )
