"""The steps of a referral that was sent: answered by its receiver, forwarded or ended by its sender when it came back.

The same step from the same version again writes nothing and answers the referral.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.commands import AidKey
from hub.foundation.database import new_id, now, table_of
from hub.foundation.errors import ForbiddenWrite, InvalidInput, NotFound, StaleVersion
from hub.foundation.texts import LONGEST_EXTERNAL_ID, said
from hub.glossary.code_sets import term
from hub.ledger.chain import Author, EventDraft, append_events, lock_households
from hub.ledger.receipts import Change, Claim, claim_receipt, repeated
from hub.model.aid import AidKind, AidRecordRow, AidStatus
from hub.model.ledger import ReceiptOf
from hub.model.referrals import ReferralAidRow, ReferralRow
from hub.persons.subjects import Resolved, Subject
from hub.policy.facts.versions import current
from hub.policy.permissions import write_scopes
from hub.policy.permissions.row_policies import visible
from hub.referrals.commands import Origin, ReferralKey, check_deadline, check_receiver, send
from hub.referrals.drafts import ReferralDraft, referral_digest
from hub.referrals.refusals import (
    AidDoesNotMatchNeed,
    NotReferralSender,
    NotYourReferral,
    ReferralStatusConflict,
    RevokedAidCannotAnswer,
)
from hub.referrals.rules import ACCEPT, COMPLETE, END, FORWARD, RETURN, Side, Step

_referral = table_of(ReferralRow)
_aid = table_of(AidRecordRow)
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class ReferralAnswer:
    """What an agency says with a step. `aid` are the records that answer the need."""

    expected_version: int
    reason: str | None = None
    outcome: str | None = None
    aid: Sequence[AidKey] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Where a referral that came back goes next, under an id of the sender's own."""

    expected_version: int
    external_id: str
    to_agency: str
    reason: str
    due_at: datetime | None = None


async def accept_referral(
    session: AsyncSession, grant: Grant, key: ReferralKey, answer: ReferralAnswer
) -> ReferralKey:
    """Take a need on. Raises what `_standing` raises."""
    row = await _standing(session, grant, key, answer, ACCEPT)
    if row is None:
        return key
    return await _take(session, grant, row, ACCEPT, {"accepted_at": now()}, {})


async def return_referral(
    session: AsyncSession, grant: Grant, key: ReferralKey, answer: ReferralAnswer
) -> ReferralKey:
    """Send a need back with the reason. Raises InvalidInput and what `_standing` raises."""
    reason = said("reason", answer.reason, _LONGEST)
    row = await _standing(session, grant, key, answer, RETURN)
    if row is None:
        return key
    values = {"return_reason": reason, "closed_at": now()}
    return await _take(session, grant, row, RETURN, values, {"reason": reason})


async def complete_referral(
    session: AsyncSession, grant: Grant, key: ReferralKey, answer: ReferralAnswer
) -> ReferralKey:
    """Close a need with its outcome and the aid records that answer it.

    Raises InvalidInput, AidDoesNotMatchNeed, RevokedAidCannotAnswer and what `_standing` raises.
    """
    outcome = said("outcome", answer.outcome, _LONGEST)
    row = await _standing(session, grant, key, answer, COMPLETE)
    if row is None:
        return key
    await _check_aid(session, grant, row, answer.aid)
    given = [aid_id for _, aid_id in answer.aid]
    body = {"outcome": outcome, "aidRecords": [str(aid_id) for aid_id in given]}
    await _take(session, grant, row, COMPLETE, {"outcome": outcome, "closed_at": now()}, body, given)
    session.add_all(
        ReferralAidRow(household_id=key[0], referral_id=key[1], aid_id=aid_id)
        for aid_id in dict.fromkeys(aid_id for _, aid_id in answer.aid)
    )
    await session.flush()
    return key


async def end_referral(
    session: AsyncSession, grant: Grant, key: ReferralKey, answer: ReferralAnswer
) -> ReferralKey:
    """Leave a need that came back where it is, with the reason. Raises InvalidInput and what `_standing` raises."""
    reason = said("reason", answer.reason, _LONGEST)
    row = await _standing(session, grant, key, answer, END)
    if row is None:
        return key
    return await _take(session, grant, row, END, {"end_reason": reason}, {"reason": reason})


async def forward_referral(
    session: AsyncSession, grant: Grant, key: ReferralKey, forwarding: Forwarding
) -> ReferralKey:
    """Send a need that came back to another agency in charge of it; answers the new referral. Idempotent by (agency,
    externalId).

    Raises InvalidInput, NotInCharge, Conflict and what `_standing` raises.
    """
    external_id = said("externalId", forwarding.external_id, LONGEST_EXTERNAL_ID)
    reason = said("reason", forwarding.reason, _LONGEST)
    old = await _in_sight(session, grant, key)
    if old.from_agency != grant.agency:
        raise NotReferralSender(path=("id",))
    to = Resolved(old.household_id, old.person_id, True)
    subject = Subject(household_id=old.household_id)
    draft = ReferralDraft(external_id, subject, forwarding.to_agency, old.need, reason, forwarding.due_at)
    digest = referral_digest(to.household_id, to.person_id, draft, forwarded_from=old.id)
    claim = Claim(0, external_id, to.household_id, new_id(), digest)
    receipt = await claim_receipt(session, grant.agency, ReceiptOf.REFERRAL, claim)
    if receipt.record_id == claim.record_id:
        row = await _party(session, grant, key, FORWARD)
        _check(row, forwarding.expected_version, FORWARD)
        check_deadline(draft.due_at)
        await check_receiver(session, grant, draft)
        if draft.to_agency == row.to_agency:
            raise InvalidInput(
                path=("toAgency",), field="toAgency", reason="it returned this need", reason_zh="该单位已退回此需求"
            )  # fmt: skip
        await _take(session, grant, row, FORWARD, {}, {"to": draft.to_agency, "reason": reason})
        await send(session, grant, draft, to, claim, Origin(row.id, row.application_id))
    return receipt.household_id, receipt.record_id


async def _check_aid(
    session: AsyncSession, grant: Grant, referral: sa.Row[Any], aid: Sequence[AidKey]
) -> None:
    """The records that answer a need are the caller's own, of the same household, of the kind and for whom it is, and stand."""
    found: dict[AidKey, tuple[AidKind, UUID | None, AidStatus]] = {}
    if aid:
        rows = await session.execute(
            sa.select(_aid.c.household_id, _aid.c.id, _aid.c.kind, _aid.c.person_id, _aid.c.status).where(
                _aid.c.household_id == referral.household_id, _aid.c.id.in_([aid_id for _, aid_id in aid]),
                _aid.c.agency_id == grant.agency, current(_aid), visible(_aid, grant),
            )
        )  # fmt: skip
        found = {(row.household_id, row.id): (row.kind, row.person_id, row.status) for row in rows}
    for place, one in enumerate(aid):
        if one not in found:
            raise NotFound(path=("aidRecordIds", place), noun="aid record of yours", noun_zh="本单位救助记录")
        kind, person_id, status = found[one]
        of_another = referral.person_id is not None and person_id not in (None, referral.person_id)
        if kind != referral.need or of_another:
            raise AidDoesNotMatchNeed(
                path=("aidRecordIds", place), kind=term(kind).en, kind_zh=term(kind).zh,
                need=term(referral.need).en, need_zh=term(referral.need).zh,
            )  # fmt: skip
        if status is AidStatus.REVOKED:
            raise RevokedAidCannotAnswer(path=("aidRecordIds", place))


async def _in_sight(session: AsyncSession, grant: Grant, key: ReferralKey) -> sa.Row[Any]:
    if write_scopes.REFERRAL not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=write_scopes.REFERRAL.value)
    at = sa.and_(_referral.c.household_id == key[0], _referral.c.id == key[1])
    row = (await session.execute(sa.select(_referral).where(at, visible(_referral, grant)))).one_or_none()
    if row is None:
        raise NotFound(path=("id",), noun="referral", noun_zh="转办单")
    return row


async def _standing(
    session: AsyncSession, grant: Grant, key: ReferralKey, answer: ReferralAnswer, step: Step
) -> sa.Row[Any] | None:
    """The referral that takes a step, its household locked; None where it took this very step before.

    Raises ForbiddenWrite, NotFound, NotYourReferral, NotReferralSender, StaleVersion, ReferralStatusConflict.
    """
    row = await _party(session, grant, key, step)
    if await repeated(session, grant.agency, Change(step.event.value, key, answer.expected_version, answer)):
        return None
    _check(row, answer.expected_version, step)
    return row


async def _party(session: AsyncSession, grant: Grant, key: ReferralKey, step: Step) -> sa.Row[Any]:
    """A referral, its household locked, of which the caller is the side that takes a step."""
    await lock_households(session, [key[0]])
    row = await _in_sight(session, grant, key)
    if step.by is Side.RECEIVER and row.to_agency != grant.agency:
        raise NotYourReferral(path=("id",))
    if step.by is Side.SENDER and row.from_agency != grant.agency:
        raise NotReferralSender(path=("id",))
    return row


def _check(row: sa.Row[Any], expected_version: int, step: Step) -> None:
    """Raise StaleVersion, ReferralStatusConflict."""
    if row.version != expected_version:
        raise StaleVersion(path=("expectedVersion",), expected=expected_version, actual=row.version)
    if row.status not in step.from_any_of:
        stands = term(row.status)
        raise ReferralStatusConflict(
            path=("id",), status=stands.en, status_zh=stands.zh, wanted=term(step.to).en, step_zh=step.name_zh
        )


async def _take(
    session: AsyncSession, grant: Grant, row: sa.Row[Any], step: Step, values: dict[str, Any], body: dict[str, Any],
    given: Sequence[UUID] = (),
) -> ReferralKey:  # fmt: skip
    """Take a step. It follows from the referral, and from the aid that was `given` for it."""
    told = {"need": row.need.value, **body}
    event = EventDraft(
        row.household_id, step.event, told, row.person_id, row.id, step.clause, answers=(row.id, *given)
    )
    await append_events(session, Author(grant.agency, grant.client), [event])
    await session.execute(
        sa.update(_referral)
        .where(_referral.c.household_id == row.household_id, _referral.c.id == row.id)
        .values(status=step.to, version=row.version + 1, **values)
    )
    return row.household_id, row.id
