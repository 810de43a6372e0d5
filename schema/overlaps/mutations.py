"""Mediating and deciding overlapping aid: inputs, payloads and mutations."""

import strawberry

from hub.aid.drafts import AidDraft
from hub.aid.mediation import mediate_overlap
from hub.foundation.errors import HubError
from hub.model.overlaps import OverlapDisposition, OverlapSide
from hub.overlaps.commands import Decision, decide_overlap
from schema.aid.mutations import RecordAidInput
from schema.engine.declare import ids
from schema.overlaps.types import OverlapCase
from schema.payloads import EXPECTED_VERSION, SavedRow, command

CASE = SavedRow(OverlapCase, "overlap_case", "核实单 The case, as it is now")


@strawberry.input(
    description="提请核实 An outcome that was refused with EXCLUSIVE_AID, for civil affairs to decide"
)
class MediateOverlapInput:
    """提请核实."""

    outcome: RecordAidInput = strawberry.field(description="反馈 The outcome, as it was refused")
    said: str = strawberry.field(
        description="说明 Your statement; civil affairs and the other agency read it"
    )

    def to_draft(self) -> AidDraft:
        """The draft of the record; raises InvalidId, InvalidInput, with their paths in it."""
        try:
            return self.outcome.to_draft()
        except HubError as error:
            raise error.at("outcome", *error.path) from None


@strawberry.input(description="核定重复救助 What is to be done about two records that overlap (46-4.3)")
class DecideOverlapInput:
    """核定."""

    id: strawberry.ID = strawberry.field(description="核实单 The case's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    disposition: OverlapDisposition = strawberry.field(description="核定结果 What is decided")
    reason: str = strawberry.field(description="理由 Why; both agencies read it")
    withdrawn: OverlapSide | None = strawberry.field(
        default=None, description="撤回哪一方 With CORRECT and RECOVER: the record that is withdrawn"
    )

    def to_decision(self) -> Decision:
        """The decision."""
        return Decision(self.expected_version, self.disposition, self.reason, self.withdrawn)


@strawberry.type
class OverlapMutations:
    """重复救助核实."""

    mediate_overlap = command(
        MediateOverlapInput,
        "提请核实 Ask civil affairs to decide about excluded aid; a repeated request returns the same case (46-2.1)",
        keeps=CASE,
        answer="提请结果 The result of a request for mediation",
        run=lambda context, input: mediate_overlap(context, input.to_draft(), input.said),
    )
    decide_overlap = command(
        DecideOverlapInput,
        "核定重复救助 Decide about two overlapping records; the decision is final (46-4.3)",
        keeps=CASE,
        answer="核定结果 The result of a decision",
        run=lambda context, input: decide_overlap(
            context, ids.key_of(input.id, "OverlapCase"), input.to_decision()
        ),
    )
