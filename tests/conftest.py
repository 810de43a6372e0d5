"""What every test stands on: a real PostgreSQL, a fresh database for each test that writes, one sample for all that read.

`HUB_TEST_DATABASE_URL` (a superuser's URL on a server of one's own) replaces the embedded server.
"""

import os
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import anyio
import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from hub.evaluation.coverage.refreshing import refresh_coverage
from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.embedded import EmbeddedPostgres
from hub.foundation.encryption import Keys, Secrecy
from hub.foundation.months import month_of
from hub.foundation.settings import Settings
from hub.sample.make import make_sample
from hub.service.migrate import migrate
from hub.service.serving import freeze_imported_objects
from tests.fixtures.folders import server_folder
from tests.fixtures.served import Served, serve

pytest_plugins = ["tests.fixtures.clock"]
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each started process compiles all modules again
SAMPLE_HOUSEHOLDS = 300
SAMPLE_SEED = 1


LONG = (
    "tests/test_demo.py",
    "tests/test_durability.py",
    "tests/stateful/",
    "tests/schema/fuzz/",
)
"""They come first: a long test at the end is waited for by one process alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests first, each part in its own order."""
    items.sort(key=lambda item: not any(one in item.nodeid for one in LONG))


def pytest_collection_finish() -> None:
    """The collector looks no more at what was imported and collected, as in the service: a full look over that takes longer
    than a small test."""
    freeze_imported_objects()


@dataclass(frozen=True)
class TestCluster:
    """A running server, and how to make databases on it. `strategy`: how PostgreSQL copies one (CREATE DATABASE); copying
    files writes all that is in memory first, which only a server without other users does quickly."""

    __test__ = False
    administration: str
    strategy: str = "wal_log"

    def url(self, database: str) -> str:
        """The owner's URL of a database."""
        return sa.make_url(self.administration).set(database=database).render_as_string(hide_password=False)

    def create(self, database: str, template: str = "template0") -> str:
        """A new database; answers its URL."""
        with psycopg.connect(self.administration, autocommit=True) as connection:
            connection.execute(
                sql.SQL("create database {} template {} strategy {}").format(
                    sql.Identifier(database), sql.Identifier(template), sql.Identifier(self.strategy)
                )
            )
        return self.url(database)

    def trust_the_machine(self) -> None:
        """Leave the writing to disk to the machine: nothing here has to outlive it, and databases are made and dropped in a
        tenth of the time."""
        with psycopg.connect(self.administration, autocommit=True) as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("alter system set max_wal_size = '256MB'")
            connection.execute("select pg_reload_conf()")

    def drop(self, database: str) -> None:
        """Drop a database, whoever is connected to it still."""
        with psycopg.connect(self.administration, autocommit=True) as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database))
            )


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """asyncpg runs on asyncio alone."""
    return "asyncio"


@pytest.fixture(scope="session")
def cluster() -> Iterator[TestCluster]:
    """The server of this run."""
    if given := os.environ.get("HUB_TEST_DATABASE_URL"):
        yield TestCluster(given)
        return
    with server_folder() as folder, EmbeddedPostgres(folder) as server:
        started = TestCluster(server.urls("postgres").owner, "file_copy")
        started.trust_the_machine()
        yield started
        tell_of_crashes(server.cluster.parent / "postgres.log")


def tell_of_crashes(log: Path) -> None:
    """Warn where the server lost a process: tests of that moment fail, and cannot say why."""
    lines = log.read_text("utf-8", "replace").splitlines()
    for line in lines:
        if "PANIC" in line or "was terminated by signal" in line:
            warnings.warn(f"the server of the tests crashed: {line}", stacklevel=1)


@pytest.fixture(scope="session")
def template(cluster: TestCluster) -> Iterator[str]:
    """A migrated database with regions and agencies, to be cloned."""
    name = f"hub_template_{uuid4().hex[:8]}"
    migrate(cluster.create(name))
    yield name
    cluster.drop(name)


@pytest.fixture
def database_url(cluster: TestCluster, template: str) -> Iterator[str]:
    """A fresh database: migrated, with regions and agencies, and nothing else."""
    name = f"hub_test_{uuid4().hex[:12]}"
    yield cluster.create(name, template)
    cluster.drop(name)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The defaults, with a folder of the run's own, and no job or sealing that starts by itself. The server does not look for
    clients by its timer: libfaketime reads its file in the handler of the signal, where it may not, and the backend aborts now
    and then."""
    return Settings(
        data_dir=Path(tmp_path_factory.mktemp("data")), schedule="off", seal_seconds=0, client_check_ms=0
    )


@pytest.fixture(scope="session")
def keys() -> Keys:
    """The keys of this run."""
    return Keys.create()


@pytest.fixture(scope="session")
def secrecy(keys: Keys) -> Secrecy:
    """Seals and opens with the run's keys."""
    return Secrecy(keys)


@pytest.fixture
async def database(database_url: str, settings: Settings) -> AsyncIterator[Database]:
    """The pools on the fresh database."""
    opened = Database(database_url, settings)
    yield opened
    await opened.close()


async def _fill(url: str, settings: Settings, secrecy: Secrecy) -> None:
    opened = Database(url, settings)
    await make_sample(opened, secrecy, SAMPLE_HOUSEHOLDS, SAMPLE_SEED, today(), lambda _done, _total: None)
    await refresh_coverage(opened, month_of(None), lambda _done, _total: None)
    await opened.close()


@pytest.fixture(scope="session")
def sample_template(
    cluster: TestCluster, template: str, settings: Settings, secrecy: Secrecy
) -> Iterator[str]:
    """The sample, to be cloned by tests that write into it."""
    name = f"hub_sample_{uuid4().hex[:8]}"
    anyio.run(_fill, cluster.create(name, template), settings, secrecy)
    yield name
    cluster.drop(name)


@pytest.fixture(scope="session")
def sample_url(cluster: TestCluster, sample_template: str) -> Iterator[str]:
    """The sample of 300 households; nobody writes into it but access records."""
    name = f"{sample_template}_read"
    yield cluster.create(name, sample_template)
    cluster.drop(name)


@pytest.fixture
async def sample(sample_url: str, settings: Settings) -> AsyncIterator[Database]:
    """The pools on the sample."""
    opened = Database(sample_url, settings)
    yield opened
    await opened.close()


@pytest.fixture
def sample_copy_url(cluster: TestCluster, sample_template: str) -> Iterator[str]:
    """The sample, for one test to write into."""
    name = f"hub_copy_{uuid4().hex[:12]}"
    yield cluster.create(name, sample_template)
    cluster.drop(name)


@pytest.fixture(scope="session")
def hub(sample_url: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub, served over HTTP on the sample, for tests that only read."""
    with serve(sample_url, settings, keys) as served:
        yield served


@pytest.fixture
def writable_hub(sample_copy_url: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub, served over HTTP on a copy of the sample of the test's own."""
    with serve(sample_copy_url, settings, keys) as served:
        yield served
