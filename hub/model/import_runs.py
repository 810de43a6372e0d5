"""What came in as files."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column

UNDOER = "hub-undo"
"""The prefix of the client of what undoes an import."""
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
    where its agency's operator imported it; older runs have none. `undone_at`: it was undone as a whole."""

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
    undone_at: datetime | None = instant_column(default=None)


class ImportBeforeRow(SQLModel, table=True):
    """A row of a table as it stood before an import changed it: what its undoing puts back. `before` holds the columns that may
    change, encrypted ones as they were, in base64."""

    __tablename__ = "import_before"

    run_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    row_id: UUID = Field(primary_key=True)
    of_table: str = code_column()
    before: dict[str, Any] = Field(sa_type=pg.JSONB)


def run_of(client: str) -> UUID | None:
    """The run of an import by the client of its records; None for another client."""
    name, _, id = client.partition(":")
    try:
        return UUID(id) if name == IMPORTER else None
    except ValueError:
        return None
