"""Objections to a line of a published list. An objection is saved and checked like any other finding (46-4.3, 46-2.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from hub.alerts.commands import raise_alert
from hub.alerts.drafts import AlertDraft
from hub.commands.context import CommandContext
from hub.commands.creation import CreationByKey, Wanted, create
from hub.disclosures.refusals import DisclosureWithdrawn
from hub.foundation.calendar import today
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.database import table_of
from hub.foundation.errors import HubError, InvalidInput, NotFound
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.ledger.chain import lock_households
from hub.model.disclosures import DisclosureEntryRow, DisclosureRow, ObjectionRow
from hub.model.households import HouseholdRow
from hub.model.ledger import ReceiptOf
from hub.persons.subjects import Subject
from hub.policy.facts.disclosures import is_withdrawn, may_object
from hub.policy.permissions import write_scopes
from hub.policy.permissions.row_policies import visible

_disclosure, _entry = table_of(DisclosureRow), table_of(DisclosureEntryRow)
_household = table_of(HouseholdRow)
_LONGEST_GROUND = 800

ObjectionKey = tuple[UUID, UUID]
"""(household id, objection id)."""


@dataclass(frozen=True, slots=True)
class ObjectionDraft:
    """An objection to the line `number` of a list, with its day. The hub does not learn who objected."""

    external_id: str
    disclosure_id: UUID
    number: int
    ground: str
    objected_on: date

    def digest(self) -> bytes:
        """SHA-256 of the content; equal content has an equal digest."""
        content = [str(self.disclosure_id), self.number, self.ground.strip(), str(self.objected_on)]
        return canonical_digest(content)


@dataclass(frozen=True, slots=True)
class _ListLine:
    """A line of a list whose household is visible, with the list's time of publication and month, and whether it was
    withdrawn."""

    household_id: UUID
    published_at: datetime
    month: date
    withdrawn: bool


class _Object(CreationByKey[ObjectionDraft, _ListLine]):
    receipt = ReceiptOf.OBJECTION

    def authorise(self, context: CommandContext, draft: ObjectionDraft) -> None:
        context.need(*write_scopes.OBJECTION)

    def compares(self, draft: ObjectionDraft) -> Sequence[str]:
        return "Disclosure.publishedAt", "Disclosure.withdrawnAt", "DisclosureEntry.place"

    def check_shape(self, context: CommandContext, draft: ObjectionDraft) -> None:
        required_text("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
        required_text("ground", draft.ground, _LONGEST_GROUND)

    async def find_one(self, context: CommandContext, draft: ObjectionDraft) -> _ListLine:
        """The line. Its list is locked, so that nobody withdraws it at the same time."""
        session, grant = context.session, context.grant
        found = await session.execute(
            sa.select(
                _entry.c.household_id,
                _disclosure.c.published_at,
                _disclosure.c.month,
                _disclosure.c.withdrawn_at,
            )
            .join(_disclosure, _disclosure.c.id == _entry.c.disclosure_id)
            .join(_household, _household.c.id == _entry.c.household_id)
            .where(
                _entry.c.disclosure_id == draft.disclosure_id,
                _entry.c.number == draft.number,
                visible(_entry, grant),
                visible(_disclosure, grant),
                visible(_household, grant),
            )
            .with_for_update(read=True, of=_disclosure)
        )
        row = found.one_or_none()
        if row is None:
            at = sa.and_(_disclosure.c.id == draft.disclosure_id, visible(_disclosure, grant))
            listed = await session.scalar(sa.select(_disclosure.c.id).where(at))
            if listed is None:
                raise NotFound(path=("disclosureId",), noun="list", noun_zh="公示名单")
            raise NotFound(path=("number",), noun="line of a list", noun_zh="公示条目")
        context.named.households.add(row.household_id)
        await lock_households(session, [row.household_id])
        return _ListLine(row.household_id, row.published_at, row.month, is_withdrawn(row.withdrawn_at))

    async def check_one(self, context: CommandContext, wanted: Wanted[ObjectionDraft, _ListLine]) -> None:
        if wanted.target.withdrawn:
            raise DisclosureWithdrawn(path=("disclosureId",))
        if not may_object(wanted.target.published_at, wanted.draft.objected_on, today()):
            raise InvalidInput(
                path=("objectedOn",),
                field="objectedOn",
                reason="from the day of publication to today",
                reason_zh="须在公示之日至今天之间",
            )

    async def write_one(self, context: CommandContext, new: Wanted[ObjectionDraft, _ListLine]) -> None:
        draft, line, ground = new.draft, new.target, new.draft.ground.strip()
        reason = f"公示异议({line.month:%Y-%m} 第 {draft.number} 条):{ground}"
        subject = Subject(household_id=line.household_id)
        alert = AlertDraft(f"objection/{new.id}", subject, reason, answers=draft.disclosure_id)
        try:
            _, alert_id = await raise_alert(context, alert)
        except HubError as error:
            raise error.at("number") from None
        context.session.add(
            ObjectionRow(
                household_id=line.household_id,
                id=new.id,
                disclosure_id=draft.disclosure_id,
                number=draft.number,
                agency_id=context.grant.agency,
                objected_on=draft.objected_on,
                ground=ground,
                alert_id=alert_id,
                external_id=new.claim.external_id,
            )
        )
        await context.session.flush()


_OBJECT = _Object()


async def object_to_disclosure(context: CommandContext, draft: ObjectionDraft) -> ObjectionKey:
    """Save an objection, and raise an alert, so that it is checked at home. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, NotFound, Conflict, DisclosureWithdrawn.
    """
    return await create(context, _OBJECT, draft)
