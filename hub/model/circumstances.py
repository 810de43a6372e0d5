"""Circumstances (困难情形): facts of a household or person from other registries (46-2.3)."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column, yuan_column
from hub.model.agencies import Department
from hub.model.persons import DisabilityType, EducationStage


class CircumstanceKind(StrEnum):
    """The kinds of circumstances. `KIND_RULES` in `rules.py` has the registries, clause and fields of each."""

    HARDSHIP_STUDENT = "HARDSHIP_STUDENT"
    REGISTERED_UNEMPLOYED = "REGISTERED_UNEMPLOYED"
    SERIOUS_ILLNESS = "SERIOUS_ILLNESS"
    CHRONIC_ILLNESS = "CHRONIC_ILLNESS"
    RIGID_EXPENSE = "RIGID_EXPENSE"
    DISABILITY = "DISABILITY"
    DEATH = "DEATH"
    DISASTER = "DISASTER"
    MONITORED = "MONITORED"


class CircumstanceRow(SQLModel, table=True):
    """One fact of a registry, from `since` to `until`; only readers of the registry may know that it exists.

    `amount` is yuan (rigid expense of the last twelve months, disaster loss); `note` holds the registry's own words.
    `until` is the last day. A correction or an end makes the next `version`; the chain has every version. `external_id` is
    the agency's own id.
    """

    __tablename__ = "circumstance"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
        sa.CheckConstraint("disability_grade between 1 and 4", name="disability_grade"),
        sa.CheckConstraint("until >= since", name="validity"),
        sa.Index("ix_circumstance_person", "household_id", "person_id"),
        # With all columns that decide whether it is in force, so that the index alone shows who has a circumstance.
        sa.Index(
            "ix_circumstance_kind",
            "kind",
            "household_id",
            postgresql_include=["since", "until", "source_registry"],
        ),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
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
    agency_id: str = code_column(foreign_key="agency.id")
    external_id: str | None = None
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    recorded_at: datetime = instant_column(default_factory=now)
