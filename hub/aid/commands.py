"""CommandContext back aid. Set-based: a batch of 500 takes as many statements as one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from hub.aid.charity_offers import offer_of, offer_refusals, use_up
from hub.aid.drafts import AidDraft, content_digest, future_fault, shape_fault
from hub.aid.overlapping_aid import Meeting, exclusions, exclusions_among, keep_cases, meetings
from hub.aid.urgent import Urgent, given_anywhere, terms_refusals, urgent_refusals, with_papers_due
from hub.aid.versions import Accepted, insert_version
from hub.aid.warnings import kept_warnings
from hub.commands.context import CommandContext
from hub.commands.creation import AboutSubject, Outcome, Wanted, create_all
from hub.commands.warnings import Warned
from hub.foundation.errors import BatchTooLarge, HubError
from hub.model.ledger import ReceiptOf
from hub.overlaps.detection import lock_subjects
from hub.persons.subjects import Resolved, Sought, resolve_subjects
from hub.policy.permissions.aid_scopes import write_scope

AidKey = tuple[UUID, UUID]
"""(household id, aid record id)."""

LARGEST_BATCH = 1000


class _RecordAid(AboutSubject[AidDraft]):
    """One batch."""

    receipt = ReceiptOf.AID

    def __init__(self) -> None:
        self._met: Mapping[int, Sequence[Meeting]] = {}
        """What each draft of the batch meets, found by `check` and told by `write`."""

    def authorise(self, context: CommandContext, draft: AidDraft) -> None:
        context.need(write_scope(draft.kind), at=("detail",))

    def check_shape(self, context: CommandContext, draft: AidDraft) -> None:
        if error := shape_fault(context.grant, draft):
            raise error

    def external_id(self, draft: AidDraft) -> str:
        return draft.external_id

    def digest(self, draft: AidDraft, target: Resolved) -> bytes:
        return content_digest(draft, target.household_id, target.person_id)

    async def check_terms(
        self, context: CommandContext, drafts: Mapping[int, AidDraft]
    ) -> Mapping[int, HubError]:
        refused = {place: error for place, draft in drafts.items() if (error := future_fault(draft))}
        rest = {place: draft for place, draft in drafts.items() if place not in refused}
        return refused | await terms_refusals(context.session, rest)

    async def find(
        self, context: CommandContext, drafts: Mapping[int, AidDraft]
    ) -> Mapping[int, Resolved | HubError]:
        sought = [Sought(draft.subject, given_anywhere(draft)) for draft in drafts.values()]
        resolved = await resolve_subjects(context.session, context.grant, context.secrecy, sought)
        await lock_subjects(context.session, [one for one in resolved if isinstance(one, Resolved)])
        return dict(zip(drafts, resolved, strict=True))

    async def check(
        self, context: CommandContext, wanted: Mapping[int, Wanted[AidDraft, Resolved]]
    ) -> Mapping[int, HubError]:
        session, grant = context.session, context.grant
        urgent = {place: Urgent(one.draft, one.target.household_id) for place, one in wanted.items()}
        refused = await urgent_refusals(session, grant, urgent)
        possible = {place: one.draft for place, one in wanted.items() if place not in refused}
        refused |= await offer_refusals(session, grant, possible)
        about = {place: (one.draft, one.target) for place, one in wanted.items() if place not in refused}
        self._met = await meetings(session, grant, about)
        return {**refused, **exclusions_among(about), **exclusions(self._met)}

    async def write(
        self, context: CommandContext, new: Mapping[int, Wanted[AidDraft, Resolved]]
    ) -> Mapping[int, Sequence[Warned]]:
        session, grant = context.session, context.grant
        accepted = {
            place: Accepted(with_papers_due(one.draft), one.target, one.id) for place, one in new.items()
        }
        await insert_version(session, grant, list(accepted.values()))
        await use_up(
            session, grant, Counter(filter(None, (offer_of(one.draft) for one in accepted.values())))
        )
        overlapping = await keep_cases(
            session,
            grant.agency,
            {place: (one.draft, one.to, one.id) for place, one in accepted.items()},
            self._met,
        )
        shown = await kept_warnings(
            session, grant, {one.id: (one.draft, one.to) for one in accepted.values()}
        )
        return {place: (*overlapping[place], *shown[one.id]) for place, one in accepted.items()}


async def record_aids(context: CommandContext, drafts: Sequence[AidDraft]) -> list[Outcome]:
    """Keep each draft that can be kept, in the caller's transaction; answer each in its place.

    Idempotent by (agency, externalId): the same content again answers the same record, other content `Conflict`.
    Raises BatchTooLarge; every other refusal is an outcome.
    """
    if len(drafts) > LARGEST_BATCH:
        raise BatchTooLarge(path=("outcomes",), most=LARGEST_BATCH)
    return await create_all(context, _RecordAid(), drafts)
