"""Calling a case conference and recording its decisions. Each is one event in the household's chain."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.commands.context import CommandContext
from hub.commands.creation import CreationForSubject, Wanted, create
from hub.commands.update import Update, update
from hub.commands.warnings import Warned
from hub.conferences.drafts import (
    ConferenceDraft,
    Measure,
    Minutes,
    check_draft,
    check_minutes,
    conference_digest,
)
from hub.foundation.calendar import CHINA, today
from hub.foundation.canonical_json import plain
from hub.foundation.database import table_of
from hub.foundation.errors import HubError, InvalidInput, NotFound
from hub.ledger.chain import EventDraft
from hub.model.agencies import AgencyRow, Department
from hub.model.conferences import (
    ConferenceMeasureRow,
    ConferenceParticipantRow,
    ConferenceRow,
    ConferenceStatus,
)
from hub.model.ledger import EventType, ReceiptOf
from hub.persons.subjects import Resolved, Subject
from hub.policy.permissions import write_scopes
from hub.referrals.commands import ReferralOrigin, check_brings_in, check_in_charge, create_referral
from hub.referrals.drafts import ReferralDraft

CLAUSE = "46-2.4"
_COUNTY = 6

_conference = table_of(ConferenceRow)
_measure = table_of(ConferenceMeasureRow)
_agency = table_of(AgencyRow)

ConferenceKey = tuple[UUID, UUID]
"""(household id, conference id)."""


class NotYourConference(HubError):
    """Only civil affairs of the county or the city calls a case conference and records its minutes (46-2.4).
    一事一议由县级以上民政部门召集并登记纪要(46-2.4)。
    """


class ConferenceHeld(HubError):
    """The conference was held on {held_on} and its minutes are final; call another conference for new matters.
    该会议已于 {held_on} 召开,纪要不再更改;如有新情况请另行召集。
    """


class _OpenConference(CreationForSubject[ConferenceDraft]):
    """`alert_id` is the alert whose disposition is the conference."""

    receipt = ReceiptOf.CONFERENCE

    def __init__(self, alert_id: UUID | None = None) -> None:
        self._alert_id = alert_id

    def authorise(self, context: CommandContext, draft: ConferenceDraft) -> None:
        _check_caller(context)

    def compares(self, draft: ConferenceDraft) -> Sequence[str]:
        return ("Household.region",)

    def check_shape(self, context: CommandContext, draft: ConferenceDraft) -> None:
        check_draft(draft)

    def digest(self, draft: ConferenceDraft, target: Resolved) -> bytes:
        return conference_digest(target.household_id, target.person_id, draft)

    async def check_one(self, context: CommandContext, wanted: Wanted[ConferenceDraft, Resolved]) -> None:
        if wanted.draft.meets_on < today():
            raise InvalidInput(
                path=("meetsOn",), field="meetsOn", reason="it has passed", reason_zh="日期已过"
            )
        await _check_agencies(context.session, wanted.draft.participants)
        await _check_from_here(context, wanted.draft.participants, wanted.target.household_id)

    async def write_one(self, context: CommandContext, new: Wanted[ConferenceDraft, Resolved]) -> None:
        draft, to, alert_id, session = new.draft, new.target, self._alert_id, context.session
        participants = sorted({context.grant.agency, *draft.participants})
        body = {
            "matter": draft.matter.strip(),
            "meetsOn": str(draft.meets_on),
            "participants": participants,
            "externalId": new.claim.external_id,
            **({"alert": str(alert_id)} if alert_id else {}),
        }
        answers = (alert_id,) if alert_id else ()
        await context.append_events(
            EventDraft(
                to.household_id,
                EventType.CONFERENCE_CALLED,
                body,
                to.person_id,
                new.id,
                CLAUSE,
                answers=answers,
            )
        )
        session.add(
            ConferenceRow(
                household_id=to.household_id,
                id=new.id,
                person_id=to.person_id,
                alert_id=alert_id,
                called_by=context.grant.agency,
                meets_on=draft.meets_on,
                matter=draft.matter.strip(),
                external_id=new.claim.external_id,
            )
        )
        await session.flush()
        session.add_all(
            ConferenceParticipantRow(household_id=to.household_id, conference_id=new.id, agency_id=agency)
            for agency in participants
        )
        await session.flush()
        await context.renew_sight(to.household_id)


class _CloseConference(Update[ConferenceKey, Minutes, sa.Row[Any]]):
    name = "closeConference"
    of = "Conference"

    def authorise(self, context: CommandContext, minutes: Minutes) -> None:
        _check_caller(context)

    def check_shape(self, context: CommandContext, minutes: Minutes) -> None:
        check_minutes(minutes)

    async def find(self, context: CommandContext, key: ConferenceKey, minutes: Minutes) -> sa.Row[Any]:
        row = await context.locked(_conference, key, "conference", "会议")
        if row.called_by != context.grant.agency:
            raise NotYourConference(path=("id",))
        return row

    def version(self, record: sa.Row[Any]) -> int:
        return int(record.version)

    def check_state(self, context: CommandContext, record: sa.Row[Any], minutes: Minutes) -> bool:
        if record.status is ConferenceStatus.HELD:
            raise ConferenceHeld(path=("id",), held_on=record.held_on)
        return True

    async def check(self, context: CommandContext, record: sa.Row[Any], minutes: Minutes) -> None:
        if not record.called_at.astimezone(CHINA).date() <= minutes.held_on <= today():
            raise InvalidInput(
                path=("heldOn",),
                field="heldOn",
                reason="from the day it was called to today",
                reason_zh="须在召集之日至今天之间",
            )

    async def write(self, context: CommandContext, record: sa.Row[Any], minutes: Minutes) -> Sequence[Warned]:
        body = {
            "heldOn": str(minutes.held_on),
            "decision": minutes.decision.strip(),
            "measures": [
                {
                    "agency": measure.agency,
                    "kind": measure.kind.value,
                    "amount": plain(measure.amount),
                    "what": measure.what.strip(),
                }
                for measure in minutes.measures
            ],
        }
        await context.append_events(
            EventDraft(
                record.household_id,
                EventType.CONFERENCE_HELD,
                body,
                record.person_id,
                record.id,
                CLAUSE,
                answers=(record.id,),
            )
        )
        at = sa.and_(_conference.c.household_id == record.household_id, _conference.c.id == record.id)
        await context.session.execute(
            sa.update(_conference)
            .where(at)
            .values(
                status=ConferenceStatus.HELD,
                held_on=minutes.held_on,
                minutes=minutes.minutes.strip(),
                decision=minutes.decision.strip(),
                version=record.version + 1,
            )
        )
        await context.renew_sight(record.household_id)
        for place, measure in enumerate(minutes.measures):
            await _decide(context, record, place, measure)
        return ()


_OPEN_CONFERENCE, _CLOSE_CONFERENCE = _OpenConference(), _CloseConference()


async def open_conference(
    context: CommandContext, draft: ConferenceDraft, alert_id: UUID | None = None
) -> ConferenceKey:
    """Call a conference. Idempotent by (agency, externalId). Its participants see the household from then on.

    Raises ForbiddenWrite, NotYourConference, InvalidInput, NotFound, AmbiguousIdentity, Conflict.
    """
    return await create(context, _OpenConference(alert_id) if alert_id else _OPEN_CONFERENCE, draft)


async def close_conference(context: CommandContext, key: ConferenceKey, minutes: Minutes) -> ConferenceKey:
    """Save the minutes of a conference and refer each measure to its agency. A repeated request writes nothing and returns
    the conference.

    Raises ForbiddenWrite, NotYourConference, NotFound, ConferenceHeld, StaleVersion, InvalidInput, NotInCharge.
    """
    return (await update(context, _CLOSE_CONFERENCE, key, minutes.expected_version, minutes)).key


def _check_caller(context: CommandContext) -> None:
    context.need(write_scopes.CONFERENCE)
    grant = context.grant
    if grant.department != Department.CIVIL_AFFAIRS or len(grant.region) > _COUNTY:
        raise NotYourConference


async def _check_agencies(session: AsyncSession, codes: Sequence[str]) -> None:
    rows = await session.execute(sa.select(_agency.c.id).where(_agency.c.id.in_(set(codes))))
    known = set(rows.scalars())
    for place, code in enumerate(codes):
        if code not in known:
            raise NotFound(path=("participants", place), noun="agency", noun_zh="单位")


async def _check_from_here(context: CommandContext, codes: Sequence[str], household_id: UUID) -> None:
    """Raise AgencyOutsideRegion for the first agency that the caller may not involve."""
    for place, code in enumerate(codes):
        try:
            await check_brings_in(context.session, context.grant, code, household_id)
        except HubError as error:
            raise error.at("participants", place) from None


async def _decide(context: CommandContext, row: sa.Row[Any], place: int, measure: Measure) -> None:
    """Save a measure, and refer it to its agency unless this is the caller."""
    referral_id: UUID | None = None
    try:
        if measure.agency == context.grant.agency:
            await check_in_charge(context.session, measure.agency, measure.kind)
        else:
            referral = ReferralDraft(
                f"{row.id}/{place + 1}",
                Subject.of(row.household_id, row.person_id),
                measure.agency,
                measure.kind,
                measure.what.strip(),
            )
            _, referral_id = await create_referral(context, referral, ReferralOrigin(decided=row.id))
    except HubError as error:
        raise error.at("measures", place, "agency") from None
    values: dict[str, Any] = {
        "household_id": row.household_id,
        "conference_id": row.id,
        "number": place + 1,
        "agency_id": measure.agency,
        "kind": measure.kind,
        "amount": measure.amount,
        "what": measure.what.strip(),
        "referral_id": referral_id,
    }
    await context.session.execute(sa.insert(_measure).values(values))
