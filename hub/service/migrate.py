"""Upgrades a database: schema, codes, privileges, then the reference data. Running it again changes nothing."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import DBAPIError

from auth.scope_splits import grant_split_scopes
from hub.agencies.load import load_agencies
from hub.foundation.deadlines import BY_LIBPQ
from hub.foundation.privileges import sync_privileges
from hub.foundation.troubles import sqlstate
from hub.foundation.words import sync_words, vocabularies
from hub.ledger.recording import begin_upgrade, seal, set_recording, sync_recording
from hub.lines.load import load_lines
from hub.model.every_table import metadata
from hub.model.privileges import declared_privileges
from hub.model.records import record_tables
from hub.regions.load import load_regions
from hub.service.versions import MIGRATIONS, DatabaseIsNewer, history

_LOCK = 4_600_004
"""The advisory lock of migrations; the number is arbitrary."""
_PATIENCE = "60s"
_PASSING = frozenset({"40P01", "55P03"})
"""SQLSTATEs of temporary conflicts with others: deadlock, lock timeout."""
_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each further try."""


@dataclass
class Migrating:
    """The progress of a run. `advance` is called with the number of applied migrations, the total, and the description of the
    last one; `wait` with the seconds until the next attempt."""

    advance: Callable[[int, int, str], None] = lambda _applied, _all, _what: None
    wait: Callable[[float], None] = lambda _seconds: None
    applied: list[str] = field(default_factory=list)

    def step(self, *, step: Any, **_of_alembic: Any) -> None:
        """Alembic calls it after each migration."""
        self.applied.append(step.up_revision_id)
        left = len(history().revisions) - 1 - history().revisions.index(step.up_revision_id)
        doc = str(step.up_revision.doc)
        self.advance(len(self.applied), len(self.applied) + left, doc)


def alembic_config(connection: sa.Connection, migrating: Migrating | None = None) -> Config:
    """Alembic's configuration for the hub's migrations on a connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    config.attributes["step"] = () if migrating is None else migrating.step
    return config


def migrate(owner_url: str, migrating: Migrating | None = None) -> None:
    """Upgrade to the newest schema; write the codes that this hub knows, the privileges of its roles and the recording of
    rows; load regions, agencies and lines; write which versions may run on it. All in one transaction.

    Beside a serving hub it changes nothing if there is nothing to upgrade, and waits at most a minute for a lock. It tries
    again after temporary conflicts, five times in total. Processes that start at the same time migrate one after another.
    Raises DatabaseIsNewer, WordInUse, OperationalError.
    """
    url = sa.make_url(owner_url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(
        url, connect_args={name: BY_LIBPQ[name] for name in BY_LIBPQ if name not in url.query}
    )
    progress = migrating or Migrating()
    try:
        for pause in (*_PAUSES, None):
            progress.applied.clear()
            try:
                with engine.begin() as connection:
                    _migrate(connection, progress)
                return
            except DBAPIError as error:
                if pause is None or sqlstate(error) not in _PASSING:
                    raise
                progress.wait(pause)
                time.sleep(pause)
    finally:
        engine.dispose()


def _migrate(connection: sa.Connection, progress: Migrating) -> None:
    connection.execute(sa.text(f"set local lock_timeout = '{_PATIENCE}'"))
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    _refuse_a_newer_schema(MigrationContext.configure(connection).get_current_heads())
    heads = MigrationContext.configure(connection).get_current_heads()
    upgrade = None if heads == (history().newest,) else begin_upgrade(connection)
    command.upgrade(alembic_config(connection, progress), "head")
    sync_words(connection, vocabularies(metadata))
    sync_privileges(connection, declared_privileges(metadata))
    sync_recording(connection, record_tables(metadata))
    if upgrade is not None:
        seal(connection, upgrade, record_tables(metadata), history().newest)
    set_recording(connection, f"hub migrate {history().newest}")
    load_regions(connection)
    load_agencies(connection)
    load_lines(connection)
    grant_split_scopes(connection, progress.applied)
    history().write(connection)


def _refuse_a_newer_schema(heads: Collection[str]) -> None:
    """Raises DatabaseIsNewer if the database has migrations that this version does not know."""
    if unknown := sorted(set(heads) - set(history().revisions)):
        raise DatabaseIsNewer(found=unknown[-1], own=history().newest)
