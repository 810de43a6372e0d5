"""The states of a referral as data: the steps, who takes each, what each needs, and the clauses."""

from dataclasses import dataclass
from enum import StrEnum

from hub.model.agencies import Department
from hub.model.aid import AidKind
from hub.model.ledger import EventType
from hub.model.referrals import ReferralStatus

CLAUSE = "46-2.1"
"""Sending referrals and feeding back their outcome."""


class Side(StrEnum):
    """The agency of a referral that takes a step."""

    SENDER = "SENDER"
    RECEIVER = "RECEIVER"


@dataclass(frozen=True, slots=True)
class Step:
    """A transition: the side `by` takes it and must send the fields in `requires`."""

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
    """The working days for the receiver. The policy requires a deadline and leaves its length to the city; urgent kinds
    have a shorter one, with the clause."""

    within: int
    clause: str = CLAUSE


BRINGS_IN = Department.CIVIL_AFFAIRS
"""The department that runs the platform (46-2.1) may bring in agencies of other regions for its own households (46-3.3). All
others refer to the department in charge where the household lives, so that an agency without a duty does not see the
household."""

_USUAL = Deadline(10)
DEADLINES = dict.fromkeys(AidKind, _USUAL) | {
    AidKind.TEMPORARY: Deadline(3, "46-3.3"),
    AidKind.DISASTER: Deadline(3, "46-3.2.5"),
    AidKind.MEDICAL: Deadline(5, "46-3.2.1"),
}
"""The deadlines that apply if the sender sets none."""

REMIND_BEFORE = 2
"""The working days before the deadline at which an open referral is reminded."""
