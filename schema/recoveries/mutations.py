"""Recovering overpaid money: inputs, payloads and mutations (46-4.3)."""

from datetime import date
from decimal import Decimal

import strawberry

from hub.model.aid import CorrectionReason
from hub.model.recoveries import RecoveryManner
from hub.recoveries.commands import open_recovery, record_repayment, waive_recovery
from hub.recoveries.drafts import RecoveryDraft, RepaymentDraft
from schema.engine.declare import ids
from schema.payloads import EXPECTED_VERSION, EXTERNAL_ID, SavedRow, command
from schema.recoveries.types import Recovery

RECOVERY = SavedRow(Recovery, "recovery", "追回 The recovery, as it is now")


@strawberry.input(description="启动追回 The recovery of a payment whose record was corrected (46-4.3)")
class OpenRecoveryInput:
    """追回."""

    external_id: str = strawberry.field(description=EXTERNAL_ID)
    aid_record_id: strawberry.ID = strawberry.field(description="救助记录 The id of the record that was paid")
    because: CorrectionReason = strawberry.field(
        description="情形 For a revoked record, the reason of its revocation"
    )
    amount: Decimal = strawberry.field(
        description="应追回(元) Yuan; at most the paid amount less the rightful amount. For goods and services, their value"
    )
    reason: str = strawberry.field(description="说明 In your own words")
    due_on: date | None = strawberry.field(default=None, description="期限 To be repaid by")
    manner: RecoveryManner | None = strawberry.field(
        default=None,
        description="追回方式 For goods and services: as such, or by value; a service always by value",
    )
    goods: str | None = strawberry.field(
        default=None,
        description="追回的物资或服务 Which goods or services, if manner is present; up to 500 characters",
    )

    def to_draft(self) -> RecoveryDraft:
        """The draft; raises InvalidId."""
        record = ids.key_of(self.aid_record_id, "AidRecord", at=("aidRecordId",))
        return RecoveryDraft(
            self.external_id,
            record,
            self.because,
            self.amount,
            self.reason,
            self.due_on,
            self.manner,
            self.goods,
        )


@strawberry.input(description="登记退款 A repayment")
class RecordRepaymentInput:
    """退款."""

    external_id: str = strawberry.field(description=EXTERNAL_ID)
    recovery_id: strawberry.ID = strawberry.field(description="追回 The recovery's id")
    amount: Decimal = strawberry.field(description="金额(元) Yuan; at most the outstanding amount")
    repaid_on: date = strawberry.field(
        description="退回日期 The day of the repayment: from the day the recovery was opened to today"
    )

    def to_draft(self) -> RepaymentDraft:
        """The draft; raises InvalidId."""
        recovery = ids.key_of(self.recovery_id, "Recovery", at=("recoveryId",))
        return RepaymentDraft(self.external_id, recovery, self.amount, self.repaid_on)


@strawberry.input(
    description="免予追回 Waiver of the rest of a recovery, by an office of the county or the city"
)
class WaiveRecoveryInput:
    """免予追回."""

    id: strawberry.ID = strawberry.field(description="追回 The recovery's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    reason: str = strawberry.field(description="免予追回原因 Why; 1 to 500 characters")


@strawberry.type
class RecoveryMutations:
    """Recoveries and repayments."""

    open_recovery = command(
        OpenRecoveryInput,
        "启动追回 Recover a wrong payment; idempotent by externalId (46-4.3)",
        keeps=RECOVERY,
        answer="追回结果 The result of opening a recovery",
        run=lambda context, input: open_recovery(context, input.to_draft()),
    )
    record_repayment = command(
        RecordRepaymentInput,
        "登记退款 Record a repayment; idempotent by externalId",
        keeps=RECOVERY,
        answer="退款结果 The result of recording a repayment",
        run=lambda context, input: record_repayment(context, input.to_draft()),
    )
    waive_recovery = command(
        WaiveRecoveryInput,
        "免予追回 Waive the rest of a recovery; never after a false claim (46-4.3)",
        keeps=RECOVERY,
        answer="免予追回结果 The result of a waiver",
        run=lambda context, input: waive_recovery(
            context, ids.key_of(input.id, "Recovery"), input.expected_version, input.reason
        ),
    )
