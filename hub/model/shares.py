"""Monthly shares: a registry's list for a county and a month, and its facts."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, word_column
from hub.model.agencies import Department
from hub.model.circumstances import CircumstanceKind


class MonthlyShareRow(SQLModel, table=True):
    """The list of a registry for a county and a month (by its first day), received or expected.

    `region` is the county: the policy requires lists from counties (46-2.2); a list of the city's office is counted for
    each of its counties. `due_on` is the last day, with its clause; null: the list is optional. `rows` is the number of
    facts, each counted once, however often and in however many parts it came; `agency_id` is the last sender. A share has
    no chain event; its facts have their own.

    A late list is stored here and not as an alert of `hub.alerts`: such an alert is about a household, and a missing list has
    none. `found_late_at`: when monitoring first found it late. `late_closed_at`: when monitoring found that it had arrived.
    Each is set once for a list.
    """

    __tablename__ = "monthly_share"
    __table_args__ = (
        sa.CheckConstraint("extract(day from month) = 1", name="month"),
        sa.CheckConstraint("(shared_at is null) = (first_shared_at is null)", name="shared"),
    )

    source_registry: Department = word_column(Department, primary_key=True)
    kind: CircumstanceKind = word_column(CircumstanceKind, primary_key=True)
    month: date = Field(primary_key=True)
    region: str = code_column(primary_key=True, foreign_key="region.code")
    policy_basis: str | None = None
    due_on: date | None = None
    rows: int = 0
    agency_id: str | None = code_column(default=None, foreign_key="agency.id")
    first_shared_at: datetime | None = instant_column(default=None)
    shared_at: datetime | None = instant_column(default=None)
    found_late_at: datetime | None = instant_column(default=None)
    late_closed_at: datetime | None = instant_column(default=None)


class ShareEntryRow(SQLModel, table=True):
    """A fact of a monthly list. With it `rows` stays correct if a list is sent again. `record_id` is a circumstance, or the
    household that a monitored list certifies. No query shows it."""

    __tablename__ = "share_entry"
    __table_args__ = (sa.ForeignKeyConstraint(["household_id"], ["household.id"]),)

    household_id: UUID = Field(primary_key=True)
    record_id: UUID = Field(primary_key=True)
    month: date = Field(primary_key=True)
