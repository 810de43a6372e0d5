"""Recording a visit (46-2.3, 46-2.4): one event in the household's chain. The alert that it checks becomes VISITED."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from hub.alerts.commands import AlertKey, find_alert
from hub.commands.context import CommandContext
from hub.commands.creation import CreationForSubject, Wanted, create
from hub.foundation.calendar import CHINA, today
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.database import table_of
from hub.foundation.errors import HubError, InvalidInput, NotFound
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.ledger.chain import EventDraft
from hub.model.alerts import AlertRow, AlertStatus
from hub.model.ledger import EventType, ReceiptOf
from hub.model.visits import Recommendation, VisitRow
from hub.persons.subjects import Resolved, Subject
from hub.policy.permissions import write_scopes

_alert = table_of(AlertRow)
_CLAUSE = "46-2.3"
_CLAUSE_OF_ALERT = "46-2.4"
_LONGEST_FOUND, _LONGEST_VISITORS = 4000, 200

VisitKey = tuple[UUID, UUID]
"""(household id, visit id)."""


class VisitInFuture(HubError):
    """A visit is recorded after it was made; {day} has not come yet.
    走访后方可登记,{day} 尚未到来。
    """


@dataclass(frozen=True, slots=True)
class VisitDraft:
    """A visit as its visitors report it."""

    external_id: str
    subject: Subject
    visited_on: date
    visitors: str
    found: str
    recommendation: Recommendation
    alert: AlertKey | None = None

    def digest(self, household_id: UUID, person_id: UUID | None) -> bytes:
        """SHA-256 of the content of a draft, independent of how its subject was named. Equal content has an equal digest."""
        content = [
            str(household_id),
            str(person_id) if person_id else None,
            str(self.visited_on),
            self.visitors.strip(),
            self.found.strip(),
            self.recommendation.value,
            str(self.alert[1]) if self.alert else None,
        ]
        return canonical_digest(content)


class _RecordVisit(CreationForSubject[VisitDraft]):
    receipt = ReceiptOf.VISIT

    def authorise(self, context: CommandContext, draft: VisitDraft) -> None:
        context.need_any(*write_scopes.VISITING)

    def compares(self, draft: VisitDraft) -> Sequence[str]:
        return () if draft.alert is None else ("Alert.raisedAt",)

    def check_shape(self, context: CommandContext, draft: VisitDraft) -> None:
        required_text("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
        required_text("visitors", draft.visitors, _LONGEST_VISITORS)
        required_text("found", draft.found, _LONGEST_FOUND)

    def digest(self, draft: VisitDraft, target: Resolved) -> bytes:
        return draft.digest(target.household_id, target.person_id)

    async def check_one(self, context: CommandContext, wanted: Wanted[VisitDraft, Resolved]) -> None:
        draft = wanted.draft
        if draft.visited_on > today():
            raise VisitInFuture(path=("visitedOn",), day=draft.visited_on)
        if draft.alert is not None and draft.alert[0] != wanted.target.household_id:
            raise NotFound(path=("alertId",), noun="alert of this household", noun_zh="户的预警")

    async def write_one(self, context: CommandContext, new: Wanted[VisitDraft, Resolved]) -> None:
        draft, to = new.draft, new.target
        alert_id = await _check_alert(context, draft)
        body = {
            "visitedOn": str(draft.visited_on),
            "recommendation": draft.recommendation.value,
            "externalId": new.claim.external_id,
            **({"alert": str(alert_id)} if alert_id else {}),
        }
        clause = _CLAUSE_OF_ALERT if alert_id else _CLAUSE
        answers = (alert_id,) if alert_id else ()
        await context.append_events(
            EventDraft(
                to.household_id, EventType.VISITED, body, to.person_id, new.id, clause, answers=answers
            )
        )
        context.session.add(
            VisitRow(
                household_id=to.household_id,
                id=new.id,
                person_id=to.person_id,
                alert_id=alert_id,
                agency_id=context.grant.agency,
                visited_on=draft.visited_on,
                visitors=draft.visitors.strip(),
                found=draft.found.strip(),
                recommendation=draft.recommendation,
                external_id=new.claim.external_id,
            )
        )
        await context.session.flush()


_RECORD_VISIT = _RecordVisit()


async def record_visit(context: CommandContext, draft: VisitDraft) -> VisitKey:
    """Save a visit. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, VisitInFuture, NotFound, AmbiguousIdentity, Conflict.
    """
    return await create(context, _RECORD_VISIT, draft)


async def _check_alert(context: CommandContext, draft: VisitDraft) -> UUID | None:
    """Set the checked alert to VISITED."""
    if draft.alert is None:
        return None
    row = await find_alert(context, draft.alert, "alertId")
    if draft.visited_on < row.raised_at.astimezone(CHINA).date():
        raise InvalidInput(
            path=("visitedOn",),
            field="visitedOn",
            reason="it lies before the alert",
            reason_zh="早于预警日期",
        )
    if row.status is AlertStatus.OPEN:
        await context.session.execute(
            sa.update(_alert)
            .where(_alert.c.household_id == row.household_id, _alert.c.id == row.id)
            .values(status=AlertStatus.VISITED, version=row.version + 1)
        )
    return row.id  # type: ignore[no-any-return]
