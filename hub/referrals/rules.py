"""The life of a referral as data: which step leads from where to where, who takes it, what it needs, under which clause."""

from dataclasses import dataclass
from enum import StrEnum

from hub.model.agencies import Department
from hub.model.aid import AidKind
from hub.model.ledger import EventType
from hub.model.referrals import ReferralStatus

CLAUSE = "46-2.1"
"""Referral push and outcome fed back."""


class Side(StrEnum):
    """Which of the two agencies of a referral takes a step."""

    SENDER = "SENDER"
    RECEIVER = "RECEIVER"


@dataclass(frozen=True, slots=True)
class Step:
    """One transition: `by` takes it, and says `requires`."""

    name: str
    name_zh: str
    event: EventType
    from_any_of: frozenset[ReferralStatus]
    to: ReferralStatus
    by: Side
    requires: tuple[str, ...] = ()
    clause: str = CLAUSE


ACCEPT = Step(
    "accept",
    "接收",
    EventType.REFERRAL_ACCEPTED,
    frozenset({ReferralStatus.SENT}),
    ReferralStatus.ACCEPTED,
    Side.RECEIVER,
)
RETURN = Step(
    "return",
    "退回",
    EventType.REFERRAL_RETURNED,
    frozenset({ReferralStatus.SENT, ReferralStatus.ACCEPTED}),
    ReferralStatus.RETURNED,
    Side.RECEIVER,
    ("reason",),
)
COMPLETE = Step(
    "complete",
    "办结",
    EventType.REFERRAL_COMPLETED,
    frozenset({ReferralStatus.ACCEPTED}),
    ReferralStatus.COMPLETED,
    Side.RECEIVER,
    ("outcome",),
)
FORWARD = Step(
    "forward",
    "重新转办",
    EventType.REFERRAL_FORWARDED,
    frozenset({ReferralStatus.RETURNED}),
    ReferralStatus.FORWARDED,
    Side.SENDER,
    ("toAgency", "reason"),
)
END = Step(
    "end",
    "终止",
    EventType.REFERRAL_ENDED,
    frozenset({ReferralStatus.RETURNED}),
    ReferralStatus.ENDED,
    Side.SENDER,
    ("reason",),
)
STEPS = (ACCEPT, RETURN, COMPLETE, FORWARD, END)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Working days that the receiving agency has. The policy asks for a deadline and leaves its length to the city; what
    it calls urgent is answered sooner, by the clause beside."""

    within: int
    clause: str = CLAUSE


BRINGS_IN = Department.CIVIL_AFFAIRS
"""Whoever runs the platform (46-2.1) brings agencies from elsewhere in for its own region's households, where the trouble is
(46-3.3). All others push to who is in charge where the household lives, so that nobody shows it to an agency without a duty."""

_USUAL = Deadline(10)
DEADLINES = dict.fromkeys(AidKind, _USUAL) | {
    AidKind.TEMPORARY: Deadline(3, "46-3.3"),
    AidKind.DISASTER: Deadline(3, "46-3.2.5"),
    AidKind.MEDICAL: Deadline(5, "46-3.2.1"),
}
"""How long, where the sender names no deadline."""

REMIND_BEFORE = 2
"""Working days before its deadline, a referral that still waits is brought to mind."""
