"""Whether what is to be kept may stand beside what others gave, before it is kept (46-2.1): refused, warned, or said.

Of the other record a caller learns that it is there. Which one it is, and what only it shows (its form, whether the sum is
within a cap), is told where the caller's grant opens it, and nothing that is answered depends on it elsewhere.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.drafts import AidDraft
from hub.aid.urgent import most_paid_first
from hub.foundation.database import table_of
from hub.foundation.errors import HubError
from hub.model.aid import AidStatus, detail_path
from hub.model.ledger import WriteReceiptRow
from hub.model.overlaps import Bearing, OverlapCode
from hub.overlaps.cases import CaseKey, Pair, open_cases
from hub.overlaps.detection import Candidate, Found, find_overlaps
from hub.overlaps.rules import NO_DUPLICATE, Family, OverlapRule, group_of, rule_between
from hub.persons.subjects import Resolved
from hub.policy.permissions.aid_fields import AID_OF_KIND, AID_RECORD

_receipt = table_of(WriteReceiptRow)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A draft and a record that it meets, under a rule. `readable`: the caller may know which record it is."""

    rule: OverlapRule
    found: Found
    readable: bool

    @property
    def is_case(self) -> bool:
        """Whether the pair looks like the same aid twice, or comes to too much; then it is kept with a case."""
        return self.rule.bearing in (Bearing.UNSTATED, Bearing.CAPPED) and not self.found.known

    def told(self, case: CaseKey | None = None) -> "ToldOverlap":
        """What an answer says of it."""
        other = (self.found.household_id, self.found.id) if self.readable else None
        return ToldOverlap(self.rule, other, case)


@dataclass(frozen=True, slots=True)
class ToldOverlap:
    """The rule, the other record where it may be named, and the case."""

    rule: OverlapRule
    other: tuple[UUID, UUID] | None = None
    case: CaseKey | None = None


@dataclass(frozen=True, slots=True)
class OverlapWarning:
    """A meeting that is kept; `code` is stable."""

    code: str
    message: str
    message_zh: str
    overlap: ToldOverlap


class ExclusiveAid(HubError):
    """A record that excludes this one stands then: {words} ({clause}: {text}). mediateOverlap has civil affairs settle it.
    同期已有与之互斥的救助记录:{words_zh}({clause}:{text})。可提请县级民政部门核实。
    """

    def __init__(self, overlap: ToldOverlap) -> None:
        self.overlap, rule = overlap, overlap.rule
        super().__init__(
            path=detail_path(rule.kind, "form") if rule.kind else ("detail",),
            words=rule.words,
            words_zh=rule.words_zh,
            clause=rule.clause,
            text=rule.text,
        )


_WORDS = {
    Bearing.UNSTATED: (
        "DUPLICATE_AID",
        "Another agency already recorded this aid for this person in an overlapping period",
        "已有其他单位在重叠期间为此人登记了同一救助",
    ),
    Bearing.CAPPED: (
        "ABOVE_CAP",
        "With what other agencies gave in an overlapping period this is above the cap",
        "与其他单位在重叠期间给予的救助合计已超过上限",
    ),
    Bearing.TOPPING_UP: (
        "TOPPING_UP",
        "Another agency gives aid in an overlapping period that this may stand beside",
        "其他单位在重叠期间给予的救助可与本项同时享受",
    ),
}
"""Code and words of what is kept. They name no agency and no amount."""


async def meetings(
    session: AsyncSession,
    grant: Grant,
    drafts: Mapping[int, tuple[AidDraft, Resolved]],
    own: UUID | None = None,
) -> dict[int, list[Meeting]]:
    """What each draft meets, by its place; `own` is the id of a record that is amended. What is revoked meets nothing, and
    what was decided to stand is left out."""
    looked = {place: one for place, one in drafts.items() if one[0].status is not AidStatus.REVOKED}
    candidates = [_candidate(place, draft, to, own) for place, (draft, to) in looked.items()]
    found: dict[int, list[Found]] = {}
    for one in await find_overlaps(session, grant, candidates):
        if not one.settled:
            found.setdefault(one.place, []).append(one)
    above = await _above_cap(session, grant, looked, found)
    met = {
        place: [_meeting(grant, looked[place][0], one, above) for one in ones]
        for place, ones in found.items()
    }
    return {place: [one for one in ones if one is not None] for place, ones in met.items()}


def _candidate(place: int, draft: AidDraft, to: Resolved, own: UUID | None) -> Candidate:
    return Candidate(
        place,
        draft.external_id,
        to,
        _family(draft),
        draft.program.strip(),
        draft.period_from,
        draft.period_until,
        own,
    )


def _family(draft: AidDraft) -> Family:
    return Family(draft.kind, str(draft.detail["form"]))


def _meeting(grant: Grant, draft: AidDraft, found: Found, above: Collection[int]) -> Meeting | None:
    """A pair under its rule; None where it is nothing to tell."""
    rule = rule_between(_family(draft), found.family)
    readable = found.in_sight and grant.covers(AID_RECORD.base)
    if rule.bearing is Bearing.TOPPING_UP and not _opens(grant, found):
        return None
    if rule.bearing is Bearing.CAPPED and not (found.place in above and _opens(grant, found)):
        twice = found.program == draft.program.strip() and found.agency != grant.agency
        return Meeting(NO_DUPLICATE, found, readable) if twice else None
    return Meeting(rule, found, readable)


def _opens(grant: Grant, found: Found) -> bool:
    """Whether the amount and details of a record are open to the caller."""
    return found.in_sight and grant.covers(AID_OF_KIND[found.family.kind]["amount"])


async def _above_cap(
    session: AsyncSession,
    grant: Grant,
    looked: Mapping[int, tuple[AidDraft, Resolved]],
    found: Mapping[int, list[Found]],
) -> set[int]:
    """The drafts that come to more than a cap with what the caller may read of what they meet. Sums of what is closed are
    never made: the answer would tell them."""
    given: dict[int, tuple[OverlapCode, Decimal]] = {}
    for place, ones in found.items():
        draft = looked[place][0]
        for one in ones:
            rule = rule_between(_family(draft), one.family)
            if rule.bearing is Bearing.CAPPED and _opens(grant, one) and draft.amount is not None:
                before = given[place][1] if place in given else draft.amount
                given[place] = rule.code, before + (one.amount or 0)
    first = {
        place: draft
        for place, (draft, _) in looked.items()
        if place in given and given[place][0] is OverlapCode.PAID_FIRST_TOGETHER
    }
    caps = await most_paid_first(session, first)
    for place, (code, _) in given.items():
        cost = looked[place][0].detail.get("total_cost")
        if code is OverlapCode.COST_LEFT_BY_INSURANCE and cost is not None:
            caps[place] = cost - (looked[place][0].detail.get("insurance_paid") or 0)
    return {place for place, (_, total) in given.items() if place in caps and total > caps[place]}


def exclusions(met: Mapping[int, Sequence[Meeting]]) -> dict[int, ExclusiveAid]:
    """Why drafts cannot be kept beside what stands, by their place."""
    return {
        place: ExclusiveAid(one.told())
        for place, ones in met.items()
        for one in ones
        if one.rule.bearing is Bearing.EXCLUSIVE
    }


def exclusions_among(drafts: Mapping[int, tuple[AidDraft, Resolved]]) -> dict[int, ExclusiveAid]:
    """The same within one batch: what comes later is refused. Everything in it is the caller's own."""
    taken: dict[tuple[OverlapCode, object], list[AidDraft]] = {}
    refused: dict[int, ExclusiveAid] = {}
    for place, (draft, to) in drafts.items():
        rule = group_of(_family(draft))
        if rule is None or rule.bearing is not Bearing.EXCLUSIVE or draft.status is AidStatus.REVOKED:
            continue
        whom = to.household_id if rule.of_household else to.identity
        if whom is None:
            continue
        stand = taken.setdefault((rule.code, whom), [])
        if any(rule.covers(_family(draft), _family(one)) and _overlap(draft, one) for one in stand):
            refused[place] = ExclusiveAid(ToldOverlap(rule))
        else:
            stand.append(draft)
    return refused


def _overlap(one: AidDraft, other: AidDraft) -> bool:
    return one.period_from <= other.period_until and one.period_until >= other.period_from


async def keep_cases(
    session: AsyncSession,
    agency: str,
    kept: Mapping[int, tuple[AidDraft, Resolved, UUID]],
    met: Mapping[int, Sequence[Meeting]],
) -> dict[int, tuple[OverlapWarning, ...]]:
    """Open a case for each pair that needs one, and tell what each record that was kept meets, by its place."""
    pairs = {
        (place, one.found.id): Pair(
            one.rule.code,
            (one.found.household_id, one.found.id),
            one.found.agency,
            to.household_id,
            to.person_id,
            agency,
            draft.external_id,
            key,
        )
        for place, (draft, to, key) in kept.items()
        for one in met.get(place, ())
        if one.is_case
    }
    cases = await open_cases(session, list(pairs.values()))
    return {
        place: tuple(
            _warning(one, cases[pairs[place, one.found.id].name] if one.is_case else None)
            for one in met.get(place, ())
        )
        for place in kept
    }


def _warning(one: Meeting, case: CaseKey | None) -> OverlapWarning:
    code, en, zh = _WORDS[one.rule.bearing]
    rule = one.rule
    return OverlapWarning(
        code,
        f"{en}: {rule.words} ({rule.clause}: {rule.text}).",
        f"{zh}:{rule.words_zh}({rule.clause}:{rule.text})。",
        one.told(case),
    )
