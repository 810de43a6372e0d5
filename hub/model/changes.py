"""The changes of an event in a household or a person. Saved with the event, never changed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, copy_rows


class FieldChangeRow(SQLModel, table=True):
    """One changed field of an event, as text: codes and numbers unchanged, days in ISO 8601, yuan with two decimals.
    Encrypted numbers are masked. Null: no value."""

    __tablename__ = "field_change"

    household_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    field: str = code_column(primary_key=True)
    before: str | None = None
    after: str | None = None


async def insert_changes(session: AsyncSession, changes: Iterable[tuple[Any, ...]]) -> None:
    """Save changes: (household id, number of the event, field, before, after)."""
    columns = ("household_id", "number", "field", "before", "after")
    rows = list(changes)
    if rows:
        await copy_rows(session, "field_change", columns, rows)
