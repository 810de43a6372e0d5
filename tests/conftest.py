"""The basis of every test: a real PostgreSQL, a fresh database for each test that writes, one sample for all tests that read.

`HUB_TEST_DATABASE_URL` (a superuser's URL of another server) replaces the embedded server.
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
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # otherwise each started process compiles all modules again
SAMPLE_HOUSEHOLDS = 300
SAMPLE_SEED = 1


LONG = (
    "tests/test_demo.py",
    "tests/test_durability.py",
    "tests/stateful/",
    "tests/schema/fuzz/",
)
"""They run first: a long test at the end would keep one process busy while the others have nothing to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long tests first; otherwise the order stays."""
    items.sort(key=lambda item: not any(one in item.nodeid for one in LONG))


def pytest_collection_finish() -> None:
    """Exempt imported and collected objects from garbage collection, as the service does: a full collection over them takes
    longer than a small test."""
    freeze_imported_objects()


@dataclass(frozen=True)
class TestCluster:
    """A running server, on which databases are made. `strategy`: how PostgreSQL copies a database (CREATE DATABASE). Copying
    files first writes everything in memory to disk, which is quick only on a server without other users."""

    __test__ = False
    administration: str
    strategy: str = "wal_log"

    def url(self, database: str) -> str:
        """The owner's URL of a database."""
        return sa.make_url(self.administration).set(database=database).render_as_string(hide_password=False)

    def create(self, database: str, template: str = "template0") -> str:
        """Create a database; returns its URL."""
        with psycopg.connect(self.administration, autocommit=True) as connection:
            connection.execute(
                sql.SQL("create database {} template {} strategy {}").format(
                    sql.Identifier(database), sql.Identifier(template), sql.Identifier(self.strategy)
                )
            )
        return self.url(database)

    def trust_the_machine(self) -> None:
        """Leave writing to disk to the operating system: the data need not survive a crash, and databases are created and
        dropped in a tenth of the time."""
        with psycopg.connect(self.administration, autocommit=True) as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("alter system set max_wal_size = '256MB'")
            connection.execute("select pg_reload_conf()")

    def drop(self, database: str) -> None:
        """Drop a database, even if somebody is still connected to it."""
        with psycopg.connect(self.administration, autocommit=True) as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database))
            )


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """asyncpg runs only on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def cluster() -> Iterator[TestCluster]:
    """The server of this run."""
    if url := os.environ.get("HUB_TEST_DATABASE_URL"):
        yield TestCluster(url)
        return
    with server_folder() as folder, EmbeddedPostgres(folder) as server:
        started = TestCluster(server.urls("postgres").owner, "file_copy")
        started.trust_the_machine()
        yield started
        tell_of_crashes(server.cluster.parent / "postgres.log")


def tell_of_crashes(log: Path) -> None:
    """Warn if the server lost a process: tests of that moment fail without a visible reason."""
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
    """A fresh database: migrated, with regions and agencies only."""
    name = f"hub_test_{uuid4().hex[:12]}"
    yield cluster.create(name, template)
    cluster.drop(name)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The defaults, with a data folder for this run; no job and no sealing starts on a timer. The server does not check for
    lost clients by its timer: libfaketime would read its file in the signal handler, where that is not allowed, and the
    backend sometimes aborts."""
    return Settings(
        data_dir=Path(tmp_path_factory.mktemp("data")), schedule="off", seal_seconds=0, client_check_ms=0
    )


@pytest.fixture(scope="session")
def keys() -> Keys:
    """The keys of this run."""
    return Keys.create()


@pytest.fixture(scope="session")
def secrecy(keys: Keys) -> Secrecy:
    """Encryption and decryption with the keys of this run."""
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
    """The sample, to be cloned for tests that write."""
    name = f"hub_sample_{uuid4().hex[:8]}"
    anyio.run(_fill, cluster.create(name, template), settings, secrecy)
    yield name
    cluster.drop(name)


@pytest.fixture(scope="session")
def sample_url(cluster: TestCluster, sample_template: str) -> Iterator[str]:
    """The sample of 300 households; only access records are written to it."""
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
    """A copy of the sample for one test that writes."""
    name = f"hub_copy_{uuid4().hex[:12]}"
    yield cluster.create(name, sample_template)
    cluster.drop(name)


@pytest.fixture(scope="session")
def hub(sample_url: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub served over HTTP on the sample, for tests that only read."""
    with serve(sample_url, settings, keys) as served:
        yield served


@pytest.fixture
def writable_hub(sample_copy_url: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub served over HTTP on a copy of the sample, for one test."""
    with serve(sample_copy_url, settings, keys) as served:
        yield served
