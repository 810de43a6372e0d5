"""Declaring a near relative of an official, and ending a declaration (46-4.3). Each is one event in the household's chain."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.calendar import today
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.database import new_id, table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import ForbiddenWrite, HubError, InvalidInput, NotFound, StaleVersion
from hub.foundation.texts import LONGEST_EXTERNAL_ID, said
from hub.ledger.chain import Author, EventDraft, append_events, lock_households
from hub.ledger.receipts import Change, Claim, claim_receipt, repeated
from hub.model.ledger import EventType, ReceiptOf
from hub.model.near_relatives import Kinship, NearRelativeRow
from hub.persons.subjects import Subject, find_subject
from hub.policy.permissions import write_scopes
from hub.policy.permissions.field_scopes import NEAR_RELATIVE
from hub.policy.permissions.row_policies import visible

CLAUSE = "46-4.3"
_LONGEST, _LONGEST_REASON = 100, 500
_near_relative = table_of(NearRelativeRow)

NearRelativeKey = tuple[UUID, UUID]
"""(household id, declaration id)."""


class DeclarationEnded(HubError):
    """The declaration ended on {ended_on}; it stays ended, declare anew.
    该备案已于 {ended_on} 终止,如有需要请重新备案。
    """


class NotYourDeclaration(HubError):
    """Only the agency that made a declaration ends it.
    只有作出备案的单位可以终止备案。
    """


@dataclass(frozen=True, slots=True)
class NearRelativeDraft:
    """A member of a household, and what he or she is to an official of an office."""

    external_id: str
    subject: Subject
    kinship: Kinship
    office: str
    post: str
    declared_on: date

    def digest(self, household_id: UUID, person_id: UUID) -> bytes:
        """SHA-256 of what it says, whoever's identity it was named by; equal content, equal digest."""
        told = [
            str(household_id), str(person_id), self.kinship.value, self.office.strip(), self.post.strip(),
            str(self.declared_on),
        ]  # fmt: skip
        return canonical_digest(told)


async def declare_near_relative(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, draft: NearRelativeDraft
) -> NearRelativeKey:
    """Keep a declaration; it flags the person's certifications and those of the household as a whole. Idempotent by
    (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, NotFound, AmbiguousIdentity, Conflict.
    """
    _check_scope(grant)
    external_id = said("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
    office, post = said("office", draft.office, _LONGEST), said("post", draft.post, _LONGEST)
    if draft.declared_on > today():
        raise InvalidInput(
            path=("declaredOn",), field="declaredOn", reason="it lies in the future", reason_zh="晚于今天"
        )
    to = await find_subject(session, grant, secrecy, draft.subject)
    if to.person_id is None:
        raise InvalidInput(
            path=("subject",), field="subject", reason="a relative is one person", reason_zh="须指明人员"
        )
    claim = Claim(0, external_id, to.household_id, new_id(), draft.digest(to.household_id, to.person_id))
    receipt = await claim_receipt(session, grant.agency, ReceiptOf.NEAR_RELATIVE, claim)
    if receipt.record_id == claim.record_id:
        row = NearRelativeRow(
            household_id=to.household_id, id=claim.record_id, person_id=to.person_id, kinship=draft.kinship,
            office=office, post=post, agency_id=grant.agency, declared_on=draft.declared_on, policy_basis=CLAUSE,
            external_id=external_id,
        )  # fmt: skip
        body = {"kinship": draft.kinship.value, "office": office, "post": post, "externalId": external_id}
        await _append(session, grant, EventType.NEAR_RELATIVE_DECLARED, row.model_dump(), body)
        session.add(row)
        await session.flush()
    return receipt.household_id, receipt.record_id


async def end_near_relative(
    session: AsyncSession, grant: Grant, key: NearRelativeKey, expected_version: int, reason: str
) -> NearRelativeKey:
    """End a declaration of one's own today: the official left the post, or it was made in error. It stays readable. The
    same of the same version again writes nothing and answers the declaration.

    Raises ForbiddenWrite, InvalidInput, NotFound, NotYourDeclaration, StaleVersion, DeclarationEnded.
    """
    _check_scope(grant)
    why = said("reason", reason, _LONGEST_REASON)
    await lock_households(session, [key[0]])
    at = sa.and_(_near_relative.c.household_id == key[0], _near_relative.c.id == key[1])
    found = await session.execute(sa.select(_near_relative).where(at, visible(_near_relative, grant)))
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound(path=("id",), noun="declaration", noun_zh="备案")
    if row["agency_id"] != grant.agency:
        raise NotYourDeclaration(path=("id",))
    if await repeated(session, grant.agency, Change("endNearRelative", key, expected_version, why)):
        return key
    if row["version"] != expected_version:
        raise StaleVersion(path=("expectedVersion",), expected=expected_version, actual=row["version"])
    if row["ended_on"] is not None:
        raise DeclarationEnded(path=("id",), ended_on=row["ended_on"])
    await _append(session, grant, EventType.NEAR_RELATIVE_ENDED, dict(row), {"reason": why})
    change = {"ended_on": today(), "end_reason": why, "version": expected_version + 1}
    await session.execute(sa.update(_near_relative).where(at).values(change))
    return key


def _check_scope(grant: Grant) -> None:
    """Whoever declares must be able to read declarations: the answer shows one."""
    for scope in write_scopes.DECLARING:
        if scope not in grant.scopes:
            raise ForbiddenWrite(path=(), scope=scope.value)


async def _append(
    session: AsyncSession, grant: Grant, type_: EventType, row: Mapping[str, Any], body: dict[str, Any]
) -> None:
    """An event of a declaration tells that there is one, so it is there only for those who read declarations."""
    event = EventDraft(
        row["household_id"], type_, body, row["person_id"], row["id"], CLAUSE,
        needs=[NEAR_RELATIVE.only("kinship")],
        answers=[row["id"]] if type_ is EventType.NEAR_RELATIVE_ENDED else [],
    )  # fmt: skip
    await append_events(session, Author(grant.agency, grant.client), [event])
