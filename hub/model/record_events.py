"""The ledger of rows: one record event for each write or change of a record's row. The database writes them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column


class RecordEventRow(SQLModel, table=True):
    """A row after a write. `relation` is its table, `record` its key in the table without the household (empty for the
    household itself), `number` counts the events of the row from 1. `digest` is SHA-256 of the row's canonical form
    (`docs/record-events.md`), `link` is SHA-256 of the previous link and the digest.

    Events with the same household and the same `written_at`, the start of their transaction, were written by one transaction:
    the chain event of a command and the rows that it changed. `written_by` is the database role that wrote, `reason` is set
    if it was an upgrade.
    """

    __tablename__ = "record_event"
    __table_args__ = (
        sa.Index(
            "uq_record_event_row",
            "household_id",
            "relation",
            "record",
            "number",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint("octet_length(digest) = 32 and octet_length(link) = 32", name="digests"),
    )

    id: int | None = Field(default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True))
    household_id: UUID | None = None
    relation: str = code_column()
    record: str = code_column()
    number: int
    digest: bytes
    link: bytes
    written_at: datetime = instant_column()
    written_by: str = code_column()
    reason: str | None = None
