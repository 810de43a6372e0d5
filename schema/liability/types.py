"""Decisions on liability and on tolerated honest mistakes (46-4.3)."""

from datetime import date

from hub.foundation.database import table_of
from hub.model.liability import LiabilityDecisionRow, LiabilityOutcome, LiableParty
from schema.engine.declare.field_sources import Reads
from schema.engine.declare.fields import column, to_one
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.regions.types import Agency
from schema.type_names import LazyAidRecord, LazyHousehold


@on_rows(
    Reads(
        "LiabilityDecision", table_of(LiabilityDecisionRow), ("household_id", "id"), ("household_id", "id")
    ),
    "责任认定 Who is held liable for a false claim or a wrong decision, or whose honest mistake is tolerated (46-4.3)",
)
class LiabilityDecision(OnRows, Node):
    """责任认定."""

    household: LazyHousehold | None = to_one("Household", {"id": "household_id"}, "家庭 The household")
    aid_record: LazyAidRecord | None = to_one(
        "AidRecord",
        {"household_id": "household_id", "id": "aid_id"},
        "救助记录 The record that was corrected, as it is now",
    )
    party: LiableParty | None = column("party", "责任主体 Whom it is about")
    outcome: LiabilityOutcome | None = column("outcome", "认定结果 What was decided")
    reason: str | None = column("reason", "理由 Why it was decided so")
    measure: str | None = column("measure", "处理措施 The consequence for the party that is held liable")
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "决定单位 Who decided")
    decided_on: date | None = column("decided_on", "决定日期 When it was decided")
    policy_basis: str | None = column("policy_basis", "依据条款 Clause")
