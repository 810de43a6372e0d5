"""Lines: yuan a month for one person, valid from a month until a later line replaces it."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, now, word_column, yuan_column
from hub.model.certifications import Category
from hub.model.households import Residence


class PovertyLineRow(SQLModel, table=True):
    """One line of a county, for urban or rural households, from one source.

    For subsistence allowance `yuan` is the monthly standard (低保标准), for extreme hardship the standard of support, for the
    other categories the upper limit of income per head. `from_month` is the first day of a month. A replaced line gets a
    further row with the next `version`; `superseded_at` is null on the current one. `recorded_by` is the agency that
    imported it; null for lines that come with the hub.
    """

    __tablename__ = "poverty_line"
    __table_args__ = (
        sa.CheckConstraint("yuan > 0", name="yuan"),
        sa.CheckConstraint("extract(day from from_month) = 1", name="from_month"),
        sa.Index(
            "ix_poverty_line_current",
            "county",
            "residence",
            "category",
            sa.text("from_month desc"),
            unique=True,
            postgresql_where=sa.text("superseded_at is null"),
        ),
    )

    county: str = code_column(primary_key=True, foreign_key="region.code")
    residence: Residence = word_column(Residence, primary_key=True)
    category: Category = word_column(Category, primary_key=True)
    from_month: date = Field(primary_key=True)
    version: int = Field(default=1, primary_key=True)
    yuan: Decimal = yuan_column()
    source: str
    recorded_by: str | None = code_column(default=None, foreign_key="agency.id")
    client_id: str
    recorded_at: datetime = instant_column(default_factory=now)
    superseded_at: datetime | None = instant_column(default=None)
