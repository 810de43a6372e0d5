"""Calling a case conference and keeping what it decided. Each is one event in the household's chain."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.agencies.shown import show_to
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
from hub.foundation.database import new_id, table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import ForbiddenWrite, HubError, InvalidInput, NotFound, StaleVersion
from hub.ledger.chain import Author, EventDraft, append_events, lock_households
from hub.ledger.receipts import Change, Claim, claim_receipt, repeated
from hub.model.agencies import AgencyRow, Department, ShownBecause
from hub.model.conferences import (
    ConferenceMeasureRow,
    ConferenceParticipantRow,
    ConferenceRow,
    ConferenceStatus,
)
from hub.model.ledger import EventType, ReceiptOf
from hub.persons.subjects import Resolved, Subject, find_subject
from hub.policy.permissions import write_scopes
from hub.policy.permissions.row_policies import visible
from hub.referrals.commands import Origin, check_in_charge, create_referral
from hub.referrals.drafts import ReferralDraft

CLAUSE = "46-2.4"
_COUNTY = 6

_conference = table_of(ConferenceRow)
_measure = table_of(ConferenceMeasureRow)
_agency = table_of(AgencyRow)

ConferenceKey = tuple[UUID, UUID]
"""(household id, conference id)."""


class NotYourConference(HubError):
    """A case conference is called, and its minutes are kept, by civil affairs of the county or the city (46-2.4).
    一事一议由县级以上民政部门召集并登记纪要(46-2.4)。
    """


class ConferenceHeld(HubError):
    """The conference was held on {held_on}; its minutes stay as they are, call another for what is new.
    该会议已于 {held_on} 召开,纪要不再更改;如有新情况请另行召集。
    """


async def open_conference(
    session: AsyncSession,
    grant: Grant,
    secrecy: Secrecy,
    draft: ConferenceDraft,
    alert_id: UUID | None = None,
) -> ConferenceKey:
    """Call a conference. Idempotent by (agency, externalId). Its participants see the household from then on.

    Raises ForbiddenWrite, NotYourConference, InvalidInput, NotFound, AmbiguousIdentity, Conflict.
    """
    _check_caller(grant)
    check_draft(draft)
    to = await find_subject(session, grant, secrecy, draft.subject)
    digest = conference_digest(to.household_id, to.person_id, draft)
    claim = Claim(0, draft.external_id.strip(), to.household_id, new_id(), digest)
    receipt = await claim_receipt(session, grant.agency, ReceiptOf.CONFERENCE, claim)
    if receipt.record_id == claim.record_id:
        if draft.meets_on < today():
            raise InvalidInput(
                path=("meetsOn",), field="meetsOn", reason="it has passed", reason_zh="日期已过"
            )
        await _check_agencies(session, draft.participants)
        participants = sorted({grant.agency, *draft.participants})
        await _call(session, grant, draft, to, claim, participants, alert_id)
    return receipt.household_id, receipt.record_id


def _check_caller(grant: Grant) -> None:
    if write_scopes.CONFERENCE not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=write_scopes.CONFERENCE.value)
    department, _, region = grant.agency.partition("@")
    if department != Department.CIVIL_AFFAIRS or len(region) > _COUNTY:
        raise NotYourConference


async def _check_agencies(session: AsyncSession, codes: Sequence[str]) -> None:
    rows = await session.execute(sa.select(_agency.c.id).where(_agency.c.id.in_(set(codes))))
    known = set(rows.scalars())
    for place, code in enumerate(codes):
        if code not in known:
            raise NotFound(path=("participants", place), noun="agency", noun_zh="单位")


async def _call(
    session: AsyncSession, grant: Grant, draft: ConferenceDraft, to: Resolved, claim: Claim,
    participants: Sequence[str], alert_id: UUID | None,
) -> None:  # fmt: skip
    body = {
        "matter": draft.matter.strip(), "meetsOn": str(draft.meets_on), "participants": list(participants),
        "externalId": claim.external_id, **({"alert": str(alert_id)} if alert_id else {}),
    }  # fmt: skip
    key = to.household_id, claim.record_id
    await _append(
        session, grant, EventType.CONFERENCE_CALLED, key, to.person_id, body, (alert_id,) if alert_id else ()
    )
    session.add(
        ConferenceRow(
            household_id=to.household_id, id=claim.record_id, person_id=to.person_id, alert_id=alert_id,
            called_by=grant.agency, meets_on=draft.meets_on, matter=draft.matter.strip(),
            external_id=claim.external_id,
        )
    )  # fmt: skip
    await session.flush()
    session.add_all(
        ConferenceParticipantRow(
            household_id=to.household_id, conference_id=claim.record_id, agency_id=agency
        )
        for agency in participants
    )
    await session.flush()
    for agency in participants:
        await show_to(session, agency, [to.household_id], ShownBecause.CONFERENCE)


async def close_conference(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, key: ConferenceKey, minutes: Minutes
) -> ConferenceKey:
    """Keep the minutes of a conference and push each measure to the agency that is to carry it out. The same of
    the same version again writes nothing and answers the conference.

    Raises ForbiddenWrite, NotYourConference, NotFound, ConferenceHeld, StaleVersion, InvalidInput, NotInCharge.
    """
    _check_caller(grant)
    await lock_households(session, [key[0]])
    at = sa.and_(_conference.c.household_id == key[0], _conference.c.id == key[1])
    row = (await session.execute(sa.select(_conference).where(at, visible(_conference, grant)))).one_or_none()
    if row is None:
        raise NotFound(path=("id",), noun="conference", noun_zh="会议")
    if row.called_by != grant.agency:
        raise NotYourConference(path=("id",))
    change = Change("closeConference", key, minutes.expected_version, minutes)
    if await repeated(session, grant.agency, change):
        return key
    if row.status is ConferenceStatus.HELD:
        raise ConferenceHeld(path=("id",), held_on=row.held_on)
    if row.version != minutes.expected_version:
        raise StaleVersion(path=("expectedVersion",), expected=minutes.expected_version, actual=row.version)
    check_minutes(minutes, row.called_at.astimezone(CHINA).date())
    body = {
        "heldOn": str(minutes.held_on), "decision": minutes.decision.strip(),
        "measures": [
            {"agency": one.agency, "kind": one.kind.value, "amount": plain(one.amount), "what": one.what.strip()}
            for one in minutes.measures
        ],
    }  # fmt: skip
    await _append(session, grant, EventType.CONFERENCE_HELD, key, row.person_id, body, (row.id,))
    await session.execute(
        sa.update(_conference).where(at).values(
            status=ConferenceStatus.HELD, held_on=minutes.held_on, minutes=minutes.minutes.strip(),
            decision=minutes.decision.strip(), version=row.version + 1,
        )
    )  # fmt: skip
    for place, measure in enumerate(minutes.measures):
        await _decide(session, grant, secrecy, row, place, measure)
    return key


async def _decide(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, row: sa.Row[Any], place: int, measure: Measure
) -> None:
    """Keep a measure, and push it to its agency where that is another one."""
    referral_id: UUID | None = None
    try:
        if measure.agency == grant.agency:
            await check_in_charge(session, measure.agency, measure.kind)
        else:
            _, referral_id = await create_referral(
                session, grant, secrecy, _referral(row, place, measure), Origin(decided=row.id)
            )
    except HubError as error:
        raise error.at("measures", place, "agency") from None
    values: dict[str, Any] = {
        "household_id": row.household_id, "conference_id": row.id, "number": place + 1, "agency_id": measure.agency,
        "kind": measure.kind, "amount": measure.amount, "what": measure.what.strip(), "referral_id": referral_id,
    }  # fmt: skip
    await session.execute(sa.insert(_measure).values(values))


def _referral(row: sa.Row[Any], place: int, measure: Measure) -> ReferralDraft:
    subject = (
        Subject(person=(row.household_id, row.person_id))
        if row.person_id
        else Subject(household_id=row.household_id)
    )
    return ReferralDraft(f"{row.id}/{place + 1}", subject, measure.agency, measure.kind, measure.what.strip())


async def _append(
    session: AsyncSession,
    grant: Grant,
    kind: EventType,
    key: ConferenceKey,
    person_id: UUID | None,
    body: dict[str, Any],
    answers: tuple[UUID, ...],
) -> None:
    draft = EventDraft(key[0], kind, body, person_id, key[1], CLAUSE, answers=answers)
    await append_events(session, Author(grant.agency, grant.client), [draft])
