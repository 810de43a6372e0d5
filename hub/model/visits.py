"""Visits: visitors, day, findings and recommendation (46-2.3, 46-2.4)."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column


class Recommendation(StrEnum):
    """The recommendation of a visit: none, or one of the four dispositions of 46-2.4."""

    NOTHING = "NOTHING"
    CARRY_OUT = "CARRY_OUT"
    INCLUDE = "INCLUDE"
    CONFERENCE = "CONFERENCE"
    TERMINATE = "TERMINATE"


class VisitKind(StrEnum):
    """The duty that a visit fulfils, by the department of the agency (46-2.3)."""

    ASSISTANCE = "ASSISTANCE"
    SCHOOL = "SCHOOL"
    HEALTH = "HEALTH"
    DISABILITY = "DISABILITY"


class VisitRow(SQLModel, table=True):
    """A visit. `alert_id` is the alert that it checks, if any."""

    __tablename__ = "visit"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
        sa.ForeignKeyConstraint(["household_id", "alert_id"], ["alert.household_id", "alert.id"]),
        sa.Index("ix_visit_visited", "visited_on", "id"),
        sa.Index("ix_visit_household", "household_id", "visited_on"),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID | None = None
    alert_id: UUID | None = None
    agency_id: str = code_column(foreign_key="agency.id")
    visited_on: date
    visitors: str
    found: str
    recommendation: Recommendation = word_column(Recommendation)
    external_id: str
    recorded_at: datetime = instant_column(default_factory=now)
