"""The events of a story, in the order they happened, each by the agency that wrote it."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hub.aid.drafts import event_body
from hub.aid.rules import KIND_RULES
from hub.certifications.rules import end_clause
from hub.circumstances.drafts import event_body as fact_body
from hub.circumstances.rules import KIND_RULES as KIND_RULES_OF_FACTS
from hub.foundation.canonical_json import plain
from hub.ledger.chain import Author, EventDraft
from hub.model.agencies import Department
from hub.model.ledger import EventType
from hub.policy.permissions.registry_scopes import read_scope
from hub.referrals.drafts import sent_body
from hub.referrals.rules import CLAUSE as REFERRAL_CLAUSE
from hub.sample.referrals import draft_of
from hub.sample.story import Member, SampleReferral, Story

CLIENT = "sample"
"""The client in the records of the sample."""


def events_of(story: Story) -> list[EventDraft]:
    """Everything that happened to a household, registration first, then by instant."""
    events = [*_registration(story), *_certifications(story), *_facts(story), *_aids(story)]
    for referral in story.referrals:
        events.extend(_steps(story, referral))
    return sorted(events, key=_instant)


def _instant(event: EventDraft) -> datetime:
    assert event.occurred_at is not None
    return event.occurred_at


def _event(
    story: Story,
    agency: str,
    type_: EventType,
    subject_id: UUID,
    at: datetime,
    clause: str,
    body: Mapping[str, Any],
    member: Member | None = None,
    needs: Collection[str] = (),
    answers: Collection[UUID] = (),
) -> EventDraft:
    person_id = member.id if member else None
    by = Author(agency, CLIENT)
    return EventDraft(story.id, type_, body, person_id, subject_id, clause, at, by, needs, answers)


def _registration(story: Story) -> Iterator[EventDraft]:
    body = {"code": story.code, "region": story.place.code, "members": len(story.members)}
    office, at = story.township_office(), story.registered_at
    yield _event(story, office, EventType.HOUSEHOLD_REGISTERED, story.id, at, "46-2.2", body)


def _certifications(story: Story) -> Iterator[EventDraft]:
    for certification in story.certifications:
        body = {
            "category": certification.category.value,
            "subtype": plain(certification.subtype),
            "support": plain(certification.support),
            "validFrom": plain(certification.valid_from),
            "validUntil": plain(certification.valid_until),
        }
        yield _event(
            story,
            certification.authority,
            EventType.CERTIFIED,
            certification.id,
            certification.at,
            certification.clause,
            body,
            certification.member,
        )
        if certification.ended_on is not None:
            at = datetime(
                certification.ended_on.year,
                certification.ended_on.month,
                certification.ended_on.day,
                8,
                tzinfo=UTC,
            )
            assert certification.ended_because is not None
            body = {
                "category": certification.category.value,
                "endedOn": plain(certification.ended_on),
                "because": certification.ended_because.value,
                "reason": certification.end_reason,
            }
            clause = end_clause(certification.category, certification.ended_because)
            yield _event(
                story,
                certification.authority,
                EventType.CERTIFICATION_ENDED,
                certification.id,
                at,
                clause,
                body,
                certification.member,
                answers=(certification.id,),
            )


def _facts(story: Story) -> Iterator[EventDraft]:
    for circumstance in story.circumstances:
        registry = Department(circumstance.agency.partition("@")[0])
        body = fact_body(registry.value, circumstance.kind, circumstance.content, version=1)
        clause, needs = KIND_RULES_OF_FACTS[circumstance.kind].clause, (read_scope(registry),)
        yield _event(
            story,
            circumstance.agency,
            EventType.CIRCUMSTANCE_REPORTED,
            circumstance.id,
            circumstance.at,
            clause,
            body,
            circumstance.member,
            needs,
        )


def _aids(story: Story) -> Iterator[EventDraft]:
    for aid in story.aids:
        clause, body = KIND_RULES[aid.draft.kind].clause, event_body(aid.draft, version=1)
        answers = [referral.id for referral in story.referrals if referral.answered_by is aid]
        yield _event(
            story,
            aid.agency,
            EventType.AID_RECORDED,
            aid.id,
            aid.at,
            clause,
            body,
            aid.member,
            answers=answers,
        )


def _steps(story: Story, referral: SampleReferral) -> Iterator[EventDraft]:
    def step(
        agency: str,
        type_: EventType,
        at: datetime,
        answers: Collection[UUID] = (referral.id,),
        **body: object,
    ) -> EventDraft:
        return _event(story, agency, type_, referral.id, at, REFERRAL_CLAUSE, body, answers=answers)

    sender, receiver, closed_at = referral.from_agency, referral.to_agency, referral.closed_at
    need = referral.need.value
    body = sent_body(sender, draft_of(story, referral), referral.due_at)
    if referral.forwarded_from:
        body["forwardedFrom"] = str(referral.forwarded_from)
    came_back = (referral.forwarded_from,) if referral.forwarded_from else ()
    yield step(sender, EventType.REFERRAL_SENT, referral.sent_at, came_back, **body)
    if referral.accepted_at:
        yield step(receiver, EventType.REFERRAL_ACCEPTED, referral.accepted_at, need=need)
    if closed_at and referral.return_reason:
        yield step(receiver, EventType.REFERRAL_RETURNED, closed_at, need=need, reason=referral.return_reason)
        on = next(
            (
                next_referral
                for next_referral in story.referrals
                if next_referral.forwarded_from == referral.id
            ),
            None,
        )
        if on:
            to, why = on.to_agency, on.reason
            yield step(sender, EventType.REFERRAL_FORWARDED, on.sent_at, need=need, to=to, reason=why)
        if referral.end_reason:
            yield step(
                sender,
                EventType.REFERRAL_ENDED,
                closed_at + timedelta(hours=2),
                need=need,
                reason=referral.end_reason,
            )
    if closed_at and referral.answered_by:
        aid = [str(referral.answered_by.id)]
        yield step(
            receiver,
            EventType.REFERRAL_COMPLETED,
            closed_at,
            (referral.id, referral.answered_by.id),
            need=need,
            outcome=referral.outcome,
            aidRecords=aid,
        )
