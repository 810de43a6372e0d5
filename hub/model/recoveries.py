"""Recoveries: the amount to recover of a revoked or reduced aid record, and the repayments (46-4.3)."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column, yuan_column
from hub.model.aid import AidKind, CorrectionReason


class RecoveryStatus(StrEnum):
    """The status of a recovery; `sums.status` computes it from the sums."""

    OPEN = "OPEN"
    PARTLY_REPAID = "PARTLY_REPAID"
    REPAID = "REPAID"
    WAIVED = "WAIVED"


class RecoveryManner(StrEnum):
    """How goods and services are returned: in kind, or by their value (46-4.3: 物资或服务)."""

    IN_KIND = "IN_KIND"
    BY_VALUE = "BY_VALUE"


class RecoveryRow(SQLModel, table=True):
    """A recovery of an aid record. Amounts are yuan.

    For goods or services, `manner` says how and `goods` says what is returned, and `amount` is their value as the office
    assessed it. For money both are null.

    `kind` is the record's kind; the row has the scopes of the record's amount. `waived` is the waived rest, null if none.
    """

    __tablename__ = "recovery"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("waived > 0 and waived <= amount", name="waived"),
        sa.CheckConstraint(
            "num_nulls(waived, waive_reason, waived_by, waived_on) in (0, 4)", name="waived_for_a_reason"
        ),
        sa.CheckConstraint("goods is null or manner is not null", name="goods"),
        sa.Index("ix_recovery_opened", "opened_on", "id"),
        sa.Index("ix_recovery_aid", "household_id", "aid_id"),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID | None = None
    aid_id: UUID
    kind: AidKind = word_column(AidKind)
    agency_id: str = code_column(foreign_key="agency.id")
    because: CorrectionReason = word_column(CorrectionReason)
    manner: RecoveryManner | None = word_column(RecoveryManner, default=None)
    goods: str | None = None
    amount: Decimal = yuan_column()
    reason: str
    opened_on: date
    due_on: date | None = None
    waived: Decimal | None = yuan_column(default=None)
    waive_reason: str | None = None
    waived_by: str | None = code_column(default=None, foreign_key="agency.id")
    waived_on: date | None = None
    policy_basis: str
    external_id: str
    version: int = 1
    recorded_at: datetime = instant_column(default_factory=now)


class RepaymentRow(SQLModel, table=True):
    """A repayment in yuan; `number` counts from 1 in its recovery. `kind` is that of the recovery."""

    __tablename__ = "recovery_repayment"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id", "recovery_id"], ["recovery.household_id", "recovery.id"]),
        sa.CheckConstraint("amount > 0", name="amount"),
    )

    household_id: UUID = Field(primary_key=True)
    recovery_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    kind: AidKind = word_column(AidKind)
    agency_id: str = code_column(foreign_key="agency.id")
    amount: Decimal = yuan_column()
    repaid_on: date
    external_id: str
    recorded_at: datetime = instant_column(default_factory=now)
