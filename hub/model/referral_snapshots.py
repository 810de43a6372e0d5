"""The household on the day a referral was sent: saved with it, never changed (46-2.1).

When a side reads it, its permissions at that time decide which fields it sees. Identity, telephone and account numbers are
not included.
"""

from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, word_column, yuan_column
from hub.model.agencies import Department
from hub.model.certifications import Category, MonitoredSubtype, Support
from hub.model.circumstances import CircumstanceKind
from hub.model.households import Residence
from hub.model.persons import DisabilityType, EducationStage, Employment, Gender, Health, Labour, Relation


def _of_referral() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["household_id", "referral_id"], ["referral.household_id", "referral.id"])


class SentHouseholdRow(SQLModel, table=True):
    """The region and the income, in yuan a month for each member."""

    __tablename__ = "sent_household"
    __table_args__ = (_of_referral(),)

    household_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    region: str = code_column(foreign_key="region.code")
    residence: Residence = word_column(Residence)
    address: str | None = None
    income_per_capita: Decimal | None = yuan_column(default=None)


class SentMemberRow(SQLModel, table=True):
    """A person who was a member on that day."""

    __tablename__ = "sent_member"
    __table_args__ = (_of_referral(),)

    household_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    name: str
    id_number_masked: str
    birth_date: date
    gender: Gender = word_column(Gender)
    relation: Relation = word_column(Relation)
    health: Health | None = word_column(Health, default=None)
    disability_type: DisabilityType | None = word_column(DisabilityType, default=None)
    disability_grade: int | None = None
    education_stage: EducationStage | None = word_column(EducationStage, default=None)
    school: str | None = None
    employment: Employment | None = word_column(Employment, default=None)
    labour: Labour | None = word_column(Labour, default=None)


class SentCertificationRow(SQLModel, table=True):
    """A certification in force on that day; of a member if `person_id` is not null."""

    __tablename__ = "sent_certification"
    __table_args__ = (_of_referral(),)

    household_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    certification_id: UUID = Field(primary_key=True)
    person_id: UUID | None = None
    category: Category = word_column(Category)
    subtype: MonitoredSubtype | None = word_column(MonitoredSubtype, default=None)
    support: Support | None = word_column(Support, default=None)
    valid_from: date
    valid_until: date | None = None
    authority: str = code_column(foreign_key="agency.id")


class SentCircumstanceRow(SQLModel, table=True):
    """A circumstance on that day; only readers of the registry may know that it exists."""

    __tablename__ = "sent_circumstance"
    __table_args__ = (_of_referral(),)

    household_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    circumstance_id: UUID = Field(primary_key=True)
    person_id: UUID | None = None
    kind: CircumstanceKind = word_column(CircumstanceKind)
    source_registry: Department = word_column(Department)
    since: date
    until: date | None = None
    disability_type: DisabilityType | None = word_column(DisabilityType, default=None)
    disability_grade: int | None = None
    education_stage: EducationStage | None = word_column(EducationStage, default=None)
    school: str | None = None
    amount: Decimal | None = yuan_column(default=None)
    note: str | None = None
