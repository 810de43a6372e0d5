"""Opening a recovery, recording repayments, and waiving the rest (46-4.3). Each is one event in the household's chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.rules import KIND_RULES
from hub.commands.context import CommandContext
from hub.commands.creation import CreationByKey, Wanted, create
from hub.commands.update import UpdateForReason, update
from hub.commands.warnings import Warned
from hub.foundation.calendar import today
from hub.foundation.canonical_json import plain
from hub.foundation.database import table_of
from hub.foundation.errors import HubError, InvalidInput, NotFound
from hub.ledger.chain import EventDraft
from hub.model.aid import AidRecordRow
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType, ReceiptOf
from hub.model.recoveries import RecoveryManner, RecoveryRow, RepaymentRow
from hub.policy.facts.recoveries import can_be_repaid_on
from hub.policy.permissions.aid_scopes import read_scope
from hub.policy.permissions.row_policies import visible
from hub.recoveries.drafts import RecoveryDraft, RepaymentDraft
from hub.recoveries.overpayments import AidInQuestion, aid_in_question
from hub.recoveries.rules import CLAUSE, COUNTY, NOT_WAIVED, WaiverByCountyRequired, check_party
from hub.recoveries.sums import outstanding

_aid, _recovery, _repayment, _household = (
    table_of(AidRecordRow),
    table_of(RecoveryRow),
    table_of(RepaymentRow),
    table_of(HouseholdRow),
)

RecoveryKey = tuple[UUID, UUID]
"""(household id, recovery id)."""


class NothingToRecover(HubError):
    """There is nothing to recover for this record: it was not paid, or the paid amount is correct (46-4.3).
    该记录没有应追回的款项:未曾发放,或发放数额无须更正(46-4.3)。
    """


class AlreadyRecovered(HubError):
    """The overpayment of this record is already being recovered.
    该记录多发的款项已在追回。
    """


class AmountExceedsPaid(HubError, numbers=("left",)):
    """At most {left} yuan can still be recovered for this record: the paid amount, less what is due or being recovered.
    该记录最多还可追回 {left} 元(已发放数额减去应发数额和已在追回数额)。
    """


class AmountExceedsOutstanding(HubError, numbers=("left",)):
    """Only {left} yuan are still owed.
    尚欠 {left} 元。
    """


class RecoverySettled(HubError):
    """Nothing is owed any more: it was repaid or waived.
    已无欠款:已还清或已免予追回。
    """


class FalseClaimNotWaivable(HubError):
    """What was obtained by a false claim is recovered and not waived (46-4.3).
    骗取、套取的救助资金须依法追回,不得免予追回(46-4.3)。
    """


@dataclass(frozen=True, slots=True)
class _Balance:
    """A recovery, the amount still owed, and the parties that may write it."""

    row: Mapping[str, Any]
    left: Decimal

    @property
    def household_id(self) -> UUID:
        """The household that owes."""
        return UUID(str(self.row["household_id"]))


class _OpenRecovery(CreationByKey[RecoveryDraft, AidInQuestion]):
    """The record decides who may recover: see `find_one`."""

    receipt = ReceiptOf.RECOVERY

    def compares(self, draft: RecoveryDraft) -> Sequence[str]:
        return "AidRecord.kind", "AidRecord.agency", "Household.region"

    def check_shape(self, context: CommandContext, draft: RecoveryDraft) -> None:
        draft.check()

    async def find_one(self, context: CommandContext, draft: RecoveryDraft) -> AidInQuestion:
        await context.lock_in_sight(_aid, draft.aid)
        aid = await aid_in_question(context.session, context.grant, draft.aid)
        if aid is None:
            raise NotFound(path=("aidRecordId",), noun="aid record", noun_zh="救助记录")
        _check_party(context.grant, aid.kind, aid.agency_id, aid.region, "aidRecordId")
        return aid

    async def check_one(self, context: CommandContext, wanted: Wanted[RecoveryDraft, AidInQuestion]) -> None:
        wanted.draft.check_deadline()
        _check_sum(wanted.target, wanted.draft)

    async def write_one(self, context: CommandContext, new: Wanted[RecoveryDraft, AidInQuestion]) -> None:
        draft, aid = new.draft, new.target
        row = RecoveryRow(
            household_id=aid.household_id,
            id=new.id,
            person_id=aid.person_id,
            aid_id=draft.aid[1],
            kind=aid.kind,
            agency_id=context.grant.agency,
            because=draft.because,
            manner=draft.manner,
            goods=None if draft.goods is None else draft.goods.strip(),
            amount=draft.amount,
            reason=draft.reason.strip(),
            opened_on=today(),
            due_on=draft.due_on,
            policy_basis=CLAUSE,
            external_id=new.claim.external_id,
        )
        body = {
            "aid": str(draft.aid[1]),
            "because": draft.because.value,
            "amount": plain(draft.amount),
            "reason": row.reason,
            "dueOn": plain(draft.due_on),
            "externalId": new.claim.external_id,
            **({} if draft.manner is None else {"manner": draft.manner.value, "goods": row.goods}),
        }
        await context.append_events(_event(EventType.RECOVERY_OPENED, row.model_dump(), body))
        context.session.add(row)
        await context.session.flush()


class _RecordRepayment(CreationByKey[RepaymentDraft, _Balance]):
    receipt = ReceiptOf.REPAYMENT

    def compares(self, draft: RepaymentDraft) -> Sequence[str]:
        return "Recovery.outstanding", "AidRecord.agency", "Household.region"

    def check_shape(self, context: CommandContext, draft: RepaymentDraft) -> None:
        draft.check()

    async def find_one(self, context: CommandContext, draft: RepaymentDraft) -> _Balance:
        return await _balance_of(context, draft.recovery, "recoveryId")

    async def check_one(self, context: CommandContext, wanted: Wanted[RepaymentDraft, _Balance]) -> None:
        draft, left = wanted.draft, wanted.target.left
        if left <= 0:
            raise RecoverySettled(path=("recoveryId",))
        if draft.amount > left:
            raise AmountExceedsOutstanding(path=("amount",), left=plain(left))
        if not can_be_repaid_on(wanted.target.row["opened_on"], draft.repaid_on, today()):
            raise InvalidInput(
                path=("repaidOn",),
                field="repaidOn",
                reason="from the day it was opened to today",
                reason_zh="须在开始追回之日至今天之间",
            )

    async def write_one(self, context: CommandContext, new: Wanted[RepaymentDraft, _Balance]) -> None:
        draft, row, session = new.draft, new.target.row, context.session
        body = {
            "amount": plain(draft.amount),
            "left": plain(new.target.left - draft.amount),
            "repaidOn": str(draft.repaid_on),
            "externalId": new.claim.external_id,
        }
        await context.append_events(_event(EventType.RECOVERY_REPAID, row, body))
        of_recovery = sa.and_(
            _repayment.c.household_id == row["household_id"], _repayment.c.recovery_id == row["id"]
        )
        before = await session.scalar(sa.select(sa.func.count()).select_from(_repayment).where(of_recovery))
        session.add(
            RepaymentRow(
                household_id=row["household_id"],
                recovery_id=row["id"],
                number=(before or 0) + 1,
                kind=row["kind"],
                agency_id=context.grant.agency,
                amount=draft.amount,
                repaid_on=draft.repaid_on,
                external_id=new.claim.external_id,
            )
        )
        await session.flush()
        await _change(session, row, {})


class _WaiveRecovery(UpdateForReason[RecoveryKey, _Balance]):
    name = "waiveRecovery"
    of = "Recovery"

    def compares(self, reason: str) -> Sequence[str]:
        return "AidRecord.agency", "Household.region"

    async def find(self, context: CommandContext, key: RecoveryKey, reason: str) -> _Balance:
        balance = await _balance_of(context, key, "id")
        if len(context.grant.region) > COUNTY:
            raise WaiverByCountyRequired(path=("id",))
        return balance

    def version(self, record: _Balance) -> int:
        return int(record.row["version"])

    async def check(self, context: CommandContext, record: _Balance, reason: str) -> None:
        if record.row["because"] in NOT_WAIVED:
            raise FalseClaimNotWaivable(path=("id",))
        if record.left <= 0:
            raise RecoverySettled(path=("id",))

    async def write(self, context: CommandContext, record: _Balance, reason: str) -> Sequence[Warned]:
        why = self.content(reason)
        body = {"amount": plain(record.left), "reason": why}
        await context.append_events(_event(EventType.RECOVERY_WAIVED, record.row, body))
        waiver = {
            "waived": record.left,
            "waive_reason": why,
            "waived_by": context.grant.agency,
            "waived_on": today(),
        }
        await _change(context.session, record.row, waiver)
        return ()


_OPEN, _REPAY, _WAIVE = _OpenRecovery(), _RecordRepayment(), _WaiveRecovery()


async def open_recovery(context: CommandContext, draft: RecoveryDraft) -> RecoveryKey:
    """Open a recovery for a paid record that was revoked or corrected below the paid amount. Idempotent by (agency,
    externalId). The recoveries of a record never exceed the overpayment in total.

    Raises InvalidInput, NotFound, ForbiddenWrite, NotYourRecovery, Conflict, NothingToRecover, AlreadyRecovered,
    AmountExceedsPaid.
    """
    return await create(context, _OPEN, draft)


async def record_repayment(context: CommandContext, draft: RepaymentDraft) -> RecoveryKey:
    """Save a repayment; returns the recovery. Idempotent by (agency, externalId).

    Raises InvalidInput, NotFound, ForbiddenWrite, NotYourRecovery, Conflict, RecoverySettled, AmountExceedsOutstanding.
    """
    await create(context, _REPAY, draft)
    return draft.recovery


async def waive_recovery(
    context: CommandContext, key: RecoveryKey, expected_version: int, reason: str
) -> RecoveryKey:
    """Waive the amount still owed, with the reason; only an office of a county or the city may. A repeated request writes
    nothing and returns the recovery.

    Raises InvalidInput, NotFound, ForbiddenWrite, NotYourRecovery, WaiverByCountyRequired, StaleVersion,
    FalseClaimNotWaivable, RecoverySettled.
    """
    return (await update(context, _WAIVE, key, expected_version, reason)).key


def _check_party(grant: Grant, kind: Any, given_by: str, region: str, at: str) -> None:
    try:
        check_party(grant, kind, given_by, region)
    except HubError as error:
        raise error.at(at) from None


def _check_manner(aid: AidInQuestion, draft: RecoveryDraft) -> None:
    """Raise InvalidInput for a manner that does not fit the aid."""
    if draft.manner is not None and not aid.delivered:
        raise InvalidInput(
            path=("manner",), field="manner", reason="money was given", reason_zh="该记录发放的是资金"
        )
    if draft.manner is RecoveryManner.IN_KIND and not KIND_RULES[aid.kind].money:
        raise InvalidInput(
            path=("manner",),
            field="manner",
            reason="a service comes back by its value",
            reason_zh="服务只能折价追回",
        )


def _check_sum(aid: AidInQuestion, draft: RecoveryDraft) -> None:
    _check_manner(aid, draft)
    if draft.manner is not None and aid.goods_due and draft.because is aid.revoked_because:
        return  # goods without a recorded value: the office's own assessment counts
    if aid.overpaid <= 0:
        recovered = aid.delivered and aid.being_recovered > 0
        raise (AlreadyRecovered if recovered else NothingToRecover)(path=("aidRecordId",))
    if aid.revoked_because not in (None, draft.because):
        raise InvalidInput(
            path=("because",),
            field="because",
            reason="the record was revoked for another reason",
            reason_zh="与该记录的撤销情形不符",
        )
    left = aid.overpaid - aid.being_recovered
    if left <= 0:
        raise AlreadyRecovered(path=("aidRecordId",))
    if draft.amount > left:
        raise AmountExceedsPaid(path=("amount",), left=plain(left))


async def _balance_of(context: CommandContext, key: RecoveryKey, at: str) -> _Balance:
    """A visible recovery that the grant may write, with its household locked.

    Raises NotFound, ForbiddenWrite, NotYourRecovery.
    """
    session, grant = context.session, context.grant
    await context.lock_in_sight(_recovery, key)
    recovery = _recovery.alias()
    found = await session.execute(
        sa.select(recovery, _household.c.region, outstanding(recovery, grant).label("left"))
        .join(_household, _household.c.id == recovery.c.household_id)
        .where(recovery.c.household_id == key[0], recovery.c.id == key[1], visible(recovery, grant))
    )
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound(path=(at,), noun="recovery", noun_zh="追回")
    aid = await aid_in_question(session, grant, (key[0], row["aid_id"]))
    _check_party(grant, row["kind"], row["agency_id"] if aid is None else aid.agency_id, row["region"], at)
    return _Balance(dict(row), row["left"])


async def _change(session: AsyncSession, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    at = (_recovery.c[name] == row[name] for name in ("household_id", "id"))
    await session.execute(sa.update(_recovery).where(*at).values(version=row["version"] + 1, **values))


def _event(type_: EventType, row: Mapping[str, Any], body: dict[str, Any]) -> EventDraft:
    """An event of a recovery. It follows from the aid record or from the recovery. Its existence reveals an amount of the
    kind, so only readers of such amounts see it."""
    return EventDraft(
        row["household_id"],
        type_,
        {"kind": row["kind"].value, **body},
        row["person_id"],
        row["id"],
        CLAUSE,
        needs=[read_scope(row["kind"])],
        answers=[row["aid_id"] if type_ is EventType.RECOVERY_OPENED else row["id"]],
    )
