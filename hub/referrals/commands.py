"""Sending a referral and answering it. Each step is one event in the household's chain."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from auth.scopes import Scope
from hub.agencies.shown import show_to
from hub.agencies.tables import AgencyRow, ShownBecause
from hub.aid.commands import AidKey
from hub.aid.rules import KIND_RULES
from hub.aid.tables import AidRecordRow
from hub.database import new_id, now, table_of
from hub.errors import ForbiddenWrite, HubError, InvalidInput, NotFound, StaleVersion
from hub.ledger.chain import Author, EventDraft, append_events, lock_households
from hub.ledger.receipts import Claim, claim_receipt
from hub.ledger.tables import EventType, ReceiptOf
from hub.persons.subjects import Resolved, find_subject
from hub.referrals.drafts import ReferralDraft, referral_digest, sent_body
from hub.referrals.rules import ACCEPT, ANSWER_WITHIN, CLAUSE, COMPLETE, RETURN, Step
from hub.referrals.tables import ReferralAidRow, ReferralRow
from hub.rows import visible
from hub.secrecy import Secrecy

_referral = table_of(ReferralRow)
_referral_aid = table_of(ReferralAidRow)
_agency = table_of(AgencyRow)
_aid = table_of(AidRecordRow)

ReferralKey = tuple[UUID, UUID]
"""(household id, referral id)."""


class NotYourReferral(HubError):
    """Only the agency a referral was sent to may answer it.
    只有接收单位可以办理该转办单。
    """


class ReferralStepRefused(HubError):
    """A referral that is {status} cannot become {wanted}.
    状态为 {status} 的转办单不能变为 {wanted}。
    """


class NotInCharge(HubError):
    """{agency} is not in charge of {need}; in charge are: {departments} ({clause}).
    {agency} 不负责 {need},负责部门为:{departments}({clause})。
    """


@dataclass(frozen=True, slots=True)
class ReferralAnswer:
    """What the receiving agency says. `aid` are the records that answer the need."""

    expected_version: int
    reason: str | None = None
    outcome: str | None = None
    aid: Sequence[AidKey] = field(default_factory=tuple)


def _text(name: str, value: str | None, most: int) -> str:
    if value is None or not value.strip() or len(value) > most or "\x00" in value:
        raise InvalidInput(
            path=(name,), field=name, reason=f"1 to {most} characters", reason_zh=f"须为 1 至 {most} 个字符"
        )
    return value.strip()


async def create_referral(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, draft: ReferralDraft
) -> ReferralKey:
    """Send a referral. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, NotFound, NotInCharge, AmbiguousIdentity, Conflict.
    """
    if Scope.REFERRAL_WRITE not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=Scope.REFERRAL_WRITE.value)
    external_id = _text("externalId", draft.external_id, 64)
    _text("reason", draft.reason, 1000)
    if draft.due_at is not None and draft.due_at <= now():
        raise InvalidInput(path=("dueAt",), field="dueAt", reason="it has passed", reason_zh="期限已过")
    to = await find_subject(session, grant, secrecy, draft.subject)
    await _check_receiver(session, grant, draft)
    digest = referral_digest(to.household_id, to.person_id, draft)
    claim = Claim(0, external_id, to.household_id, new_id(), digest)
    receipt = await claim_receipt(session, grant.agency, ReceiptOf.REFERRAL, claim)
    if receipt.record_id == claim.record_id:
        await _insert(session, grant, draft, to, claim)
    return receipt.household_id, receipt.record_id


async def _check_receiver(session: AsyncSession, grant: Grant, draft: ReferralDraft) -> None:
    department = (
        await session.execute(sa.select(_agency.c.department).where(_agency.c.id == draft.to_agency))
    ).scalar_one_or_none()
    if department is None:
        raise NotFound(path=("toAgency",), noun="agency", noun_zh="单位")
    rule = KIND_RULES[draft.need]
    if department not in rule.in_charge:
        raise NotInCharge(
            path=("toAgency",), agency=draft.to_agency, need=draft.need.value,
            departments=", ".join(rule.in_charge), clause=rule.clause,
        )  # fmt: skip
    if draft.to_agency == grant.agency:
        raise InvalidInput(
            path=("toAgency",), field="toAgency", reason="it is your own agency", reason_zh="不能转办给本单位"
        )


async def _insert(
    session: AsyncSession, grant: Grant, draft: ReferralDraft, to: Resolved, claim: Claim
) -> None:
    sent_at = now()
    due_at = draft.due_at or sent_at + ANSWER_WITHIN
    body = sent_body(grant.agency, draft, due_at)
    await append_events(
        session, Author(grant.agency, grant.client),
        [EventDraft(to.household_id, EventType.REFERRAL_SENT, body, to.person_id, claim.record_id, CLAUSE)],
    )  # fmt: skip
    session.add(
        ReferralRow(
            household_id=to.household_id, id=claim.record_id, person_id=to.person_id,
            from_agency=grant.agency, to_agency=draft.to_agency, need=draft.need, reason=draft.reason.strip(),
            sent_at=sent_at, due_at=due_at, external_id=claim.external_id,
        )
    )  # fmt: skip
    await session.flush()
    await show_to(session, grant.agency, [to.household_id], ShownBecause.REFERRAL_SENT)
    await show_to(session, draft.to_agency, [to.household_id], ShownBecause.REFERRAL_RECEIVED)


async def accept_referral(
    session: AsyncSession, grant: Grant, key: ReferralKey, answer: ReferralAnswer
) -> ReferralKey:
    """Take a need on. Raises what `_take` raises."""
    return await _take(session, grant, key, answer, ACCEPT, {"accepted_at": now()}, {})


async def return_referral(
    session: AsyncSession, grant: Grant, key: ReferralKey, answer: ReferralAnswer
) -> ReferralKey:
    """Send a need back with the reason. Raises InvalidInput and what `_take` raises."""
    reason = _text("reason", answer.reason, 1000)
    return await _take(
        session, grant, key, answer, RETURN, {"return_reason": reason, "closed_at": now()}, {"reason": reason}
    )


async def complete_referral(
    session: AsyncSession, grant: Grant, key: ReferralKey, answer: ReferralAnswer
) -> ReferralKey:
    """Close a need with its outcome and the aid records that answer it. Raises InvalidInput and what `_take` raises."""
    outcome = _text("outcome", answer.outcome, 1000)
    await _check_aid(session, grant, key, answer.aid)
    body = {"outcome": outcome, "aidRecords": [str(aid_id) for _, aid_id in answer.aid]}
    done = await _take(session, grant, key, answer, COMPLETE, {"outcome": outcome, "closed_at": now()}, body)
    session.add_all(
        ReferralAidRow(household_id=key[0], referral_id=key[1], aid_id=aid_id)
        for aid_id in dict.fromkeys(aid_id for _, aid_id in answer.aid)
    )
    await session.flush()
    return done


async def _check_aid(session: AsyncSession, grant: Grant, key: ReferralKey, aid: Sequence[AidKey]) -> None:
    """The records that answer a need are the caller's own, of the same household."""
    found = set()
    if aid:
        rows = await session.execute(
            sa.select(_aid.c.household_id, _aid.c.id).where(
                _aid.c.household_id == key[0], _aid.c.id.in_([aid_id for _, aid_id in aid]),
                _aid.c.agency_id == grant.agency, _aid.c.superseded_at.is_(None), visible(_aid, grant),
            )
        )  # fmt: skip
        found = {(row.household_id, row.id) for row in rows}
    for place, one in enumerate(aid):
        if one not in found:
            raise NotFound(path=("aidRecordIds", place), noun="aid record of yours", noun_zh="本单位救助记录")


async def _take(
    session: AsyncSession,
    grant: Grant,
    key: ReferralKey,
    answer: ReferralAnswer,
    step: Step,
    values: dict[str, Any],
    body: dict[str, Any],
) -> ReferralKey:
    """One step. Raises ForbiddenWrite, NotFound, NotYourReferral, StaleVersion, ReferralStepRefused."""
    if Scope.REFERRAL_WRITE not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=Scope.REFERRAL_WRITE.value)
    await lock_households(session, [key[0]])
    at = sa.and_(_referral.c.household_id == key[0], _referral.c.id == key[1])
    row = (await session.execute(sa.select(_referral).where(at, visible(_referral, grant)))).one_or_none()
    if row is None:
        raise NotFound(path=("id",), noun="referral", noun_zh="转办单")
    if row.to_agency != grant.agency:
        raise NotYourReferral(path=("id",))
    if row.version != answer.expected_version:
        raise StaleVersion(path=("expectedVersion",), expected=answer.expected_version, actual=row.version)
    if row.status not in step.from_any_of:
        raise ReferralStepRefused(path=("id",), status=row.status.value, wanted=step.to.value)
    await append_events(
        session, Author(grant.agency, grant.client),
        [EventDraft(key[0], step.event, {"need": row.need.value, **body}, row.person_id, key[1], CLAUSE)],
    )  # fmt: skip
    await session.execute(
        sa.update(_referral).where(at).values(status=step.to, version=row.version + 1, **values)
    )
    return key
