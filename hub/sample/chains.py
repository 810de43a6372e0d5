"""The events of a story, in the order they happened, and their way into the ledger.

The ledger appends events of one author at a time. Chains of many households share their authors, so taking
whole runs of the author whom most chains wait for keeps the calls few and every chain in its order.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hub.aid.drafts import plain
from hub.aid.rules import KIND_RULES
from hub.ledger.chain import Author, EventDraft
from hub.ledger.tables import EventType
from hub.referrals.rules import CLAUSE as REFERRAL_CLAUSE
from hub.sample.story import Member, SampleReferral, Story

CLIENT = "sample"
"""The client that stands in the records of the sample."""


@dataclass(frozen=True, slots=True)
class SampleEvent:
    """One event and the agency that wrote it."""

    agency: str
    draft: EventDraft


def events_of(story: Story) -> list[SampleEvent]:
    """Everything that happened to a household, registration first, then by instant."""
    events = [*_registration(story), *_certifications(story), *_facts(story), *_aids(story)]
    for referral in story.referrals:
        events.extend(_steps(story, referral))
    return sorted(events, key=_instant)


def turns(stories: Iterable[Story]) -> Iterator[tuple[Author, list[EventDraft]]]:
    """The events of many stories as calls of `append_events`."""
    waiting: dict[str, list[deque[SampleEvent]]] = defaultdict(list)
    for story in stories:
        chain = deque(events_of(story))
        waiting[chain[0].agency].append(chain)
    while waiting:
        agency = max(waiting, key=lambda one: len(waiting[one]))
        drafts: list[EventDraft] = []
        for chain in waiting.pop(agency):
            while chain and chain[0].agency == agency:
                drafts.append(chain.popleft().draft)
            if chain:
                waiting[chain[0].agency].append(chain)
        yield Author(agency, CLIENT), drafts


def _instant(event: SampleEvent) -> datetime:
    assert event.draft.occurred_at is not None
    return event.draft.occurred_at


def _id(member: Member | None) -> Any:
    return member.id if member else None


def _registration(story: Story) -> Iterator[SampleEvent]:
    body = {"code": story.code, "region": story.place.code, "members": len(story.members)}
    yield SampleEvent(
        story.township_office(),
        EventDraft(
            story.id, EventType.HOUSEHOLD_REGISTERED, body, None, story.id, "46-2.2", story.registered_at
        ),
    )


def _certifications(story: Story) -> Iterator[SampleEvent]:
    for one in story.certifications:
        body = {
            "category": one.category.value,
            "subtype": plain(one.subtype),
            "support": plain(one.support),
            "validFrom": plain(one.valid_from),
            "validUntil": plain(one.valid_until),
        }
        yield SampleEvent(
            one.authority,
            EventDraft(story.id, EventType.CERTIFIED, body, _id(one.member), one.id, one.clause, one.at),
        )
        if one.ended_on is not None:
            ended_at = datetime(one.ended_on.year, one.ended_on.month, one.ended_on.day, 8, tzinfo=UTC)
            body = {"category": one.category.value, "endedOn": plain(one.ended_on), "reason": one.end_reason}
            yield SampleEvent(
                one.authority,
                EventDraft(
                    story.id, EventType.CERTIFICATION_ENDED, body, _id(one.member), one.id, "46-2.4", ended_at
                ),
            )


def _facts(story: Story) -> Iterator[SampleEvent]:
    for one in story.circumstances:
        body = {"registry": one.agency.partition("@")[0], "kind": one.kind.value}
        yield SampleEvent(
            one.agency,
            EventDraft(
                story.id, EventType.CIRCUMSTANCE_REPORTED, body, _id(one.member), one.id, "46-2.3", one.at
            ),
        )


def _aids(story: Story) -> Iterator[SampleEvent]:
    for aid in story.aids:
        draft = aid.draft
        body = {
            "kind": draft.kind.value,
            "program": draft.program,
            "periodFrom": plain(draft.period_from),
            "periodUntil": plain(draft.period_until),
            "status": draft.status.value,
            "amount": plain(draft.amount),
            "paidOn": plain(draft.paid_on),
            "outcome": draft.outcome,
            "externalId": draft.external_id,
            "version": 1,
            "detail": {name: plain(value) for name, value in draft.detail.items() if value is not None},
        }
        clause = KIND_RULES[draft.kind].clause
        yield SampleEvent(
            aid.agency,
            EventDraft(story.id, EventType.AID_RECORDED, body, _id(aid.member), aid.id, clause, aid.at),
        )


def _steps(story: Story, referral: SampleReferral) -> Iterator[SampleEvent]:
    def step(agency: str, type_: EventType, body: dict[str, Any], at: datetime) -> SampleEvent:
        body = {"need": referral.need.value, **body}
        return SampleEvent(agency, EventDraft(story.id, type_, body, None, referral.id, REFERRAL_CLAUSE, at))

    sent = {
        "from": referral.from_agency,
        "to": referral.to_agency,
        "reason": referral.reason,
        "dueAt": referral.due_at.isoformat(timespec="seconds"),
        "externalId": referral.external_id,
    }
    yield step(referral.from_agency, EventType.REFERRAL_SENT, sent, referral.sent_at)
    if referral.accepted_at:
        yield step(referral.to_agency, EventType.REFERRAL_ACCEPTED, {}, referral.accepted_at)
    if referral.closed_at and referral.return_reason:
        returned = {"reason": referral.return_reason}
        yield step(referral.to_agency, EventType.REFERRAL_RETURNED, returned, referral.closed_at)
    if referral.closed_at and referral.answered_by:
        done = {"outcome": referral.outcome, "aidRecords": [str(referral.answered_by.id)]}
        yield step(referral.to_agency, EventType.REFERRAL_COMPLETED, done, referral.closed_at)
