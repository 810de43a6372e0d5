"""What each event of the chain says, as a sentence in English and Chinese (46-2.1: readable by every department).

`{part}` is a value of the event. What stands in [brackets] is left out where one of its parts is missing or not open to
the reader, so that the sentence tells each department as much as its scopes do and still reads as one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from auth.grant import ScopeSets
from hub.model.ledger import EventType
from hub.policy.permissions.aid_fields import AID_OF_KIND
from hub.policy.permissions.field_scopes import opened_by
from hub.policy.permissions.registry_scopes import REGISTRIES, read_scope
from hub.policy.permissions.scope_sets import needs
from schema.aid.types import TYPE_OF_KIND
from schema.chain.labels import (
    AID_KINDS,
    CATEGORIES,
    CIRCUMSTANCES,
    CORRECTIONS,
    DISPOSITIONS,
    ENDS,
    FINDINGS,
    KINSHIPS,
    LISTS,
    RECOMMENDATIONS,
    STATUSES,
    SUBTYPES,
    Words,
)


@dataclass(frozen=True)
class Part:
    """A value of an event's body, under `key`. `coordinates` are the fields that tell the same, each with the scopes under
    which the sentence tells it. `by`: a key of the body, and under which scopes the part opens for each of its values;
    else all coordinates have the same. `words`: how a word of the domain is written; `agency`: it is an agency's code."""

    key: str
    coordinates: Mapping[str, ScopeSets]
    by: tuple[str, Mapping[str, ScopeSets]] | None = None
    words: Words = field(default_factory=dict)
    agency: bool = False


@dataclass(frozen=True)
class Sentence:
    """The templates of one type of event; the parts they name are `agency` and those here."""

    en: str
    zh: str
    parts: Mapping[str, Part] = field(default_factory=dict)


def _of(key: str, coordinate: str, words: Words | None = None, *, agency: bool = False) -> Part:
    """What a field of what the event is about tells, to those to whom the field is open."""
    return Part(key, {coordinate: opened_by(coordinate)}, words=words or {}, agency=agency)


def _of_aid(key: str, name: str, words: Words | None = None) -> Part:
    """What a record of aid says of itself, whichever its kind."""
    told = {f"{kind}.{name}": opened_by(f"{kind}.{name}") for kind in TYPE_OF_KIND.values()}
    return Part(key, told, words=words or {})


_BY_KIND = {kind.value: one["amount"] for kind, one in AID_OF_KIND.items()}


def _of_kind(key: str, name: str, words: Words | None = None) -> Part:
    """What only those who read the record's kind are told."""
    told = {f"{kind}.{name}": opened_by(f"{kind}.{name}") for kind in TYPE_OF_KIND.values()}
    return Part(key, told, by=("kind", _BY_KIND), words=words or {})


def _of_recovery(key: str, coordinate: str, words: Words | None = None) -> Part:
    return Part(key, {coordinate: opened_by(coordinate)}, by=("kind", _BY_KIND), words=words or {})


_AID = {
    "kind": _of_aid("kind", "kind", AID_KINDS),
    "program": _of_aid("program", "program"),
    "status": _of_aid("status", "status", STATUSES),
    "from": _of_aid("periodFrom", "period"),
    "until": _of_aid("periodUntil", "period"),
    "amount": _of_kind("amount", "amount"),
    "outcome": _of_kind("outcome", "outcome"),
}


_NEED = _of("need", "Referral.need", AID_KINDS)


_ALERT_TO = _of("to", "Alert.to", agency=True)
_CERTIFIED = {
    "category": _of("category", "Certification.category", CATEGORIES),
    "subtype": _of("subtype", "Certification.subtype", SUBTYPES),
    "from": _of("validFrom", "Certification.validFrom"),
    "until": _of("validUntil", "Certification.validUntil"),
}

_REGISTRIES = {registry.value: needs(read_scope(registry)) for registry in REGISTRIES}


def _of_circumstance(key: str, words: Words | None = None) -> Part:
    """What only those who read the registry are told."""
    coordinate = f"Circumstance.{key}"
    return Part(key, {coordinate: opened_by(coordinate)}, by=("registry", _REGISTRIES), words=words or {})


_CIRCUMSTANCE = {
    "kind": _of_circumstance("kind", CIRCUMSTANCES),
    "since": _of_circumstance("since"),
    "until": _of_circumstance("until"),
}

SENTENCES: Mapping[EventType, Sentence] = {
    EventType.HOUSEHOLD_REGISTERED: Sentence("{agency} registered the household.", "{agency}登记了该家庭。"),
    EventType.HOUSEHOLD_UPDATED: Sentence(
        "{agency} updated what is registered of the household.", "{agency}更新了该家庭的登记信息。"
    ),
    EventType.CERTIFIED: Sentence(
        "{agency} certified a category[: {category}][, {subtype}][, from {from}][ until {until}].",
        "{agency}作出救助认定[:{category}][({subtype})][,自 {from} 起][,有效期至 {until}]。",
        _CERTIFIED,
    ),
    EventType.CERTIFICATION_ENDED: Sentence(
        "{agency} ended a certification[: {category}][, from {on}][; reason: {because}].",
        "{agency}终止了救助认定[:{category}][,自 {on} 起][,原因:{because}]。",
        {
            "category": _CERTIFIED["category"],
            "on": _of("endedOn", "Certification.endedOn"),
            "because": _of("because", "Certification.endedBecause", ENDS),
        },
    ),
    EventType.CIRCUMSTANCE_REPORTED: Sentence(
        "{agency} reported a circumstance[: {kind}][, since {since}][, until {until}].",
        "{agency}报送了困难情形[:{kind}][,自 {since} 起][,至 {until} 止]。",
        _CIRCUMSTANCE,
    ),
    EventType.CIRCUMSTANCE_ENDED: Sentence(
        "{agency} reported the end of a circumstance[: {kind}][, since {since}][, until {until}].",
        "{agency}报送了困难情形的结束[:{kind}][,自 {since} 起][,至 {until} 止]。",
        _CIRCUMSTANCE,
    ),
    EventType.AID_RECORDED: Sentence(
        "{agency} recorded aid[: {kind}][, {program}][, {from} to {until}][, {status}][, {amount} yuan][. Outcome: "
        "{outcome}].",
        "{agency}登记了救助[:{kind}][“{program}”][,{from} 至 {until}][,{status}][,金额 {amount} 元][,结果:{outcome}]。",
        _AID,
    ),
    EventType.AID_AMENDED: Sentence(
        "{agency} corrected a record of aid[: {kind}][, {program}][, {from} to {until}][, now {status}][, {amount} yuan]"
        "[. Outcome: {outcome}].",
        "{agency}更正了救助记录[:{kind}][“{program}”][,{from} 至 {until}][,现为{status}][,金额 {amount} 元]"
        "[,结果:{outcome}]。",
        _AID,
    ),
    EventType.AID_REVOKED: Sentence(
        "{agency} took a record of aid back[: {kind}][, {program}][, {from} to {until}][, {amount} yuan]"
        "[; reason: {because}].",
        "{agency}撤销了救助记录[:{kind}][“{program}”][,{from} 至 {until}][,金额 {amount} 元][,原因:{because}]。",
        {name: _AID[name] for name in ("kind", "program", "from", "until", "amount")}
        | {"because": _of_kind("because", "revokedBecause", CORRECTIONS)},
    ),
    EventType.RECOVERY_OPENED: Sentence(
        "{agency} began to recover money[: {amount} yuan][ of {kind}][; reason: {because}][, due on {due}].",
        "{agency}启动追回[:{kind}][,金额 {amount} 元][,原因:{because}][,期限 {due}]。",
        {
            "kind": _of_recovery("kind", "Recovery.kind", AID_KINDS),
            "amount": _of_recovery("amount", "Recovery.amount"),
            "because": _of_recovery("because", "Recovery.because", CORRECTIONS),
            "due": _of_recovery("dueOn", "Recovery.dueOn"),
        },
    ),
    EventType.RECOVERY_REPAID: Sentence(
        "{agency} got money back[: {amount} yuan][ on {on}][, {left} yuan are still owed].",
        "{agency}收到退款[:{amount} 元][,日期 {on}][,尚欠 {left} 元]。",
        {
            "amount": _of_recovery("amount", "Repayment.amount"),
            "on": _of_recovery("repaidOn", "Repayment.repaidOn"),
            "left": _of_recovery("left", "Recovery.outstanding"),
        },
    ),
    EventType.RECOVERY_WAIVED: Sentence(
        "{agency} waived what was still to be recovered[: {amount} yuan][; reason: {reason}].",
        "{agency}减免了尚欠款项[:{amount} 元][,原因:{reason}]。",
        {
            "amount": _of_recovery("amount", "Recovery.waived"),
            "reason": _of_recovery("reason", "Recovery.waiveReason"),
        },
    ),
    EventType.NEAR_RELATIVE_DECLARED: Sentence(
        "{agency} declared a near relative of an official[: {kinship} of {post}, {office}].",
        "{agency}登记了近亲属备案[:系{office}{post}的{kinship}]。",
        {
            "kinship": _of("kinship", "NearRelative.kinship", KINSHIPS),
            "office": _of("office", "NearRelative.office"),
            "post": _of("post", "NearRelative.post"),
        },
    ),
    EventType.NEAR_RELATIVE_ENDED: Sentence(
        "{agency} ended the declaration of a near relative[; reason: {reason}].",
        "{agency}终止了近亲属备案[,原因:{reason}]。",
        {"reason": _of("reason", "NearRelative.endReason")},
    ),
    EventType.DISCLOSED: Sentence(
        "{agency} published a list that names the household[: {list}][, {month}].",
        "{agency}公示了包括该户的名单[:{list}][,{month}]。",
        {
            "list": _of("list", "Disclosure.listOf", LISTS),
            "month": _of("month", "Disclosure.month"),
        },
    ),
    EventType.REFERRAL_SENT: Sentence(
        "{agency} referred a need[ of {need}][ to {to}][: {reason}].",
        "{agency}转办了救助需求[:{need}][,转至 {to}][,事由:{reason}]。",
        {
            "need": _NEED,
            "to": _of("to", "Referral.to", agency=True),
            "reason": _of("reason", "Referral.reason"),
        },
    ),
    EventType.REFERRAL_ACCEPTED: Sentence(
        "{agency} took a referred need on[: {need}].", "{agency}接收了转办需求[:{need}]。", {"need": _NEED}
    ),
    EventType.REFERRAL_RETURNED: Sentence(
        "{agency} returned a referred need[: {need}][; reason: {reason}].",
        "{agency}退回了转办需求[:{need}][,原因:{reason}]。",
        {"need": _NEED, "reason": _of("reason", "Referral.returnReason")},
    ),
    EventType.REFERRAL_COMPLETED: Sentence(
        "{agency} answered a referred need[: {need}][. Outcome: {outcome}].",
        "{agency}办结了转办需求[:{need}][,结果:{outcome}]。",
        {"need": _NEED, "outcome": _of("outcome", "Referral.outcome")},
    ),
    EventType.REFERRAL_FORWARDED: Sentence(
        "{agency} sent a need that came back on[: {need}][, to {to}][; reason: {reason}].",
        "{agency}重新转办了退回的需求[:{need}][,转至 {to}][,事由:{reason}]。",
        {
            "need": _NEED,
            "to": _of("to", "Referral.to", agency=True),
            "reason": _of("reason", "Referral.reason"),
        },
    ),
    EventType.REFERRAL_ENDED: Sentence(
        "{agency} ended a need that came back[: {need}][; reason: {reason}].",
        "{agency}终止了退回的需求[:{need}][,原因:{reason}]。",
        {"need": _NEED, "reason": _of("reason", "Referral.endReason")},
    ),
    EventType.REFERRAL_REMINDED: Sentence(
        "{agency} reminded the receiver of a referral[: {need}].",
        "{agency}催办了转办需求[:{need}]。",
        {"need": _NEED},
    ),
    EventType.REFERRAL_ESCALATED: Sentence(
        "{agency} told the agency above of an overdue referral[: {need}][, {to}].",
        "{agency}将逾期的转办需求提请上级督办[:{need}][,督办单位 {to}]。",
        {"need": _NEED, "to": _of("to", "Referral.escalatedTo", agency=True)},
    ),
    EventType.APPLICATION_SUBMITTED: Sentence("{agency} took in an application.", "{agency}受理了救助申请。"),
    EventType.ALERT_RAISED: Sentence(
        "An alert was raised by {agency}[: {finding}][ To be checked by {to}].",
        "{agency}发起预警[:{finding}][,由 {to} 核查]。",
        {"finding": _of("finding", "Alert.finding", FINDINGS), "to": _ALERT_TO},
    ),
    EventType.ALERT_DISPOSED: Sentence(
        "{agency} disposed of an alert[: {finding}][ {disposition}].",
        "{agency}处置了预警[:{finding}][,处置:{disposition}]。",
        {
            "finding": _of("finding", "Alert.finding", FINDINGS),
            "disposition": _of("disposition", "Alert.disposition", DISPOSITIONS),
        },
    ),
    EventType.ALERT_CLOSED: Sentence(
        "An alert was closed by {agency}[: {finding}].",
        "{agency}关闭了预警[:{finding}]。",
        {"finding": _of("finding", "Alert.finding", FINDINGS)},
    ),
    EventType.VISITED: Sentence(
        "{agency} visited the household[ on {on}][ and recommends {recommendation}].",
        "{agency}入户走访[,日期 {on}][,建议:{recommendation}]。",
        {
            "on": _of("visitedOn", "Visit.visitedOn"),
            "recommendation": _of("recommendation", "Visit.recommendation", RECOMMENDATIONS),
        },
    ),
    EventType.OVERLAP_FOUND: Sentence(
        "{agency} opened a case of overlapping aid.", "{agency}对疑似重复的救助发起核实。"
    ),
    EventType.OVERLAP_DECIDED: Sentence(
        "{agency} decided a case of overlapping aid.", "{agency}核定了疑似重复的救助。"
    ),
    EventType.CONFERENCE_CALLED: Sentence(
        "{agency} called a case conference.", "{agency}召集了一事一议会议。"
    ),
    EventType.CONFERENCE_HELD: Sentence(
        "{agency} kept the minutes of a case conference.", "{agency}登记了一事一议会议纪要。"
    ),
}
