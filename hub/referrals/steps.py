"""The steps of a sent referral: the receiver accepts, returns or completes it; the sender forwards or ends a returned one.

A repeated step on the same version writes nothing and returns the referral.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.aid.commands import AidKey
from hub.commands.context import CommandContext
from hub.commands.creation import CreationOfOne, Wanted, create
from hub.commands.update import Update, update
from hub.commands.warnings import Warned
from hub.foundation.database import now, table_of
from hub.foundation.errors import InvalidInput, NotFound, StaleVersion
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.glossary.code_sets import term
from hub.ledger.chain import EventDraft
from hub.ledger.receipts import Receipt
from hub.model.aid import AidKind, AidRecordRow, AidStatus
from hub.model.ledger import ReceiptOf
from hub.model.referrals import ReferralAidRow, ReferralRow
from hub.persons.subjects import Resolved, Subject
from hub.policy.facts.aid import is_revoked
from hub.policy.facts.versions import current
from hub.policy.permissions import write_scopes
from hub.policy.permissions.row_policies import visible
from hub.referrals.commands import (
    LONGEST_REASON,
    ReferralKey,
    ReferralOrigin,
    check_deadline,
    check_receiver,
    send,
)
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


@dataclass(frozen=True, slots=True)
class ReferralAnswer:
    """The content of a step. `aid` holds the records that fulfil the need."""

    expected_version: int
    reason: str | None = None
    outcome: str | None = None
    aid: Sequence[AidKey] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Forwarding:
    """The next receiver of a returned referral, under an external id of the sender."""

    referral: ReferralKey
    expected_version: int
    external_id: str
    to_agency: str
    reason: str
    due_at: datetime | None = None


async def _check_aid(context: CommandContext, referral: sa.Row[Any], aid: Sequence[AidKey]) -> None:
    """Check the records that fulfil a need: they belong to the caller, have the same household, kind and subject, and are not
    revoked."""
    session, grant = context.session, context.grant
    found: dict[AidKey, tuple[AidKind, UUID | None, AidStatus]] = {}
    if aid:
        rows = await session.execute(
            sa.select(_aid.c.household_id, _aid.c.id, _aid.c.kind, _aid.c.person_id, _aid.c.status).where(
                _aid.c.household_id == referral.household_id,
                _aid.c.id.in_([aid_id for _, aid_id in aid]),
                _aid.c.agency_id == grant.agency,
                current(_aid),
                visible(_aid, grant),
            )
        )
        found = {(row.household_id, row.id): (row.kind, row.person_id, row.status) for row in rows}
    for place, draft in enumerate(aid):
        if draft not in found:
            raise NotFound(
                path=("aidRecordIds", place), noun="aid record of yours", noun_zh="救助记录(须为本单位报送)"
            )
        kind, person_id, status = found[draft]
        of_another = referral.person_id is not None and person_id not in (None, referral.person_id)
        if kind != referral.need or of_another:
            raise AidDoesNotMatchNeed(
                path=("aidRecordIds", place),
                kind=term(kind).en,
                kind_zh=term(kind).zh,
                need=term(referral.need).en,
                need_zh=term(referral.need).zh,
            )
        if is_revoked(status):
            raise RevokedAidCannotAnswer(path=("aidRecordIds", place))


async def _as_party(context: CommandContext, key: ReferralKey, step: Step) -> sa.Row[Any]:
    """A visible referral of which the caller is the side that takes a step, with its household locked.

    Raises NotFound, NotYourReferral, NotReferralSender.
    """
    row = await context.locked(_referral, key, "referral", "转办单")
    if step.by is Side.RECEIVER and row.to_agency != context.grant.agency:
        raise NotYourReferral(path=("id",))
    if step.by is Side.SENDER and row.from_agency != context.grant.agency:
        raise NotReferralSender(path=("id",))
    return row


def _check_status(row: sa.Row[Any], step: Step) -> None:
    if row.status not in step.from_any_of:
        stands = term(row.status)
        raise ReferralStatusConflict(
            path=("id",), status=stands.en, status_zh=stands.zh, wanted=term(step.to).en, step_zh=step.name_zh
        )


async def _write_step(
    context: CommandContext,
    row: sa.Row[Any],
    step: Step,
    values: Mapping[str, Any],
    body: Mapping[str, Any],
    aid: Sequence[UUID] = (),
) -> None:
    """Write a step and its event, which follows from the referral and from the aid that fulfils it."""
    await context.append_events(
        EventDraft(
            row.household_id,
            step.event,
            {"need": row.need.value, **body},
            row.person_id,
            row.id,
            step.clause,
            answers=(row.id, *aid),
        )
    )
    await context.session.execute(
        sa.update(_referral)
        .where(_referral.c.household_id == row.household_id, _referral.c.id == row.id)
        .values(status=step.to, version=row.version + 1, **values)
    )
    await context.renew_sight(row.household_id)


class _Answer(Update[ReferralKey, ReferralAnswer, sa.Row[Any]]):
    """A step of one side. The text of the field `says` is stored in `column`, the time in `stamped`."""

    of = "Referral"

    def __init__(
        self, step: Step, says: str | None = None, column: str | None = None, stamped: str | None = None
    ) -> None:
        self.name = step.event.value
        self._step = step
        self._says = says
        self._column = column
        self._stamped = stamped

    def authorise(self, context: CommandContext, answer: ReferralAnswer) -> None:
        context.need(write_scopes.REFERRAL)

    def check_shape(self, context: CommandContext, answer: ReferralAnswer) -> None:
        self._words(answer)

    def _words(self, answer: ReferralAnswer) -> dict[str, str]:
        return (
            {self._says: required_text(self._says, getattr(answer, self._says), LONGEST_REASON)}
            if self._says
            else {}
        )

    async def find(self, context: CommandContext, key: ReferralKey, answer: ReferralAnswer) -> sa.Row[Any]:
        return await _as_party(context, key, self._step)

    def version(self, record: sa.Row[Any]) -> int:
        return int(record.version)

    async def check(self, context: CommandContext, record: sa.Row[Any], answer: ReferralAnswer) -> None:
        _check_status(record, self._step)

    async def write(
        self, context: CommandContext, record: sa.Row[Any], answer: ReferralAnswer
    ) -> Sequence[Warned]:
        words, values = self._words(answer), dict[str, Any]()
        if self._column and self._says:
            values[self._column] = words[self._says]
        if self._stamped:
            values[self._stamped] = now()
        await _write_step(context, record, self._step, values, words)
        return ()


class _Complete(_Answer):
    """Completing a referral with the aid that fulfils it."""

    def compares(self, answer: ReferralAnswer) -> Sequence[str]:
        return ("AidRecord.kind", "AidRecord.status") if answer.aid else ()

    async def check(self, context: CommandContext, record: sa.Row[Any], answer: ReferralAnswer) -> None:
        await super().check(context, record, answer)
        await _check_aid(context, record, answer.aid)

    async def write(
        self, context: CommandContext, record: sa.Row[Any], answer: ReferralAnswer
    ) -> Sequence[Warned]:
        words = self._words(answer)
        aid = [aid_id for _, aid_id in answer.aid]
        body = {**words, "aidRecords": [str(aid_id) for aid_id in aid]}
        await _write_step(context, record, COMPLETE, {**words, "closed_at": now()}, body, aid)
        context.session.add_all(
            ReferralAidRow(household_id=record.household_id, referral_id=record.id, aid_id=aid_id)
            for aid_id in dict.fromkeys(aid)
        )
        await context.session.flush()
        return ()


_ACCEPT = _Answer(ACCEPT, stamped="accepted_at")
_RETURN = _Answer(RETURN, "reason", "return_reason", "closed_at")
_COMPLETE = _Complete(COMPLETE, "outcome")
_END = _Answer(END, "reason", "end_reason")


async def accept_referral(context: CommandContext, key: ReferralKey, answer: ReferralAnswer) -> ReferralKey:
    """Accept a referral.

    Raises ForbiddenWrite, NotFound, NotYourReferral, StaleVersion, ReferralStatusConflict, like every step.
    """
    return (await update(context, _ACCEPT, key, answer.expected_version, answer)).key


async def return_referral(context: CommandContext, key: ReferralKey, answer: ReferralAnswer) -> ReferralKey:
    """Return a referral with the reason. Raises InvalidInput and the errors of every step."""
    return (await update(context, _RETURN, key, answer.expected_version, answer)).key


async def complete_referral(context: CommandContext, key: ReferralKey, answer: ReferralAnswer) -> ReferralKey:
    """Complete a referral with its outcome and the aid records that fulfil it.

    Raises InvalidInput, AidDoesNotMatchNeed, RevokedAidCannotAnswer and the errors of every step.
    """
    return (await update(context, _COMPLETE, key, answer.expected_version, answer)).key


async def end_referral(context: CommandContext, key: ReferralKey, answer: ReferralAnswer) -> ReferralKey:
    """End a returned referral with the reason. Raises InvalidInput, NotReferralSender and the errors of every step."""
    return (await update(context, _END, key, answer.expected_version, answer)).key


class _Forward(CreationOfOne[Forwarding, sa.Row[Any]]):
    """A new referral that replaces a returned one."""

    receipt = ReceiptOf.REFERRAL

    def authorise(self, context: CommandContext, draft: Forwarding) -> None:
        context.need(write_scopes.REFERRAL)

    def compares(self, draft: Forwarding) -> Sequence[str]:
        return "Referral.status", "Referral.to", "Household.region"

    def check_shape(self, context: CommandContext, draft: Forwarding) -> None:
        required_text("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
        required_text("reason", draft.reason, LONGEST_REASON)

    def external_id(self, draft: Forwarding) -> str:
        return draft.external_id.strip()

    def digest(self, draft: Forwarding, target: sa.Row[Any]) -> bytes:
        referral = _forwarded(draft, target)
        return referral_digest(target.household_id, target.person_id, referral, forwarded_from=target.id)

    async def digests_beside(
        self, context: CommandContext, drafts: Mapping[int, Forwarding], receipts: Mapping[int, Receipt]
    ) -> Mapping[int, bytes]:
        """The digests of repeated requests. The returned referral is searched only in the household of the receipt."""
        wanted = {
            draft.referral
            for place, draft in drafts.items()
            if draft.referral[0] == receipts[place].household_id
        }
        at = sa.tuple_(_referral.c.household_id, _referral.c.id)
        rows = await context.session.execute(sa.select(_referral).where(at.in_(wanted)))
        found = {(row.household_id, row.id): row for row in rows}
        return {
            place: self.digest(draft, found[draft.referral])
            for place, draft in drafts.items()
            if draft.referral in found
        }

    async def find_one(self, context: CommandContext, draft: Forwarding) -> sa.Row[Any]:
        return await _as_party(context, draft.referral, FORWARD)

    async def check_one(self, context: CommandContext, wanted: Wanted[Forwarding, sa.Row[Any]]) -> None:
        draft, row = wanted.draft, wanted.target
        if row.version != draft.expected_version:
            raise StaleVersion(path=("expectedVersion",), expected=draft.expected_version, actual=row.version)
        _check_status(row, FORWARD)
        check_deadline(draft.due_at)
        await check_receiver(context.session, context.grant, _forwarded(draft, row), row.household_id)
        if draft.to_agency == row.to_agency:
            raise InvalidInput(
                path=("toAgency",),
                field="toAgency",
                reason="it returned this need",
                reason_zh="该单位已退回此需求",
            )

    async def write_one(self, context: CommandContext, new: Wanted[Forwarding, sa.Row[Any]]) -> None:
        draft, row = new.draft, new.target
        await _write_step(context, row, FORWARD, {}, {"to": draft.to_agency, "reason": draft.reason.strip()})
        to = Resolved(row.household_id, row.person_id, True)
        await send(context, _forwarded(draft, row), to, new.id, ReferralOrigin(row.id, row.application_id))


def _forwarded(draft: Forwarding, row: sa.Row[Any]) -> ReferralDraft:
    """The draft of the new referral."""
    return ReferralDraft(
        draft.external_id.strip(),
        Subject.of(row.household_id, row.person_id),
        draft.to_agency,
        row.need,
        draft.reason,
        draft.due_at,
    )


_FORWARD = _Forward()


async def forward_referral(context: CommandContext, forwarding: Forwarding) -> ReferralKey:
    """Forward a returned referral to another agency in charge; returns the new referral. Idempotent by (agency,
    externalId).

    Raises InvalidInput, NotInCharge, AgencyOutsideRegion, Conflict, NotReferralSender and the errors of every step.
    """
    return await create(context, _FORWARD, forwarding)
