"""Accepting an application and splitting it into referrals by need (46-4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.agencies.nearest import nearest_agency
from hub.aid.rules import KIND_RULES
from hub.commands.context import CommandContext
from hub.commands.creation import CreationForSubject, Wanted, create
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.database import table_of
from hub.foundation.errors import HubError, InvalidInput
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.glossary.code_sets import term
from hub.ledger.chain import EventDraft
from hub.model.aid import AidKind
from hub.model.applications import ApplicationRow, Channel
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType, ReceiptOf
from hub.persons.subjects import Resolved, Subject
from hub.policy.permissions import write_scopes
from hub.referrals.commands import ReferralOrigin, create_referral
from hub.referrals.drafts import ReferralDraft

CLAUSE = "46-4.1"
"""一次申请、分类审核认定: one application, each need examined by the department in charge."""
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
    """An application as the office accepted it."""

    external_id: str
    subject: Subject
    needs: Sequence[Need]
    channel: Channel

    def digest(self, household_id: UUID, person_id: UUID | None) -> bytes:
        """SHA-256 of the content of a draft, independent of how its subject was named. Equal content has an equal digest."""
        needs = [[need.kind.value, need.reason.strip()] for need in self.needs]
        person = str(person_id) if person_id else None
        return canonical_digest([str(household_id), person, self.channel.value, needs])


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
            required_text("reason", need.reason, 1000)
        except HubError as error:
            raise error.at(*at, *error.path) from None


class _SubmitApplication(CreationForSubject[ApplicationDraft]):
    receipt = ReceiptOf.APPLICATION

    def authorise(self, context: CommandContext, draft: ApplicationDraft) -> None:
        context.need(*write_scopes.APPLICATION)

    def check_shape(self, context: CommandContext, draft: ApplicationDraft) -> None:
        required_text("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
        _check_needs(draft.needs)

    def digest(self, draft: ApplicationDraft, target: Resolved) -> bytes:
        return draft.digest(target.household_id, target.person_id)

    async def write_one(self, context: CommandContext, new: Wanted[ApplicationDraft, Resolved]) -> None:
        draft, to, session = new.draft, new.target, context.session
        receivers = await _receivers(session, draft.needs, to.household_id)
        body = {
            "needs": [need.kind.value for need in draft.needs],
            "channel": draft.channel.value,
            "externalId": new.claim.external_id,
        }
        await context.append_events(
            EventDraft(to.household_id, EventType.APPLICATION_SUBMITTED, body, to.person_id, new.id, CLAUSE)
        )
        session.add(
            ApplicationRow(
                household_id=to.household_id,
                id=new.id,
                person_id=to.person_id,
                agency_id=context.grant.agency,
                channel=draft.channel,
                external_id=new.claim.external_id,
            )
        )
        await session.flush()
        origin = ReferralOrigin(application_id=new.id, clause=CLAUSE, routed=True)
        subject = Subject.of(to.household_id, to.person_id)
        for place, (need, receiver) in enumerate(zip(draft.needs, receivers, strict=True), 1):
            referral = ReferralDraft(f"{new.id}/{place}", subject, receiver, need.kind, need.reason)
            await create_referral(context, referral, origin)


_SUBMIT_APPLICATION = _SubmitApplication()


async def submit_application(context: CommandContext, draft: ApplicationDraft) -> ApplicationKey:
    """Save an application, with a referral for each need to the agency in charge at the household's place. A need of the
    caller's own department becomes a referral to the caller. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, NotFound, AmbiguousIdentity, Conflict, NoAgencyInCharge.
    """
    return await create(context, _SUBMIT_APPLICATION, draft)


async def _receivers(session: AsyncSession, needs: Sequence[Need], household_id: UUID) -> list[str]:
    """The agency in charge of each need: the department's agency that is nearest to the household."""
    at = _household.c.id == household_id
    residence = (await session.execute(sa.select(_household.c.residence).where(at))).scalar_one()
    wanted = [KIND_RULES[need.kind].answered_by(residence) for need in needs]
    columns = [
        nearest_agency(department, _household.c.region).label(f"to_{place}")
        for place, department in enumerate(wanted)
    ]
    found = (await session.execute(sa.select(*columns).where(at))).one()
    for place, (need, agency) in enumerate(zip(needs, found, strict=True)):
        if agency is None:
            raise NoAgencyInCharge(
                path=("needs", place, "need"),
                need=term(need.kind).en,
                need_zh=term(need.kind).zh,
                clause=KIND_RULES[need.kind].clause,
            )
    return list(found)
