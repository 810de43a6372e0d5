"""Sending a referral, and forwarding a returned one. Each is one event in the household's chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.agencies.english_names import english_name
from hub.aid.rules import KIND_RULES
from hub.commands.context import CommandContext
from hub.commands.creation import CreationForSubject, Wanted, create
from hub.foundation.calendar import after_workdays
from hub.foundation.database import now, table_of
from hub.foundation.errors import HubError, InvalidInput, NotFound
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.glossary.code_sets import term
from hub.ledger.chain import EventDraft
from hub.model.agencies import AgencyRow
from hub.model.aid import AidKind
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType, ReceiptOf
from hub.model.referrals import ReferralRow
from hub.persons.subjects import Resolved
from hub.policy.facts.referrals import deadline_passed
from hub.policy.permissions import write_scopes
from hub.referrals.drafts import ReferralDraft, referral_digest, sent_body
from hub.referrals.refusals import AgencyOutsideRegion, NotInCharge
from hub.referrals.rules import BRINGS_IN, CLAUSE, DEADLINES
from hub.referrals.snapshots import save_snapshots

LONGEST_REASON = 1000

_agency, _household = table_of(AgencyRow), table_of(HouseholdRow)

ReferralKey = tuple[UUID, UUID]
"""(household id, referral id)."""


@dataclass(frozen=True, slots=True)
class ReferralOrigin:
    """The cause of a referral: the returned referral, an application, or `decided`, the alert or conference whose
    disposition it is. `routed`: the hub chose the agency in charge, which may be the sender."""

    forwarded_from: UUID | None = None
    application_id: UUID | None = None
    decided: UUID | None = None
    clause: str = CLAUSE
    routed: bool = False

    @property
    def answers(self) -> tuple[UUID, ...]:
        """The objects that the referral follows from."""
        return tuple(filter(None, (self.forwarded_from or self.application_id, self.decided)))


class _CreateReferral(CreationForSubject[ReferralDraft]):
    receipt = ReceiptOf.REFERRAL

    def __init__(self, origin: ReferralOrigin) -> None:
        self._origin = origin

    def authorise(self, context: CommandContext, draft: ReferralDraft) -> None:
        context.need(write_scopes.REFERRAL)

    def compares(self, draft: ReferralDraft) -> Sequence[str]:
        return ("Household.region",)

    def check_shape(self, context: CommandContext, draft: ReferralDraft) -> None:
        required_text("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
        required_text("reason", draft.reason, LONGEST_REASON)

    def digest(self, draft: ReferralDraft, target: Resolved) -> bytes:
        return referral_digest(target.household_id, target.person_id, draft)

    async def check_one(self, context: CommandContext, wanted: Wanted[ReferralDraft, Resolved]) -> None:
        check_deadline(wanted.draft.due_at)
        if not self._origin.routed:
            await check_receiver(context.session, context.grant, wanted.draft, wanted.target.household_id)

    async def write_one(self, context: CommandContext, new: Wanted[ReferralDraft, Resolved]) -> None:
        await send(context, new.draft, new.target, new.id, self._origin)


_CREATE_REFERRAL = _CreateReferral(ReferralOrigin())


async def create_referral(
    context: CommandContext, draft: ReferralDraft, origin: ReferralOrigin | None = None
) -> ReferralKey:
    """Send a referral. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, NotFound, NotInCharge, AgencyOutsideRegion, AmbiguousIdentity, Conflict.
    """
    command = _CREATE_REFERRAL if origin is None else _CreateReferral(origin)
    return await create(context, command, draft)


def check_deadline(due_at: datetime | None) -> None:
    """Raise InvalidInput for a deadline that has passed."""
    if due_at is not None and deadline_passed(due_at, now()):
        raise InvalidInput(path=("dueAt",), field="dueAt", reason="it has passed", reason_zh="期限已过")


async def check_in_charge(session: AsyncSession, agency: str, need: AidKind) -> None:
    """Raise NotFound for an agency that does not exist, and NotInCharge for one that is not in charge of a need."""
    row = (
        await session.execute(sa.select(_agency.c.department, _agency.c.name).where(_agency.c.id == agency))
    ).one_or_none()
    if row is None:
        raise NotFound(noun="agency", noun_zh="单位")
    rule, (department, name) = KIND_RULES[need], row
    if department not in rule.in_charge:
        raise NotInCharge(
            agency=english_name(agency),
            agency_zh=name,
            need=term(need).en,
            need_zh=term(need).zh,
            clause=rule.clause,
            departments=", ".join(term(responsible).en for responsible in rule.in_charge),
            departments_zh="、".join(term(responsible).zh for responsible in rule.in_charge),
        )


async def check_receiver(
    session: AsyncSession, grant: Grant, draft: ReferralDraft, household_id: UUID
) -> None:
    """Check that the receiver is another agency, and one that is in charge of the need where the household lives. Raises
    NotFound, NotInCharge, AgencyOutsideRegion, InvalidInput."""
    try:
        await check_in_charge(session, draft.to_agency, draft.need)
        await check_brings_in(session, grant, draft.to_agency, household_id)
    except HubError as error:
        raise error.at("toAgency") from None
    if draft.to_agency == grant.agency:
        raise InvalidInput(
            path=("toAgency",), field="toAgency", reason="it is your own agency", reason_zh="不能转办给本单位"
        )


async def check_brings_in(session: AsyncSession, grant: Grant, agency: str, household_id: UUID) -> None:
    """Raise AgencyOutsideRegion if the household lives outside the agency's region, unless the caller is civil affairs of a
    region where the household lives."""
    region = await session.scalar(sa.select(_household.c.region).where(_household.c.id == household_id))
    assert region is not None
    own = grant.department == BRINGS_IN and region.startswith(grant.region)
    if not own and not region.startswith(agency.partition("@")[2]):
        raise AgencyOutsideRegion


async def send(
    context: CommandContext, draft: ReferralDraft, to: Resolved, id: UUID, origin: ReferralOrigin
) -> None:
    """Save a checked referral with a snapshot of the household, and make the household visible to the receiver."""
    session, grant = context.session, context.grant
    sent_at, external_id = now(), draft.external_id.strip()
    due_at = draft.due_at or after_workdays(sent_at, DEADLINES[draft.need].within)
    body = sent_body(grant.agency, draft, due_at)
    if origin.forwarded_from:
        body["forwardedFrom"] = str(origin.forwarded_from)
    if origin.application_id:
        body["application"] = str(origin.application_id)
    await context.append_events(
        EventDraft(
            to.household_id,
            EventType.REFERRAL_SENT,
            body,
            to.person_id,
            id,
            origin.clause,
            answers=origin.answers,
        )
    )
    session.add(
        ReferralRow(
            household_id=to.household_id,
            id=id,
            person_id=to.person_id,
            from_agency=grant.agency,
            to_agency=draft.to_agency,
            need=draft.need,
            reason=draft.reason.strip(),
            sent_at=sent_at,
            due_at=due_at,
            external_id=external_id,
            forwarded_from=origin.forwarded_from,
            application_id=origin.application_id,
        )
    )
    await session.flush()
    await save_snapshots(session, [(to.household_id, id)])
    await context.renew_sight(to.household_id)
