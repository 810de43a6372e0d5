"""Near-relative declarations: which member of a household is a near relative of an official (46-4.3).

The policy says only: 杜绝“人情保”“关系保”,严查优亲厚友. Who is a near relative is the Civil Code's (民法典第一千零四十五条).
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column


class Kinship(StrEnum):
    """What the person is to the official: 配偶、父母、子女、兄弟姐妹、祖父母、外祖父母、孙子女、外孙子女."""

    SPOUSE = "SPOUSE"
    PARENT = "PARENT"
    CHILD = "CHILD"
    SIBLING = "SIBLING"
    GRANDPARENT = "GRANDPARENT"
    GRANDCHILD = "GRANDCHILD"


class NearRelativeRow(SQLModel, table=True):
    """One declaration. The official is told by `office` and `post`, not by name. `ended_on` is null while it stands."""

    __tablename__ = "near_relative"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
        sa.CheckConstraint("(ended_on is null) = (end_reason is null)", name="ended_for_a_reason"),
        sa.Index("ix_near_relative_declared", "declared_on", "id"),
        sa.Index("ix_near_relative_person", "household_id", "person_id"),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID
    kinship: Kinship = word_column(Kinship)
    office: str
    post: str
    agency_id: str = code_column(foreign_key="agency.id")
    declared_on: date
    ended_on: date | None = None
    end_reason: str | None = None
    policy_basis: str
    external_id: str
    version: int = 1
    recorded_at: datetime = instant_column(default_factory=now)
