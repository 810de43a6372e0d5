"""Coverage: the numbers of a region and month (46-2.1, 数字监督), counted by a job and shown with the time of the count.

The numbers contain no persons. `statistics:read` opens them. The job decides which numbers a caller without access to
households may see (`hub.evaluation.coverage.withholding`).
"""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, word_column
from hub.model.aid import AidKind
from hub.model.certifications import Category


class CoverageRow(SQLModel, table=True):
    """A region in a month, named by its first day. The facts are those of `day`, as recorded at `as_of`."""

    __tablename__ = "coverage"
    __table_args__ = (sa.Index("ix_coverage_parent", "parent", "month", "region"),)

    region: str = code_column(primary_key=True, foreign_key="region.code")
    month: date = Field(primary_key=True)
    parent: str | None = code_column(default=None)
    day: date
    as_of: datetime = instant_column()


class CoverageCategoryRow(SQLModel, table=True):
    """The households by their best category, and their covered members. `told`: every reader of statistics may see the
    numbers; otherwise only readers of the households."""

    __tablename__ = "coverage_category"

    region: str = code_column(primary_key=True, foreign_key="region.code")
    month: date = Field(primary_key=True)
    category: Category = word_column(Category, primary_key=True)
    households: int
    persons: int
    told: bool


class CoverageKindRow(SQLModel, table=True):
    """The entitlements of those households to aid of a kind, each with one status. `told` lists the columns that every
    reader of statistics may see."""

    __tablename__ = "coverage_kind"

    region: str = code_column(primary_key=True, foreign_key="region.code")
    month: date = Field(primary_key=True)
    category: Category = word_column(Category, primary_key=True)
    aid_kind: AidKind = word_column(AidKind, primary_key=True)
    entitled: int
    received: int
    referred: int
    missing: int
    duplicated: int
    told: list[str] = Field(sa_type=pg.ARRAY(sa.Text))
