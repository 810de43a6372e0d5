"""Case conferences: participants, minutes and decisions for each agency."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column, yuan_column
from hub.model.aid import AidKind


class ConferenceStatus(StrEnum):
    """CALLED until its minutes are recorded, then HELD."""

    CALLED = "CALLED"
    HELD = "HELD"


class ConferenceRow(SQLModel, table=True):
    """A conference about a household or person. `alert_id` is the alert that it follows from, if any."""

    __tablename__ = "conference"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
        sa.CheckConstraint(
            "(status = 'HELD') = (held_on is not null and minutes is not null and decision is not null)",
            name="minutes",
        ),
        sa.Index("ix_conference_called", "called_at", "id"),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID | None = None
    alert_id: UUID | None = None
    called_by: str = code_column(foreign_key="agency.id")
    called_at: datetime = instant_column(default_factory=now)
    meets_on: date
    matter: str
    status: ConferenceStatus = word_column(ConferenceStatus, default=ConferenceStatus.CALLED)
    held_on: date | None = None
    minutes: str | None = None
    decision: str | None = None
    external_id: str
    version: int = 1


class ConferenceParticipantRow(SQLModel, table=True):
    """A participant. The calling agency is always a participant."""

    __tablename__ = "conference_participant"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["household_id", "conference_id"], ["conference.household_id", "conference.id"]
        ),
        sa.Index("ix_conference_participant_agency", "agency_id", "household_id"),
    )

    household_id: UUID = Field(primary_key=True)
    conference_id: UUID = Field(primary_key=True)
    agency_id: str = code_column(primary_key=True, foreign_key="agency.id")


class ConferenceMeasureRow(SQLModel, table=True):
    """A decision: an agency grants a kind of aid. `amount` is yuan if the conference set an amount, as for urgent aid above
    the township's limit (46-3.3). `referral_id` is the referral of the decision; null if the calling agency carries it out
    itself."""

    __tablename__ = "conference_measure"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["household_id", "conference_id"], ["conference.household_id", "conference.id"]
        ),
        sa.CheckConstraint("amount >= 0", name="amount"),
    )

    household_id: UUID = Field(primary_key=True)
    conference_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    agency_id: str = code_column(foreign_key="agency.id")
    kind: AidKind = word_column(AidKind)
    amount: Decimal | None = yuan_column(default=None)
    what: str
    referral_id: UUID | None = None
