"""What came in as files."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column

IMPORTER = "hub-import"
"""The prefix of the client of an import in the records; the id of its run follows after a colon."""


class ImportKind(StrEnum):
    """The files `hub import` takes."""

    HOUSEHOLDS = "HOUSEHOLDS"
    MONITORED = "MONITORED"
    AID = "AID"
    LINES = "LINES"
    CIRCUMSTANCES = "CIRCUMSTANCES"


class ImportRunRow(SQLModel, table=True):
    """One import of a file; `changed` counts the rows that were new or differed. `client_id` uploaded the file, or is `IMPORTER`
    where its agency's operator imported it; older runs have none."""

    __tablename__ = "import_run"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: ImportKind = word_column(ImportKind)
    agency_id: str = code_column(foreign_key="agency.id")
    client_id: str | None = None
    file_name: str
    file_sha256: bytes
    rows: int
    accepted: int
    changed: int
    refused: int
    started_at: datetime = instant_column(default_factory=now)
    finished_at: datetime = instant_column(default_factory=now)
