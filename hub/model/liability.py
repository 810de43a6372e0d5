"""Decisions on liability: who is liable for a false claim or a wrong decision, and whose honest mistake is exempted (46-4.3).

“依法依规追回非法获取的物资、救助金并追究相应责任”;
“对秉持公心、履职尽责但因客观原因出现失误偏差且能够及时纠正的经办人员依法依规免于问责”.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column


class LiableParty(StrEnum):
    """The person whom a decision is about."""

    CLAIMANT = "CLAIMANT"
    OFFICIAL = "OFFICIAL"


class LiabilityOutcome(StrEnum):
    """The decision."""

    HELD_LIABLE = "HELD_LIABLE"
    EXEMPTED = "EXEMPTED"


class LiabilityDecisionRow(SQLModel, table=True):
    """A decision about the aid record `aid_id`, which was corrected. `reason` is the reason, `measure` the consequence for a
    liable party; no official is named. A row never changes: another decision is another row."""

    __tablename__ = "liability_decision"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.Index("ix_liability_decision_decided", "decided_on", "id"),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    aid_id: UUID
    party: LiableParty = word_column(LiableParty)
    outcome: LiabilityOutcome = word_column(LiabilityOutcome)
    reason: str
    measure: str | None = None
    agency_id: str = code_column(foreign_key="agency.id")
    decided_on: date
    policy_basis: str
    external_id: str
    recorded_at: datetime = instant_column(default_factory=now)
