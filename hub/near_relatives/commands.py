"""Declaring a near relative of an official, and ending a declaration (46-4.3). Each is one event in the household's chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.commands.context import CommandContext
from hub.commands.creation import CreationForSubject, Wanted, create
from hub.commands.update import UpdateForReason, update
from hub.commands.warnings import Warned
from hub.foundation.calendar import today
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.database import table_of
from hub.foundation.errors import HubError, InvalidInput
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.ledger.chain import EventDraft
from hub.model.ledger import EventType, ReceiptOf
from hub.model.near_relatives import Kinship, NearRelativeRow
from hub.persons.subjects import Resolved, Subject
from hub.policy.facts.near_relatives import has_ended
from hub.policy.permissions import write_scopes
from hub.policy.permissions.field_scopes import NEAR_RELATIVE

CLAUSE = "46-4.3"
_LONGEST = 100
_near_relative = table_of(NearRelativeRow)

NearRelativeKey = tuple[UUID, UUID]
"""(household id, declaration id)."""


class DeclarationEnded(HubError):
    """The declaration ended on {ended_on} and cannot be reopened; make a new one.
    该备案已于 {ended_on} 终止,如有需要请重新备案。
    """


class NotYourDeclaration(HubError):
    """Only the agency that made a declaration ends it.
    只有作出备案的单位可以终止备案。
    """


@dataclass(frozen=True, slots=True)
class NearRelativeDraft:
    """A household member and the relation to an official of an office."""

    external_id: str
    subject: Subject
    kinship: Kinship
    office: str
    post: str
    declared_on: date

    def digest(self, household_id: UUID, person_id: UUID | None) -> bytes:
        """SHA-256 of the content of a draft, independent of how its subject was named. Equal content has an equal digest."""
        content = [
            str(household_id),
            str(person_id),
            self.kinship.value,
            self.office.strip(),
            self.post.strip(),
            str(self.declared_on),
        ]
        return canonical_digest(content)


class _Declare(CreationForSubject[NearRelativeDraft]):
    receipt = ReceiptOf.NEAR_RELATIVE

    def authorise(self, context: CommandContext, draft: NearRelativeDraft) -> None:
        context.need(*write_scopes.DECLARING)

    def check_shape(self, context: CommandContext, draft: NearRelativeDraft) -> None:
        required_text("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
        required_text("office", draft.office, _LONGEST)
        required_text("post", draft.post, _LONGEST)

    def digest(self, draft: NearRelativeDraft, target: Resolved) -> bytes:
        return draft.digest(target.household_id, target.person_id)

    async def check_one(self, context: CommandContext, wanted: Wanted[NearRelativeDraft, Resolved]) -> None:
        if wanted.target.person_id is None:
            raise InvalidInput(
                path=("subject",), field="subject", reason="a relative is one person", reason_zh="须指明人员"
            )
        if wanted.draft.declared_on > today():
            raise InvalidInput(
                path=("declaredOn",), field="declaredOn", reason="it lies in the future", reason_zh="晚于今天"
            )

    async def write_one(self, context: CommandContext, new: Wanted[NearRelativeDraft, Resolved]) -> None:
        draft, to, office, post = new.draft, new.target, new.draft.office.strip(), new.draft.post.strip()
        assert to.person_id is not None
        row = NearRelativeRow(
            household_id=to.household_id,
            id=new.id,
            person_id=to.person_id,
            kinship=draft.kinship,
            office=office,
            post=post,
            agency_id=context.grant.agency,
            declared_on=draft.declared_on,
            policy_basis=CLAUSE,
            external_id=new.claim.external_id,
        )
        body = {
            "kinship": draft.kinship.value,
            "office": office,
            "post": post,
            "externalId": new.claim.external_id,
        }
        await context.append_events(_event(EventType.NEAR_RELATIVE_DECLARED, row.model_dump(), body))
        context.session.add(row)
        await context.session.flush()


class _End(UpdateForReason[NearRelativeKey, sa.Row[Any]]):
    name = "endNearRelative"
    of = "NearRelative"

    def authorise(self, context: CommandContext, reason: str) -> None:
        context.need(*write_scopes.DECLARING)

    async def find(self, context: CommandContext, key: NearRelativeKey, reason: str) -> sa.Row[Any]:
        row = await context.locked(_near_relative, key, "declaration", "备案")
        if row.agency_id != context.grant.agency:
            raise NotYourDeclaration(path=("id",))
        return row

    def version(self, record: sa.Row[Any]) -> int:
        return int(record.version)

    def check_state(self, context: CommandContext, record: sa.Row[Any], reason: str) -> bool:
        if has_ended(record.ended_on):
            raise DeclarationEnded(path=("id",), ended_on=record.ended_on)
        return True

    async def write(self, context: CommandContext, record: sa.Row[Any], reason: str) -> Sequence[Warned]:
        why = self.content(reason)
        await context.append_events(_event(EventType.NEAR_RELATIVE_ENDED, record._asdict(), {"reason": why}))
        at = _near_relative.c.household_id == record.household_id, _near_relative.c.id == record.id
        change = {"ended_on": today(), "end_reason": why, "version": record.version + 1}
        await context.session.execute(sa.update(_near_relative).where(*at).values(change))
        return ()


_DECLARE, _END = _Declare(), _End()


async def declare_near_relative(context: CommandContext, draft: NearRelativeDraft) -> NearRelativeKey:
    """Save a declaration; it marks the certifications of the person and of the whole household. Idempotent by (agency,
    externalId).

    Raises ForbiddenWrite, InvalidInput, NotFound, AmbiguousIdentity, Conflict.
    """
    return await create(context, _DECLARE, draft)


async def end_near_relative(
    context: CommandContext, key: NearRelativeKey, expected_version: int, reason: str
) -> NearRelativeKey:
    """End a declaration of the caller's agency today, because the official left the post or the declaration was an error.
    It stays readable. A repeated request writes nothing and returns the declaration.

    Raises ForbiddenWrite, InvalidInput, NotFound, NotYourDeclaration, StaleVersion, DeclarationEnded.
    """
    return (await update(context, _END, key, expected_version, reason)).key


def _event(type_: EventType, row: Mapping[str, Any], body: dict[str, Any]) -> EventDraft:
    """An event of a declaration. Its existence reveals the declaration, so only readers of declarations see it."""
    return EventDraft(
        row["household_id"],
        type_,
        body,
        row["person_id"],
        row["id"],
        CLAUSE,
        needs=[NEAR_RELATIVE.only("kinship")],
        answers=[row["id"]] if type_ is EventType.NEAR_RELATIVE_ENDED else [],
    )
