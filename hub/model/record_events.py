"""The ledger of rows: one record event for each row of a record as it was written or changed. The database writes them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column


class RecordEventRow(SQLModel, table=True):
    """A row as it then stood. `relation` is its table, `record` its key in it without the household (empty for the household
    itself), `number` counts the events of the row from 1. `digest` is SHA-256 of the row's canonical form
    (`docs/record-events.md`), `link` that of the link before and the digest.

    Events that share a household and `written_at`, the beginning of their transaction, were written by one transaction: the
    chain event of a command and the rows of which it tells. `written_by` is the database role that wrote, `reason` is set
    where it was an upgrade.
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
