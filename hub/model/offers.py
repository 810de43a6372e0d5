"""Charity offers: content, region, quantity and last day (46-3.6)."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column
from hub.model.certifications import Category


class CharityOfferRow(SQLModel, table=True):
    """An offer. `quantity` is the number of times it can be given, `remaining` the number left. `category` null: any
    category. An offer names no person and no household."""

    __tablename__ = "charity_offer"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0 and remaining between 0 and quantity", name="remaining"),
        sa.UniqueConstraint("agency_id", "external_id"),
        sa.Index("ix_charity_offer_region", "region", "until"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: str = code_column(foreign_key="agency.id")
    external_id: str
    organisation: str
    what: str
    category: Category | None = word_column(Category, default=None)
    region: str = code_column(foreign_key="region.code")
    quantity: int
    remaining: int
    until: date
    offered_at: datetime = instant_column(default_factory=now)
    withdrawn_at: datetime | None = instant_column(default=None)
    version: int = 1
