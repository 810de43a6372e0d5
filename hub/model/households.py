"""Households: the unit of assistance (户)."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import (
    code_column,
    guarded_column,
    instant_column,
    new_id,
    now,
    word_column,
    yuan_column,
)


class Residence(StrEnum):
    """Whether a household is urban or rural; housing aid differs by it (46-3.2.3)."""

    URBAN = "URBAN"
    RURAL = "RURAL"


class HouseholdRow(SQLModel, table=True):
    """One household. `region` is the township or village where it lives; `income_per_capita` is yuan a month."""

    __tablename__ = "household"
    __table_args__ = (
        sa.Index("ix_household_region_code", "region", "code"),
        sa.Index("ix_household_residence_code", "residence", "code"),
        sa.Index("ix_household_region", "region", "id"),
        sa.Index("ix_household_income", sa.text("coalesce(income_per_capita, 'infinity'::numeric)"), "id"),
        sa.Index("ix_household_updated", "updated_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = code_column(unique=True)
    region: str = code_column(foreign_key="region.code")
    residence: Residence = word_column(Residence)
    address: str | None = guarded_column("address")
    income_per_capita: Decimal | None = yuan_column(default=None)
    source_agency: str = code_column(foreign_key="agency.id")
    version: int = 1
    created_at: datetime = instant_column(default_factory=now)
    updated_at: datetime = instant_column(default_factory=now)
