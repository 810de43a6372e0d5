"""Work on large files: the status of a job, and the files in parts."""

from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import word_column


class JobStatus(StrEnum):
    """The status of a job. PREVIEWED: an import was tried, and waits for confirmation. UNDONE: an import was done and undone."""

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
    """The file of a job. Of an import: the agency's upload, the values that it would replace, the report of refused rows, and
    the refused rows. Of an export: the rows, and the table."""

    UPLOAD = "UPLOAD"
    PREVIEW = "PREVIEW"
    REPORT = "REPORT"
    REJECTED = "REJECTED"
    ROWS = "ROWS"
    TABLE = "TABLE"


class SealedPartRow(SQLModel, table=True):
    """A part of a file of a job, encrypted; empty if nobody needs it any more."""

    __tablename__ = "sealed_part"
    __table_args__ = (
        sa.Index("sealed_part_held", "job_id", postgresql_where=sa.text("octet_length(sealed) > 0")),
    )

    job_id: UUID = Field(primary_key=True)
    file: JobFile = word_column(JobFile, primary_key=True)
    number: int = Field(primary_key=True)
    sealed: bytes
