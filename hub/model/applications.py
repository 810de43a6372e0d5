"""Applications: the needs of a household, stated at one office."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column


class Channel(StrEnum):
    """The way in which an application was made."""

    COUNTER = "COUNTER"
    ONLINE = "ONLINE"
    VISIT = "VISIT"
    HOTLINE = "HOTLINE"


class ApplicationStatus(StrEnum):
    """The status, computed from the application's referrals and not stored."""

    IN_PROGRESS = "IN_PROGRESS"
    PARTLY_ANSWERED = "PARTLY_ANSWERED"
    ANSWERED = "ANSWERED"


class ApplicationRow(SQLModel, table=True):
    """One application of one household or person; its needs are its referrals."""

    __tablename__ = "application"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
        sa.Index("ix_application_submitted", "submitted_at", "id"),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID | None = None
    agency_id: str = code_column(foreign_key="agency.id")
    channel: Channel = word_column(Channel)
    submitted_at: datetime = instant_column(default_factory=now)
    external_id: str
