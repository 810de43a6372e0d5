"""Recording a visit (46-2.3, 46-2.4): one event in the household's chain; an alert that it checks is then VISITED."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.alerts.commands import AlertKey, find_alert
from hub.foundation.calendar import CHINA, today
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.database import new_id, table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import ForbiddenWrite, HubError, InvalidInput, NotFound
from hub.foundation.texts import LONGEST_EXTERNAL_ID, said
from hub.ledger.chain import Author, EventDraft, append_events
from hub.ledger.receipts import Claim, claim_receipt
from hub.model.alerts import AlertRow, AlertStatus
from hub.model.ledger import EventType, ReceiptOf
from hub.model.visits import Recommendation, VisitRow
from hub.persons.subjects import Resolved, Subject, find_subject
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
    """A visit as those who made it tell it."""

    external_id: str
    subject: Subject
    visited_on: date
    visitors: str
    found: str
    recommendation: Recommendation
    alert: AlertKey | None = None

    def digest(self, household_id: UUID, person_id: UUID | None) -> bytes:
        """SHA-256 of what it says, whoever's identity it was named by; equal content, equal digest."""
        told = [
            str(household_id), str(person_id) if person_id else None, str(self.visited_on), self.visitors.strip(),
            self.found.strip(), self.recommendation.value, str(self.alert[1]) if self.alert else None,
        ]  # fmt: skip
        return canonical_digest(told)


async def record_visit(session: AsyncSession, grant: Grant, secrecy: Secrecy, draft: VisitDraft) -> VisitKey:
    """Keep a visit. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, VisitInFuture, NotFound, AmbiguousIdentity, Conflict.
    """
    if write_scopes.VISIT not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=write_scopes.VISIT.value)
    said("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
    said("visitors", draft.visitors, _LONGEST_VISITORS)
    said("found", draft.found, _LONGEST_FOUND)
    if draft.visited_on > today():
        raise VisitInFuture(path=("visitedOn",), day=draft.visited_on)
    to = await find_subject(session, grant, secrecy, draft.subject)
    if draft.alert is not None and draft.alert[0] != to.household_id:
        raise NotFound(path=("alertId",), noun="alert of this household", noun_zh="该户的预警")
    claim = Claim(
        0, draft.external_id.strip(), to.household_id, new_id(), draft.digest(to.household_id, to.person_id)
    )
    receipt = await claim_receipt(session, grant.agency, ReceiptOf.VISIT, claim)
    if receipt.record_id == claim.record_id:
        await _keep(session, grant, draft, to, claim)
    return receipt.household_id, receipt.record_id


async def _keep(session: AsyncSession, grant: Grant, draft: VisitDraft, to: Resolved, claim: Claim) -> None:
    alert_id = await _check_alert(session, grant, draft)
    body = {
        "visitedOn": str(draft.visited_on), "recommendation": draft.recommendation.value,
        "externalId": claim.external_id, **({"alert": str(alert_id)} if alert_id else {}),
    }  # fmt: skip
    clause = _CLAUSE_OF_ALERT if alert_id else _CLAUSE
    event = EventDraft(
        to.household_id, EventType.VISITED, body, to.person_id, claim.record_id, clause,
        answers=(alert_id,) if alert_id else (),
    )  # fmt: skip
    await append_events(session, Author(grant.agency, grant.client), [event])
    session.add(
        VisitRow(
            household_id=to.household_id, id=claim.record_id, person_id=to.person_id, alert_id=alert_id,
            agency_id=grant.agency, visited_on=draft.visited_on, visitors=draft.visitors.strip(),
            found=draft.found.strip(), recommendation=draft.recommendation, external_id=claim.external_id,
        )
    )  # fmt: skip
    await session.flush()


async def _check_alert(session: AsyncSession, grant: Grant, draft: VisitDraft) -> UUID | None:
    """The alert that is checked; it is VISITED from now on."""
    if draft.alert is None:
        return None
    row = await find_alert(session, grant, draft.alert, "alertId")
    if draft.visited_on < row.raised_at.astimezone(CHINA).date():
        raise InvalidInput(
            path=("visitedOn",),
            field="visitedOn",
            reason="it lies before the alert",
            reason_zh="早于预警日期",
        )
    if row.status is AlertStatus.OPEN:
        await session.execute(
            sa.update(_alert)
            .where(_alert.c.household_id == row.household_id, _alert.c.id == row.id)
            .values(status=AlertStatus.VISITED, version=row.version + 1)
        )
    return row.id  # type: ignore[no-any-return]
