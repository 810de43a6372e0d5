"""Which keys this database was filled with: a check value of each key, never a key."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import CODE, instant_column, now


class KeyCheckRow(SQLModel, table=True):
    """The check value of one key of the keys file. The first process that used the key wrote it. It never changes."""

    __tablename__ = "key_check"
    __table_args__ = (sa.CheckConstraint("octet_length(digest) = 32", name="digest"),)

    name: str = Field(sa_column=sa.Column(CODE, primary_key=True))
    digest: bytes
    first_seen_at: datetime = instant_column(default_factory=now)
