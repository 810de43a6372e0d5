"""What the policy says of each disposition, as data with its clause (46-2.4); of each finding: `hub/model/alerts.py`."""

from dataclasses import dataclass

from hub.model.alerts import Disposition
from hub.model.ledger import EventType

CLAUSE = "46-2.4"
"""An alert is checked at home within a deadline, and disposed of in one of four ways."""


@dataclass(frozen=True, slots=True)
class DispositionRule:
    """What a disposition leads to: needs pushed, a conference called, or a certification ended."""

    leads_to: EventType


DISPOSITION_RULES: dict[Disposition, DispositionRule] = {
    Disposition.CARRY_OUT: DispositionRule(EventType.REFERRAL_SENT),
    Disposition.INCLUDE: DispositionRule(EventType.REFERRAL_SENT),
    Disposition.CONFERENCE: DispositionRule(EventType.CONFERENCE_CALLED),
    Disposition.TERMINATE: DispositionRule(EventType.CERTIFICATION_ENDED),
}  # fmt: skip
