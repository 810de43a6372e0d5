"""Which versions of the hub may run on the schema of this database."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import CODE


class SchemaVersionRow(SQLModel, table=True):
    """A version of the hub that may run on this schema, identified by its last migration. `newest`: the version that made the
    schema. `hub migrate` writes all rows."""

    __tablename__ = "schema_version"

    revision: str = Field(sa_column=sa.Column(CODE, primary_key=True))
    newest: bool
