"""Monthly shares: one registry's list for one county and month, and the facts that it named."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, word_column
from hub.model.agencies import Department
from hub.model.circumstances import CircumstanceKind


class MonthlyShareRow(SQLModel, table=True):
    """The list of a registry for a county and a month (by its first day), whether it has come or is waited for.

    `region` is the county: the policy asks the counties' offices (46-2.2); what the city's office shares is told for each
    county in it. `due_on` is the last day in time, with its clause; null: nobody asks for this list. `rows` is how many facts
    it named, each once, however often and in however many parts it came; `agency_id` who shared last. No household is
    touched, so no chain is: the facts themselves stand in theirs.

    Its lateness is an alert of its own and lives here: an alert of `hub.alerts` is about a household, is checked at home and
    told in the household's chain, and a list that did not come has none. `found_late_at` is when monitoring first found it
    late, `late_closed_at` when monitoring found that it had come since; both once for each list.
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
    """A fact that a month's list named: what makes `rows` right however a list comes. `record_id` is a circumstance, or the
    household that a monitored list certifies. Nobody is told it; it is no more than a count kept honest."""

    __tablename__ = "share_entry"
    __table_args__ = (sa.ForeignKeyConstraint(["household_id"], ["household.id"]),)

    household_id: UUID = Field(primary_key=True)
    record_id: UUID = Field(primary_key=True)
    month: date = Field(primary_key=True)
