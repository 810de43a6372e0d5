"""The states of a referral as a page of the documentation, made from the rules."""

from hub.model.aid import AidKind
from hub.model.referrals import ReferralStatus
from hub.policy.facts.referrals import WAITING
from hub.referrals.rules import DEADLINES, REMIND_BEFORE, STEPS, Side

_BY = {Side.SENDER: "the sender", Side.RECEIVER: "the receiver"}


def page() -> str:
    """docs/referrals.md: a Mermaid state diagram, the steps and the deadlines."""
    return "\n".join([_HEAD, *_diagram(), "```", "", *_steps(), "", *_deadlines(), ""])


_HEAD = """# The life of a referral

This page is made from `hub/referrals/rules.py` by `hub referrals diagram`; change the rules, not the page.

```mermaid
stateDiagram-v2"""


def _diagram() -> list[str]:
    left = {status for step in STEPS for status in step.from_any_of}
    arrows = [
        f"    {status} --> {step.to}: {step.name} ({_BY[step.by]})"
        for step in STEPS
        for status in sorted(step.from_any_of)
    ]
    ends = [f"    {status} --> [*]" for status in ReferralStatus if status not in left]
    return [f"    [*] --> {ReferralStatus.SENT}: createReferral", *arrows, *ends]


def _steps() -> list[str]:
    rows = [
        f"| {step.name}Referral | {_BY[step.by]} | {', '.join(step.requires) or '-'} | {step.event} | {step.clause} |"
        for step in STEPS
    ]
    return ["| Step | Taken by | Says | Event | Clause |", "| --- | --- | --- | --- | --- |", *rows]


def _deadlines() -> list[str]:
    rows = [f"| {kind} | {DEADLINES[kind].within} | {DEADLINES[kind].clause} |" for kind in AidKind]
    waiting = " or ".join(WAITING)
    return [
        f"While it is {waiting}, the receiver is reminded {REMIND_BEFORE} working days before the deadline; once overdue, it",
        "is told to the same department one region up, or to the county's civil affairs where there is none.",
        "",
        "| Need | Working days, unless the sender names a deadline | Clause |",
        "| --- | --- | --- |",
        *rows,
    ]
