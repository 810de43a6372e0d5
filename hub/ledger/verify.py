"""Checking every chain and the order of all events, in one pass over the ledger and flat memory."""

from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa
from rich.console import Console
from rich.progress import Progress

from hub.foundation.database import Database, table_of
from hub.ledger.chain import Verdict, verify_links
from hub.ledger.order import Order, read_order
from hub.model.households import HouseholdRow
from hub.model.ledger import ChainEventRow

_event = table_of(ChainEventRow)
_HOUSEHOLDS_AT_ONCE = 500


@dataclass
class Verification:
    """What a check of all chains found, and of the order of all events."""

    order: Order
    chains: int = 0
    links: int = 0
    broken: list[tuple[UUID, Verdict]] = field(default_factory=list)


async def verify_all(database: Database, console: Console) -> Verification:
    """Check every household's chain; a household without any event is broken too, since none is made without one."""
    household = table_of(HouseholdRow)
    async with database.read() as connection:
        found = Verification(await read_order(connection))
        total = await connection.scalar(sa.select(sa.func.count()).select_from(household)) or 0
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("chains 救助链", total=total)
            last: UUID | None = None
            while True:
                page = sa.select(household.c.id).order_by(household.c.id).limit(_HOUSEHOLDS_AT_ONCE)
                ids = (
                    await connection.scalars(page if last is None else page.where(household.c.id > last))
                ).all()
                if not ids:
                    return found
                last = ids[-1]
                rows = await connection.execute(
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
                bar.advance(task, len(ids))
