"""The kind of this database: real or a sample. Only a sample accepts identity numbers of region 410199."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import instant_column, now


class InstallationRow(SQLModel, table=True):
    """The single row about the database. For a sample it has the sample's parameters and the number of its households so far."""

    __tablename__ = "installation"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True)
    sample: bool = False
    sample_seed: int | None = None
    sample_households: int | None = None
    sample_as_of: date | None = None
    sample_made: int | None = None
    created_at: datetime = instant_column(default_factory=now)
