"""Exports: queries that are run over all their pages, with the result as a file."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import CODE, code_column, instant_column, new_id, word_column
from hub.model.sealed_parts import JobStatus


class ExportFormat(StrEnum):
    """The format of the file."""

    JSONL = "JSONL"
    CSV = "CSV"
    XLSX = "XLSX"


class ExportJobRow(SQLModel, table=True):
    """An export under the grant of its request. `request`, encrypted: the document, the variables and the operation's name.
    `position`, encrypted: the cursor after the last stored page. `columns`: the columns of the table, by their paths.
    `withheld`: the coordinates that the grant does not cover. `attempts`, `held_until`, `code` and the messages have the same
    meaning as for an import."""

    __tablename__ = "export_job"
    __table_args__ = (
        sa.Index("export_job_agency", "agency_id", sa.text("id desc")),
        sa.Index("export_job_open", "id", postgresql_where=sa.text("status in ('WAITING', 'RUNNING')")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: str = code_column(foreign_key="agency.id")
    client_id: str
    person: str | None = None
    scopes: list[str] = Field(sa_type=pg.ARRAY(sa.Text))
    regions: list[str] = Field(sa_type=pg.ARRAY(CODE))
    purpose: str
    request: bytes
    format: ExportFormat = word_column(ExportFormat)
    status: JobStatus = word_column(JobStatus)
    attempts: int = 0
    rows: int = 0
    position: bytes | None = None
    columns: list[str] = Field(sa_type=pg.ARRAY(sa.Text))
    withheld: list[str] = Field(sa_type=pg.ARRAY(sa.Text))
    code: str | None = None
    message: str | None = None
    message_zh: str | None = None
    created_at: datetime = instant_column()
    held_until: datetime | None = instant_column(default=None)
    finished_at: datetime | None = instant_column(default=None)
