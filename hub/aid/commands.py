"""Writing aid records. Set-based: a batch of 500 takes as many statements as one record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from hub.aid.charity_offers import OF_AN_OFFER, offer_of, offer_refusals, use_up
from hub.aid.drafts import AidDraft, content_digest, future_fault, shape_fault
from hub.aid.elsewhere import find_subjects
from hub.aid.matters import beyond_matter
from hub.aid.overlapping_aid import Meeting, exclusions, exclusions_among, meetings, save_cases
from hub.aid.urgent import OF_A_CONFERENCE, undecided, urgent_refusals, with_papers_due
from hub.aid.versions import Accepted, insert_version
from hub.aid.warnings import warnings_of_saved
from hub.commands.context import CommandContext
from hub.commands.creation import AboutSubject, DraftOutcome, Wanted, create_all
from hub.commands.warnings import Warned
from hub.foundation.errors import BatchTooLarge, HubError
from hub.model.ledger import ReceiptOf
from hub.overlaps.detection import lock_subjects
from hub.persons.subjects import Resolved
from hub.policy.permissions.aid_scopes import write_scope

AidKey = tuple[UUID, UUID]
"""(household id, aid record id)."""

LARGEST_BATCH = 1000


class _RecordAid(AboutSubject[AidDraft]):
    """One batch."""

    receipt = ReceiptOf.AID

    def __init__(self) -> None:
        self._met: Mapping[int, Sequence[Meeting]] = {}
        """The overlaps of each draft; `check` finds them and `write` saves them."""

    def authorise(self, context: CommandContext, draft: AidDraft) -> None:
        context.need(write_scope(draft.kind), at=("detail",))

    def compares(self, draft: AidDraft) -> Sequence[str]:
        return (
            *(OF_A_CONFERENCE if draft.detail.get("conference") else ()),
            *(OF_AN_OFFER if draft.detail.get("offer") else ()),
        )

    def check_shape(self, context: CommandContext, draft: AidDraft) -> None:
        if error := shape_fault(context.grant, draft):
            raise error

    def external_id(self, draft: AidDraft) -> str:
        return draft.external_id

    def digest(self, draft: AidDraft, target: Resolved) -> bytes:
        return content_digest(draft, target.household_id, target.person_id)

    async def find(
        self, context: CommandContext, drafts: Mapping[int, AidDraft]
    ) -> Mapping[int, Resolved | HubError]:
        resolved = await find_subjects(context, list(drafts.values()))
        await lock_subjects(
            context.session, [subject for subject in resolved if isinstance(subject, Resolved)]
        )
        return dict(zip(drafts, resolved, strict=True))

    async def check_alone(
        self, context: CommandContext, drafts: Mapping[int, AidDraft]
    ) -> Mapping[int, HubError]:
        refused = {place: error for place, draft in drafts.items() if (error := future_fault(draft))}
        past = {place: draft for place, draft in drafts.items() if place not in refused}
        return refused | await urgent_refusals(context.session, past)

    async def check(
        self, context: CommandContext, wanted: Mapping[int, Wanted[AidDraft, Resolved]]
    ) -> Mapping[int, HubError]:
        session, grant = context.session, context.grant
        named = {place: (item.draft, item.target.household_id) for place, item in wanted.items()}
        refused = await undecided(session, grant, named) | await beyond_matter(session, grant, named)
        possible = {place: item.draft for place, item in wanted.items() if place not in refused}
        refused |= await offer_refusals(session, grant, possible)
        about = {place: (item.draft, item.target) for place, item in wanted.items() if place not in refused}
        self._met = await meetings(session, grant, about, in_sight_alone=context.previewed)
        return {**refused, **exclusions_among(about), **exclusions(self._met)}

    async def write(
        self, context: CommandContext, new: Mapping[int, Wanted[AidDraft, Resolved]]
    ) -> Mapping[int, Sequence[Warned]]:
        session, grant = context.session, context.grant
        accepted = {
            place: Accepted(with_papers_due(item.draft), item.target, item.id) for place, item in new.items()
        }
        await insert_version(session, grant, list(accepted.values()))
        await use_up(
            session, grant, Counter(filter(None, (offer_of(item.draft) for item in accepted.values())))
        )
        overlapping = await save_cases(
            session,
            grant.agency,
            {place: (item.draft, item.to, item.id) for place, item in accepted.items()},
            self._met,
        )
        shown = await warnings_of_saved(
            session, grant, {item.id: (item.draft, item.to) for item in accepted.values()}
        )
        return {place: (*overlapping[place], *shown[item.id]) for place, item in accepted.items()}


async def record_aids(context: CommandContext, drafts: Sequence[AidDraft]) -> list[DraftOutcome]:
    """Save each valid draft in the caller's transaction; returns one outcome for each draft, in order.

    Idempotent by (agency, externalId): the same content returns the same record, other content is refused with `Conflict`.
    Raises BatchTooLarge; every other refusal is an outcome.
    """
    if len(drafts) > LARGEST_BATCH:
        raise BatchTooLarge(path=("outcomes",), most=LARGEST_BATCH)
    return await create_all(context, _RecordAid(), drafts)
