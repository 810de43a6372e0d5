"""Cases of overlapping aid: two overlapping records and the decision about them (46-2.1, 46-4.3)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column


class Bearing(StrEnum):
    """The consequence of an overlap."""

    EXCLUSIVE = "EXCLUSIVE"
    CAPPED = "CAPPED"
    TOPPING_UP = "TOPPING_UP"
    UNSTATED = "UNSTATED"


class OverlapCode(StrEnum):
    """The rules by name; `hub.overlaps.rules` has their content."""

    ALLOWANCE_OR_SUPPORT = "ALLOWANCE_OR_SUPPORT"
    RENTAL_OR_SUBSIDY = "RENTAL_OR_SUBSIDY"
    PAID_FIRST_TOGETHER = "PAID_FIRST_TOGETHER"
    COST_LEFT_BY_INSURANCE = "COST_LEFT_BY_INSURANCE"
    MEDICAL_FORMS = "MEDICAL_FORMS"
    EDUCATION_FORMS = "EDUCATION_FORMS"
    EMPLOYMENT_FORMS = "EMPLOYMENT_FORMS"
    DISASTER_FORMS = "DISASTER_FORMS"
    SERVICE_FORMS = "SERVICE_FORMS"
    OTHER_FORMS = "OTHER_FORMS"
    CHARITY_BESIDE = "CHARITY_BESIDE"
    RELAPSE_FORMS = "RELAPSE_FORMS"
    NO_DUPLICATE = "NO_DUPLICATE"


class ProgrammeLevel(StrEnum):
    """Who sets a programme of the catalogue (`hub.overlaps.programmes`)."""

    NATIONAL = "NATIONAL"
    PROVINCE = "PROVINCE"
    CITY = "CITY"
    COUNTY = "COUNTY"


class OverlapStatus(StrEnum):
    """OPEN until civil affairs decides."""

    OPEN = "OPEN"
    DECIDED = "DECIDED"


class OverlapDisposition(StrEnum):
    """The decision of a case. No consequence, because the two are different aid (NOT_DUPLICATE) or both are justified
    (BOTH_STAND). Or one is withdrawn as an honest mistake (CORRECT), or withdrawn and its money recovered (RECOVER) (46-4.3)."""

    NOT_DUPLICATE = "NOT_DUPLICATE"
    BOTH_STAND = "BOTH_STAND"
    CORRECT = "CORRECT"
    RECOVER = "RECOVER"


class OverlapSide(StrEnum):
    """The earlier record of a pair, or the later one."""

    FIRST = "FIRST"
    SECOND = "SECOND"


SETTLED = (OverlapDisposition.NOT_DUPLICATE, OverlapDisposition.BOTH_STAND)
"""Decisions that allow both records: the pair is not reported again."""


class OverlapCaseRow(SQLModel, table=True):
    """A pair of records. It belongs to the household of the second, later one.

    The second is named by its agency and external id, because it may have been refused: `second_id` is null until it is
    saved. `said` is its agency's statement in a mediation. `to_agency` is the county's civil affairs office, which decides.
    `withdrawn` is the record to correct or recover. `alert_id` is the alert of monitoring for the case.
    """

    __tablename__ = "overlap_case"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["first_household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
        sa.ForeignKeyConstraint(["household_id", "alert_id"], ["alert.household_id", "alert.id"]),
        sa.CheckConstraint("(status = 'DECIDED') = (disposition is not null)", name="decided"),
        sa.CheckConstraint(
            "coalesce(disposition in ('CORRECT', 'RECOVER'), false) = (withdrawn is not null)",
            name="withdrawn_side",
        ),
        sa.Index("uq_overlap_case_pair", "first_id", "second_agency", "second_external_id", unique=True),
        sa.Index("ix_overlap_case_opened", "opened_at", "id"),
        sa.Index("ix_overlap_case_first", "first_household_id"),
        sa.Index("ix_overlap_case_first_agency", "first_agency"),
        sa.Index("ix_overlap_case_second_agency", "second_agency"),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID | None = None
    rule: OverlapCode = word_column(OverlapCode)
    first_household_id: UUID
    first_id: UUID
    first_agency: str = code_column(foreign_key="agency.id")
    second_id: UUID | None = None
    second_agency: str = code_column(foreign_key="agency.id")
    second_external_id: str
    said: str | None = None
    to_agency: str = code_column(foreign_key="agency.id")
    opened_at: datetime = instant_column(default_factory=now)
    status: OverlapStatus = word_column(OverlapStatus, default=OverlapStatus.OPEN)
    disposition: OverlapDisposition | None = word_column(OverlapDisposition, default=None)
    withdrawn: OverlapSide | None = word_column(OverlapSide, default=None)
    reason: str | None = None
    decided_by: str | None = code_column(default=None, foreign_key="agency.id")
    decided_at: datetime | None = instant_column(default=None)
    alert_id: UUID | None = None
    version: int = 1
