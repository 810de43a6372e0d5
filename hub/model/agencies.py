"""Agencies (each a department at a region), and the households outside its jurisdiction that an agency sees."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, now, word_column
from hub.glossary.code_sets import ExplainedCode, Term


@dataclass(frozen=True, slots=True)
class Office:
    """The name of a department's office at the city and in a county. A society is not a bureau of a development zone's
    committee."""

    name: str
    society: bool = False


class Department(ExplainedCode):
    """The departments of 46-2 and 46-3, and two that supervise them. Their permissions are in `auth/departments.toml`."""

    rule: Office

    CIVIL_AFFAIRS = (
        "civil_affairs",
        Term(
            "民政部门",
            "civil affairs",
            note_zh="统筹认定、监测、救助;街道办事处、乡镇也在此列",
            note="certifies, monitors and helps; streets and townships are of it",
            source="46-4.2",
        ),
        Office("民政局"),
    )
    EDUCATION = ("education", Term("教育部门", "education", source="46-3.2.2"), Office("教育局"))
    HUMAN_RESOURCES = (
        "human_resources",
        Term("人社部门", "human resources and social security", source="46-3.2.4"),
        Office("人力资源和社会保障局"),
    )
    URBAN_CONSTRUCTION = (
        "urban_construction",
        Term(
            "城建部门",
            "urban and rural construction",
            note_zh="农村危房改造",
            note="rural houses",
            source="46-3.2.3",
        ),
        Office("城乡建设局"),
    )
    HOUSING_SECURITY = (
        "housing_security",
        Term(
            "住房保障部门",
            "housing security",
            note_zh="公租房、租赁补贴",
            note="public rental, rent subsidy",
            source="46-3.2.3",
        ),
        Office("住房保障局"),
    )
    AGRICULTURE = (
        "agriculture",
        Term(
            "农业农村部门",
            "agriculture and rural affairs",
            note_zh="认定并共享防止返贫监测对象",
            note="certifies and shares who is monitored",
            source="46-1.2.2, 46-2.2",
        ),
        Office("农业农村局"),
    )
    HEALTH = ("health", Term("卫健部门", "health", source="46-2.3, 46-3.2.1"), Office("卫生健康委员会"))
    EMERGENCY_MANAGEMENT = (
        "emergency_management",
        Term("应急管理部门", "emergency management", source="46-3.2.5"),
        Office("应急管理局"),
    )
    MEDICAL_INSURANCE = (
        "medical_insurance",
        Term("医保部门", "medical insurance", source="46-3.2.1"),
        Office("医疗保障局"),
    )
    DISABLED_FEDERATION = (
        "disabled_federation",
        Term("残联", "disabled persons' federation", source="46-4.2"),
        Office("残疾人联合会", society=True),
    )
    FINANCE = ("finance", Term("财政部门", "finance", source="46-3.1, 46-4.2"), Office("财政局"))
    DEVELOPMENT_REFORM = (
        "development_reform",
        Term(
            "发展改革部门",
            "development and reform",
            note_zh="价格补贴",
            note="price subsidies",
            source="46-3.5",
        ),
        Office("发展和改革委员会"),
    )
    CHARITY = (
        "charity",
        Term("慈善组织与社会力量", "charity", source="46-3.6"),
        Office("慈善总会", society=True),
    )
    AUDIT = (
        "audit",
        Term(
            "审计监督", "audit", note_zh="只查看,不办理", note="watches, and gives nothing", source="46-4.3"
        ),
        Office("审计局"),
    )


class AgencyRow(SQLModel, table=True):
    """A department at a region. `id` is `department@region`, as in `education@410105`."""

    __tablename__ = "agency"

    id: str = code_column(primary_key=True)
    department: Department = word_column(Department)
    region: str = code_column(foreign_key="region.code", index=True)
    name: str


class ShownBecause(StrEnum):
    """Why a household outside its jurisdiction is visible to an agency."""

    REFERRAL_SENT = "REFERRAL_SENT"
    REFERRAL_RECEIVED = "REFERRAL_RECEIVED"
    OWN_RECORD = "OWN_RECORD"
    CONFERENCE = "CONFERENCE"
    ALERT = "ALERT"
    ESCALATION = "ESCALATION"


class ShownHouseholdRow(SQLModel, table=True):
    """A household that an agency sees for another reason than its region: from when, and until when (null: as long as the
    reason lasts). Only `hub.agencies.shown.renew_sight` writes it."""

    __tablename__ = "shown_household"
    __table_args__ = (sa.Index("ix_shown_household_agency_id", "agency_id", "household_id"),)

    household_id: UUID = Field(primary_key=True, foreign_key="household.id")
    agency_id: str = code_column(primary_key=True, foreign_key="agency.id")
    because: ShownBecause = word_column(ShownBecause, primary_key=True)
    since: datetime = instant_column(default_factory=now)
    until: datetime | None = instant_column(default=None)
