"""Imports of files."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column

UNDOER = "hub-undo"
"""The prefix of the client that undoes an import."""
IMPORTER = "hub-import"
"""The prefix of an import's client in the records, followed by a colon and the id of its run."""


class ImportKind(StrEnum):
    """The kinds of files that `hub import` reads."""

    HOUSEHOLDS = "HOUSEHOLDS"
    MONITORED = "MONITORED"
    AID = "AID"
    LINES = "LINES"
    CIRCUMSTANCES = "CIRCUMSTANCES"


class ImportRunRow(SQLModel, table=True):
    """One import of a file; `changed` counts the rows that were new or different. `client_id` uploaded the file, or is
    `IMPORTER` if the agency's operator imported it; older runs have none. `undone_at`: when it was undone as a whole."""

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
    """A row of a table before an import changed it: undoing the import restores it. `before` has the columns that may change;
    encrypted values are stored in base64, unchanged."""

    __tablename__ = "import_before"

    run_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    row_id: UUID = Field(primary_key=True)
    of_table: str = code_column()
    before: dict[str, Any] = Field(sa_type=pg.JSONB)


def run_of(client: str) -> UUID | None:
    """The run of an import, from the client of its records; None for another client."""
    name, _, id = client.partition(":")
    try:
        return UUID(id) if name == IMPORTER else None
    except ValueError:
        return None
