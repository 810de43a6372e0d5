"""Bringing a database up to date: the schema, then the reference data. Running it again changes nothing."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from hub.agencies.load import load_agencies
from hub.lines.load import load_lines
from hub.regions.load import load_regions

_MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def alembic_config(connection: sa.Connection) -> Config:
    """Alembic's configuration for the hub's migrations on a connection."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def migrate(owner_url: str) -> None:
    """Upgrade to the newest schema and load regions, agencies and lines, in one transaction: all of it or nothing."""
    engine = sa.create_engine(sa.make_url(owner_url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            command.upgrade(alembic_config(connection), "head")
            load_regions(connection)
            load_agencies(connection)
            load_lines(connection)
    finally:
        engine.dispose()
