"""Recording and ending a county's options (46-3.5). An option belongs to no household, so it has no chain event; the row holds
author and time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.commands.context import CommandContext
from hub.commands.creation import CreationByKey, Wanted, create_alone
from hub.commands.update import Update, update
from hub.commands.warnings import Warned
from hub.foundation.calendar import today
from hub.foundation.canonical_json import canonical_digest, plain
from hub.foundation.database import now, table_of
from hub.foundation.errors import HubError, InvalidInput, NotFound
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.ledger.stale import mark_county_stale
from hub.model.aid import OtherForm
from hub.model.certifications import Category
from hub.model.county_options import CountyOptionRow
from hub.model.ledger import ReceiptOf
from hub.policy.facts.county_options import EXTENDABLE, EXTENDED_TO, can_end_on, goes_on, has_ended
from hub.policy.permissions import write_scopes

CLAUSE = "46-3.5"
_option = table_of(CountyOptionRow)
_LONGEST = 500
_COUNTY = 6


class NotYourCounty(HubError):
    """A county's options are recorded and ended by the civil affairs of that county (46-3.5).
    区县(市)的延伸事项由该区县(市)民政部门登记和终止(46-3.5)。
    """


class AlreadyExtended(HubError):
    """Your county extended this item to this category since {valid_from}; end that first.
    本区县(市)自 {valid_from} 起已将该项延伸至此类别,如有变更请先终止。
    """


class CountyOptionEnded(HubError):
    """The option has ended already.
    该延伸事项已终止。
    """


@dataclass(frozen=True, slots=True)
class OptionDraft:
    """An item that the caller's county extends to a category from a day on, with the document that decides it."""

    external_id: str
    item: OtherForm
    category: Category
    since: date
    document: str

    def check(self) -> None:
        """Raise InvalidInput for an error that shows without the database and the clock."""
        required_text("externalId", self.external_id, LONGEST_EXTERNAL_ID)
        required_text("document", self.document, _LONGEST)
        if self.item not in EXTENDABLE:
            raise InvalidInput(
                path=("item",),
                field="item",
                reason="46-3.5 leaves no extension of it to the county",
                reason_zh="该项不属于可由区县(市)延伸的事项(46-3.5)",
            )
        if self.category not in EXTENDED_TO:
            raise InvalidInput(
                path=("category",),
                field="category",
                reason="it needs no extension (46-3.5)",
                reason_zh="该类别无需延伸(46-3.5)",
            )

    def digest(self) -> bytes:
        """SHA-256 of the content; equal content has an equal digest."""
        content = (self.item, self.category, self.since, self.document.strip())
        return canonical_digest([plain(value) for value in content])


@dataclass(frozen=True, slots=True)
class OptionEnd:
    """The first day on which an option is no longer in force, and the reason."""

    ended_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class _Nowhere:
    """The subject of an option: no household."""

    household_id: None = None


class _RecordOption(CreationByKey[OptionDraft, _Nowhere]):
    receipt = ReceiptOf.COUNTY_OPTION

    def authorise(self, context: CommandContext, draft: OptionDraft) -> None:
        context.need(write_scopes.COUNTY_OPTION)
        if len(context.grant.region) != _COUNTY:
            raise NotYourCounty(path=())

    def check_shape(self, context: CommandContext, draft: OptionDraft) -> None:
        draft.check()

    async def find_one(self, context: CommandContext, draft: OptionDraft) -> _Nowhere:
        await context.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_RECORDING)))
        return _Nowhere()

    async def check_one(self, context: CommandContext, wanted: Wanted[OptionDraft, _Nowhere]) -> None:
        draft = wanted.draft
        held = await context.session.scalar(
            sa.select(_option.c.since).where(
                _option.c.county == context.grant.region,
                _option.c.item == draft.item,
                _option.c.category == draft.category,
                goes_on(_option, sa.literal(draft.since)),
            )
        )
        if held is not None:
            raise AlreadyExtended(path=("since",), valid_from=held)

    async def write_one(self, context: CommandContext, new: Wanted[OptionDraft, _Nowhere]) -> None:
        draft = new.draft
        context.session.add(
            CountyOptionRow(
                id=new.id,
                county=context.grant.region,
                item=draft.item,
                category=draft.category,
                since=draft.since,
                document=draft.document.strip(),
                agency_id=context.grant.agency,
                external_id=new.claim.external_id,
                recorded_at=now(),
            )
        )
        await context.session.flush()
        await mark_county_stale(context.session, context.grant.region)


_RECORDING = 4_600_035
"""An advisory lock: of two concurrent requests, the second sees the option of the first. The number is arbitrary."""


class _EndOption(Update[tuple[UUID], OptionEnd, sa.Row[Any]]):
    name = "endCountyOption"
    of = "CountyOption"

    def authorise(self, context: CommandContext, change: OptionEnd) -> None:
        context.need(write_scopes.COUNTY_OPTION)

    def check_shape(self, context: CommandContext, change: OptionEnd) -> None:
        required_text("reason", change.reason, _LONGEST)

    async def find(self, context: CommandContext, key: tuple[UUID], change: OptionEnd) -> sa.Row[Any]:
        at = _option.c.id == key[0]
        row = (await context.session.execute(sa.select(_option).where(at).with_for_update())).one_or_none()
        if row is None:
            raise NotFound(path=("id",), noun="county option", noun_zh="延伸事项")
        if row.county != context.grant.region:
            raise NotYourCounty(path=("id",))
        return row

    def version(self, record: sa.Row[Any]) -> int:
        return int(record.version)

    def check_state(self, context: CommandContext, record: sa.Row[Any], change: OptionEnd) -> bool:
        if not can_end_on(record.since, change.ended_on, today()):
            raise InvalidInput(
                path=("endedOn",),
                field="endedOn",
                reason="from its first day to today",
                reason_zh="须在起始日期至今日之间",
            )
        if has_ended(record.ended_on):
            raise CountyOptionEnded(path=("id",))
        return True

    async def write(
        self, context: CommandContext, record: sa.Row[Any], change: OptionEnd
    ) -> Sequence[Warned]:
        values = {
            "ended_on": change.ended_on,
            "end_reason": change.reason.strip(),
            "version": record.version + 1,
        }
        await context.session.execute(sa.update(_option).where(_option.c.id == record.id).values(values))
        await mark_county_stale(context.session, record.county)
        return ()


_RECORD_OPTION, _END_OPTION = _RecordOption(), _EndOption()


async def record_county_option(context: CommandContext, draft: OptionDraft) -> tuple[UUID]:
    """Record an option of the caller's county. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, NotYourCounty, InvalidInput, AlreadyExtended, Conflict.
    """
    return await create_alone(context, _RECORD_OPTION, draft)


async def end_county_option(
    context: CommandContext, key: tuple[UUID], expected_version: int, end: OptionEnd
) -> tuple[UUID]:
    """End an option of the caller's county. A repeated request writes nothing and returns the option.

    Raises ForbiddenWrite, NotFound, NotYourCounty, StaleVersion, InvalidInput, CountyOptionEnded.
    """
    return (await update(context, _END_OPTION, key, expected_version, end)).key
