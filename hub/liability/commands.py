"""Recording a decision on liability (46-4.3): one event in the household's chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from hub.commands.context import CommandContext
from hub.commands.creation import CreationByKey, Wanted, create
from hub.foundation.calendar import today
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.database import table_of
from hub.foundation.errors import ForbiddenWrite, HubError, InvalidInput, NotFound
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.ledger.chain import EventDraft
from hub.model.aid import AidRecordRow, CorrectionReason
from hub.model.ledger import EventType, ReceiptOf
from hub.model.liability import LiabilityDecisionRow, LiabilityOutcome, LiableParty
from hub.policy.facts.versions import current
from hub.policy.permissions import write_scopes
from hub.policy.permissions.aid_scopes import read_scope
from hub.policy.permissions.field_scopes import LIABILITY_DECISION
from hub.policy.permissions.row_policies import visible

CLAUSE = "46-4.3"
_COUNTY = 6
_LONGEST = 1000
_aid = table_of(AidRecordRow)

LiabilityKey = tuple[UUID, UUID]
"""(household id, decision id)."""


class LiabilityByCountyRequired(HubError):
    """Liability is decided by an office of the county or the city, not of a township.
    责任追究和免于问责须由县级以上单位决定。
    """


class LiabilityNotApplicable(HubError):
    """The decision does not apply: claimants are liable only for a false claim, only a corrected mistake is tolerated (46-4.3).
    该记录不适用此项决定:申请人仅就骗取、套取承担责任;失误偏差须已及时纠正方可免于问责(46-4.3)。
    """


@dataclass(frozen=True, slots=True)
class LiabilityDraft:
    """A decision about a record (household id, aid record id)."""

    external_id: str
    aid: tuple[UUID, UUID]
    party: LiableParty
    outcome: LiabilityOutcome
    reason: str
    decided_on: date
    measure: str | None = None

    def check(self) -> None:
        """Raise InvalidInput for an error that shows without the database."""
        required_text("externalId", self.external_id, LONGEST_EXTERNAL_ID)
        required_text("reason", self.reason, _LONGEST)
        if self.outcome is LiabilityOutcome.HELD_LIABLE:
            required_text("measure", self.measure or "", _LONGEST)
        elif self.measure is not None:
            raise InvalidInput(
                path=("measure",),
                field="measure",
                reason="nothing follows for who is exempted",
                reason_zh="免于问责无须填写处理措施",
            )

    def digest(self) -> bytes:
        """SHA-256 of the content; equal content has an equal digest."""
        measure = None if self.measure is None else self.measure.strip()
        content = (self.party.value, self.outcome.value, self.reason.strip(), measure, str(self.decided_on))
        return canonical_digest([*map(str, self.aid), *content])


@dataclass(frozen=True, slots=True)
class _Corrected:
    """The current state of the record that a decision is about."""

    household_id: UUID
    person_id: UUID | None
    revoked_because: CorrectionReason | None
    corrected: bool


class _RecordLiability(CreationByKey[LiabilityDraft, _Corrected]):
    receipt = ReceiptOf.LIABILITY

    def authorise(self, context: CommandContext, draft: LiabilityDraft) -> None:
        context.need(*write_scopes.LIABILITY)
        if len(context.grant.region) > _COUNTY:
            raise LiabilityByCountyRequired

    def compares(self, draft: LiabilityDraft) -> Sequence[str]:
        return "AidRecord.kind", "AidRecord.status"

    def check_shape(self, context: CommandContext, draft: LiabilityDraft) -> None:
        draft.check()

    async def find_one(self, context: CommandContext, draft: LiabilityDraft) -> _Corrected:
        await context.lock_in_sight(_aid, draft.aid)
        of_key = sa.and_(_aid.c.household_id == draft.aid[0], _aid.c.id == draft.aid[1], current(_aid))
        found = await context.session.execute(sa.select(_aid).where(of_key, visible(_aid, context.grant)))
        row = found.one_or_none()
        if row is None:
            raise NotFound(path=("aidRecordId",), noun="aid record", noun_zh="救助记录")
        if (scope := read_scope(row.kind)) not in context.grant.scopes:
            raise ForbiddenWrite(path=("aidRecordId",), scope=scope.value)
        return _Corrected(row.household_id, row.person_id, row.revoked_because, row.version > 1)

    async def check_one(self, context: CommandContext, wanted: Wanted[LiabilityDraft, _Corrected]) -> None:
        draft, record = wanted.draft, wanted.target
        if draft.decided_on > today():
            raise InvalidInput(
                path=("decidedOn",), field="decidedOn", reason="it lies in the future", reason_zh="晚于今天"
            )
        false_claim = record.revoked_because is CorrectionReason.FALSE_CLAIM
        held = draft.outcome is LiabilityOutcome.HELD_LIABLE
        applies = (
            held and false_claim
            if draft.party is LiableParty.CLAIMANT
            else record.corrected and (held or not false_claim)
        )
        if not applies:
            raise LiabilityNotApplicable(path=("aidRecordId",))

    async def write_one(self, context: CommandContext, new: Wanted[LiabilityDraft, _Corrected]) -> None:
        draft, record = new.draft, new.target
        measure = None if draft.measure is None else draft.measure.strip()
        body = {
            "aid": str(draft.aid[1]),
            "party": draft.party.value,
            "outcome": draft.outcome.value,
            "reason": draft.reason.strip(),
            "measure": measure,
            "decidedOn": str(draft.decided_on),
            "externalId": new.claim.external_id,
        }
        await context.append_events(
            EventDraft(
                record.household_id,
                EventType.LIABILITY_DECIDED,
                body,
                record.person_id,
                new.id,
                CLAUSE,
                needs=[LIABILITY_DECISION.only("party")],
                answers=[draft.aid[1]],
            )
        )
        context.session.add(
            LiabilityDecisionRow(
                household_id=record.household_id,
                id=new.id,
                aid_id=draft.aid[1],
                party=draft.party,
                outcome=draft.outcome,
                reason=draft.reason.strip(),
                measure=measure,
                agency_id=context.grant.agency,
                decided_on=draft.decided_on,
                policy_basis=CLAUSE,
                external_id=new.claim.external_id,
            )
        )
        await context.session.flush()


_DECIDE = _RecordLiability()


async def record_liability(context: CommandContext, draft: LiabilityDraft) -> LiabilityKey:
    """Record a decision about a record that was corrected. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, LiabilityByCountyRequired, InvalidInput, NotFound, Conflict, LiabilityNotApplicable.
    """
    return await create(context, _DECIDE, draft)
