"""Recording decisions on liability: input, payload and mutation (46-4.3)."""

from datetime import date

import strawberry

from hub.liability.commands import LiabilityDraft, record_liability
from hub.model.liability import LiabilityOutcome, LiableParty
from schema.engine.declare import ids
from schema.liability.types import LiabilityDecision
from schema.payloads import EXTERNAL_ID, SavedRow, command

DECISION = SavedRow(LiabilityDecision, "liability_decision", "责任认定 The decision")


@strawberry.input(
    description="责任认定 Liability for a false claim or a wrong decision, or an honest mistake that is tolerated (46-4.3)"
)
class RecordLiabilityInput:
    """责任认定."""

    external_id: str = strawberry.field(description=EXTERNAL_ID)
    aid_record_id: strawberry.ID = strawberry.field(
        description="救助记录 The id of the record that was revoked or amended"
    )
    party: LiableParty = strawberry.field(description="责任主体 Whom it is about; no official is named")
    outcome: LiabilityOutcome = strawberry.field(
        description="认定结果 EXEMPTED is for an official whose mistake was honest and is corrected (容错纠错)"
    )
    reason: str = strawberry.field(description="理由 Why; 1 to 1,000 characters")
    decided_on: date = strawberry.field(description="决定日期 YYYY-MM-DD; today at the latest")
    measure: str | None = strawberry.field(
        default=None, description="处理措施 The consequence: with HELD_LIABLE, and only with it"
    )

    def to_draft(self) -> LiabilityDraft:
        """The draft; raises InvalidId."""
        record = ids.key_of(self.aid_record_id, "AidRecord", at=("aidRecordId",))
        return LiabilityDraft(
            self.external_id,
            record,
            self.party,
            self.outcome,
            self.reason,
            self.decided_on,
            self.measure,
        )


@strawberry.type
class LiabilityMutations:
    """责任认定."""

    record_liability = command(
        RecordLiabilityInput,
        "责任认定 Record a decision on liability; idempotent by externalId (46-4.3)",
        keeps=DECISION,
        answer="责任认定结果 The result of a decision on liability",
        run=lambda context, input: record_liability(context, input.to_draft()),
    )
