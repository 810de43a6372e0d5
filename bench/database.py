"""The database for all systems: one PostgreSQL with one sample, stored in .bench/ for the next run."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.embedded import DATABASE, EmbeddedPostgres, Urls
from hub.foundation.encryption import Keys, Secrecy
from hub.foundation.settings import Settings
from hub.sample.make import SampleState, make_sample, sample_state
from hub.service.migrate import migrate
from hub.service.serving import with_database

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".bench"
_SEED = 1
_COPY = "bench_writes"


@dataclass(frozen=True)
class BenchDatabase:
    """A database, its logins and its keys."""

    urls: Urls
    keys_file: Path
    cluster: EmbeddedPostgres = field(repr=False)

    @property
    def keys(self) -> Keys:
        """The hub's keys, which also sign the callers' tokens."""
        return Keys.load(self.keys_file)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement, read as the owner."""
        with psycopg.connect(self.urls.owner) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def run(self, *statements: str) -> None:
        """Run statements as the owner, each in its own transaction."""
        with psycopg.connect(self.urls.owner, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    @contextmanager
    def copied(self) -> Iterator["BenchDatabase"]:
        """A copy of the database for writes, dropped afterwards. Nobody may be connected to the original."""
        report_progress("copying the database for the writes …")
        with _administrator(self.cluster) as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(_COPY))
            )
            connection.execute(
                sql.SQL("create database {} template {} strategy file_copy").format(
                    sql.Identifier(_COPY), sql.Identifier(DATABASE)
                )
            )
        try:
            yield BenchDatabase(self.cluster.urls(_COPY), self.keys_file, self.cluster)
        finally:
            with _administrator(self.cluster) as connection:
                connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(_COPY)))


def report_progress(message: str) -> None:
    """Print the progress of the run on stderr."""
    print(message, file=sys.stderr, flush=True)


@contextmanager
def bench_database(households: int) -> Iterator[BenchDatabase]:
    """The running database with a sample of the given size. The first run makes it; a later run completes an interrupted one."""
    cluster = EmbeddedPostgres(KEPT / str(households))
    try:
        urls = cluster.start()
        keys_file = KEPT / str(households) / "keys.json"
        if not keys_file.exists():
            Keys.create().save(keys_file)
        made = BenchDatabase(urls, keys_file, cluster)
        _fill(made, households)
        # Each run begins with an empty access ledger, so that runs do not slow each other down.
        made.run("truncate access_record", "checkpoint")
        yield made
    finally:
        cluster.stop()


def _administrator(cluster: EmbeddedPostgres) -> psycopg.Connection:
    return psycopg.connect(cluster.urls("postgres").owner, autocommit=True)


def _fill(to: BenchDatabase, households: int) -> None:
    settings = Settings()
    migrate(to.urls.owner)
    if (state := with_database(to.urls, settings, sample_state)) is SampleState.DONE:
        report_progress(f"the sample of {households:,} households is there")
        return
    if state is SampleState.BEGUN:
        report_progress("the sample is only begun; the rest of it is made")
    secrecy = Secrecy(to.keys, settings.cipher)

    def progress(done: int, total: int) -> None:
        if done % 10_000 == 0 or done == total:
            report_progress(f"sample: {done:,} of {total:,} households")

    async def make(database: Database) -> None:
        await make_sample(database, secrecy, households, _SEED, today(), progress)

    with_database(to.urls, settings, make)
    to.run("vacuum analyze")
