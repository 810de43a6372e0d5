"""Writing back aid. Set-based: a batch of 500 takes as many statements as one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.drafts import AidDraft, content_digest, refusal
from hub.aid.offered import offer_of, offer_refusals, use_up
from hub.aid.overlapping import (
    Meeting,
    OverlapWarning,
    exclusions,
    exclusions_among,
    keep_cases,
    meetings,
    unwritten,
)
from hub.aid.rules import KIND_RULES
from hub.aid.urgent import Urgent, urgent_refusals, with_papers_due
from hub.aid.warnings import AidWarning, kept_warnings
from hub.aid.writing import Accepted, insert_version
from hub.foundation.database import new_id
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import BatchTooLarge, Conflict, HubError
from hub.ledger.receipts import Claim, claim_receipts
from hub.model.ledger import ReceiptOf
from hub.overlaps.found import lock_subjects
from hub.persons.subjects import Resolved, Sought, resolve_subjects

AidKey = tuple[UUID, UUID]
"""(household id, aid record id)."""


Told = AidWarning | OverlapWarning | HubError

LARGEST_BATCH = 1000


@dataclass(frozen=True, slots=True)
class AidOutcome:
    """The answer to one draft: the record's key, or the error. `created` is False where it was there before."""

    key: AidKey | None = None
    created: bool = False
    error: HubError | None = None
    warnings: tuple[Told, ...] = ()


async def record_aids(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, drafts: Sequence[AidDraft]
) -> list[AidOutcome]:
    """Keep each draft that can be kept, in the caller's transaction; answer each in its place.

    Idempotent by (agency, externalId): the same content again answers the same record, other content `Conflict`.
    Raises BatchTooLarge; every other refusal is an outcome.
    """
    if len(drafts) > LARGEST_BATCH:
        raise BatchTooLarge(path=("outcomes",), most=LARGEST_BATCH)
    outcomes: list[AidOutcome | None] = [None] * len(drafts)
    for index, draft in enumerate(drafts):
        if error := refusal(grant, draft):
            outcomes[index] = AidOutcome(error=error)
    open_places = [index for index, outcome in enumerate(outcomes) if outcome is None]
    sought = [Sought(drafts[index].subject, KIND_RULES[drafts[index].kind].anywhere) for index in open_places]
    resolved = await resolve_subjects(session, grant, secrecy, sought)
    found = dict(zip(open_places, resolved, strict=True))
    subjects = {index: subject for index, subject in found.items() if isinstance(subject, Resolved)}
    await lock_subjects(session, list(subjects.values()))
    urgent = {index: Urgent(drafts[index], to.household_id) for index, to in subjects.items()}
    refused = await urgent_refusals(session, grant, urgent)
    refused |= await offer_refusals(session, grant, {index: drafts[index] for index in subjects})
    refused = await _of_new(session, grant, drafts, refused)
    about = {index: (drafts[index], to) for index, to in subjects.items() if index not in refused}
    met = await meetings(session, grant, about)
    excluded = {**exclusions_among(about), **exclusions(met)}
    refused |= await _of_new(session, grant, drafts, excluded)
    claims: list[Claim] = []
    for index, subject in found.items():
        if isinstance(subject, HubError):
            outcomes[index] = AidOutcome(error=subject)
        elif index in refused:
            outcomes[index] = AidOutcome(error=refused[index])
        else:
            draft = drafts[index]
            digest = content_digest(draft, subject.household_id, subject.person_id)
            claims.append(Claim(index, draft.external_id, subject.household_id, new_id(), digest))
    held = await claim_receipts(session, grant.agency, ReceiptOf.AID, claims)
    accepted: dict[int, Accepted] = {}
    for claim in claims:
        receipt = held[claim.external_id]
        if receipt.digest != claim.digest:
            outcomes[claim.place] = AidOutcome(error=Conflict(path=("externalId",)))
            continue
        outcomes[claim.place] = AidOutcome(
            (receipt.household_id, receipt.record_id), created=receipt.record_id == claim.record_id
        )
        if receipt.record_id == claim.record_id:
            accepted[claim.place] = Accepted(
                with_papers_due(drafts[claim.place]), subjects[claim.place], claim.record_id
            )
    await insert_version(session, grant, list(accepted.values()))
    await use_up(session, grant, Counter(filter(None, (offer_of(one.draft) for one in accepted.values()))))
    warned = await _warned(session, grant, accepted, met)
    return [
        replace(outcome, warnings=warned[index]) if index in warned else outcome
        for index, outcome in enumerate(outcomes)
        if outcome is not None
    ]  # fmt: skip


async def _of_new(
    session: AsyncSession, grant: Grant, drafts: Sequence[AidDraft], refused: Mapping[int, HubError]
) -> dict[int, HubError]:
    """Why drafts cannot be kept, without those whose number was written before: what stands is answered, whatever a standard,
    a conference or another record says since."""
    new = await unwritten(session, grant.agency, {drafts[index].external_id for index in refused})
    return {index: error for index, error in refused.items() if drafts[index].external_id in new}


async def _warned(
    session: AsyncSession,
    grant: Grant,
    accepted: Mapping[int, Accepted],
    met: Mapping[int, Sequence[Meeting]],
) -> dict[int, tuple[Told, ...]]:
    """What is worth a second look in what was just kept, by its place."""
    overlapping = await keep_cases(
        session, grant.agency, {place: (one.draft, one.to, one.id) for place, one in accepted.items()}, met
    )
    shown = await kept_warnings(session, grant, {one.id: (one.draft, one.to) for one in accepted.values()})
    return {place: (*overlapping[place], *shown[one.id]) for place, one in accepted.items()}
