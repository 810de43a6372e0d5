"""Referrals (转办推送): a need pushed to the agency in charge, with a deadline."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.aid.tables import AidKind
from hub.database import code_column, instant_column, new_id, now, word_column


class ReferralStatus(StrEnum):
    """SENT -> ACCEPTED -> COMPLETED, or RETURNED from either of the first two."""

    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"
    COMPLETED = "COMPLETED"


class ReferralRow(SQLModel, table=True):
    """One need of one household or person, sent by one agency to another."""

    __tablename__ = "referral"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
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
    external_id: str
    version: int = 1


class ReferralAidRow(SQLModel, table=True):
    """An aid record that answers a referral."""

    __tablename__ = "referral_aid"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id", "referral_id"], ["referral.household_id", "referral.id"]),
    )

    household_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    aid_id: UUID = Field(primary_key=True)
