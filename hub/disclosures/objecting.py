"""An objection to a line of a published list: it is kept, and what it says is checked like any other finding (46-4.3, 46-2.4)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.alerts.commands import raise_alert
from hub.alerts.drafts import AlertDraft
from hub.foundation.calendar import CHINA, today
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.database import new_id, table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import ForbiddenWrite, HubError, InvalidInput, NotFound
from hub.foundation.texts import LONGEST_EXTERNAL_ID, said
from hub.ledger.receipts import Claim, claim_receipt
from hub.model.disclosures import DisclosureEntryRow, DisclosureRow, ObjectionRow
from hub.model.ledger import ReceiptOf
from hub.persons.subjects import Subject
from hub.policy.permissions import write_scopes
from hub.policy.permissions.row_policies import visible

_disclosure, _entry = table_of(DisclosureRow), table_of(DisclosureEntryRow)
_LONGEST_GROUND = 800

ObjectionKey = tuple[UUID, UUID]
"""(household id, objection id)."""


@dataclass(frozen=True, slots=True)
class ObjectionDraft:
    """What was objected to the line `number` of a list, and when. Who objected is not told to the hub."""

    external_id: str
    disclosure_id: UUID
    number: int
    ground: str
    objected_on: date

    def digest(self) -> bytes:
        """SHA-256 of what it says; equal content, equal digest."""
        told = [str(self.disclosure_id), self.number, self.ground.strip(), str(self.objected_on)]
        return canonical_digest(told)


async def object_to_disclosure(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, draft: ObjectionDraft
) -> ObjectionKey:
    """Keep an objection, and raise the alert that has it checked at home. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, NotFound, Conflict.
    """
    for scope in write_scopes.OBJECTION:
        if scope not in grant.scopes:
            raise ForbiddenWrite(path=(), scope=scope.value)
    external_id = said("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
    ground = said("ground", draft.ground, _LONGEST_GROUND)
    found = await session.execute(
        sa.select(_entry.c.household_id, _disclosure.c.published_at, _disclosure.c.month)
        .join(_disclosure, _disclosure.c.id == _entry.c.disclosure_id)
        .where(
            _entry.c.disclosure_id == draft.disclosure_id, _entry.c.number == draft.number,
            visible(_entry, grant), visible(_disclosure, grant),
        )
    )  # fmt: skip
    row = found.one_or_none()
    if row is None:
        at = sa.and_(_disclosure.c.id == draft.disclosure_id, visible(_disclosure, grant))
        listed = await session.scalar(sa.select(_disclosure.c.id).where(at))
        if listed is None:
            raise NotFound(path=("disclosureId",), noun="list", noun_zh="公示名单")
        raise NotFound(path=("number",), noun="line of a list", noun_zh="公示条目")
    if not row.published_at.astimezone(CHINA).date() <= draft.objected_on <= today():
        raise InvalidInput(
            path=("objectedOn",), field="objectedOn", reason="from the day of publication to today",
            reason_zh="须在公示之日至今天之间",
        )  # fmt: skip
    claim = Claim(0, external_id, row.household_id, new_id(), draft.digest())
    receipt = await claim_receipt(session, grant.agency, ReceiptOf.OBJECTION, claim)
    if receipt.record_id == claim.record_id:
        reason = f"公示异议({row.month:%Y-%m} 第 {draft.number} 条):{ground}"
        subject = Subject(household_id=row.household_id)
        alert = AlertDraft(f"objection/{claim.record_id}", subject, reason, answers=draft.disclosure_id)
        try:
            _, alert_id = await raise_alert(session, grant, secrecy, alert)
        except HubError as error:
            raise error.at("number") from None
        session.add(
            ObjectionRow(
                household_id=row.household_id, id=claim.record_id, disclosure_id=draft.disclosure_id,
                number=draft.number, agency_id=grant.agency, objected_on=draft.objected_on, ground=ground,
                alert_id=alert_id, external_id=external_id,
            )
        )  # fmt: skip
        await session.flush()
    return receipt.household_id, receipt.record_id
