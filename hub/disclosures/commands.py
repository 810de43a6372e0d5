"""Publishing a list and withdrawing one (46-4.3). Publishing is one event in the chain of each household that is on it."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.disclosures.listing import Line, list_of
from hub.disclosures.refusals import AlreadyDisclosed, DisclosureWithdrawn, NotYourDisclosure
from hub.disclosures.rules import CLAUSE
from hub.foundation.calendar import today
from hub.foundation.database import copy_rows, new_id, now, table_of
from hub.foundation.errors import Conflict, ForbiddenWrite, InvalidInput, NotFound, StaleVersion
from hub.foundation.texts import LONGEST_EXTERNAL_ID, said
from hub.ledger.chain import Author, EventDraft, append_events
from hub.ledger.receipts import Change, repeated
from hub.model.disclosures import DisclosureEntryRow, DisclosureRow, ListOf
from hub.model.ledger import EventType
from hub.model.regions import RegionLevel, RegionRow
from hub.policy.permissions import write_scopes
from hub.policy.permissions.row_policies import visible

_disclosure, _region = table_of(DisclosureRow), table_of(RegionRow)
_LEVELS = (RegionLevel.TOWNSHIP, RegionLevel.VILLAGE)
_LONGEST_REASON = 500
_ENTRY = [column.name for column in table_of(DisclosureEntryRow).columns]
DisclosureKey = tuple[UUID]


@dataclass(frozen=True, slots=True)
class DisclosureDraft:
    """Which list: of a township or village, and of a month, by its first day."""

    external_id: str
    region: str
    month: date
    list_of: ListOf


async def publish_disclosure(session: AsyncSession, grant: Grant, draft: DisclosureDraft) -> DisclosureKey:
    """Make the list and keep it as it is published now. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, NotFound, Conflict, AlreadyDisclosed.
    """
    _check_scope(grant)
    external_id = said("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
    if draft.month > today():
        raise InvalidInput(
            path=("month",), field="month", reason="it lies in the future", reason_zh="晚于本月"
        )
    await _check_region(session, grant, draft.region)
    kept = await _kept(session, grant, draft, external_id)
    return (kept,) if kept is not None else (await _publish(session, grant, draft, external_id),)


def _check_scope(grant: Grant) -> None:
    if write_scopes.DISCLOSURE not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=write_scopes.DISCLOSURE.value)


async def _check_region(session: AsyncSession, grant: Grant, code: str) -> None:
    level = await session.scalar(sa.select(_region.c.level).where(_region.c.code == code))
    if level is None or not code.startswith(grant.regions):
        raise NotFound(path=("region",), noun="region", noun_zh="区划")
    if level not in _LEVELS:
        raise InvalidInput(
            path=("region",), field="region", reason="a list is of a township or a village",
            reason_zh="公示以乡镇(街道)或村(社区)为单位",
        )  # fmt: skip


async def _kept(session: AsyncSession, grant: Grant, draft: DisclosureDraft, external_id: str) -> UUID | None:
    """The list that stands under the number, once those who publish for the region are waited out."""
    turn = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"disclosure {draft.region}", 0))
    await session.execute(sa.select(turn))
    mine = sa.and_(_disclosure.c.agency_id == grant.agency, _disclosure.c.external_id == external_id)
    row = (await session.execute(sa.select(_disclosure).where(mine))).one_or_none()
    if row is not None:
        if (row.region, row.month, row.list_of) != (draft.region, draft.month, draft.list_of):
            raise Conflict(path=("externalId",))
        return row.id  # type: ignore[no-any-return]
    same = sa.and_(
        _disclosure.c.region == draft.region, _disclosure.c.month == draft.month,
        _disclosure.c.list_of == draft.list_of, _disclosure.c.withdrawn_at.is_(None),
    )  # fmt: skip
    if (await session.execute(sa.select(_disclosure.c.id).where(same))).one_or_none() is not None:
        raise AlreadyDisclosed(path=("region",))
    return None


async def _publish(session: AsyncSession, grant: Grant, draft: DisclosureDraft, external_id: str) -> UUID:
    id = new_id()
    lines = await list_of(session, grant, draft.list_of, draft.region, draft.month)
    body = {"list": draft.list_of.value, "month": f"{draft.month:%Y-%m}", "region": draft.region}
    await append_events(
        session, Author(grant.agency, grant.client),
        [
            EventDraft(household_id, EventType.DISCLOSED, body, subject_id=id, policy_basis=CLAUSE)
            for household_id in dict.fromkeys(line.household_id for line in lines)
        ],
    )  # fmt: skip
    session.add(
        DisclosureRow(
            id=id, region=draft.region, month=draft.month, list_of=draft.list_of, agency_id=grant.agency,
            published_at=now(), entries=len(lines), policy_basis=CLAUSE, external_id=external_id,
        )
    )  # fmt: skip
    await session.flush()
    rows = (_entry(id, number, line) for number, line in enumerate(lines, 1))
    await copy_rows(session, "disclosure_entry", _ENTRY, ([row[name] for name in _ENTRY] for row in rows))
    return id


def _entry(id: UUID, number: int, line: Line) -> dict[str, Any]:
    return {
        "disclosure_id": id, "number": number, "region": line.region, "household_id": line.household_id,
        "masked_name": line.masked_name, "category": line.category, "aid_kind": line.aid_kind, "since": line.since,
    }  # fmt: skip


async def withdraw_disclosure(
    session: AsyncSession, grant: Grant, key: DisclosureKey, expected_version: int, reason: str
) -> DisclosureKey:
    """Take a list of one's own back, so that another can take its place; it stays readable as it was published. The
    same of the same version again writes nothing and answers the list.

    Raises ForbiddenWrite, InvalidInput, NotFound, NotYourDisclosure, StaleVersion, DisclosureWithdrawn.
    """
    _check_scope(grant)
    why = said("reason", reason, _LONGEST_REASON)
    at = _disclosure.c.id == key[0]
    found = await session.execute(
        sa.select(_disclosure).where(at, visible(_disclosure, grant)).with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound(path=("id",), noun="list", noun_zh="公示名单")
    if row.agency_id != grant.agency:
        raise NotYourDisclosure(path=("id",))
    if await repeated(session, grant.agency, Change("withdrawDisclosure", key, expected_version, why)):
        return key
    if row.version != expected_version:
        raise StaleVersion(path=("expectedVersion",), expected=expected_version, actual=row.version)
    if row.withdrawn_at is not None:
        raise DisclosureWithdrawn(path=("id",))
    change = {"withdrawn_at": now(), "withdraw_reason": why, "version": row.version + 1}
    await session.execute(sa.update(_disclosure).where(at).values(change))
    return key
