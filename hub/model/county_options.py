"""Options of a county: an item of 46-3.5 that it extended to a category, with the first day and the document."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column
from hub.model.aid import OtherForm
from hub.model.certifications import Category


class CountyOptionRow(SQLModel, table=True):
    """An option, which names nobody. `since` is its first day, `ended_on` the first day on which it is no longer in force."""

    __tablename__ = "county_option"
    __table_args__ = (
        sa.CheckConstraint("ended_on >= since", name="ending"),
        sa.UniqueConstraint("agency_id", "external_id"),
        sa.Index(
            "uq_county_option_current",
            "county",
            "item",
            "category",
            unique=True,
            postgresql_where=sa.text("ended_on is null"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    county: str = code_column(foreign_key="region.code")
    item: OtherForm = word_column(OtherForm)
    category: Category = word_column(Category)
    since: date
    document: str
    agency_id: str = code_column(foreign_key="agency.id")
    external_id: str
    recorded_at: datetime = instant_column(default_factory=now)
    ended_on: date | None = None
    end_reason: str | None = None
    version: int = 1
