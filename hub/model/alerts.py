"""Alerts: a finding about a household or person, with a deadline and a disposition (46-2.4)."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import CODE, code_column, instant_column, new_id, now, word_column


class Finding(StrEnum):
    """The finding of an alert. `FINDING_RULES` in `rules.py` has the clause and the deadline of each."""

    STUDENT_WITHOUT_AID = "STUDENT_WITHOUT_AID"
    UNEMPLOYED_WITHOUT_AID = "UNEMPLOYED_WITHOUT_AID"
    ZERO_EMPLOYMENT = "ZERO_EMPLOYMENT"
    ILLNESS_OUTSIDE = "ILLNESS_OUTSIDE"
    SEVERE_DISABILITY_OUTSIDE = "SEVERE_DISABILITY_OUTSIDE"
    DECEASED_RECIPIENT = "DECEASED_RECIPIENT"
    PARTLY_COVERED = "PARTLY_COVERED"
    WITHOUT_LABOUR = "WITHOUT_LABOUR"
    PREMIUM_NOT_IN_FULL = "PREMIUM_NOT_IN_FULL"
    SUPPLEMENT_MISSING = "SUPPLEMENT_MISSING"
    ALLOWANCE_LATE = "ALLOWANCE_LATE"
    DUPLICATE_AID = "DUPLICATE_AID"
    PERSON_IN_TWO_HOUSEHOLDS = "PERSON_IN_TWO_HOUSEHOLDS"
    REFERRAL_OVERDUE = "REFERRAL_OVERDUE"
    INCOME_ABOVE_LINE = "INCOME_ABOVE_LINE"
    FOUND_ON_THE_SPOT = "FOUND_ON_THE_SPOT"
    MONTHLY_SHARE_LATE = "MONTHLY_SHARE_LATE"


class Severity(StrEnum):
    """The severity of a finding; lists of alerts begin with the most urgent."""

    URGENT = "URGENT"
    HIGH = "HIGH"
    NORMAL = "NORMAL"


class AlertStatus(StrEnum):
    """OPEN until checked at home (VISITED), then DISPOSED of, and CLOSED when the fact is gone."""

    OPEN = "OPEN"
    VISITED = "VISITED"
    DISPOSED = "DISPOSED"
    CLOSED = "CLOSED"


class Disposition(StrEnum):
    """46-2.4: the disposition of an alert; `DISPOSITION_RULES` in `rules.py` has its follow-up."""

    CARRY_OUT = "CARRY_OUT"
    INCLUDE = "INCLUDE"
    CONFERENCE = "CONFERENCE"
    TERMINATE = "TERMINATE"


class ClosedBecause(StrEnum):
    """Why an alert was closed."""

    FACT_GONE = "FACT_GONE"
    DISPOSED = "DISPOSED"


class AlertRow(SQLModel, table=True):
    """An alert. `evidence` identifies it: there is only one open alert with the same finding, subject and evidence (a
    school year, a month, the id of a record; empty for a finding about the subject itself). Readers need the scopes in
    `needs`, which open its facts. `run_id` is the monitoring run that raised it; an alert of an agency has an `external_id`
    instead."""

    __tablename__ = "alert"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
        sa.CheckConstraint("(status = 'CLOSED') = (closed_at is not null)", name="closed"),
        sa.CheckConstraint("(disposition is null) = (disposed_at is null)", name="disposed"),
        sa.Index(
            "uq_alert_standing", "household_id", "finding", sa.text("coalesce(person_id, household_id)"), "evidence",
            unique=True, postgresql_where=sa.text("closed_at is null and finding <> 'FOUND_ON_THE_SPOT'"),
        ),
        sa.Index("ix_alert_raised", "raised_at", "id"),
        sa.Index("ix_alert_due", "due_at", "id", postgresql_where=sa.text("closed_at is null")),
        sa.Index("ix_alert_finding", "finding", "household_id", postgresql_where=sa.text("closed_at is null")),
    )  # fmt: skip

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID | None = None
    finding: Finding = word_column(Finding)
    severity: Severity = word_column(Severity)
    evidence: str = ""
    reason: str | None = None
    needs: list[str] = Field(default_factory=list, sa_type=pg.ARRAY(CODE))
    policy_basis: str
    raised_by: str = code_column(foreign_key="agency.id")
    to_agency: str = code_column(foreign_key="agency.id")
    raised_at: datetime = instant_column(default_factory=now)
    due_at: datetime = instant_column()
    status: AlertStatus = word_column(AlertStatus, default=AlertStatus.OPEN)
    disposition: Disposition | None = word_column(Disposition, default=None)
    disposition_reason: str | None = None
    disposed_by: str | None = code_column(default=None, foreign_key="agency.id")
    disposed_at: datetime | None = instant_column(default=None)
    certification_id: UUID | None = None
    conference_id: UUID | None = None
    closed_at: datetime | None = instant_column(default=None)
    closed_because: ClosedBecause | None = word_column(ClosedBecause, default=None)
    external_id: str | None = None
    run_id: UUID | None = None
    as_of: date | None = None
    version: int = 1


class AlertReferralRow(SQLModel, table=True):
    """A referral that follows from an alert."""

    __tablename__ = "alert_referral"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id", "alert_id"], ["alert.household_id", "alert.id"]),
        sa.ForeignKeyConstraint(["household_id", "referral_id"], ["referral.household_id", "referral.id"]),
    )

    household_id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
