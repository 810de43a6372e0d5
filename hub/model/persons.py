"""Persons: the members of households."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, guarded_column, instant_column, new_id, now, word_column


class Gender(StrEnum):
    """Gender as in the identity number (GB 11643: an odd sequence is male)."""

    MALE = "MALE"
    FEMALE = "FEMALE"


class Relation(StrEnum):
    """与户主关系, after GB/T 4761."""

    HEAD = "HEAD"
    SPOUSE = "SPOUSE"
    CHILD = "CHILD"
    GRANDCHILD = "GRANDCHILD"
    PARENT = "PARENT"
    GRANDPARENT = "GRANDPARENT"
    SIBLING = "SIBLING"
    OTHER = "OTHER"


class Health(StrEnum):
    """健康状况 as the township registered it."""

    HEALTHY = "HEALTHY"
    CHRONIC = "CHRONIC"
    SERIOUS = "SERIOUS"


class DisabilityType(StrEnum):
    """残疾类别, GB/T 26341."""

    VISUAL = "VISUAL"
    HEARING = "HEARING"
    SPEECH = "SPEECH"
    PHYSICAL = "PHYSICAL"
    INTELLECTUAL = "INTELLECTUAL"
    MENTAL = "MENTAL"
    MULTIPLE = "MULTIPLE"


class EducationStage(StrEnum):
    """就学阶段; 46-3.2.2 covers kindergarten and every school stage."""

    KINDERGARTEN = "KINDERGARTEN"
    PRIMARY = "PRIMARY"
    JUNIOR_HIGH = "JUNIOR_HIGH"
    SENIOR_HIGH = "SENIOR_HIGH"
    VOCATIONAL = "VOCATIONAL"
    COLLEGE = "COLLEGE"


class Employment(StrEnum):
    """就业状况."""

    EMPLOYED = "EMPLOYED"
    FLEXIBLE = "FLEXIBLE"
    FARMING = "FARMING"
    UNEMPLOYED = "UNEMPLOYED"
    STUDYING = "STUDYING"
    RETIRED = "RETIRED"
    NONE = "NONE"


class Labour(StrEnum):
    """劳动能力; households without or with weak labour are visited first (46-2.3)."""

    FULL = "FULL"
    WEAK = "WEAK"
    NONE = "NONE"


class PersonRow(SQLModel, table=True):
    """A member of a household. Encrypted columns: see `hub.foundation.encryption`; `left_on` ends membership.
    `id_number_index` is the keyed blind index for finding a person. It is not unique: two households may both have
    registered a person, which monitoring reports and look-ups refuse as ambiguous."""

    __tablename__ = "person"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.CheckConstraint("disability_grade between 1 and 4", name="disability_grade"),
        sa.Index("ix_person_id_number_index", "id_number_index"),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str
    id_number_sealed: bytes
    id_number_index: bytes
    id_number_masked: str
    birth_date: date
    gender: Gender = word_column(Gender)
    relation: Relation = word_column(Relation)
    phone_sealed: bytes | None = None
    account_sealed: bytes | None = None
    health: Health | None = guarded_column("health", Health)
    disability_type: DisabilityType | None = guarded_column("disability", DisabilityType)
    disability_grade: int | None = guarded_column("disability")
    education_stage: EducationStage | None = guarded_column("education", EducationStage)
    school: str | None = guarded_column("education")
    employment: Employment | None = guarded_column("employment", Employment)
    labour: Labour | None = guarded_column("employment", Labour)
    left_on: date | None = None
    source_agency: str = code_column(foreign_key="agency.id")
    version: int = 1
    created_at: datetime = instant_column(default_factory=now)
    updated_at: datetime = instant_column(default_factory=now)
