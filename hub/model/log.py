"""The transparency log: record events in the order of sealing, in a Merkle tree. Rows are only inserted."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import instant_column


class LogCheckpointRow(SQLModel, table=True):
    """The entries that one sealing added, and the log's root after it.

    `size` is the number of entries after it, `first` the number before it. `record_events` are the ids of the added events,
    in the order of the log, from `least` to `greatest`. `sealed_until` is the greatest id sealed so far. `open` are the ids
    below it that did not exist yet: their transactions had not ended. `peaks` are the roots of the perfect subtrees, `note`
    is the signed checkpoint.
    """

    __tablename__ = "log_checkpoint"
    __table_args__ = (sa.Index("ix_log_checkpoint_greatest", "greatest"),)

    size: int = Field(sa_column=sa.Column(sa.BigInteger, primary_key=True, autoincrement=False))
    first: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    at: datetime = instant_column()
    record_events: list[int] = Field(sa_type=pg.ARRAY(sa.BigInteger))
    least: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    greatest: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    sealed_until: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    open: Any = Field(sa_column=sa.Column(pg.INT8MULTIRANGE, nullable=False))
    peaks: bytes
    root: bytes
    note: str


class LogBlockRow(SQLModel, table=True):
    """The root of 256 entries of the log, from entry 256 * `number`. With it a proof needs at most the leaves of two blocks."""

    __tablename__ = "log_block"

    number: int = Field(sa_column=sa.Column(sa.BigInteger, primary_key=True, autoincrement=False))
    root: bytes
