"""Near-relative declarations: household members who are near relatives of officials (46-4.3).

The policy says only: 杜绝“人情保”“关系保”,严查优亲厚友. The Civil Code defines near relatives (民法典第一千零四十五条).
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column


class Kinship(StrEnum):
    """The relation of the person to the official: 配偶、父母、子女、兄弟姐妹、祖父母、外祖父母、孙子女、外孙子女."""

    SPOUSE = "SPOUSE"
    PARENT = "PARENT"
    CHILD = "CHILD"
    SIBLING = "SIBLING"
    GRANDPARENT = "GRANDPARENT"
    GRANDCHILD = "GRANDCHILD"


class NearRelativeRow(SQLModel, table=True):
    """A declaration. `office` and `post` name the official without a personal name. `ended_on` is null while it is in
    force."""

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
