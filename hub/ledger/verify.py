"""Checks every chain, the order of all events, and every row of every record against its record events, in one snapshot and
constant memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import Database, table_of, with_limits_of_jobs
from hub.ledger.chain import Verdict, verify_links
from hub.ledger.checkpoints import LogKey
from hub.ledger.order import OrderState, read_order
from hub.ledger.verify_log import LogVerdict, check_log
from hub.ledger.verify_records import (
    Fault,
    IdRange,
    RowFault,
    check_households,
    check_rows_of_none,
    codes_of,
    following,
)
from hub.model.households import HouseholdRow
from hub.model.ledger import ChainEventRow
from hub.model.record_events import RecordEventRow

_event, _household = table_of(ChainEventRow), table_of(HouseholdRow)
_record_event = table_of(RecordEventRow)
_HOUSEHOLDS_AT_ONCE = 500
MOST_NAMED = 100
"""The most rows that a check names for each table and fault; it counts all."""


@dataclass
class Verification:
    """The result of a check. `order` is the order of all events, `faults` counts the wrong rows by fault and table, `rows`
    are the named ones, `codes` the codes of their households."""

    order: OrderState
    chains: int = 0
    links: int = 0
    broken: list[tuple[UUID, Verdict]] = field(default_factory=list)
    recorded: int = 0
    faults: Counter[tuple[Fault, str]] = field(default_factory=Counter)
    rows: list[RowFault] = field(default_factory=list)
    codes: dict[UUID, str] = field(default_factory=dict)
    log: LogVerdict = field(default_factory=LogVerdict)

    @property
    def whole(self) -> bool:
        """Whether the check found no fault."""
        return not self.broken and self.order.whole and not self.faults and not self.log.faults

    def note(self, fault: RowFault) -> None:
        """Count a wrong row."""
        self.faults[fault.fault, fault.relation] += 1
        if self.faults[fault.fault, fault.relation] <= MOST_NAMED:
            self.rows.append(fault)


async def verify_all(
    database: Database, console: Console, key: LogKey | None = None, anchored: str | None = None
) -> Verification:
    """Check every household's chain, the rows of all records, and the log; `anchored` is the note of its last anchored
    checkpoint. A household without any event is broken too, since creating one writes an event."""
    async with database.write() as session:
        await session.execute(sa.text("set transaction isolation level repeatable read, read only"))
        await with_limits_of_jobs(session)
        found = Verification(await read_order(await session.connection()))
        total = await session.scalar(sa.select(sa.func.count()).select_from(_household)) or 0
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("chains and rows 救助链与记录", total=total)
            first: UUID | None = IdRange().first
            while first is not None:
                page = sa.select(_household.c.id).where(_household.c.id >= first).order_by(_household.c.id)
                ids = (await session.scalars(page.limit(_HOUSEHOLDS_AT_ONCE))).all()
                last = ids[-1] if len(ids) == _HOUSEHOLDS_AT_ONCE else IdRange().last
                await _check_chains(session, ids, found)
                async for fault in check_households(session, IdRange(first, last)):
                    found.note(fault)
                first = None if last == IdRange().last else following(last)
                bar.advance(task, len(ids))
            async for fault in check_rows_of_none(session):
                found.note(fault)
        found.log = await check_log(session, key, anchored)
        found.recorded = await session.scalar(sa.select(sa.func.count()).select_from(_record_event)) or 0
        named = {fault.household_id for fault in found.rows if fault.household_id is not None}
        found.codes = await codes_of(session, sorted(named | {household for household, _ in found.broken}))
    return found


async def _check_chains(session: AsyncSession, ids: Sequence[UUID], found: Verification) -> None:
    """Check the chains of some households."""
    rows = await session.execute(
        sa.select(_event)
        .where(_event.c.household_id.in_(ids))
        .order_by(_event.c.household_id, _event.c.number)
    )
    events = (dict(row) for row in rows.mappings())
    verdicts = {
        household_id: verify_links(links)
        for household_id, links in groupby(events, lambda event: event["household_id"])
    }
    for household_id in ids:
        verdict = verdicts.get(household_id, Verdict(False, 0, 1, "link 1 is missing"))
        found.chains += 1
        found.links += verdict.length
        if not verdict.whole:
            found.broken.append((household_id, verdict))
