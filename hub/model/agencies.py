"""Agencies: a department at a region, and the households visible to one outside its jurisdiction."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, now, word_column


class Department(StrEnum):
    """The departments of 46-2 and 46-3, and two supervising ones."""

    CIVIL_AFFAIRS = "civil_affairs"
    EDUCATION = "education"
    HUMAN_RESOURCES = "human_resources"
    URBAN_CONSTRUCTION = "urban_construction"
    HOUSING_SECURITY = "housing_security"
    AGRICULTURE = "agriculture"
    HEALTH = "health"
    EMERGENCY_MANAGEMENT = "emergency_management"
    MEDICAL_INSURANCE = "medical_insurance"
    DISABLED_FEDERATION = "disabled_federation"
    FINANCE = "finance"
    DEVELOPMENT_REFORM = "development_reform"
    CHARITY = "charity"
    AUDIT = "audit"


class AgencyRow(SQLModel, table=True):
    """A department at a region. `id` is `department@region`, as in `education@410105`."""

    __tablename__ = "agency"

    id: str = code_column(primary_key=True)
    department: Department = word_column(Department)
    region: str = code_column(foreign_key="region.code", index=True)
    name: str


class ShownBecause(StrEnum):
    """Why a household outside its jurisdiction is visible to an agency."""

    REFERRAL_SENT = "REFERRAL_SENT"
    REFERRAL_RECEIVED = "REFERRAL_RECEIVED"
    OWN_RECORD = "OWN_RECORD"
    CONFERENCE = "CONFERENCE"
    ALERT = "ALERT"
    ESCALATION = "ESCALATION"


class ShownHouseholdRow(SQLModel, table=True):
    """A household that is visible to an agency for another reason than its region."""

    __tablename__ = "shown_household"
    __table_args__ = (sa.Index("ix_shown_household_agency_id", "agency_id", "household_id"),)

    household_id: UUID = Field(primary_key=True, foreign_key="household.id")
    agency_id: str = code_column(primary_key=True, foreign_key="agency.id")
    because: ShownBecause = word_column(ShownBecause)
    since: datetime = instant_column(default_factory=now)
