"""Certifications: who belongs to which category of the low-income population (46-1)."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.database import code_column, instant_column, new_id, now, word_column


class Category(StrEnum):
    """低收入人口 (46-1.1), the most supported first; the order is the rank a household is shown by."""

    EXTREME_HARDSHIP = "EXTREME_HARDSHIP"
    SUBSISTENCE_ALLOWANCE = "SUBSISTENCE_ALLOWANCE"
    POVERTY_RELAPSE_MONITORED = "POVERTY_RELAPSE_MONITORED"
    SUBSISTENCE_MARGIN = "SUBSISTENCE_MARGIN"
    RIGID_EXPENDITURE = "RIGID_EXPENDITURE"
    OTHER_HARDSHIP = "OTHER_HARDSHIP"


class MonitoredSubtype(StrEnum):
    """防止返贫监测对象 (46-1.2.2)."""

    UNSTABLE = "UNSTABLE"
    MARGINAL = "MARGINAL"
    SUDDEN_HARDSHIP = "SUDDEN_HARDSHIP"


class Support(StrEnum):
    """特困人员 are supported in an institution (集中) or at home (分散)."""

    INSTITUTIONAL = "INSTITUTIONAL"
    DISPERSED = "DISPERSED"


class CertificationRow(SQLModel, table=True):
    """A category, for a household (`person_id` null) or for one of its members.

    Subsistence allowance stands one by one for each covered member where the household is only partly
    covered (非整户保), and once for the household where it is covered whole.
    """

    __tablename__ = "certification"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
        sa.CheckConstraint(
            "(category = 'POVERTY_RELAPSE_MONITORED') = (subtype is not null)", name="subtype"
        ),
        sa.CheckConstraint(
            "support is null or category = 'EXTREME_HARDSHIP'", name="support_of_extreme_hardship"
        ),
        sa.CheckConstraint("valid_until >= valid_from", name="validity"),
        sa.Index(
            "uq_certification_current",
            "household_id",
            sa.text("coalesce(person_id, household_id)"),
            "category",
            unique=True,
            postgresql_where=sa.text("ended_on is null"),
        ),
        sa.Index(
            "ix_certification_category",
            "category",
            "household_id",
            postgresql_where=sa.text("ended_on is null"),
        ),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID | None = None
    category: Category = word_column(Category)
    subtype: MonitoredSubtype | None = word_column(MonitoredSubtype, default=None)
    support: Support | None = word_column(Support, default=None)
    valid_from: date
    valid_until: date | None = None
    ended_on: date | None = None
    end_reason: str | None = None
    authority: str = code_column(foreign_key="agency.id")
    policy_basis: str
    version: int = 1
    recorded_at: datetime = instant_column(default_factory=now)
