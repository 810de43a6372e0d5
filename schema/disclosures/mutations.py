"""Publishing lists, withdrawing them and objecting to them: inputs, payloads and mutations (46-4.3)."""

from datetime import date
from typing import Any

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from hub.disclosures.commands import (
    DisclosureDraft,
    DisclosureKey,
    publish_disclosure,
    withdraw_disclosure,
)
from hub.disclosures.objecting import ObjectionDraft, ObjectionKey, object_to_disclosure
from hub.foundation.calendar import today
from hub.foundation.months import month_of
from hub.model.disclosures import ListOf
from schema.disclosures.types import Disclosure, DisclosureObjection
from schema.engine.declare import ids
from schema.engine.declare.fields import kept, mutation
from schema.engine.execute.transactions import Writer
from schema.payloads import ERRORS, EXPECTED_VERSION, UserError, payload

_EXTERNAL_ID = "外部编号 Its id in your own system; the same again writes nothing twice"
_LIST = "公示名单 The list, as it now stands"


@strawberry.input(description="发布公示 Which list to publish; the hub makes and masks it (46-4.3)")
class PublishDisclosureInput:
    """公示."""

    external_id: str = strawberry.field(description=_EXTERNAL_ID)
    region: str = strawberry.field(description="区划 A township or village of your jurisdiction")
    month: str = strawberry.field(
        description="月份 As 2026-11 or 2026-11-01; the one that runs, or one before it 当月或此前月份"
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


@strawberry.input(
    description="公示异议 What somebody objected to a line of a list; who it was stays with you"
)
class ObjectToDisclosureInput:
    """公示异议."""

    external_id: str = strawberry.field(description=_EXTERNAL_ID)
    disclosure_id: strawberry.ID = strawberry.field(description="公示名单 The id of the list")
    number: int = strawberry.field(description="条目序号 The line of the list")
    ground: str = strawberry.field(description="异议内容 What was objected")
    objected_on: date | None = strawberry.field(
        default=None, description="提出日期 Left out: today, in China"
    )

    def to_draft(self) -> ObjectionDraft:
        """The draft; raises InvalidId."""
        (disclosure,) = ids.key_of(self.disclosure_id, "Disclosure", parts=1, at=("disclosureId",))
        return ObjectionDraft(
            self.external_id, disclosure, self.number, self.ground, self.objected_on or today()
        )


@strawberry.type
class _DisclosurePayload:
    """The answer about a list."""

    key: strawberry.Private[DisclosureKey | None]
    disclosure: Disclosure | None = kept("Disclosure", _LIST)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="公示结果 The answer to a list published")
class PublishDisclosurePayload(_DisclosurePayload):
    """公示结果."""


@strawberry.type(description="撤回公示结果 The answer to a list withdrawn")
class WithdrawDisclosurePayload(_DisclosurePayload):
    """撤回公示结果."""


@strawberry.type(description="公示异议结果 The answer to an objection")
class ObjectToDisclosurePayload:
    """公示异议结果."""

    key: strawberry.Private[ObjectionKey | None]
    objection: DisclosureObjection | None = kept("DisclosureObjection", "异议 The objection, with its alert")
    errors: list[UserError] = strawberry.field(description=ERRORS)


async def _publish(writer: Writer, input: PublishDisclosureInput) -> Any:
    async def write(session: AsyncSession) -> DisclosureKey:
        return await publish_disclosure(session, writer.grant, input.to_draft())

    return await payload(PublishDisclosurePayload, writer, write)


async def _withdraw(writer: Writer, input: WithdrawDisclosureInput) -> Any:
    async def write(session: AsyncSession) -> DisclosureKey:
        (disclosure,) = ids.key_of(input.id, "Disclosure", parts=1)
        return await withdraw_disclosure(
            session, writer.grant, (disclosure,), input.expected_version, input.reason
        )

    return await payload(WithdrawDisclosurePayload, writer, write)


async def _object(writer: Writer, input: ObjectToDisclosureInput) -> Any:
    async def write(session: AsyncSession) -> ObjectionKey:
        return await object_to_disclosure(session, writer.grant, writer.secrecy, input.to_draft())

    return await payload(ObjectToDisclosurePayload, writer, write)


@strawberry.type
class DisclosureMutations:
    """公示."""

    publish_disclosure: PublishDisclosurePayload | None = mutation(
        _publish, PublishDisclosureInput, "发布公示 Make, mask and publish a list; idempotent by externalId (46-4.3)"
    )  # fmt: skip
    withdraw_disclosure: WithdrawDisclosurePayload | None = mutation(
        _withdraw,
        WithdrawDisclosureInput,
        "撤回公示 Take back a list of your own; it stays readable",
    )
    object_to_disclosure: ObjectToDisclosurePayload | None = mutation(
        _object, ObjectToDisclosureInput, "登记公示异议 Keep an objection, and have it checked; idempotent by externalId"
    )  # fmt: skip
