"""Referrals (转办推送): a need sent to the agency in charge, with a deadline."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column
from hub.model.aid import AidKind


class ReferralStatus(StrEnum):
    """The status of a referral; `rules.STEPS` has the steps."""

    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"
    COMPLETED = "COMPLETED"
    FORWARDED = "FORWARDED"
    ENDED = "ENDED"


class ReferralRow(SQLModel, table=True):
    """A need of a household or person, sent by one agency to another.

    `forwarded_from` is the returned referral that this one replaces; `application_id` is the application of the need. Both
    belong to the same household. `alert_referral` links alerts and referrals.
    """

    __tablename__ = "referral"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
        sa.ForeignKeyConstraint(["household_id", "forwarded_from"], ["referral.household_id", "referral.id"]),
        sa.ForeignKeyConstraint(
            ["household_id", "application_id"], ["application.household_id", "application.id"]
        ),
        sa.Index(
            "uq_referral_forwarded_from",
            "household_id",
            "forwarded_from",
            unique=True,
            postgresql_where=sa.text("forwarded_from is not null"),
        ),
        sa.Index(
            "ix_referral_application",
            "household_id",
            "application_id",
            postgresql_where=sa.text("application_id is not null"),
        ),
        sa.Index("ix_referral_due", "status", "due_at", "id"),
        sa.Index("ix_referral_to", "to_agency", "sent_at"),
        sa.Index("ix_referral_from", "from_agency", "sent_at"),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID | None = None
    from_agency: str = code_column(foreign_key="agency.id")
    to_agency: str = code_column(foreign_key="agency.id")
    need: AidKind = word_column(AidKind)
    reason: str
    status: ReferralStatus = word_column(ReferralStatus, default=ReferralStatus.SENT)
    sent_at: datetime = instant_column(default_factory=now)
    due_at: datetime = instant_column()
    accepted_at: datetime | None = instant_column(default=None)
    closed_at: datetime | None = instant_column(default=None)
    return_reason: str | None = None
    outcome: str | None = None
    end_reason: str | None = None
    reminded_at: datetime | None = instant_column(default=None)
    escalated_at: datetime | None = instant_column(default=None)
    escalated_to: str | None = code_column(default=None, foreign_key="agency.id")
    forwarded_from: UUID | None = None
    application_id: UUID | None = None
    external_id: str
    version: int = 1


class ReferralAidRow(SQLModel, table=True):
    """An aid record that fulfils a referral."""

    __tablename__ = "referral_aid"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id", "referral_id"], ["referral.household_id", "referral.id"]),
    )

    household_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    aid_id: UUID = Field(primary_key=True)
