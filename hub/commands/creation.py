"""Creates new records, identified by (agency, externalId)."""

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
from hub.ledger.receipts import Claim, Receipt, claim_receipts, stored_receipts
from hub.model.ledger import ReceiptOf
from hub.persons.subjects import Resolved, Sought, Subject, named_in

Key = tuple[UUID, UUID]
"""(household id, id of the record)."""


class Target(Protocol):
    """The subject of a draft, found in the caller's sight."""

    @property
    def household_id(self) -> UUID | None:
        """The household in whose chain the event goes, if there is one."""


D = TypeVar("D")
"""A draft: the caller's input."""
T = TypeVar("T", bound=Target)
"""The subject of the draft."""


@dataclass(frozen=True, slots=True)
class Wanted(Generic[D, T]):
    """A draft that may be saved, its subject, and its claim: the new id and the digest of its content."""

    draft: D
    target: T
    claim: Claim

    @property
    def id(self) -> UUID:
        """The id of the new record."""
        return self.claim.record_id


@dataclass(frozen=True, slots=True)
class DraftOutcome:
    """The answer to one draft: the record's key, or the error. `created` is False if the record existed before."""

    key: tuple[UUID, ...] | None = None
    created: bool = False
    error: HubError | None = None
    warnings: tuple[Warned, ...] = ()


class Creation(ABC, Generic[D, T]):
    """The parts of one kind of creation, for whole batches: `create_all` uses as many statements for 500 drafts as for one."""

    receipt: ClassVar[ReceiptOf]

    def authorise(self, context: CommandContext, draft: D) -> None:
        """Raise an error if the caller may not make such a write, whatever its subject."""

    def compares(self, draft: D) -> Sequence[str]:
        """The coordinates of the stored fields that a draft is compared with: its refusals would reveal them."""
        return ()

    def names(self, draft: D) -> Subject | None:
        """The person or household that a draft names, if any: some may not be named by number."""
        return None

    @abstractmethod
    def check_shape(self, context: CommandContext, draft: D) -> None:
        """Raise the errors of a draft that can be seen without the database and the clock."""

    @abstractmethod
    def external_id(self, draft: D) -> str:
        """Its number in the caller's own system, in the stored form."""

    @abstractmethod
    async def find(self, context: CommandContext, drafts: Mapping[int, D]) -> Mapping[int, T | HubError]:
        """The subject of each draft, in sight and locked, or the error why it is not found."""

    @abstractmethod
    async def digests_beside(
        self, context: CommandContext, drafts: Mapping[int, D], receipts: Mapping[int, Receipt]
    ) -> Mapping[int, bytes]:
        """The digest of each draft, with the subject of its receipt; drafts that name another subject are left out. Subjects
        are looked up in the receipts' households only."""

    @abstractmethod
    def digest(self, draft: D, target: T) -> bytes:
        """SHA-256 of its content and its target, however the target was named; equal content has an equal digest."""

    async def check_alone(self, context: CommandContext, drafts: Mapping[int, D]) -> Mapping[int, HubError]:
        """The errors of drafts that cannot be saved now, whatever their subject, by index: subjects of drafts that are
        refused anyway are not looked up."""
        return {}

    async def check(
        self, context: CommandContext, wanted: Mapping[int, Wanted[D, T]]
    ) -> Mapping[int, HubError]:
        """The errors of drafts that cannot be saved in the present state, by index."""
        return {}

    @abstractmethod
    async def write(
        self, context: CommandContext, new: Mapping[int, Wanted[D, T]]
    ) -> Mapping[int, Sequence[Warned]]:
        """Write the rows and the events; returns the warnings by index."""


async def create_all(
    context: CommandContext, creation: Creation[D, T], drafts: Sequence[D]
) -> list[DraftOutcome]:
    """Save each draft that can be saved; returns the outcomes in the order of the drafts."""
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
    """Save one draft; returns the key of the record under its number. Raises the error if it cannot be saved."""
    household_id, id = await _create(context, creation, draft)
    return household_id, id


async def create_alone(context: CommandContext, creation: Creation[D, T], draft: D) -> tuple[UUID]:
    """As `create`, for a record that belongs to no household."""
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
    """The outcome for a claimed number: the claim's own record, the same record from before, or a conflict."""
    if receipt.digest != claim.digest:
        return DraftOutcome(error=Conflict(path=("externalId",)))
    return DraftOutcome(receipt.key, created=receipt.record_id == claim.record_id)


async def _answered_before(
    context: CommandContext, creation: Creation[D, T], drafts: Mapping[int, D]
) -> dict[int, DraftOutcome]:
    """The answers to drafts whose numbers have receipts. Their subjects are looked up in the receipts' records only: a number
    of one's own reveals nothing about anybody. Refused drafts are checked a second time: the same request may have been saved
    while this one waited for the lock."""
    if not drafts:
        return {}
    ids = {place: creation.external_id(draft) for place, draft in drafts.items()}
    held = await stored_receipts(context.session, context.grant.agency, creation.receipt, set(ids.values()))
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
    """A creation whose requests hold one draft: its parts handle one draft, and raise."""

    @abstractmethod
    async def find_one(self, context: CommandContext, draft: D) -> T:
        """The subject of the draft, in sight and locked; raises the error if it is not found."""

    async def check_one(self, context: CommandContext, wanted: Wanted[D, T]) -> None:
        """Raise an error if it cannot be saved in the present state."""

    @abstractmethod
    async def write_one(self, context: CommandContext, new: Wanted[D, T]) -> None:
        """Write the rows and the events; raises an error if a consequence cannot be saved."""

    async def find(self, context: CommandContext, drafts: Mapping[int, D]) -> Mapping[int, T | HubError]:
        """Each draft separately."""
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
        """Each draft separately."""
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
        """Each draft separately, without warnings."""
        for one in new.values():
            await self.write_one(context, one)
        return {}


class SelfContained(Protocol):
    """A draft that names its subjects by keys, so that it contains all that is compared."""

    @property
    def external_id(self) -> str:
        """Its number in the caller's own system."""

    def digest(self) -> bytes:
        """SHA-256 of its content; equal content has an equal digest."""


C = TypeVar("C", bound=SelfContained)


class CreationByKey(CreationOfOne[C, T]):
    """A creation whose draft names its subject by a key."""

    def external_id(self, draft: C) -> str:
        """The draft's external id."""
        return draft.external_id.strip()

    def digest(self, draft: C, target: T) -> bytes:
        """The draft's digest."""
        return draft.digest()

    async def digests_beside(
        self, context: CommandContext, drafts: Mapping[int, C], receipts: Mapping[int, Receipt]
    ) -> Mapping[int, bytes]:
        """The drafts' digests."""
        return {place: draft.digest() for place, draft in drafts.items()}


class OfSubject(Protocol):
    """A draft that names a person or a household."""

    @property
    def external_id(self) -> str:
        """Its number in the caller's own system."""

    @property
    def subject(self) -> Subject:
        """The person or household."""


S = TypeVar("S", bound=OfSubject)


class AboutSubject(Creation[S, Resolved]):
    """A creation whose drafts name persons or households."""

    def names(self, draft: S) -> Subject:
        """The draft's subject."""
        return draft.subject

    async def digests_beside(
        self, context: CommandContext, drafts: Mapping[int, S], receipts: Mapping[int, Receipt]
    ) -> Mapping[int, bytes]:
        """Looks up the subject of each draft in the household of its receipt."""
        wanted = {place: (draft.subject, receipts[place].household) for place, draft in drafts.items()}
        named = await named_in(context.session, context.secrecy, wanted)
        return {place: self.digest(drafts[place], to) for place, to in named.items()}


class CreationForSubject(AboutSubject[S], CreationOfOne[S, Resolved]):
    """A creation for a person or household; a request holds one draft."""

    def external_id(self, draft: S) -> str:
        """The draft's external id."""
        return draft.external_id.strip()

    async def find_one(self, context: CommandContext, draft: S) -> Resolved:
        """The subject in sight, its household locked; raises InvalidInput, NotFound, AmbiguousIdentity."""
        (found,) = await context.resolve([Sought(draft.subject)])
        if isinstance(found, HubError):
            raise found
        await lock_households(context.session, [found.household_id])
        return found
