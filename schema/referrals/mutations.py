"""Sending and answering referrals: inputs, payloads and mutations."""

from datetime import datetime

import strawberry

from hub.model.aid import AidKind
from hub.referrals.commands import create_referral
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
from schema.payloads import EXPECTED_VERSION, EXTERNAL_ID, SUBJECT, SavedRow, command
from schema.persons.subject import SubjectInput
from schema.referrals.types import Referral

NEED = "救助需求 The kind of aid that is needed"
NEEDED_BECAUSE = "事由 Why it is needed; 1 to 1,000 characters"
TO_AGENCY = "接收单位 Agency code, department@region"
_DUE_AT = "办理期限 Left out: as many working days as the need allows"
REFERRAL = SavedRow(Referral, "referral", "转办单 The referral, as it is now")
FORWARDED = SavedRow(Referral, "referral", "转办单 The new referral")


@strawberry.input(description="转办 A need, pushed to the agency in charge of it")
class CreateReferralInput:
    """转办."""

    external_id: str = strawberry.field(description=EXTERNAL_ID)
    subject: SubjectInput = strawberry.field(description=SUBJECT)
    to_agency: str = strawberry.field(description=TO_AGENCY)
    need: AidKind = strawberry.field(description=NEED)
    reason: str = strawberry.field(description=NEEDED_BECAUSE)
    due_at: datetime | None = strawberry.field(default=None, description=_DUE_AT)

    def to_draft(self) -> ReferralDraft:
        """The draft; raises InvalidId."""
        return ReferralDraft(
            self.external_id, self.subject.to_subject(), self.to_agency, self.need, self.reason, self.due_at
        )


@strawberry.input(description="接收转办 Accept a need")
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


@strawberry.input(description="重新转办 Forward a returned referral to another agency in charge of it")
class ForwardReferralInput:
    """重新转办."""

    id: strawberry.ID = strawberry.field(description="转办单 The id of the returned referral")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    external_id: str = strawberry.field(
        description="外部编号 The new referral's id in your own system; sending the same content again writes nothing"
    )
    to_agency: str = strawberry.field(description=TO_AGENCY)
    reason: str = strawberry.field(description=NEEDED_BECAUSE)
    due_at: datetime | None = strawberry.field(default=None, description=_DUE_AT)

    def to_forwarding(self) -> Forwarding:
        """The forwarding; raises InvalidId."""
        referral = ids.key_of(self.id, "Referral")
        return Forwarding(
            referral, self.expected_version, self.external_id, self.to_agency, self.reason, self.due_at
        )


@strawberry.input(description="终止转办 End a returned referral without an answer, with the reason")
class EndReferralInput:
    """终止."""

    id: strawberry.ID = strawberry.field(description="转办单 The id of the returned referral")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    reason: str = strawberry.field(description="终止原因 Why it is left; 1 to 1,000 characters")

    def to_answer(self) -> ReferralAnswer:
        """The answer."""
        return ReferralAnswer(self.expected_version, reason=self.reason)


@strawberry.input(
    description="办结转办 Close a need with its outcome, and with your aid records that answer it"
)
class CompleteReferralInput:
    """办结."""

    id: strawberry.ID = strawberry.field(description="转办单 The referral's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    outcome: str = strawberry.field(description="办理结果 The outcome, in words; 1 to 1,000 characters")
    aid_record_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="救助记录 The ids of records of your own that answer it; left out: none",
    )

    def to_answer(self) -> ReferralAnswer:
        """The answer; raises InvalidId."""
        return ReferralAnswer(
            self.expected_version,
            outcome=self.outcome,
            aid=[
                ids.key_of(record_id, "AidRecord", at=("aidRecordIds", place))
                for place, record_id in enumerate(self.aid_record_ids)
            ],
        )


@strawberry.type
class ReferralMutations:
    """The life of a referral."""

    create_referral = command(
        CreateReferralInput,
        "转办 Push a need to the agency in charge",
        keeps=REFERRAL,
        answer="转办结果 The result of pushing a need",
        run=lambda context, input: create_referral(context, input.to_draft()),
    )
    accept_referral = command(
        AcceptReferralInput,
        "接收 Accept a need",
        keeps=REFERRAL,
        answer="接收结果 The result of accepting a need",
        run=lambda context, input: accept_referral(
            context, ids.key_of(input.id, "Referral"), input.to_answer()
        ),
    )
    return_referral = command(
        ReturnReferralInput,
        "退回 Send a need back",
        keeps=REFERRAL,
        answer="退回结果 The result of sending a need back",
        run=lambda context, input: return_referral(
            context, ids.key_of(input.id, "Referral"), input.to_answer()
        ),
    )
    complete_referral = command(
        CompleteReferralInput,
        "办结 Close a need with its outcome",
        keeps=REFERRAL,
        answer="办结结果 The result of completing a need",
        run=lambda context, input: complete_referral(
            context, ids.key_of(input.id, "Referral"), input.to_answer()
        ),
    )
    forward_referral = command(
        ForwardReferralInput,
        "重新转办 Forward a returned referral to another agency in charge",
        keeps=FORWARDED,
        answer="重新转办结果 The result of forwarding a need",
        run=lambda context, input: forward_referral(context, input.to_forwarding()),
    )
    end_referral = command(
        EndReferralInput,
        "终止 End a returned referral, with the reason",
        keeps=REFERRAL,
        answer="终止结果 The result of ending a need",
        run=lambda context, input: end_referral(context, ids.key_of(input.id, "Referral"), input.to_answer()),
    )
