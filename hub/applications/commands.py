"""Taking in one application and splitting it by need (46-4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.agencies.nearest import nearest_agency
from hub.applications.rules import CLAUSE, ROUTES
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.database import new_id, table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import ForbiddenWrite, HubError, InvalidInput
from hub.foundation.texts import LONGEST_EXTERNAL_ID, said
from hub.glossary.code_sets import term
from hub.ledger.chain import Author, EventDraft, append_events
from hub.ledger.receipts import Claim, claim_receipt
from hub.model.aid import AidKind
from hub.model.applications import ApplicationRow, Channel
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType, ReceiptOf
from hub.persons.subjects import Resolved, Subject, find_subject
from hub.policy.permissions import write_scopes
from hub.referrals.commands import Origin, send
from hub.referrals.drafts import ReferralDraft, referral_digest

_household = table_of(HouseholdRow)

ApplicationKey = tuple[UUID, UUID]
"""(household id, application id)."""


class NoAgencyInCharge(HubError):
    """No agency is in charge of {need} where the household lives ({clause}).
    该户所在地没有负责{need_zh}的单位({clause})。
    """


@dataclass(frozen=True, slots=True)
class Need:
    """One of the needs of an application."""

    kind: AidKind
    reason: str


@dataclass(frozen=True, slots=True)
class ApplicationDraft:
    """What is asked for, as the desk took it in."""

    external_id: str
    subject: Subject
    needs: Sequence[Need]
    channel: Channel

    def digest(self, household_id: UUID, person_id: UUID | None) -> bytes:
        """SHA-256 of what it says, whoever's identity it was named by; equal content, equal digest."""
        needs = [[need.kind.value, need.reason.strip()] for need in self.needs]
        person = str(person_id) if person_id else None
        return canonical_digest([str(household_id), person, self.channel.value, needs])


async def submit_application(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, draft: ApplicationDraft
) -> ApplicationKey:
    """Keep an application, with a referral for each need to the agency in charge where the household lives. A need that
    is the caller's own to answer is a referral to itself. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, NotFound, AmbiguousIdentity, Conflict, NoAgencyInCharge.
    """
    for scope in write_scopes.APPLICATION:
        if scope not in grant.scopes:
            raise ForbiddenWrite(path=(), scope=scope.value)
    external_id = said("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
    _check_needs(draft.needs)
    to = await find_subject(session, grant, secrecy, draft.subject)
    digest = draft.digest(to.household_id, to.person_id)
    claim = Claim(0, external_id, to.household_id, new_id(), digest)
    receipt = await claim_receipt(session, grant.agency, ReceiptOf.APPLICATION, claim)
    if receipt.record_id == claim.record_id:
        await _keep(session, grant, draft, to, claim)
    return receipt.household_id, receipt.record_id


def _check_needs(needs: Sequence[Need]) -> None:
    if not needs:
        raise InvalidInput(path=("needs",), field="needs", reason="it names none", reason_zh="未填写任何需求")
    seen: set[AidKind] = set()
    for place, need in enumerate(needs):
        at = ("needs", place)
        if need.kind in seen:
            raise InvalidInput(
                path=(*at, "need"), field="need", reason="it is named twice", reason_zh="同一需求重复填写"
            )
        seen.add(need.kind)
        try:
            said("reason", need.reason, 1000)
        except HubError as error:
            raise error.at(*at, *error.path) from None


async def _keep(
    session: AsyncSession, grant: Grant, draft: ApplicationDraft, to: Resolved, claim: Claim
) -> None:
    receivers = await _receivers(session, draft.needs, to.household_id)
    body = {
        "needs": [need.kind.value for need in draft.needs], "channel": draft.channel.value,
        "externalId": claim.external_id,
    }  # fmt: skip
    event = EventDraft(
        to.household_id, EventType.APPLICATION_SUBMITTED, body, to.person_id, claim.record_id, CLAUSE
    )
    await append_events(session, Author(grant.agency, grant.client), [event])
    session.add(
        ApplicationRow(
            household_id=to.household_id, id=claim.record_id, person_id=to.person_id, agency_id=grant.agency,
            channel=draft.channel, external_id=claim.external_id,
        )
    )  # fmt: skip
    await session.flush()
    origin = Origin(application_id=claim.record_id, clause=CLAUSE)
    for place, (need, receiver) in enumerate(zip(draft.needs, receivers, strict=True), 1):
        external_id = f"{claim.record_id}/{place}"
        referral = ReferralDraft(external_id, draft.subject, receiver, need.kind, need.reason)
        digest = referral_digest(to.household_id, to.person_id, referral)
        one = Claim(0, external_id, to.household_id, new_id(), digest)
        await claim_receipt(session, grant.agency, ReceiptOf.REFERRAL, one)
        await send(session, grant, referral, to, one, origin)


async def _receivers(session: AsyncSession, needs: Sequence[Need], household_id: UUID) -> list[str]:
    """The agency in charge of each need, as near to the household as its department has one."""
    at = _household.c.id == household_id
    residence = (await session.execute(sa.select(_household.c.residence).where(at))).scalar_one()
    wanted = [ROUTES[need.kind].department(residence) for need in needs]
    columns = [
        nearest_agency(department, _household.c.region).label(f"to_{place}")
        for place, department in enumerate(wanted)
    ]
    found = (await session.execute(sa.select(*columns).where(at))).one()
    for place, (need, agency) in enumerate(zip(needs, found, strict=True)):
        if agency is None:
            raise NoAgencyInCharge(
                path=("needs", place, "need"), need=term(need.kind).en, need_zh=term(need.kind).zh,
                clause=ROUTES[need.kind].clause,
            )  # fmt: skip
    return list(found)
