"""Alembic's connection to the database: as the owner, with short lock waits, so that a migration never stalls the service."""

import os
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString

from hub.model.every_table import metadata

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "10min"


def render_item(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Renders SQLModel's string type and enums as plain text types; the enums' values are in their SQL functions only."""
    if kind == "type" and isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return "sa.String()" if kind == "type" and isinstance(item, AutoString) else False


def run(connection: sa.Connection) -> None:
    """Run the migrations on a connection, all in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        compare_server_default=True,
        on_version_apply=context.config.attributes.get("step", ()),
    )
    with context.begin_transaction():
        context.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
        context.execute(f"set local statement_timeout = '{STATEMENT_TIMEOUT}'")
        context.run_migrations()


given_connection = context.config.attributes.get("connection")
if given_connection is not None:
    run(given_connection)
else:
    engine = sa.create_engine(
        sa.make_url(os.environ["HUB_MIGRATION_DATABASE_URL"]).set(drivername="postgresql+psycopg")
    )
    with engine.connect() as opened:
        run(opened)
