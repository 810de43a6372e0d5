"""Published lists, stored as published, and objections to them (46-4.3)."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column
from hub.model.aid import AidKind
from hub.model.certifications import Category


class ListOf(StrEnum):
    """The content of a list: certified households, or households helped in the month."""

    CERTIFIED = "CERTIFIED"
    HELPED = "HELPED"


class DisclosureRow(SQLModel, table=True):
    """A list of a region and a month (its first day). A withdrawn list stays as published."""

    __tablename__ = "disclosure"
    __table_args__ = (
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdraw_reason is null)", name="withdrawn_for_a_reason"
        ),
        sa.UniqueConstraint("agency_id", "external_id"),
        sa.Index(
            "uq_disclosure_standing",
            "region",
            "month",
            "list_of",
            unique=True,
            postgresql_where=sa.text("withdrawn_at is null"),
        ),
        sa.Index("ix_disclosure_published", "published_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    region: str = code_column(foreign_key="region.code")
    month: date
    list_of: ListOf = word_column(ListOf)
    agency_id: str = code_column(foreign_key="agency.id")
    published_at: datetime = instant_column(default_factory=now)
    entries: int
    policy_basis: str
    external_id: str
    withdrawn_at: datetime | None = instant_column(default=None)
    withdraw_reason: str | None = None
    version: int = 1


class DisclosureEntryRow(SQLModel, table=True):
    """One line of a list, already masked; withheld values are never stored.

    `region` is the village or community. `household_id` connects an objection with the household; no field shows it.
    """

    __tablename__ = "disclosure_entry"
    __table_args__ = (
        sa.ForeignKeyConstraint(["disclosure_id"], ["disclosure.id"]),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.CheckConstraint("num_nonnulls(category, aid_kind) = 1", name="one_thing"),
    )

    disclosure_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    region: str = code_column(foreign_key="region.code")
    household_id: UUID
    masked_name: str | None = None
    category: Category | None = word_column(Category, default=None)
    aid_kind: AidKind | None = word_column(AidKind, default=None)
    since: date


class ObjectionRow(SQLModel, table=True):
    """An objection to a line of a list, and the alert that it raises. The objector is not stored."""

    __tablename__ = "disclosure_objection"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "alert_id"], ["alert.household_id", "alert.id"]),
        sa.ForeignKeyConstraint(
            ["disclosure_id", "number"], ["disclosure_entry.disclosure_id", "disclosure_entry.number"]
        ),
        sa.Index("ix_disclosure_objection_entry", "disclosure_id", "number"),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    disclosure_id: UUID
    number: int
    agency_id: str = code_column(foreign_key="agency.id")
    objected_on: date
    ground: str
    alert_id: UUID
    external_id: str
    recorded_at: datetime = instant_column(default_factory=now)
