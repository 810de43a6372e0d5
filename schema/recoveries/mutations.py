"""Recovering what was wrongly paid: inputs, payloads and mutations (46-4.3)."""

from datetime import date
from decimal import Decimal
from typing import Any

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from hub.model.aid import CorrectionReason
from hub.recoveries.commands import RecoveryKey, open_recovery, record_repayment, waive_recovery
from hub.recoveries.drafts import RecoveryDraft, RepaymentDraft
from schema.aid.mutations import WRITERS
from schema.engine.declare import ids
from schema.engine.declare.fields import kept, mutation
from schema.engine.execute.transactions import Writer
from schema.payloads import ERRORS, EXPECTED_VERSION, UserError, payload
from schema.recoveries.types import Recovery

_EXTERNAL_ID = "外部编号 Its id in your own system; the same again writes nothing twice"
_RECOVERY = "追回 The recovery, as it now stands"


@strawberry.input(
    description="启动追回 What is to be got back of a record that was paid and then corrected (46-4.3)"
)
class OpenRecoveryInput:
    """追回."""

    external_id: str = strawberry.field(description=_EXTERNAL_ID)
    aid_record_id: strawberry.ID = strawberry.field(description="救助记录 The id of the record that was paid")
    because: CorrectionReason = strawberry.field(
        description="情形 Of a revoked record, the reason it was revoked for"
    )
    amount: Decimal = strawberry.field(
        description="应追回(元) Yuan; at most what was paid, less what is rightful"
    )
    reason: str = strawberry.field(description="说明 In your own words")
    due_on: date | None = strawberry.field(default=None, description="期限 To be repaid by")

    def to_draft(self) -> RecoveryDraft:
        """The draft; raises InvalidId."""
        household, record = ids.key_of(self.aid_record_id, "AidRecord", at=("aidRecordId",))
        return RecoveryDraft(
            self.external_id, (household, record), self.because, self.amount, self.reason, self.due_on
        )


@strawberry.input(description="登记退款 An instalment that came back")
class RecordRepaymentInput:
    """退款."""

    external_id: str = strawberry.field(description=_EXTERNAL_ID)
    recovery_id: strawberry.ID = strawberry.field(description="追回 The recovery's id")
    amount: Decimal = strawberry.field(description="金额(元) Yuan; at most what is still owed")
    repaid_on: date = strawberry.field(
        description="退回日期 The day on which the money came: from the day it was opened to today"
    )

    def to_draft(self) -> RepaymentDraft:
        """The draft; raises InvalidId."""
        household, recovery = ids.key_of(self.recovery_id, "Recovery", at=("recoveryId",))
        return RepaymentDraft(self.external_id, (household, recovery), self.amount, self.repaid_on)


@strawberry.input(
    description="免予追回 Letting go what is still owed, by an office of the county or the city"
)
class WaiveRecoveryInput:
    """免予追回."""

    id: strawberry.ID = strawberry.field(description="追回 The recovery's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    reason: str = strawberry.field(description="免予追回原因 Why; 1 to 500 characters")


@strawberry.type
class _RecoveryPayload:
    """The answer to a step of a recovery."""

    key: strawberry.Private[RecoveryKey | None]
    recovery: Recovery | None = kept("Recovery", _RECOVERY)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="追回结果 The answer to a recovery opened")
class OpenRecoveryPayload(_RecoveryPayload):
    """追回结果."""


@strawberry.type(description="退款结果 The answer to an instalment")
class RecordRepaymentPayload(_RecoveryPayload):
    """退款结果."""


@strawberry.type(description="减免结果 The answer to what was let go")
class WaiveRecoveryPayload(_RecoveryPayload):
    """免予追回结果."""


async def _open(writer: Writer, input: OpenRecoveryInput) -> Any:
    async def write(session: AsyncSession) -> RecoveryKey:
        return await open_recovery(session, writer.grant, input.to_draft())

    return await payload(OpenRecoveryPayload, writer, write)


async def _repay(writer: Writer, input: RecordRepaymentInput) -> Any:
    async def write(session: AsyncSession) -> RecoveryKey:
        return await record_repayment(session, writer.grant, input.to_draft())

    return await payload(RecordRepaymentPayload, writer, write)


async def _waive(writer: Writer, input: WaiveRecoveryInput) -> Any:
    async def write(session: AsyncSession) -> RecoveryKey:
        household, recovery = ids.key_of(input.id, "Recovery")
        return await waive_recovery(
            session, writer.grant, (household, recovery), input.expected_version, input.reason
        )

    return await payload(WaiveRecoveryPayload, writer, write)


@strawberry.type
class RecoveryMutations:
    """What is got back."""

    open_recovery: OpenRecoveryPayload | None = mutation(
        _open, OpenRecoveryInput, WRITERS, "启动追回 Recover what was wrongly paid; idempotent by externalId (46-4.3)"
    )  # fmt: skip
    record_repayment: RecordRepaymentPayload | None = mutation(
        _repay, RecordRepaymentInput, WRITERS, "登记退款 Keep an instalment that came back; idempotent by externalId"
    )  # fmt: skip
    waive_recovery: WaiveRecoveryPayload | None = mutation(
        _waive, WaiveRecoveryInput, WRITERS, "免予追回 Let go what is still owed; never of a false claim (46-4.3)"
    )  # fmt: skip
