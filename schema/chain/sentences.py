"""The sentence of each type of event, in English and Chinese (46-2.1: readable by every department).

`{part}` is a value of the event. A segment in [brackets] is left out if one of its parts is missing or is not open to the
reader; in [brackets|with a bar] the second text takes its place. So each department reads a whole sentence that holds no
more than its scopes open.
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
    LIABILITY,
    LIABLE,
    LISTS,
    RECOMMENDATIONS,
    SHOWN,
    STATUSES,
    SUBTYPES,
    Words,
)


@dataclass(frozen=True)
class SentencePart:
    """A value of an event's body, under `key`. `coordinates` are the fields with the same value, each with the scopes that
    open it in the sentence. `by`: a key of the body whose value selects the scopes; otherwise all coordinates have the same
    scopes. `words`: the words for codes; `agency`: the value is the code of an agency."""

    key: str
    coordinates: Mapping[str, ScopeSets]
    by: tuple[str, Mapping[str, ScopeSets]] | None = None
    words: Words = field(default_factory=dict)
    agency: bool = False


@dataclass(frozen=True)
class Sentence:
    """The templates of one type of event. They may contain `agency` and the names in `parts`."""

    en: str
    zh: str
    parts: Mapping[str, SentencePart] = field(default_factory=dict)


def _of(key: str, coordinate: str, words: Words | None = None, *, agency: bool = False) -> SentencePart:
    """A value of the event's object, open to readers of the field."""
    return SentencePart(key, {coordinate: opened_by(coordinate)}, words=words or {}, agency=agency)


def _of_aid(key: str, name: str, words: Words | None = None) -> SentencePart:
    """A value of an aid record, whatever its kind."""
    coordinates = {f"{kind}.{name}": opened_by(f"{kind}.{name}") for kind in TYPE_OF_KIND.values()}
    return SentencePart(key, coordinates, words=words or {})


_BY_KIND = {kind.value: noun["amount"] for kind, noun in AID_OF_KIND.items()}


def _of_kind(key: str, name: str, words: Words | None = None) -> SentencePart:
    """A value that only readers of the record's kind see."""
    coordinates = {f"{kind}.{name}": opened_by(f"{kind}.{name}") for kind in TYPE_OF_KIND.values()}
    return SentencePart(key, coordinates, by=("kind", _BY_KIND), words=words or {})


def _of_recovery(key: str, coordinate: str, words: Words | None = None) -> SentencePart:
    return SentencePart(key, {coordinate: opened_by(coordinate)}, by=("kind", _BY_KIND), words=words or {})


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


def _of_circumstance(key: str, words: Words | None = None) -> SentencePart:
    """A value that only readers of the registry see."""
    coordinate = f"Circumstance.{key}"
    return SentencePart(
        key, {coordinate: opened_by(coordinate)}, by=("registry", _REGISTRIES), words=words or {}
    )


_CIRCUMSTANCE = {
    "kind": _of_circumstance("kind", CIRCUMSTANCES),
    "since": _of_circumstance("since"),
    "until": _of_circumstance("until"),
}

_SIGHT = {
    "to": _of("to", "ChainEvent.agency", agency=True),
    "because": _of("because", "ChainEvent.type", SHOWN),
}
SENTENCES: Mapping[EventType, Sentence] = {
    EventType.HOUSEHOLD_REGISTERED: Sentence("{agency} registered the household.", "{agency}登记该户。"),
    EventType.HOUSEHOLD_UPDATED: Sentence(
        "{agency} updated the household's registration.", "{agency}更新该户登记信息。"
    ),
    EventType.CERTIFIED: Sentence(
        "{agency} certified [the category {category}|a category][, {subtype}][, from {from}][ until {until}].",
        "{agency}[认定为{category}|作出救助认定][({subtype})][,自 {from} 起][,有效期至 {until}]。",
        _CERTIFIED,
    ),
    EventType.CERTIFICATION_ENDED: Sentence(
        "{agency} ended [the certification {category}|a certification][, from {on}][; reason: {because}].",
        "{agency}终止[{category}|救助]认定[,自 {on} 起][,原因:{because}]。",
        {
            "category": _CERTIFIED["category"],
            "on": _of("endedOn", "Certification.endedOn"),
            "because": _of("because", "Certification.endedBecause", ENDS),
        },
    ),
    EventType.CIRCUMSTANCE_REPORTED: Sentence(
        "{agency} shared a circumstance[: {kind}][, date {since}][ to {until}].",
        "{agency}共享信息[:{kind}][,日期 {since}][ 至 {until}]。",
        _CIRCUMSTANCE,
    ),
    EventType.CIRCUMSTANCE_ENDED: Sentence(
        "{agency} reported that a circumstance has ended[: {kind}][, date {since}][ to {until}].",
        "{agency}报告该情形已消除[:{kind}][,日期 {since}][ 至 {until}]。",
        _CIRCUMSTANCE,
    ),
    EventType.AID_RECORDED: Sentence(
        "{agency} recorded aid[: {kind}][, {program}][, {from} to {until}][, {status}][, {amount} yuan][. Outcome: "
        "{outcome}].",
        "{agency}反馈救助结果[:{kind}][“{program}”][,{from} 至 {until}][,{status}][,金额 {amount} 元][,结果:{outcome}]。",
        _AID,
    ),
    EventType.AID_AMENDED: Sentence(
        "{agency} corrected an aid record[: {kind}][, {program}][, {from} to {until}][, now {status}][, {amount} yuan]"
        "[. Outcome: {outcome}].",
        "{agency}更正救助记录[:{kind}][“{program}”][,{from} 至 {until}][,现为{status}][,金额 {amount} 元]"
        "[,结果:{outcome}]。",
        _AID,
    ),
    EventType.AID_REVOKED: Sentence(
        "{agency} revoked an aid record[: {kind}][, {program}][, {from} to {until}][, {amount} yuan]"
        "[; reason: {because}].",
        "{agency}撤销救助记录[:{kind}][“{program}”][,{from} 至 {until}][,金额 {amount} 元][,原因:{because}]。",
        {name: _AID[name] for name in ("kind", "program", "from", "until", "amount")}
        | {"because": _of_kind("because", "revokedBecause", CORRECTIONS)},
    ),
    EventType.RECOVERY_OPENED: Sentence(
        "{agency} opened a recovery[: {amount} yuan][ of {kind}][; goods or services: {goods}][; reason: {because}]"
        "[, due by {due}].",
        "{agency}启动追回[:{kind}][,物资或服务:{goods}][,金额 {amount} 元][,原因:{because}][,应于 {due} 前退回]。",
        {
            "kind": _of_recovery("kind", "Recovery.kind", AID_KINDS),
            "amount": _of_recovery("amount", "Recovery.amount"),
            "goods": _of_recovery("goods", "Recovery.goods"),
            "because": _of_recovery("because", "Recovery.because", CORRECTIONS),
            "due": _of_recovery("dueOn", "Recovery.dueOn"),
        },
    ),
    EventType.RECOVERY_REPAID: Sentence(
        "{agency} received a repayment[: {amount} yuan][ on {on}][; {left} yuan still owed].",
        "{agency}收到退回资金[:{amount} 元][,日期 {on}][,尚未退回 {left} 元]。",
        {
            "amount": _of_recovery("amount", "Repayment.amount"),
            "on": _of_recovery("repaidOn", "Repayment.repaidOn"),
            "left": _of_recovery("left", "Recovery.outstanding"),
        },
    ),
    EventType.RECOVERY_WAIVED: Sentence(
        "{agency} waived the rest of a recovery[: {amount} yuan][; reason: {reason}].",
        "{agency}决定对未退回部分免予追回[:{amount} 元][,原因:{reason}]。",
        {
            "amount": _of_recovery("amount", "Recovery.waived"),
            "reason": _of_recovery("reason", "Recovery.waiveReason"),
        },
    ),
    EventType.NEAR_RELATIVE_DECLARED: Sentence(
        "{agency} declared a near relative of an official[: {kinship} of {post}, {office}].",
        "{agency}登记近亲属备案[:系{office}{post}的{kinship}]。",
        {
            "kinship": _of("kinship", "NearRelative.kinship", KINSHIPS),
            "office": _of("office", "NearRelative.office"),
            "post": _of("post", "NearRelative.post"),
        },
    ),
    EventType.NEAR_RELATIVE_ENDED: Sentence(
        "{agency} ended the declaration of a near relative[; reason: {reason}].",
        "{agency}终止近亲属备案[,原因:{reason}]。",
        {"reason": _of("reason", "NearRelative.endReason")},
    ),
    EventType.LIABILITY_DECIDED: Sentence(
        "{agency} decided on liability[: {party}][, {outcome}][; reason: {reason}].",
        "{agency}作出责任认定[:{party}][,{outcome}][,理由:{reason}]。",
        {
            "party": _of("party", "LiabilityDecision.party", LIABLE),
            "outcome": _of("outcome", "LiabilityDecision.outcome", LIABILITY),
            "reason": _of("reason", "LiabilityDecision.reason"),
        },
    ),
    EventType.DISCLOSED: Sentence(
        "{agency} published a list that includes the household[: {list}][, {month}].",
        "{agency}公布的名单中包括该户[:{list}][,{month}]。",
        {
            "list": _of("list", "Disclosure.listOf", LISTS),
            "month": _of("month", "Disclosure.month"),
        },
    ),
    EventType.REFERRAL_SENT: Sentence(
        "{agency} referred a need[ of {need}][ to {to}][: {reason}].",
        "{agency}[向{to}]推送救助需求[:{need}][,事由:{reason}]。",
        {
            "need": _NEED,
            "to": _of("to", "Referral.to", agency=True),
            "reason": _of("reason", "Referral.reason"),
        },
    ),
    EventType.REFERRAL_ACCEPTED: Sentence(
        "{agency} accepted the referral[: {need}].", "{agency}接收转办事项[:{need}]。", {"need": _NEED}
    ),
    EventType.REFERRAL_RETURNED: Sentence(
        "{agency} returned the referral[: {need}][; reason: {reason}].",
        "{agency}退回转办事项[:{need}][,原因:{reason}]。",
        {"need": _NEED, "reason": _of("reason", "Referral.returnReason")},
    ),
    EventType.REFERRAL_COMPLETED: Sentence(
        "{agency} completed the referral[: {need}][. Outcome: {outcome}].",
        "{agency}办结转办事项[:{need}][,结果:{outcome}]。",
        {"need": _NEED, "outcome": _of("outcome", "Referral.outcome")},
    ),
    EventType.REFERRAL_FORWARDED: Sentence(
        "{agency} forwarded the returned referral[: {need}][, to {to}][; reason: {reason}].",
        "{agency}[向{to}]重新转办[:{need}][,事由:{reason}]。",
        {
            "need": _NEED,
            "to": _of("to", "Referral.to", agency=True),
            "reason": _of("reason", "Referral.reason"),
        },
    ),
    EventType.REFERRAL_ENDED: Sentence(
        "{agency} ended the returned referral[: {need}][; reason: {reason}].",
        "{agency}终止转办[:{need}][,原因:{reason}]。",
        {"need": _NEED, "reason": _of("reason", "Referral.endReason")},
    ),
    EventType.REFERRAL_REMINDED: Sentence(
        "{agency} reminded the receiver of the referral[: {need}].",
        "{agency}对转办事项进行催办[:{need}]。",
        {"need": _NEED},
    ),
    EventType.REFERRAL_ESCALATED: Sentence(
        "{agency} escalated an overdue referral[: {need}][, to {to}].",
        "{agency}将逾期的转办事项提请上级督办[:{need}][,督办单位 {to}]。",
        {"need": _NEED, "to": _of("to", "Referral.escalatedTo", agency=True)},
    ),
    EventType.APPLICATION_SUBMITTED: Sentence("{agency} accepted an application.", "{agency}受理救助申请。"),
    EventType.ALERT_RAISED: Sentence(
        "{agency} raised an alert[: {finding}][. To be checked by {to}].",
        "{agency}发起预警[:{finding}][,由{to}核查]。",
        {"finding": _of("finding", "Alert.finding", FINDINGS), "to": _ALERT_TO},
    ),
    EventType.ALERT_DISPOSED: Sentence(
        "{agency} disposed of an alert[: {finding}][. Disposition: {disposition}].",
        "{agency}处置预警[:{finding}][,处置:{disposition}]。",
        {
            "finding": _of("finding", "Alert.finding", FINDINGS),
            "disposition": _of("disposition", "Alert.disposition", DISPOSITIONS),
        },
    ),
    EventType.ALERT_CLOSED: Sentence(
        "{agency} closed an alert[: {finding}].",
        "{agency}解除预警[:{finding}]。",
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
        "{agency} opened a case of overlapping aid.", "{agency}发现疑似重复救助并发起核实。"
    ),
    EventType.OVERLAP_DECIDED: Sentence(
        "{agency} decided a case of overlapping aid.", "{agency}对疑似重复救助作出处理。"
    ),
    EventType.SIGHT_GIVEN: Sentence(
        "By an act of {agency} an agency from elsewhere has the household in sight[: {to}][; reason: {because}].",
        "因{agency}的办理,辖区外单位可查看该户[:{to}][,原因:{because}]。",
        _SIGHT,
    ),
    EventType.SIGHT_ENDED: Sentence(
        "By an act of {agency} an agency from elsewhere has the household in sight no longer[: {to}][; reason: {because}].",
        "因{agency}的办理,辖区外单位不再可查看该户[:{to}][,原因:{because}]。",
        _SIGHT,
    ),
    EventType.CONFERENCE_CALLED: Sentence(
        "{agency} called a case conference.", "{agency}召集社会救助工作联席会议(“一事一议”)。"
    ),
    EventType.CONFERENCE_HELD: Sentence(
        "{agency} recorded the minutes of a case conference.",
        "{agency}登记社会救助工作联席会议(“一事一议”)纪要。",
    ),
}
