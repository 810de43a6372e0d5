"""Making a sample: the planted cases first, then households spread over the counties.

The row of `installation` is written before the first household, without its size, and completed after the
last. A run that was killed is therefore seen (`sample_state` answers BEGUN), and its database must be made
anew: a sample is never continued, since its numbers are drawn in one go.
"""

from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.database import Database, now, table_of
from hub.households.tables import HouseholdRow
from hub.installation import InstallationRow
from hub.sample.calendar import calendar_of
from hub.sample.copying import copy_stories
from hub.sample.identities import IdentityNumbers, randomness
from hub.sample.places import places, spread
from hub.sample.planted import PLANTED
from hub.sample.story import Story
from hub.sample.telling import choose_wish, tell
from hub.secrecy import Secrecy

HOUSEHOLDS_A_TRANSACTION = 1000

_installation = table_of(InstallationRow)


class NotASample(Exception):
    """The database holds real households, or a sample of another size or seed; use an empty one."""


class SampleUnfinished(Exception):
    """The making of this sample was interrupted; drop the database and make it anew."""


class SampleState(Enum):
    """What a database is, as to samples."""

    EMPTY = "no households"
    REAL = "households, and not of a sample"
    BEGUN = "a sample whose making was interrupted"
    DONE = "a whole sample"


async def sample_state(database: Database) -> SampleState:
    """Whether a sample can be made in a database, or stands in it already."""
    row = await _installation_row(database)
    if row is not None and row["sample"]:
        return SampleState.BEGUN if row["sample_households"] is None else SampleState.DONE
    async with database.read() as connection:
        held = await connection.scalar(sa.select(sa.exists(sa.select(table_of(HouseholdRow).c.id))))
    return SampleState.REAL if held else SampleState.EMPTY


async def make_sample(
    database: Database,
    secrecy: Secrecy,
    households: int,
    seed: int,
    as_of: date,
    progress: Callable[[int, int], None],
) -> None:
    """Fill an empty database; the same (households, seed, as_of) gives the same sample but for sealed bytes.

    `progress(done, total)` is called after every transaction. Memory does not grow with the number of
    households. A whole sample of the same size and seed is left as it is.
    Raises NotASample, SampleUnfinished.
    """
    state = await sample_state(database)
    if state is SampleState.BEGUN:
        raise SampleUnfinished(SampleUnfinished.__doc__)
    if state is SampleState.DONE:
        row = await _installation_row(database)
        if row is not None and (row["sample_households"], row["sample_seed"]) == (households, seed):
            return
    if state is not SampleState.EMPTY:
        raise NotASample(NotASample.__doc__)
    await _record(database, seed, None)
    stories, done = tell_all(households, seed, as_of), 0
    while batch := list(islice(stories, HOUSEHOLDS_A_TRANSACTION)):
        async with database.write() as session:
            await copy_stories(session, secrecy, batch)
        done += len(batch)
        progress(done, households)
    await _record(database, seed, households)


def tell_all(households: int, seed: int, as_of: date) -> Iterator[Story]:
    """The stories of a sample, one by one. Each has randomness of its own; only identity numbers are shared."""
    calendar, numbers = calendar_of(as_of), IdentityNumbers()
    planted = PLANTED[:households]
    for serial, one in enumerate(planted, start=1):
        yield tell(randomness(seed, serial), calendar, numbers, serial, one.place, one.wish)
    serial = len(planted)
    for county, share in spread(households - serial):
        for _ in range(share):
            serial += 1
            rng = randomness(seed, serial)
            place = rng.choice(places()[county])
            yield tell(rng, calendar, numbers, serial, place, choose_wish(rng, place))


async def _installation_row(database: Database) -> sa.RowMapping | None:
    async with database.read() as connection:
        return (await connection.execute(sa.select(_installation))).mappings().one_or_none()


async def _record(database: Database, seed: int, households: int | None) -> None:
    values = {"sample": True, "sample_seed": seed, "sample_households": households}
    insert = pg.insert(_installation).values(id=1, created_at=now(), **values)
    async with database.write() as session:
        await session.execute(insert.on_conflict_do_update(index_elements=["id"], set_=values))
