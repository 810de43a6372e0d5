"""Inputs of alerts, visits and conferences as an agency sends them. Each test passes the values that it changes."""

from typing import Any

from hub.foundation.calendar import today

RAISE = """
mutation ($input: RaiseAlertInput!) { raiseAlert(input: $input) {
  alert { id version finding wordsZh severity status policyBasis raisedBy { code } to { code } dueAt overdue reason }
  errors { code message messageZh path } } }
"""
VISIT = """
mutation ($input: RecordVisitInput!) { recordVisit(input: $input) {
  visit { id visitedOn found recommendation agency { code } } errors { code message messageZh path } } }
"""
DISPOSE = """
mutation ($input: DisposeAlertInput!) { disposeAlert(input: $input) {
  alert { id version status disposition dispositionReason disposedBy { code } closedBecause
    visits { recommendation } referrals { to { code } need status }
    conference { id status matter participants { agency { code } } } certification { id endedOn } }
  errors { code message messageZh path } warnings { code message messageZh path } } }
"""
OPEN = """
mutation ($input: OpenConferenceInput!) { openConference(input: $input) {
  conference { id version status matter meetsOn calledBy { code } participants { agency { code } } }
  errors { code message messageZh path } } }
"""
CLOSE = """
mutation ($input: CloseConferenceInput!) { closeConference(input: $input) {
  conference { id version status heldOn minutes decision
    measures { agency { code } kind amount what referral { to { code } need reason status } } }
  errors { code message messageZh path } } }
"""


def found_on_the_spot(subject: dict[str, str], **changes: Any) -> dict[str, Any]:
    """An alert for something that a village worker found (46-2.3)."""
    return {"externalId": "ALERT-1", "subject": subject, "reason": "户主突发脑梗,家中无人照料"} | changes


def visit(subject: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A visit at home (46-2.3)."""
    return {
        "externalId": "VISIT-1",
        "subject": subject,
        "visitedOn": str(today()),
        "visitors": "李娜、王强",
        "found": "户主卧床,配偶无业,孩子在读小学",
        "recommendation": "INCLUDE",
    } | changes


def conference(subject: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A case conference to call (46-2.4)."""
    return {
        "externalId": "CONF-1",
        "subject": subject,
        "matter": "火灾后住房与医疗困难",
        "participants": ["housing_security@410105", "medical_insurance@4101"],
        "meetsOn": str(today()),
    } | changes


def minutes(id: str, **changes: Any) -> dict[str, Any]:
    """The minutes and decisions of a conference."""
    return {
        "id": id,
        "expectedVersion": 1,
        "heldOn": str(today()),
        "minutes": "各单位通报情况,同意分类救助。",
        "decision": "给予住房和临时救助",
        "measures": [
            {"agency": "housing_security@410105", "kind": "HOUSING", "what": "优先安排公租房"},
            {
                "agency": "civil_affairs@410105",
                "kind": "TEMPORARY",
                "what": "一次性救助",
                "amount": "9000.00",
            },
        ],
    } | changes
