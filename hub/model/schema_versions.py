"""Which versions of the hub may run on the schema of this database."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import CODE


class SchemaVersionRow(SQLModel, table=True):
    """A version of the hub, by the last migration that it has, which may run on this schema. `newest`: the one that made it.
    `hub migrate` writes all of them."""

    __tablename__ = "schema_version"

    revision: str = Field(sa_column=sa.Column(CODE, primary_key=True))
    newest: bool
