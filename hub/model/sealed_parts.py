"""Work on large files: how far it is, and the files in parts."""

from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import word_column


class JobStatus(StrEnum):
    """What became of a job. PREVIEWED: an import was tried, and waits to be confirmed.
    UNDONE: an import was done, and undone."""

    RECEIVING = "RECEIVING"
    WAITING = "WAITING"
    RUNNING = "RUNNING"
    PREVIEWED = "PREVIEWED"
    DONE = "DONE"
    UNDONE = "UNDONE"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class JobFile(StrEnum):
    """Which file of a job: the agency's upload, what it would replace, the report of what was refused of it, and its refused
    rows; of an export the rows, and the table."""

    UPLOAD = "UPLOAD"
    PREVIEW = "PREVIEW"
    REPORT = "REPORT"
    REJECTED = "REJECTED"
    ROWS = "ROWS"
    TABLE = "TABLE"


class SealedPartRow(SQLModel, table=True):
    """A part of a file of a job, encrypted; empty where nobody needs it any more."""

    __tablename__ = "sealed_part"
    __table_args__ = (
        sa.Index("sealed_part_held", "job_id", postgresql_where=sa.text("octet_length(sealed) > 0")),
    )

    job_id: UUID = Field(primary_key=True)
    file: JobFile = word_column(JobFile, primary_key=True)
    number: int = Field(primary_key=True)
    sealed: bytes
