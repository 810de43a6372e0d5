"""Checks a new aid record against existing aid of the same person: refuse, warn or note (46-2.1).

The caller always learns that an overlapping record exists. Its id, form and amount are returned only if the caller's grant
covers them, and the rest of the response does not depend on them.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.drafts import AidDraft
from hub.aid.urgent import Urgent, most_paid_first
from hub.foundation.database import table_of
from hub.foundation.errors import HubError
from hub.model.aid import detail_path
from hub.model.ledger import WriteReceiptRow
from hub.model.overlaps import Bearing, OverlapCode
from hub.overlaps.cases import CaseKey, Pair, open_cases
from hub.overlaps.detection import Candidate, OverlappingRecord, find_overlaps
from hub.overlaps.programmes import identity_of
from hub.overlaps.rules import NO_DUPLICATE, Family, OverlapRule, group_of, rule_between
from hub.persons.subjects import Resolved
from hub.policy.facts.aid import is_revoked
from hub.policy.facts.periods import overlapping
from hub.policy.permissions.aid_fields import AID_OF_KIND, AID_RECORD

_receipt = table_of(WriteReceiptRow)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A draft and an existing record that overlap under a rule. `readable`: the caller may know which record it is."""

    rule: OverlapRule
    found: OverlappingRecord
    readable: bool

    @property
    def is_case(self) -> bool:
        """Whether the overlap is saved with a case: a possible duplicate, or a sum above a cap."""
        return self.rule.bearing in (Bearing.UNSTATED, Bearing.CAPPED) and not self.found.known

    def notice(self, case: CaseKey | None = None) -> "OverlapNotice":
        """The overlap as the response shows it."""
        other = (self.found.household_id, self.found.id) if self.readable else None
        return OverlapNotice(self.rule, other, case)


@dataclass(frozen=True, slots=True)
class OverlapNotice:
    """The rule of an overlap, the other record if the caller may read it, and the case."""

    rule: OverlapRule
    other: tuple[UUID, UUID] | None = None
    case: CaseKey | None = None


@dataclass(frozen=True, slots=True)
class OverlapWarning:
    """The warning of an overlap that is allowed; `code` is stable."""

    code: str
    message: str
    message_zh: str
    overlap: OverlapNotice


class ExclusiveAid(HubError):
    """Another record of that period excludes this one: {words} ({clause}). Use mediateOverlap to ask civil affairs.
    同期已有与之互斥的救助记录:{words_zh}({clause}:{text_zh})。可提请县级民政部门核实。
    """

    def __init__(self, overlap: OverlapNotice) -> None:
        self.overlap, rule = overlap, overlap.rule
        super().__init__(
            path=detail_path(rule.kind, "form") if rule.kind else ("detail",),
            words=rule.words,
            words_zh=rule.words_zh,
            clause=rule.clause,
            text_zh=rule.text,
        )


_WORDS = {
    Bearing.UNSTATED: (
        "DUPLICATE_AID",
        "This aid is already recorded for this person in an overlapping period",
        "重叠期间已为此人登记过同一救助",
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
"""Codes and messages of warnings. They name no agency and no amount."""


async def meetings(
    session: AsyncSession,
    grant: Grant,
    drafts: Mapping[int, tuple[AidDraft, Resolved]],
    own: UUID | None = None,
    *,
    in_sight_alone: bool = False,
) -> dict[int, list[Meeting]]:
    """The overlaps of each draft, by place; `own` is the id of the record that is amended. A revoked draft has none, and
    pairs that civil affairs allowed are left out. `in_sight_alone`: overlaps with records out of sight are left out too."""
    looked = {place: meeting for place, meeting in drafts.items() if not is_revoked(meeting[0].status)}
    candidates = [_candidate(place, draft, to, own) for place, (draft, to) in looked.items()]
    found: dict[int, list[OverlappingRecord]] = {}
    for meeting in await find_overlaps(session, grant, candidates):
        if not meeting.settled and (meeting.in_sight or not in_sight_alone):
            found.setdefault(meeting.place, []).append(meeting)
    above = await _above_cap(session, grant, looked, found)
    met = {
        place: [_meeting(grant, looked[place][0], meeting, above) for meeting in ones]
        for place, ones in found.items()
    }
    return {place: [meeting for meeting in ones if meeting is not None] for place, ones in met.items()}


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
        draft.detail.get("happened_on"),
    )


def _family(draft: AidDraft) -> Family:
    return Family(draft.kind, str(draft.detail["form"]))


def _meeting(
    grant: Grant, draft: AidDraft, found: OverlappingRecord, above: Collection[int]
) -> Meeting | None:
    """An overlap under its rule; None if it needs no notice."""
    rule = rule_between(_family(draft), found.family)
    readable = found.in_sight and grant.covers(AID_RECORD.base)
    if rule.bearing is Bearing.TOPPING_UP and (found.agency == grant.agency or not _opens(grant, found)):
        return None
    if rule.bearing is Bearing.CAPPED and not (found.place in above and _opens(grant, found)):
        twice = identity_of(found.family.kind, found.program) == identity_of(draft.kind, draft.program)
        return Meeting(NO_DUPLICATE, found, readable) if twice else None
    return Meeting(rule, found, readable)


def _opens(grant: Grant, found: OverlappingRecord) -> bool:
    """Whether the caller may read the amount and details of a record."""
    return found.in_sight and grant.covers(AID_OF_KIND[found.family.kind]["amount"])


async def _above_cap(
    session: AsyncSession,
    grant: Grant,
    looked: Mapping[int, tuple[AidDraft, Resolved]],
    found: Mapping[int, list[OverlappingRecord]],
) -> set[int]:
    """The drafts that exceed a cap together with the overlapping amounts that the caller may read. Other amounts are not
    added, because the answer would reveal them."""
    totals: dict[int, tuple[OverlapCode, Decimal]] = {}
    for place, ones in found.items():
        draft = looked[place][0]
        for meeting in ones:
            rule = rule_between(_family(draft), meeting.family)
            if rule.bearing is Bearing.CAPPED and _opens(grant, meeting) and draft.amount is not None:
                before = totals[place][1] if place in totals else draft.amount
                totals[place] = rule.code, before + (meeting.amount or 0)
    first = {
        place: Urgent(draft)
        for place, (draft, _) in looked.items()
        if place in totals and totals[place][0] is OverlapCode.PAID_FIRST_TOGETHER
    }
    caps = await most_paid_first(session, first)
    for place, (code, _) in totals.items():
        cost = looked[place][0].detail.get("total_cost")
        if code is OverlapCode.COST_LEFT_BY_INSURANCE and cost is not None:
            caps[place] = cost - (looked[place][0].detail.get("insurance_paid") or 0)
    return {place for place, (_, total) in totals.items() if place in caps and total > caps[place]}


def exclusions(met: Mapping[int, Sequence[Meeting]]) -> dict[int, ExclusiveAid]:
    """The refusals of drafts that existing records exclude, by place."""
    return {
        place: ExclusiveAid(meeting.notice())
        for place, ones in met.items()
        for meeting in ones
        if meeting.rule.bearing is Bearing.EXCLUSIVE
    }


def exclusions_among(drafts: Mapping[int, tuple[AidDraft, Resolved]]) -> dict[int, ExclusiveAid]:
    """The refusals of drafts that earlier drafts of the same batch exclude. All of them belong to the caller."""
    taken: dict[tuple[OverlapCode, object], list[AidDraft]] = {}
    refused: dict[int, ExclusiveAid] = {}
    for place, (draft, to) in drafts.items():
        rule = group_of(_family(draft))
        if rule is None or rule.bearing is not Bearing.EXCLUSIVE or is_revoked(draft.status):
            continue
        whom = to.household_id if rule.of_household else to.identity
        if whom is None:
            continue
        stand = taken.setdefault((rule.code, whom), [])
        if any(
            rule.covers(_family(draft), _family(meeting)) and _overlap(draft, meeting) for meeting in stand
        ):
            refused[place] = ExclusiveAid(OverlapNotice(rule))
        else:
            stand.append(draft)
    return refused


def _overlap(draft: AidDraft, other: AidDraft) -> bool:
    return overlapping(draft.period_from, draft.period_until, other.period_from, other.period_until)


async def save_cases(
    session: AsyncSession,
    agency: str,
    saved: Mapping[int, tuple[AidDraft, Resolved, UUID]],
    met: Mapping[int, Sequence[Meeting]],
) -> dict[int, tuple[OverlapWarning, ...]]:
    """Open a case for each pair that needs one, also for pairs within the batch. Returns the overlap warnings of each saved
    record, by place."""
    met = _meetings_by_place(agency, saved, met)
    pairs = {
        (place, meeting.found.id): Pair(
            meeting.rule.code,
            (meeting.found.household_id, meeting.found.id),
            meeting.found.agency,
            to.household_id,
            to.person_id,
            agency,
            draft.external_id,
            key,
        )
        for place, (draft, to, key) in saved.items()
        for meeting in met.get(place, ())
        if meeting.is_case
    }
    cases = await open_cases(session, list(pairs.values()))
    return {
        place: tuple(
            _warning(meeting, cases[pairs[place, meeting.found.id].name] if meeting.is_case else None)
            for meeting in met.get(place, ())
        )
        for place in saved
    }


def _meetings_by_place(
    agency: str, saved: Mapping[int, tuple[AidDraft, Resolved, UUID]], met: Mapping[int, Sequence[Meeting]]
) -> dict[int, list[Meeting]]:
    """The overlaps by place, with those between records of the batch."""
    earlier: dict[Hashable, list[tuple[AidDraft, UUID, UUID]]] = defaultdict(list)
    every: dict[int, list[Meeting]] = {}
    for place, (draft, to, key) in sorted(saved.items()):
        alike = earlier[draft.kind, identity_of(draft.kind, draft.program), _whom(to)]
        every[place] = [*met.get(place, ()), *_met_in_batch(agency, place, draft, key, alike)]
        alike.append((draft, to.household_id, key))
    return every


def _met_in_batch(
    agency: str, place: int, draft: AidDraft, key: UUID, alike: Sequence[tuple[AidDraft, UUID, UUID]]
) -> Iterator[Meeting]:
    """The overlaps of a record with earlier ones of its batch, of its programme and subject: (draft, household id, id)."""
    for other, household_id, id in alike:
        if not _overlap(draft, other):
            continue
        rule = rule_between(_family(draft), _family(other))
        if rule.bearing in (Bearing.UNSTATED, Bearing.CAPPED) and id != key:
            found = OverlappingRecord(
                place, household_id, id, agency, _family(other), other.program, other.amount,
                in_sight=True, settled=False, known=False,
            )  # fmt: skip
            yield Meeting(NO_DUPLICATE, found, readable=True)


def _whom(to: Resolved) -> Hashable:
    """What two records of one subject have in common: the household, or the identity of the person."""
    return to.household_id if to.person_id is None else to.identity


def _warning(meeting: Meeting, case: CaseKey | None) -> OverlapWarning:
    code, en, zh = _WORDS[meeting.rule.bearing]
    rule = meeting.rule
    return OverlapWarning(
        code,
        f"{en}: {rule.words} ({rule.clause}).",
        f"{zh}:{rule.words_zh}({rule.clause}:{rule.text})。",
        meeting.notice(case),
    )
