"""Sending and answering referrals: inputs, payloads and mutations."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from auth.scopes import Scope
from hub.aid.commands import AidKey
from hub.model.aid import AidKind
from hub.referrals.commands import ReferralKey, create_referral
from hub.referrals.drafts import ReferralDraft
from hub.referrals.steps import (
    Forwarding,
    ReferralAnswer,
    accept_referral,
    complete_referral,
    end_referral,
    forward_referral,
    return_referral,
)
from schema.engine.declare import ids
from schema.engine.declare.fields import kept, mutation, needs
from schema.engine.execute.transactions import Writer
from schema.payloads import ERRORS, EXPECTED_VERSION, SUBJECT, UserError, payload
from schema.persons.subject import SubjectInput
from schema.referrals.types import Referral

WRITE = needs(Scope.REFERRAL_WRITE)
Answer = Callable[[AsyncSession, Grant, ReferralKey, ReferralAnswer], Awaitable[ReferralKey]]


@strawberry.input(description="转办 A need, pushed to the agency in charge of it")
class CreateReferralInput:
    """转办."""

    external_id: str = strawberry.field(
        description="外部编号 Its id in your own system; the same again writes nothing twice"
    )
    subject: SubjectInput = strawberry.field(description=SUBJECT)
    to_agency: str = strawberry.field(description="接收单位 Agency code, department@region")
    need: AidKind = strawberry.field(description="救助需求 The kind of aid that is needed")
    reason: str = strawberry.field(description="事由 Why it is needed; 1 to 1,000 characters")
    due_at: datetime | None = strawberry.field(
        default=None, description="办理期限 Left out: as many working days as the need allows"
    )

    def to_draft(self) -> ReferralDraft:
        """The draft; raises InvalidId."""
        return ReferralDraft(
            self.external_id, self.subject.to_subject(), self.to_agency, self.need, self.reason, self.due_at
        )


@strawberry.input(description="接收转办 Take a need on")
class AcceptReferralInput:
    """接收."""

    id: strawberry.ID = strawberry.field(description="转办单 The referral's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)

    def to_answer(self) -> ReferralAnswer:
        """The answer."""
        return ReferralAnswer(self.expected_version)


@strawberry.input(description="退回转办 Send a need back, with the reason")
class ReturnReferralInput:
    """退回."""

    id: strawberry.ID = strawberry.field(description="转办单 The referral's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    reason: str = strawberry.field(description="退回原因 Why it is sent back; 1 to 1,000 characters")

    def to_answer(self) -> ReferralAnswer:
        """The answer."""
        return ReferralAnswer(self.expected_version, reason=self.reason)


@strawberry.input(description="重新转办 Send a need that came back to another agency in charge of it")
class ForwardReferralInput:
    """重新转办."""

    id: strawberry.ID = strawberry.field(description="转办单 The id of the referral that came back")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    external_id: str = strawberry.field(
        description="外部编号 The new referral's id in your own system; the same again writes nothing twice"
    )
    to_agency: str = strawberry.field(description="接收单位 Agency code, department@region")
    reason: str = strawberry.field(description="事由 Why it is needed; 1 to 1,000 characters")
    due_at: datetime | None = strawberry.field(
        default=None, description="办理期限 Left out: as many working days as the need allows"
    )

    def to_forwarding(self) -> Forwarding:
        """Where it goes."""
        return Forwarding(self.expected_version, self.external_id, self.to_agency, self.reason, self.due_at)


@strawberry.input(description="终止转办 Leave a need that came back unanswered, with the reason")
class EndReferralInput:
    """终止."""

    id: strawberry.ID = strawberry.field(description="转办单 The id of the referral that came back")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    reason: str = strawberry.field(description="终止原因 Why it is left; 1 to 1,000 characters")

    def to_answer(self) -> ReferralAnswer:
        """The answer."""
        return ReferralAnswer(self.expected_version, reason=self.reason)


@strawberry.input(
    description="办结转办 Close a need with its outcome, and the aid records of yours that answer it"
)
class CompleteReferralInput:
    """办结."""

    id: strawberry.ID = strawberry.field(description="转办单 The referral's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    outcome: str = strawberry.field(description="办理结果 What came of it, in words; 1 to 1,000 characters")
    aid_record_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="救助记录 The ids of records of your own that answer it; left out: none",
    )

    def to_answer(self) -> ReferralAnswer:
        """The answer; raises InvalidId."""
        return ReferralAnswer(
            self.expected_version,
            outcome=self.outcome,
            aid=[_aid_key(one, place) for place, one in enumerate(self.aid_record_ids)],
        )


def _aid_key(text: str, place: int) -> AidKey:
    household, record = ids.key_of(text, "AidRecord", at=("aidRecordIds", place))
    return household, record


@strawberry.type(description="转办结果 The answer to a need pushed")
class CreateReferralPayload:
    """转办结果."""

    key: strawberry.Private[ReferralKey | None]
    referral: Referral | None = kept("Referral", "转办单 The referral, as it now stands")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="接收结果 The answer to a need taken on")
class AcceptReferralPayload:
    """接收结果."""

    key: strawberry.Private[ReferralKey | None]
    referral: Referral | None = kept("Referral", "转办单 The referral, as it now stands")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="退回结果 The answer to a need sent back")
class ReturnReferralPayload:
    """退回结果."""

    key: strawberry.Private[ReferralKey | None]
    referral: Referral | None = kept("Referral", "转办单 The referral, as it now stands")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="办结结果 The answer to a need closed")
class CompleteReferralPayload:
    """办结结果."""

    key: strawberry.Private[ReferralKey | None]
    referral: Referral | None = kept("Referral", "转办单 The referral, as it now stands")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="重新转办结果 The answer to a need forwarded")
class ForwardReferralPayload:
    """重新转办结果."""

    key: strawberry.Private[ReferralKey | None]
    referral: Referral | None = kept("Referral", "转办单 The new referral")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="终止结果 The answer to a need ended")
class EndReferralPayload:
    """终止结果."""

    key: strawberry.Private[ReferralKey | None]
    referral: Referral | None = kept("Referral", "转办单 The referral, as it now stands")
    errors: list[UserError] = strawberry.field(description=ERRORS)


async def _answered(writer: Writer, kind: Any, input: Any, answer: Answer) -> Any:
    async def write(session: AsyncSession) -> ReferralKey:
        household, referral = ids.key_of(input.id, "Referral")
        return await answer(session, writer.grant, (household, referral), input.to_answer())

    return await payload(kind, writer, write)


async def _create(writer: Writer, input: CreateReferralInput) -> Any:
    async def write(session: AsyncSession) -> ReferralKey:
        return await create_referral(session, writer.grant, writer.secrecy, input.to_draft())

    return await payload(CreateReferralPayload, writer, write)


async def _accept(writer: Writer, input: AcceptReferralInput) -> Any:
    return await _answered(writer, AcceptReferralPayload, input, accept_referral)


async def _return(writer: Writer, input: ReturnReferralInput) -> Any:
    return await _answered(writer, ReturnReferralPayload, input, return_referral)


async def _complete(writer: Writer, input: CompleteReferralInput) -> Any:
    return await _answered(writer, CompleteReferralPayload, input, complete_referral)


async def _forward(writer: Writer, input: ForwardReferralInput) -> Any:
    async def write(session: AsyncSession) -> ReferralKey:
        key = ids.key_of(input.id, "Referral")
        return await forward_referral(session, writer.grant, (key[0], key[1]), input.to_forwarding())

    return await payload(ForwardReferralPayload, writer, write)


async def _end(writer: Writer, input: EndReferralInput) -> Any:
    return await _answered(writer, EndReferralPayload, input, end_referral)


@strawberry.type
class ReferralMutations:
    """The life of a referral."""

    create_referral: CreateReferralPayload | None = mutation(
        _create, CreateReferralInput, WRITE, "转办 Push a need to the agency in charge"
    )
    accept_referral: AcceptReferralPayload | None = mutation(
        _accept, AcceptReferralInput, WRITE, "接收 Take a need on"
    )
    return_referral: ReturnReferralPayload | None = mutation(
        _return, ReturnReferralInput, WRITE, "退回 Send a need back"
    )
    complete_referral: CompleteReferralPayload | None = mutation(
        _complete, CompleteReferralInput, WRITE, "办结 Close a need with its outcome"
    )
    forward_referral: ForwardReferralPayload | None = mutation(
        _forward,
        ForwardReferralInput,
        WRITE,
        "重新转办 Send a need that came back to another agency in charge",
    )
    end_referral: EndReferralPayload | None = mutation(
        _end, EndReferralInput, WRITE, "终止 End a need that came back, with the reason"
    )
