"""Bringing a database up to date: schema, words, privileges, then the reference data. Running it again changes nothing."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from hub.agencies.load import load_agencies
from hub.foundation.operating import OperatorError
from hub.foundation.privileges import sync_privileges
from hub.foundation.words import sync_words, vocabularies
from hub.lines.load import load_lines
from hub.model.every_table import metadata
from hub.model.privileges import declared_privileges
from hub.regions.load import load_regions

_LOCK = 4_600_004
"""The advisory lock of who migrates; any number of our own."""
_PATIENCE = "60s"
_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def alembic_config(connection: sa.Connection) -> Config:
    """Alembic's configuration for the hub's migrations on a connection."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


class DatabaseIsNewer(OperatorError):
    """The database was migrated by a newer version of the hub; use that version.
    数据库已由更新版本的平台升级,请使用该版本。
    """


def migrate(owner_url: str) -> None:
    """Upgrade to the newest schema, write the words that this hub knows, set what its roles may do, and load regions, agencies
    and lines, in one transaction: all of it or nothing.

    Beside a hub that serves it changes nothing where there is nothing to upgrade, and waits for no lock longer than a
    minute. Processes that start at once migrate one after the other. Raises DatabaseIsNewer, WordInUse,
    OperationalError.
    """
    engine = sa.create_engine(sa.make_url(owner_url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            connection.execute(sa.text(f"set local lock_timeout = '{_PATIENCE}'"))
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            command.upgrade(alembic_config(connection), "head")
            sync_words(connection, vocabularies(metadata))
            sync_privileges(connection, declared_privileges(metadata))
            load_regions(connection)
            load_agencies(connection)
            load_lines(connection)
    except CommandError as error:  # alembic knows no revision of this name
        raise DatabaseIsNewer from error
    finally:
        engine.dispose()
