"""Makes a sample: the planted cases first, then households distributed over the counties.

The row of `installation` has the parameters of the sample and, after every transaction, the number of its households. So an
interrupted run is recognised (`sample_state` returns BEGUN) and continued. The stories are made again from the first one,
because their random numbers form one sequence; existing households are not written again.
"""

from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import Database, now, table_of, with_limits_of_jobs
from hub.foundation.encryption import Secrecy
from hub.foundation.operating import OperatorError
from hub.model.households import HouseholdRow
from hub.model.installation import InstallationRow
from hub.sample.calendar import calendar_of
from hub.sample.copying import copy_stories
from hub.sample.household_story import choose_wish, make_story
from hub.sample.identities import IdentityNumbers, randomness
from hub.sample.places import places, spread
from hub.sample.planted import PLANTED
from hub.sample.shares import share_lists
from hub.sample.story import Story

HOUSEHOLDS_A_TRANSACTION = 1000

_installation = table_of(InstallationRow)


class NotASample(OperatorError):
    """The database holds real households, or a sample of another size or seed; use an empty one.
    数据库中已有真实家庭,或为其他规模、种子的样例;请使用空数据库。
    """


class SampleState(Enum):
    """The state of a database with respect to samples."""

    EMPTY = "no households"
    REAL = "households, and not of a sample"
    BEGUN = "a sample whose making was interrupted"
    DONE = "a whole sample"


async def sample_state(database: Database) -> SampleState:
    """Whether a sample can be made in a database, was begun, or is complete."""
    row = await _installation_row(database)
    if row is not None and row["sample"]:
        return SampleState.DONE if row["sample_made"] == row["sample_households"] else SampleState.BEGUN
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
    """Fill an empty database, or continue a sample of the same size and seed; a complete one stays unchanged. The same
    (households, seed, as_of) makes the same sample, except for encrypted bytes; a begun sample has the day with which it was
    begun.

    `progress(done, total)` is called after every transaction. Memory does not grow with the number of households. Raises
    NotASample.
    """
    row = await _installation_row(database)
    if row is None or not row["sample"]:
        if await sample_state(database) is not SampleState.EMPTY:
            raise NotASample
        made = 0
    elif (row["sample_households"], row["sample_seed"]) != (households, seed) or row["sample_as_of"] is None:
        raise NotASample
    else:
        made, as_of = row["sample_made"], row["sample_as_of"]
    stories = islice(make_stories(households, seed, as_of), made, None)
    while batch := list(islice(stories, HOUSEHOLDS_A_TRANSACTION)):
        made += len(batch)
        async with database.write() as session:
            await with_limits_of_jobs(session)
            await copy_stories(session, secrecy, batch)
            if made == households:
                await share_lists(session, seed, as_of)
            await _record(session, households, seed, as_of, made)
        progress(made, households)


def make_stories(households: int, seed: int, as_of: date) -> Iterator[Story]:
    """The stories of a sample, one after another. Each has its own random generator; only the identity numbers are shared."""
    calendar, numbers = calendar_of(as_of), IdentityNumbers()
    planted = PLANTED[:households]
    for serial, case in enumerate(planted, start=1):
        yield make_story(randomness(seed, serial), calendar, numbers, serial, case.place, case.wish)
    serial = len(planted)
    for county, share in spread(households - serial):
        for _ in range(share):
            serial += 1
            rng = randomness(seed, serial)
            place = rng.choice(places()[county])
            yield make_story(rng, calendar, numbers, serial, place, choose_wish(rng, place))


async def _installation_row(database: Database) -> sa.RowMapping | None:
    async with database.read() as connection:
        return (await connection.execute(sa.select(_installation))).mappings().one_or_none()


async def _record(session: AsyncSession, households: int, seed: int, as_of: date, made: int) -> None:
    values = {
        "sample": True,
        "sample_seed": seed,
        "sample_households": households,
        "sample_as_of": as_of,
        "sample_made": made,
    }
    insert = pg.insert(_installation).values(id=1, created_at=now(), **values)
    await session.execute(insert.on_conflict_do_update(index_elements=["id"], set_=values))


async def begun_households(database: Database) -> int | None:
    """The size of the sample in a database, complete or begun."""
    row = await _installation_row(database)
    return None if row is None else row["sample_households"]
