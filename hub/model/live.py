"""The stored results of the evaluation for each household: its entitlements with their status, and whether to visit it.

The rows of a household are up to date from the day of the evaluation until `next_change_on`. Every event in its chain sets
that day to `NOT_EVALUATED`, in the transaction of the write. Then the rows are out of date, and a reader evaluates the
household itself (docs/adr/0016-live-entitlements.md).
"""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import CODE, code_column, word_column
from hub.model.aid import AidKind
from hub.model.entitlements import EntitlementStatus

NOT_EVALUATED: sa.ColumnElement[date] = sa.literal_column("date '0001-01-01'", sa.Date)
"""The `next_change_on` of a household that was written since its evaluation, or was never evaluated."""


class LiveHouseholdRow(SQLModel, table=True):
    """An evaluated household, in the region where it lived at that time.

    `evaluation` identifies the rules that were used: other rules may give other results. `visit_rank` and `visit_reasons` are
    those of `hub.evaluation.visits`, null if there is no reason for a visit. `partly_covered` is 非整户保 (46-2.3).
    """

    __tablename__ = "live_household"
    __table_args__ = (
        sa.Index("ix_live_household_evaluation", "evaluation", "next_change_on"),
        sa.Index(
            "ix_live_household_visit",
            "visit_rank",
            "household_id",
            postgresql_where=sa.text("visit_rank is not null"),
        ),
        sa.Index(
            "ix_live_household_partly_covered", "household_id", postgresql_where=sa.text("partly_covered")
        ),
    )

    household_id: UUID = Field(primary_key=True, foreign_key="household.id")
    next_change_on: date
    evaluation: str = code_column(default="")
    region: str | None = code_column(default=None, nullable=True)
    visit_rank: int | None = None
    visit_reasons: list[str] | None = Field(default=None, sa_type=pg.ARRAY(sa.Text))
    partly_covered: bool = False


class LiveEntitlementRow(SQLModel, table=True):
    """An entitlement of a household or of a person (`subject_id` is the person's id, or the household's). `status` is null if
    the rule no longer holds. `to_check`: whether something remains to be checked that no registry knows. `since`: the day on
    which the evaluation first found the status. The scopes for a rule's rows are in `hub.evaluation.live.needs`."""

    __tablename__ = "live_entitlement"
    __table_args__ = (
        sa.Index(
            "ix_live_entitlement_missing",
            "rule",
            "household_id",
            postgresql_where=sa.text("status = 'MISSING'"),
        ),
    )

    household_id: UUID = Field(primary_key=True, foreign_key="live_household.household_id")
    rule: str = Field(primary_key=True, sa_type=CODE)
    subject_id: UUID = Field(primary_key=True)
    person_id: UUID | None = None
    aid_kind: AidKind = word_column(AidKind)
    status: EntitlementStatus | None = word_column(EntitlementStatus, default=None, nullable=True)
    to_check: bool
    since: date
