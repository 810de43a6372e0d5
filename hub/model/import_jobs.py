"""Files that agencies upload for import, and the result of each."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import CODE, code_column, instant_column, new_id, word_column
from hub.model.import_runs import ImportKind
from hub.model.sealed_parts import JobStatus


class ImportJobRow(SQLModel, table=True):
    """An upload and its import, under the grant with which it was sent. `received`: bytes so far; `size`: all bytes, once the
    upload is complete. `preview`: the import is only tried until it is confirmed. `preview_hash` identifies the result of the
    preview. `confirms`: the hash that the agency confirmed, until the import has compared it. `undo`: the import is done, and
    its agency requested to undo it. `attempts`: how often a process began it. The process that works on it has it reserved
    until `held_until`. `code` and the messages say why a file was refused as a whole, or why it was not undone."""

    __tablename__ = "import_job"
    __table_args__ = (
        sa.UniqueConstraint("agency_id", "external_id"),
        sa.Index("import_job_agency", "agency_id", sa.text("id desc")),
        sa.Index(
            "import_job_open", "id", postgresql_where=sa.text("status in ('RECEIVING', 'WAITING', 'RUNNING')")
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: str = code_column(foreign_key="agency.id")
    client_id: str
    person: str | None = None
    scopes: list[str] = Field(sa_type=pg.ARRAY(sa.Text))
    regions: list[str] = Field(sa_type=pg.ARRAY(CODE))
    purpose: str
    external_id: str | None = None
    kind: ImportKind = word_column(ImportKind)
    month: date | None = None
    file_name: str
    preview: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    preview_hash: str | None = None
    confirms: str | None = None
    undo: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    status: JobStatus = word_column(JobStatus)
    received: int = Field(default=0, sa_type=sa.BigInteger)
    size: int | None = Field(default=None, sa_type=sa.BigInteger)
    attempts: int = 0
    rows_done: int = 0
    rows_total: int | None = None
    changed: int | None = None
    refused: int | None = None
    code: str | None = None
    message: str | None = None
    message_zh: str | None = None
    created_at: datetime = instant_column()
    held_until: datetime | None = instant_column(default=None)
    finished_at: datetime | None = instant_column(default=None)
