"""The rules of each disposition, with its clause (46-2.4). Those of each finding are in `hub/model/alerts.py`."""

from dataclasses import dataclass

from hub.model.alerts import Disposition
from hub.model.ledger import EventType

CLAUSE = "46-2.4"
"""The clause of alerts: a check at home before a deadline, and one of four dispositions."""


@dataclass(frozen=True, slots=True)
class DispositionRule:
    """The follow-up of a disposition: referrals, a conference, or the end of a certification."""

    leads_to: EventType


DISPOSITION_RULES: dict[Disposition, DispositionRule] = {
    Disposition.CARRY_OUT: DispositionRule(EventType.REFERRAL_SENT),
    Disposition.INCLUDE: DispositionRule(EventType.REFERRAL_SENT),
    Disposition.CONFERENCE: DispositionRule(EventType.CONFERENCE_CALLED),
    Disposition.TERMINATE: DispositionRule(EventType.CERTIFICATION_ENDED),
}  # fmt: skip
