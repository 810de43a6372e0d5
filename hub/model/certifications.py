"""Certifications: membership in a category of the low-income population (46-1)."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column, yuan_column


class Category(StrEnum):
    """低收入人口 (46-1.1), ordered by support. If a household has several categories, its first one is shown."""

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


class EndReason(StrEnum):
    """The reason of an end; `END_RULES` in `rules.py` has the clause of each."""

    DECEASED = "DECEASED"
    NO_LONGER_ELIGIBLE = "NO_LONGER_ELIGIBLE"
    RISK_GONE = "RISK_GONE"
    FALSE_CLAIM = "FALSE_CLAIM"
    MISTAKE = "MISTAKE"
    RECERTIFIED = "RECERTIFIED"
    COVERED_WHOLE = "COVERED_WHOLE"
    COVERED_BY_MEMBER = "COVERED_BY_MEMBER"


class CertificationRow(SQLModel, table=True):
    """A category of a household (`person_id` null) or of a member.

    Subsistence allowance has one row for the household if it covers the whole household, and one for each covered member if
    it covers only some (非整户保). `certified_amount` (核定金额) is yuan a month of allowance or support, supplements
    included. `ended_because` is the policy's code, `end_reason` the office's own words. The commands check, by clause, which
    categories single members may have and which have an amount; no CHECK constraint lists categories.
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
        sa.CheckConstraint("certified_amount > 0", name="certified_amount"),
        sa.CheckConstraint("valid_until >= valid_from", name="validity"),
        sa.CheckConstraint("ended_on >= valid_from", name="ending"),
        sa.CheckConstraint("(ended_on is null) = (ended_because is null)", name="ended_for_a_reason"),
        sa.CheckConstraint("person_id is not null or category <> 'EXTREME_HARDSHIP'", name="of_persons"),
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
    certified_amount: Decimal | None = yuan_column(default=None)
    valid_from: date
    valid_until: date | None = None
    ended_on: date | None = None
    ended_because: EndReason | None = word_column(EndReason, default=None)
    end_reason: str | None = None
    authority: str = code_column(foreign_key="agency.id")
    policy_basis: str
    version: int = 1
    recorded_at: datetime = instant_column(default_factory=now)
