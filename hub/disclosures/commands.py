"""Publishing and withdrawing a list (46-4.3). Publishing is one event in the chain of each household on the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.commands.context import CommandContext
from hub.commands.creation import CreationByKey, Wanted, create_alone
from hub.commands.update import UpdateForReason, update
from hub.commands.warnings import Warned
from hub.disclosures.listing import Line, list_of
from hub.disclosures.refusals import AlreadyDisclosed, DisclosureWithdrawn, NotYourDisclosure
from hub.disclosures.rules import CLAUSE
from hub.foundation.calendar import today
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.database import copy_rows, now, table_of
from hub.foundation.errors import InvalidInput, NotFound
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.ledger.chain import EventDraft
from hub.model.disclosures import DisclosureEntryRow, DisclosureRow, ListOf
from hub.model.ledger import EventType, ReceiptOf
from hub.model.regions import RegionLevel, RegionRow
from hub.policy.facts.disclosures import is_withdrawn, public
from hub.policy.permissions import write_scopes
from hub.policy.permissions.row_policies import visible

_disclosure, _region = table_of(DisclosureRow), table_of(RegionRow)
_LEVELS = (RegionLevel.TOWNSHIP, RegionLevel.VILLAGE)
_ENTRY = [column.name for column in table_of(DisclosureEntryRow).columns]
DisclosureKey = tuple[UUID]


@dataclass(frozen=True, slots=True)
class DisclosureDraft:
    """The list to publish: the region, a township or village, and the first day of the month."""

    external_id: str
    region: str
    month: date
    list_of: ListOf

    def digest(self) -> bytes:
        """SHA-256 of the content; equal content has an equal digest."""
        return canonical_digest([self.region, str(self.month), self.list_of.value])


@dataclass(frozen=True, slots=True)
class _Region:
    """The subject of a list: a region, and no single household."""

    household_id: None = None


class _PublishDisclosure(CreationByKey[DisclosureDraft, _Region]):
    receipt = ReceiptOf.DISCLOSURE

    def authorise(self, context: CommandContext, draft: DisclosureDraft) -> None:
        context.need(write_scopes.DISCLOSURE)

    def compares(self, draft: DisclosureDraft) -> Sequence[str]:
        return "Disclosure.month", "Disclosure.withdrawnAt"

    def check_shape(self, context: CommandContext, draft: DisclosureDraft) -> None:
        required_text("externalId", draft.external_id, LONGEST_EXTERNAL_ID)

    async def find_one(self, context: CommandContext, draft: DisclosureDraft) -> _Region:
        """The region. Waits until other publishers of its lists have finished."""
        await _check_region(context.session, context.grant, draft.region)
        lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"disclosure {draft.region}", 0))
        await context.session.execute(sa.select(lock))
        return _Region()

    async def check_one(self, context: CommandContext, wanted: Wanted[DisclosureDraft, _Region]) -> None:
        draft = wanted.draft
        if draft.month > today():
            raise InvalidInput(
                path=("month",), field="month", reason="it lies in the future", reason_zh="晚于本月"
            )
        same = sa.and_(
            _disclosure.c.region == draft.region,
            _disclosure.c.month == draft.month,
            _disclosure.c.list_of == draft.list_of,
            public(_disclosure),
        )
        stands = await context.session.execute(
            sa.select(_disclosure.c.external_id, _disclosure.c.agency_id).where(same)
        )
        row = stands.one_or_none()
        if row is not None and (row.agency_id, row.external_id) != (
            context.grant.agency,
            wanted.claim.external_id,
        ):
            raise AlreadyDisclosed(path=("region",))

    async def write_one(self, context: CommandContext, new: Wanted[DisclosureDraft, _Region]) -> None:
        draft, session, grant = new.draft, context.session, context.grant
        lines = await list_of(session, grant, draft.list_of, draft.region, draft.month)
        body = {"list": draft.list_of.value, "month": f"{draft.month:%Y-%m}", "region": draft.region}
        households = dict.fromkeys(line.household_id for line in lines)
        await context.append_events(
            *(
                EventDraft(household_id, EventType.DISCLOSED, body, subject_id=new.id, policy_basis=CLAUSE)
                for household_id in households
            )
        )
        session.add(
            DisclosureRow(
                id=new.id,
                region=draft.region,
                month=draft.month,
                list_of=draft.list_of,
                agency_id=grant.agency,
                published_at=now(),
                entries=len(lines),
                policy_basis=CLAUSE,
                external_id=new.claim.external_id,
            )
        )
        await session.flush()
        rows = (_entry(new.id, number, line) for number, line in enumerate(lines, 1))
        await copy_rows(session, "disclosure_entry", _ENTRY, ([row[name] for name in _ENTRY] for row in rows))


class _WithdrawDisclosure(UpdateForReason[DisclosureKey, sa.Row[Any]]):
    name = "withdrawDisclosure"
    of = "Disclosure"

    def authorise(self, context: CommandContext, reason: str) -> None:
        context.need(write_scopes.DISCLOSURE)

    async def find(self, context: CommandContext, key: DisclosureKey, reason: str) -> sa.Row[Any]:
        seen = sa.and_(_disclosure.c.id == key[0], visible(_disclosure, context.grant))
        found = await context.session.execute(sa.select(_disclosure).where(seen).with_for_update())
        row = found.one_or_none()
        if row is None:
            raise NotFound(path=("id",), noun="list", noun_zh="公示名单")
        if row.agency_id != context.grant.agency:
            raise NotYourDisclosure(path=("id",))
        return row

    def version(self, record: sa.Row[Any]) -> int:
        return int(record.version)

    def check_state(self, context: CommandContext, record: sa.Row[Any], reason: str) -> bool:
        if is_withdrawn(record.withdrawn_at):
            raise DisclosureWithdrawn(path=("id",))
        return True

    async def write(self, context: CommandContext, record: sa.Row[Any], reason: str) -> Sequence[Warned]:
        change = {
            "withdrawn_at": now(),
            "withdraw_reason": self.content(reason),
            "version": record.version + 1,
        }
        await context.session.execute(
            sa.update(_disclosure).where(_disclosure.c.id == record.id).values(change)
        )
        return ()


_PUBLISH, _WITHDRAW = _PublishDisclosure(), _WithdrawDisclosure()


async def publish_disclosure(context: CommandContext, draft: DisclosureDraft) -> DisclosureKey:
    """Make the list and save it as it is published. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, NotFound, Conflict, AlreadyDisclosed.
    """
    return await create_alone(context, _PUBLISH, draft)


async def withdraw_disclosure(
    context: CommandContext, key: DisclosureKey, expected_version: int, reason: str
) -> DisclosureKey:
    """Withdraw a list of the caller's agency, so that another can replace it. It stays readable as it was published. A
    repeated request writes nothing and returns the list.

    Raises ForbiddenWrite, InvalidInput, NotFound, NotYourDisclosure, StaleVersion, DisclosureWithdrawn.
    """
    return (await update(context, _WITHDRAW, key, expected_version, reason)).key


async def _check_region(session: AsyncSession, grant: Grant, code: str) -> None:
    level = await session.scalar(sa.select(_region.c.level).where(_region.c.code == code))
    if level is None or not code.startswith(grant.regions):
        raise NotFound(path=("region",), noun="region", noun_zh="区划")
    if level not in _LEVELS:
        raise InvalidInput(
            path=("region",),
            field="region",
            reason="a list is of a township or a village",
            reason_zh="公示以乡镇(街道)或村(社区)为单位",
        )


def _entry(id: UUID, number: int, line: Line) -> dict[str, Any]:
    return {
        "disclosure_id": id,
        "number": number,
        "region": line.region,
        "household_id": line.household_id,
        "masked_name": line.masked_name,
        "category": line.category,
        "aid_kind": line.aid_kind,
        "since": line.since,
    }
