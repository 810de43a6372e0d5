"""The same file by two processes at the same time, and its undoing by two: the one that comes second finds it done, for every
kind of file."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from hub.foundation.database import Database
from hub.foundation.settings import Settings
from hub.imports.undo import Undone, undo_import
from hub.model.import_runs import ImportKind
from tests.fixtures.served import Owner
from tests.hub.imports.conftest import Office, grant_of
from tests.hub.imports.test_undo_by_whom import BEFORE, FILES, Sent, everything

pytestmark = pytest.mark.anyio
LONGEST = 30.0
WAITING = (
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)
HELD = {ImportKind.AID: "select id from household for update"}
ALL_FILES = "select pg_advisory_xact_lock(4600001)"
"""What each waits for: a file of aid for the households that it names, every other for its turn among files."""
T = TypeVar("T")


@pytest.fixture
async def beside(
    office: Office, database_url: str, settings: Settings, tmp_path: Path
) -> AsyncIterator[Office]:
    """Another process on the same database, with a folder of its own."""
    database, folder = Database(database_url, settings), tmp_path / "beside"
    folder.mkdir()
    yield replace(office, database=database, folder=folder)
    await database.close()


@pytest.fixture
def owner(database_url: str) -> Iterator[Owner]:
    """The owner's access to the database."""
    opened = Owner(database_url)
    yield opened
    opened.close()


@asynccontextmanager
async def held(office: Office, lock: str, owner: Owner) -> AsyncIterator[None]:
    """Nobody goes on before two wait for a lock."""
    async with office.database.write() as session:
        await (await session.connection()).exec_driver_sql(lock)
        yield
        until = time.monotonic() + LONGEST
        while owner.rows(WAITING, ()) != [(2,)]:
            assert time.monotonic() < until, "they do not come to the lock"
            await asyncio.sleep(0.01)


async def two_at_once(
    office: Office, beside: Office, owner: Owner, sent: Sent, act: Callable[[Office], Awaitable[T]]
) -> list[T]:
    """What two processes answer of which neither went on before the other had come as far."""
    async with held(office, HELD.get(sent.kind, ALL_FILES), owner):
        acting = [asyncio.ensure_future(act(one)) for one in (office, beside)]
    return list(await asyncio.gather(*acting))


@pytest.mark.parametrize("sent", FILES.values(), ids=list(FILES))
async def test_a_file_that_comes_twice_at_once_is_imported_once_and_undone_once(
    office: Office, beside: Office, owner: Owner, sent: Sent
) -> None:
    await office.imports(BEFORE)
    before = await everything(office)

    async def imported(by: Office) -> int:
        headers = sent.headers or list(sent.rows[0])
        report = await by.imports(sent.rows, grant_of(sent.agency), sent.kind, headers)
        assert report.refused == []
        return report.changed

    async def undone(by: Office) -> Undone:
        return await undo_import(by.database, by.secrecy, run, grant_of(sent.agency))

    changed = sorted(await two_at_once(office, beside, owner, sent, imported))
    assert changed == [0, len([row for row in sent.rows if row not in BEFORE])]
    assert await everything(office) != before
    run = (await office.rows("select id from import_run where changed > 0 order by started_at desc"))[0]
    assert sorted(one.before for one in await two_at_once(office, beside, owner, sent, undone)) == [
        False,
        True,
    ]
    assert await office.rows("select count(undone_at) from import_run") == [1]
    assert (await everything(office))[0] == before[0]
    assert await office.chains_are_whole()
