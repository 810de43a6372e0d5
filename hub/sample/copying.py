"""Writes stories as rows, with all other rows that a command would have written."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from hub.agencies.shown import compute_sight
from hub.aid.drafts import KEY, content_digest
from hub.aid.rules import KIND_RULES
from hub.circumstances.drafts import content_digest as circumstance_digest
from hub.circumstances.drafts import name_in_lists
from hub.circumstances.rules import REGISTRIES_OF
from hub.foundation.database import copy_rows, table_of
from hub.foundation.encryption import Secrecy, place_of
from hub.ledger.chain import Author, append_events
from hub.model.aid import DETAIL_OF
from hub.model.ledger import ReceiptOf
from hub.model.referrals import ReferralStatus
from hub.persons.identity_number import masked
from hub.referrals.drafts import referral_digest
from hub.referrals.snapshots import save_snapshots
from hub.sample.chains import CLIENT, events_of
from hub.sample.identities import account, phone
from hub.sample.referrals import draft_of
from hub.sample.story import Member, SampleAid, SampleCircumstance, Story

Row = tuple[str, tuple[Any, ...]]
"""A table and the values of one row, in the order of `_COLUMNS`."""

_COLUMNS: dict[str, tuple[str, ...]] = {
    "household": (
        "id", "code", "region", "residence", "address", "income_per_capita", "source_agency", "version",
        "created_at", "updated_at",
    ),
    "person": (
        "household_id", "id", "name", "id_number_sealed", "id_number_index", "id_number_masked", "birth_date",
        "gender", "relation", "phone_sealed", "account_sealed", "health", "disability_type", "disability_grade",
        "education_stage", "school", "employment", "labour", "left_on", "source_agency", "version",
        "created_at", "updated_at",
    ),
    "certification": (
        "household_id", "id", "person_id", "category", "subtype", "support", "valid_from", "valid_until",
        "ended_on", "ended_because", "end_reason", "authority", "policy_basis", "version", "recorded_at",
    ),
    "circumstance": (
        "household_id", "id", "person_id", "kind", "source_registry", "since", "until", "disability_type",
        "disability_grade", "education_stage", "school", "amount", "note", "agency_id", "external_id", "version",
        "recorded_at",
    ),
    "aid_record": (
        "household_id", "id", "version", "person_id", "kind", "program", "agency_id", "period_from",
        "period_until", "status", "amount", "decided_on", "paid_on", "outcome", "policy_basis", "external_id",
        "client_id", "recorded_at",
    ),
    **{
        str(table_of(detail).name): tuple(column.name for column in table_of(detail).columns)
        for detail in DETAIL_OF.values()
    },
    "referral": (
        "household_id", "id", "from_agency", "to_agency", "need", "reason", "status", "sent_at", "due_at",
        "accepted_at", "closed_at", "return_reason", "outcome", "end_reason", "forwarded_from", "external_id",
        "version",
    ),
    "referral_aid": ("household_id", "referral_id", "aid_id"),
    "write_receipt": ("agency_id", "kind", "external_id", "household_id", "record_id", "digest"),
}  # fmt: skip
"""The tables in the order of their foreign keys. Columns that are not listed stay null."""

_DETAIL_TABLE = {kind: str(table_of(detail).name) for kind, detail in DETAIL_OF.items()}


async def copy_stories(session: AsyncSession, secrecy: Secrecy, stories: list[Story]) -> None:
    """Write stories with their chains, in the caller's transaction."""
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for story in stories:
        for table, row in _rows(story, secrecy):
            rows[table].append(row)
    for table, columns in _COLUMNS.items():
        await copy_rows(session, table, columns, rows[table])
    await save_snapshots(
        session, [(story.id, referral.id) for story in stories for referral in story.referrals]
    )
    events = [event for story in stories for event in events_of(story)]
    await append_events(session, Author(stories[0].township_office(), CLIENT), events)
    await compute_sight(session, [story.id for story in stories])


def _rows(story: Story, secrecy: Secrecy) -> Iterator[Row]:
    office, at = story.township_office(), story.registered_at
    yield (
        "household",
        (
            story.id,
            story.code,
            story.place.code,
            story.place.residence,
            story.address,
            story.income_per_capita,
            office,
            1,
            at,
            at,
        ),
    )
    for member in story.members:
        yield _person(story, member, secrecy)
    for certification in story.certifications:
        yield (
            "certification",
            (
                story.id,
                certification.id,
                _id(certification.member),
                certification.category,
                certification.subtype,
                certification.support,
                certification.valid_from,
                certification.valid_until,
                certification.ended_on,
                certification.ended_because,
                certification.end_reason,
                certification.authority,
                certification.clause,
                1,
                certification.at,
            ),
        )
    for fact in story.circumstances:
        yield from _circumstance(story, fact)
    for aid in story.aids:
        yield from _aid(story, aid)
    yield from _referrals(story)


def _id(member: Member | None) -> UUID | None:
    return member.id if member else None


def _person(story: Story, member: Member, secrecy: Secrecy) -> Row:
    office, at, rng = story.township_office(), story.registered_at, story.rng
    grown = story.age(member) >= 16
    called = secrecy.seal(phone(rng), place_of("person.phone", member.id.bytes)) if grown else None
    paid = secrecy.seal(account(rng), place_of("person.account", member.id.bytes)) if grown else None
    return "person", (
        story.id,
        member.id,
        member.name,
        secrecy.seal(member.number, place_of("person.id_number", member.id.bytes)),
        secrecy.blind_index(member.number),
        masked(member.number),
        member.birth_date,
        member.gender,
        member.relation,
        called,
        paid,
        member.health,
        member.disability_type,
        member.disability_grade,
        member.stage,
        member.school,
        member.employment,
        member.labour,
        member.died_on,
        office,
        1,
        at,
        at,
    )


def _circumstance(story: Story, fact: SampleCircumstance) -> Iterator[Row]:
    """The external id is made as for rows of lists, so that a registry's own list of the sample finds its facts."""
    person_id, content = _id(fact.member), fact.content
    name = name_in_lists(fact.kind, fact.since, person_id or story.id)
    yield (
        "circumstance",
        (
            story.id,
            fact.id,
            person_id,
            fact.kind,
            REGISTRIES_OF[fact.kind][0],
            *content.values(),
            fact.agency,
            name,
            1,
            fact.at,
        ),
    )
    digest = circumstance_digest(fact.kind, story.id, person_id, content)
    yield "write_receipt", (fact.agency, ReceiptOf.CIRCUMSTANCE, name, story.id, fact.id, digest)


def _aid(story: Story, aid: SampleAid) -> Iterator[Row]:
    draft, person_id = aid.draft, _id(aid.member)
    yield (
        "aid_record",
        (
            story.id,
            aid.id,
            1,
            person_id,
            draft.kind,
            draft.program,
            aid.agency,
            draft.period_from,
            draft.period_until,
            draft.status,
            draft.amount,
            draft.decided_on,
            draft.paid_on,
            draft.outcome,
            KIND_RULES[draft.kind].clause,
            draft.external_id,
            CLIENT,
            aid.at,
        ),
    )
    table = _DETAIL_TABLE[draft.kind]
    columns = _COLUMNS[table][len(KEY) :]
    yield table, (story.id, aid.id, 1, *(draft.detail.get(column) for column in columns))
    digest = content_digest(draft, story.id, person_id)
    yield "write_receipt", (aid.agency, ReceiptOf.AID, draft.external_id, story.id, aid.id, digest)


_VERSIONS = {
    ReferralStatus.SENT: 1,
    ReferralStatus.ACCEPTED: 2,
    ReferralStatus.RETURNED: 2,
    ReferralStatus.COMPLETED: 3,
    ReferralStatus.FORWARDED: 3,
    ReferralStatus.ENDED: 3,
}


def _referrals(story: Story) -> Iterator[Row]:
    for referral in story.referrals:
        yield (
            "referral",
            (
                story.id,
                referral.id,
                referral.from_agency,
                referral.to_agency,
                referral.need,
                referral.reason,
                referral.status,
                referral.sent_at,
                referral.due_at,
                referral.accepted_at,
                referral.closed_at,
                referral.return_reason,
                referral.outcome,
                referral.end_reason,
                referral.forwarded_from,
                referral.external_id,
                _VERSIONS[referral.status],
            ),
        )
        if referral.answered_by:
            yield "referral_aid", (story.id, referral.id, referral.answered_by.id)
        digest = referral_digest(
            story.id, None, draft_of(story, referral), forwarded_from=referral.forwarded_from
        )
        yield (
            "write_receipt",
            (referral.from_agency, ReceiptOf.REFERRAL, referral.external_id, story.id, referral.id, digest),
        )
