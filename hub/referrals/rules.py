"""The life of a referral as data: which step leads from where to where, and who may take it."""

from dataclasses import dataclass
from datetime import timedelta

from hub.ledger.tables import EventType
from hub.referrals.tables import ReferralStatus

CLAUSE = "46-2.1"
"""Referral push and outcome fed back."""

ANSWER_WITHIN = timedelta(days=15)
"""How long the receiving agency has where the sender names no deadline."""


@dataclass(frozen=True, slots=True)
class Step:
    """One transition, taken by the receiving agency."""

    event: EventType
    to: ReferralStatus
    from_any_of: frozenset[ReferralStatus]


ACCEPT = Step(EventType.REFERRAL_ACCEPTED, ReferralStatus.ACCEPTED, frozenset({ReferralStatus.SENT}))
RETURN = Step(
    EventType.REFERRAL_RETURNED,
    ReferralStatus.RETURNED,
    frozenset({ReferralStatus.SENT, ReferralStatus.ACCEPTED}),
)
COMPLETE = Step(EventType.REFERRAL_COMPLETED, ReferralStatus.COMPLETED, frozenset({ReferralStatus.ACCEPTED}))
