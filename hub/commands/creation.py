"""Creating what is new, known by (agency, externalId)."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from hub.commands.context import CommandContext
from hub.commands.warnings import Warned
from hub.foundation.database import new_id
from hub.foundation.errors import Conflict, HubError
from hub.ledger.chain import lock_households
from hub.ledger.receipts import Claim, Receipt, claim_receipts, receipts_held
from hub.model.ledger import ReceiptOf
from hub.persons.subjects import Resolved, Sought, Subject, named_in

Key = tuple[UUID, UUID]
"""(household id, id of the record)."""


class Target(Protocol):
    """What a draft is about, found in sight."""

    @property
    def household_id(self) -> UUID | None:
        """The household in whose chain it is told, if there is one."""


D = TypeVar("D")
"""A draft: what the caller says."""
T = TypeVar("T", bound=Target)
"""What the draft is about."""


@dataclass(frozen=True, slots=True)
class Wanted(Generic[D, T]):
    """A draft that may be kept, what it is about, and the id and the content under which it would stand."""

    draft: D
    target: T
    claim: Claim

    @property
    def id(self) -> UUID:
        """The id of the new record."""
        return self.claim.record_id


@dataclass(frozen=True, slots=True)
class DraftOutcome:
    """The answer to one draft: the record's key, or the error. `created` is False where it was there before."""

    key: tuple[UUID, ...] | None = None
    created: bool = False
    error: HubError | None = None
    warnings: tuple[Warned, ...] = ()


class Creation(ABC, Generic[D, T]):
    """The parts of one kind of creation, over whole batches: `create_all` takes as many statements for 500 drafts as for one."""

    receipt: ClassVar[ReceiptOf]

    def authorise(self, context: CommandContext, draft: D) -> None:
        """Raise what forbids the caller such a write, whatever it is about."""

    def compares(self, draft: D) -> Sequence[str]:
        """The stored fields that a draft is compared with, by their coordinates: its refusals tell of them."""
        return ()

    def names(self, draft: D) -> Subject | None:
        """The person or household that a draft names, if it names one: some may not be named by number."""
        return None

    @abstractmethod
    def check_shape(self, context: CommandContext, draft: D) -> None:
        """Raise what is wrong with a draft that shows without the database and without the clock."""

    @abstractmethod
    def external_id(self, draft: D) -> str:
        """Its number in the caller's own system, in the one form in which it is kept."""

    @abstractmethod
    async def find(self, context: CommandContext, drafts: Mapping[int, D]) -> Mapping[int, T | HubError]:
        """What each draft is about, in sight and locked, or why it is not found."""

    @abstractmethod
    async def digests_beside(
        self, context: CommandContext, drafts: Mapping[int, D], receipts: Mapping[int, Receipt]
    ) -> Mapping[int, bytes]:
        """The digest of each draft, as said of that for which its receipt was given; without those that name something else.
        Nothing is looked up but there."""

    @abstractmethod
    def digest(self, draft: D, target: T) -> bytes:
        """SHA-256 of what it says of its target, however that was named; equal content, equal digest."""

    async def check_alone(self, context: CommandContext, drafts: Mapping[int, D]) -> Mapping[int, HubError]:
        """Why drafts cannot be kept as things stand now, whoever they are about, by their place: nobody is looked for by what
        would be refused anyway."""
        return {}

    async def check(
        self, context: CommandContext, wanted: Mapping[int, Wanted[D, T]]
    ) -> Mapping[int, HubError]:
        """Why drafts cannot be kept as things stand now, by their place."""
        return {}

    @abstractmethod
    async def write(
        self, context: CommandContext, new: Mapping[int, Wanted[D, T]]
    ) -> Mapping[int, Sequence[Warned]]:
        """Write the rows and the events; answers what is worth a second look, by place."""


async def create_all(
    context: CommandContext, creation: Creation[D, T], drafts: Sequence[D]
) -> list[DraftOutcome]:
    """Keep each draft that can be kept; answer each in its place."""
    outcomes: dict[int, DraftOutcome] = {}
    for place, draft in enumerate(drafts):
        try:
            if (subject := creation.names(draft)) is not None:
                context.note(subject)
            creation.authorise(context, draft)
            context.check_reading(*creation.compares(draft))
            if subject is not None:
                context.check_naming(subject)
            creation.check_shape(context, draft)
        except HubError as error:
            outcomes[place] = DraftOutcome(error=error)
    waiting = {place: draft for place, draft in enumerate(drafts) if place not in outcomes}
    outcomes |= await _answered_before(context, creation, waiting)
    waiting = {place: draft for place, draft in waiting.items() if place not in outcomes}
    refused = dict(await creation.check_alone(context, waiting)) if waiting else {}
    sought = {place: draft for place, draft in waiting.items() if place not in refused}
    found = await creation.find(context, sought) if sought else {}
    refused |= {place: target for place, target in found.items() if isinstance(target, HubError)}
    wanted = {
        place: _wanted(creation, place, waiting[place], target)
        for place, target in found.items()
        if not isinstance(target, HubError)
    }
    refused |= await creation.check(context, wanted) if wanted else {}
    outcomes |= {place: DraftOutcome(error=error) for place, error in refused.items()}
    outcomes |= await _answered_before(context, creation, {place: waiting[place] for place in refused})
    wanted = {place: one for place, one in wanted.items() if place not in outcomes}
    held = await claim_receipts(
        context.session, context.grant.agency, creation.receipt, [one.claim for one in wanted.values()]
    )
    for place, one in wanted.items():
        outcomes[place] = _outcome_of(held[one.claim.external_id], one.claim)
    new = {place: one for place, one in wanted.items() if outcomes[place].created}
    warned = await creation.write(context, new) if new else {}
    for place, warnings in warned.items():
        if warnings:
            outcomes[place] = replace(outcomes[place], warnings=tuple(warnings))
    return [outcomes[place] for place in range(len(drafts))]


async def create(context: CommandContext, creation: Creation[D, T], draft: D) -> Key:
    """Keep one draft; answers the key of what stands under its number. Raises why it cannot be kept."""
    household_id, id = await _create(context, creation, draft)
    return household_id, id


async def create_alone(context: CommandContext, creation: Creation[D, T], draft: D) -> tuple[UUID]:
    """The same of what belongs to no household."""
    (id,) = await _create(context, creation, draft)
    return (id,)


async def _create(context: CommandContext, creation: Creation[D, T], draft: D) -> tuple[UUID, ...]:
    (outcome,) = await create_all(context, creation, [draft])
    if outcome.error is not None:
        raise outcome.error
    assert outcome.key is not None
    return outcome.key


def _wanted(creation: Creation[D, T], place: int, draft: D, target: T) -> Wanted[D, T]:
    digest = creation.digest(draft, target)
    claim = Claim(place, creation.external_id(draft), target.household_id, new_id(), digest)
    return Wanted(draft, target, claim)


def _outcome_of(receipt: Receipt, claim: Claim) -> DraftOutcome:
    """What stands under a number that was claimed: the claim's own record, the same one from before, or another content."""
    if receipt.digest != claim.digest:
        return DraftOutcome(error=Conflict(path=("externalId",)))
    return DraftOutcome(receipt.key, created=receipt.record_id == claim.record_id)


async def _answered_before(
    context: CommandContext, creation: Creation[D, T], drafts: Mapping[int, D]
) -> dict[int, DraftOutcome]:
    """The answers to drafts under whose numbers something stands. Whomever they name is looked for in what stands there and
    nowhere else: a number of one's own tells nothing of anybody. Looked at again where a draft is refused: the same request may
    have been kept while this one waited for the lock."""
    if not drafts:
        return {}
    ids = {place: creation.external_id(draft) for place, draft in drafts.items()}
    held = await receipts_held(context.session, context.grant.agency, creation.receipt, set(ids.values()))
    receipts = {place: held[external_id] for place, external_id in ids.items() if external_id in held}
    if not receipts:
        return {}
    digests = await creation.digests_beside(context, {place: drafts[place] for place in receipts}, receipts)
    return {
        place: DraftOutcome(receipt.key)
        if digests.get(place) == receipt.digest
        else DraftOutcome(error=Conflict(path=("externalId",)))
        for place, receipt in receipts.items()
    }


class CreationOfOne(Creation[D, T]):
    """A creation of which requests hold one: its parts speak of one draft, and raise."""

    @abstractmethod
    async def find_one(self, context: CommandContext, draft: D) -> T:
        """What the draft is about, in sight and locked; raises why it is not found."""

    async def check_one(self, context: CommandContext, wanted: Wanted[D, T]) -> None:
        """Raise why it cannot be kept as things stand now."""

    @abstractmethod
    async def write_one(self, context: CommandContext, new: Wanted[D, T]) -> None:
        """Write the rows and the events; raises why what follows from it cannot be kept."""

    async def find(self, context: CommandContext, drafts: Mapping[int, D]) -> Mapping[int, T | HubError]:
        """Each by itself."""
        found: dict[int, T | HubError] = {}
        for place, draft in drafts.items():
            try:
                found[place] = await self.find_one(context, draft)
            except HubError as error:
                found[place] = error
        return found

    async def check(
        self, context: CommandContext, wanted: Mapping[int, Wanted[D, T]]
    ) -> Mapping[int, HubError]:
        """Each by itself."""
        refused: dict[int, HubError] = {}
        for place, one in wanted.items():
            try:
                await self.check_one(context, one)
            except HubError as error:
                refused[place] = error
        return refused

    async def write(
        self, context: CommandContext, new: Mapping[int, Wanted[D, T]]
    ) -> Mapping[int, Sequence[Warned]]:
        """Each by itself; nothing of them is told besides."""
        for one in new.values():
            await self.write_one(context, one)
        return {}


class SelfContained(Protocol):
    """A draft that names whatever it is about by keys, so that it says all there is to compare."""

    @property
    def external_id(self) -> str:
        """Its number in the caller's own system."""

    def digest(self) -> bytes:
        """SHA-256 of what it says; equal content, equal digest."""


C = TypeVar("C", bound=SelfContained)


class CreationByKey(CreationOfOne[C, T]):
    """A creation about something that its draft names by a key."""

    def external_id(self, draft: C) -> str:
        """As the draft has it."""
        return draft.external_id.strip()

    def digest(self, draft: C, target: T) -> bytes:
        """Of the draft alone."""
        return draft.digest()

    async def digests_beside(
        self, context: CommandContext, drafts: Mapping[int, C], receipts: Mapping[int, Receipt]
    ) -> Mapping[int, bytes]:
        """Of the drafts alone."""
        return {place: draft.digest() for place, draft in drafts.items()}


class OfSubject(Protocol):
    """A draft that names a person or a household."""

    @property
    def external_id(self) -> str:
        """Its number in the caller's own system."""

    @property
    def subject(self) -> Subject:
        """Whom it is about."""


S = TypeVar("S", bound=OfSubject)


class AboutSubject(Creation[S, Resolved]):
    """A creation about persons or households that its drafts name."""

    def names(self, draft: S) -> Subject:
        """As the draft has it."""
        return draft.subject

    async def digests_beside(
        self, context: CommandContext, drafts: Mapping[int, S], receipts: Mapping[int, Receipt]
    ) -> Mapping[int, bytes]:
        """Whoever a draft names is looked for in the household for which the receipt was given."""
        wanted = {place: (draft.subject, receipts[place].household) for place, draft in drafts.items()}
        named = await named_in(context.session, context.secrecy, wanted)
        return {place: self.digest(drafts[place], to) for place, to in named.items()}


class CreationForSubject(AboutSubject[S], CreationOfOne[S, Resolved]):
    """Of these one a request."""

    def external_id(self, draft: S) -> str:
        """As the draft has it."""
        return draft.external_id.strip()

    async def find_one(self, context: CommandContext, draft: S) -> Resolved:
        """The subject in sight, its household locked; raises InvalidInput, NotFound, AmbiguousIdentity."""
        (found,) = await context.resolve([Sought(draft.subject)])
        if isinstance(found, HubError):
            raise found
        await lock_households(context.session, [found.household_id])
        return found
