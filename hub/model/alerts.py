"""Alerts: a finding about a household or person, with a deadline and a disposition (46-2.4)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import CODE, code_column, instant_column, new_id, now, word_column
from hub.glossary.code_sets import ExplainedCode, Term


class Severity(StrEnum):
    """The severity of a finding; lists of alerts begin with the most urgent."""

    URGENT = "URGENT"
    HIGH = "HIGH"
    NORMAL = "NORMAL"


_URGENT, _HIGH, _NORMAL = 3, 10, 20
"""Working days. The policy gives no number (规定时限内); these are the office's own, by how urgent a finding is."""


@dataclass(frozen=True, slots=True)
class FindingRule:
    """How urgent a finding is, and the working days to check it. `at_home`: it is checked at home first (a finding about
    records is not)."""

    severity: Severity
    within: int
    at_home: bool = True


class Finding(ExplainedCode):
    """The subject of an alert (46-2.2 to 46-2.4): one line for each finding, with its term, clause and deadline. The
    conditions are in `hub/evaluation/monitoring`."""

    rule: FindingRule

    @property
    def clause(self) -> str:
        """The clause of the duty that is not fulfilled."""
        return self.term.source

    STUDENT_WITHOUT_AID = (
        "STUDENT_WITHOUT_AID",
        Term(
            "家庭经济困难学生本学年未获教育救助",
            "A hardship student has no education aid this school year",
            source="46-3.2.2",
        ),
        FindingRule(Severity.HIGH, _HIGH),
    )
    UNEMPLOYED_WITHOUT_AID = (
        "UNEMPLOYED_WITHOUT_AID",
        Term(
            "登记失业人员未获就业救助",
            "A registered unemployed member has no employment aid",
            source="46-3.2.4",
        ),
        FindingRule(Severity.NORMAL, _NORMAL),
    )
    ZERO_EMPLOYMENT = (
        "ZERO_EMPLOYMENT",
        Term("零就业家庭", "Nobody who is able and of working age works", source="46-3.2.4"),
        FindingRule(Severity.HIGH, _HIGH),
    )
    ILLNESS_OUTSIDE = (
        "ILLNESS_OUTSIDE",
        Term(
            "重病或刚性支出家庭未纳入救助范围",
            "Serious illness or rigid expense outside every category",
            source="46-2.3",
        ),
        FindingRule(Severity.HIGH, _HIGH),
    )
    SEVERE_DISABILITY_OUTSIDE = (
        "SEVERE_DISABILITY_OUTSIDE",
        Term(
            "重度残疾人未纳入低保或特困人员救助供养",
            "Severe disability outside subsistence allowance and extreme hardship",
            source="46-2.3",
        ),
        FindingRule(Severity.HIGH, _HIGH),
    )
    DECEASED_RECIPIENT = (
        "DECEASED_RECIPIENT",
        Term("已死亡人员仍在领取救助", "Somebody deceased is still paid", source="46-2.2"),
        FindingRule(Severity.URGENT, _URGENT, at_home=False),
    )
    DECEASED_CERTIFIED = (
        "DECEASED_CERTIFIED",
        Term("已死亡人员仍在保", "Somebody deceased is still certified", source="46-2.2"),
        FindingRule(Severity.HIGH, _HIGH, at_home=False),
    )
    HOUSEHOLD_WITHOUT_MEMBERS = (
        "HOUSEHOLD_WITHOUT_MEMBERS",
        Term(
            "家庭成员均已死亡或迁出,认定仍有效",
            "All members died or left, and the household is still certified",
            source="46-2.2",
        ),
        FindingRule(Severity.HIGH, _HIGH, at_home=False),
    )
    AID_WITHOUT_TITLE = (
        "AID_WITHOUT_TITLE",
        Term("无有效认定或依据而给予救助", "Aid that no certification and no fact carries", source="46-4.3"),
        FindingRule(Severity.URGENT, _URGENT, at_home=False),
    )
    PAPERS_OVERDUE = (
        "PAPERS_OVERDUE",
        Term(
            "先行救助后逾期未补齐手续或证明材料",
            "The papers of urgent aid were not supplied in time",
            source="46-3.3",
        ),
        FindingRule(Severity.NORMAL, _NORMAL),
    )
    PARTLY_COVERED = (
        "PARTLY_COVERED",
        Term("非整户保家庭", "Only some members are covered", source="46-2.3"),
        FindingRule(Severity.NORMAL, _NORMAL),
    )
    WITHOUT_LABOUR = (
        "WITHOUT_LABOUR",
        Term("无劳动力或弱劳动力家庭", "A household without, or with weak, ability to work", source="46-2.3"),
        FindingRule(Severity.NORMAL, _NORMAL),
    )
    ALLOWANCE_MISSING = (
        "ALLOWANCE_MISSING",
        Term(
            "应发的低保金或特困供养金未发放",
            "An allowance or support of a month that is due was not paid",
            source="46-3.1",
        ),
        FindingRule(Severity.URGENT, _URGENT, at_home=False),
    )
    PREMIUM_NOT_IN_FULL = (
        "PREMIUM_NOT_IN_FULL",
        Term(
            "特困人员未获全额参保资助", "Extreme hardship without the full premium subsidy", source="46-3.2.1"
        ),
        FindingRule(Severity.HIGH, _HIGH, at_home=False),
    )
    PREMIUM_MISSING = (
        "PREMIUM_MISSING",
        Term("低保对象未获参保资助", "Subsistence allowance without the premium subsidy", source="46-3.2.1"),
        FindingRule(Severity.HIGH, _HIGH, at_home=False),
    )
    MEDICAL_AID_MISSING = (
        "MEDICAL_AID_MISSING",
        Term(
            "低收入大病患者未获医疗救助",
            "A seriously ill member of the low-income population has no medical aid",
            source="46-3.2.1",
        ),
        FindingRule(Severity.HIGH, _HIGH),
    )
    DISASTER_AID_MISSING = (
        "DISASTER_AID_MISSING",
        Term(
            "受灾低收入家庭未获受灾人员救助",
            "A certified household that a disaster struck has no disaster aid",
            source="46-3.2.5",
        ),
        FindingRule(Severity.URGENT, _URGENT),
    )
    HEATING_MISSING = (
        "HEATING_MISSING",
        Term("未发放冬季取暖补贴", "The winter's heating subsidy was not given", source="46-3.5"),
        FindingRule(Severity.NORMAL, _NORMAL, at_home=False),
    )
    FUNERAL_FEES_MISSING = (
        "FUNERAL_FEES_MISSING",
        Term("未减免基本殡葬服务费用", "Basic funeral fees were not reduced", source="46-3.5"),
        FindingRule(Severity.NORMAL, _NORMAL, at_home=False),
    )
    DISABILITY_ALLOWANCE_MISSING = (
        "DISABILITY_ALLOWANCE_MISSING",
        Term(
            "应享残疾人未获困难残疾人生活补贴",
            "A disabled member who is entitled to it has no disability living allowance",
            source="46-3.5",
        ),
        FindingRule(Severity.NORMAL, _NORMAL, at_home=False),
    )
    SUPPLEMENT_MISSING = (
        "SUPPLEMENT_MISSING",
        Term("应增发低保金人员未增发", "A member of a supplement class is paid none", source="46-3.1"),
        FindingRule(Severity.HIGH, _HIGH, at_home=False),
    )
    AMOUNT_DIFFERS = (
        "AMOUNT_DIFFERS",
        Term(
            "发放金额与核定金额不符",
            "An allowance or support was paid that is less or more than the certified amount",
            source="46-4.3",
        ),
        FindingRule(Severity.HIGH, _HIGH, at_home=False),
    )
    ALLOWANCE_LATE = (
        "ALLOWANCE_LATE",
        Term(
            "低保金或特困供养金未在每月10日前发放", "An allowance was not paid by the 10th", source="46-3.1"
        ),
        FindingRule(Severity.URGENT, _URGENT, at_home=False),
    )
    DUPLICATE_AID = (
        "DUPLICATE_AID",
        Term("重复救助", "The same aid is given twice", source="46-2.1"),
        FindingRule(Severity.HIGH, _HIGH, at_home=False),
    )
    PERSON_IN_TWO_HOUSEHOLDS = (
        "PERSON_IN_TWO_HOUSEHOLDS",
        Term("同一人登记在两户", "One person is registered in two households", source="46-2.2"),
        FindingRule(Severity.HIGH, _HIGH, at_home=False),
    )
    REFERRAL_OVERDUE = (
        "REFERRAL_OVERDUE",
        Term("转办事项逾期", "A referral is overdue", source="46-2.1"),
        FindingRule(Severity.HIGH, _URGENT, at_home=False),
    )
    INCOME_BELOW_LINE = (
        "INCOME_BELOW_LINE",
        Term(
            "收入符合低保或低保边缘标准而未纳入",
            "Income within the line of subsistence allowance or margin, in no category",
            source="46-2.3",
        ),
        FindingRule(Severity.HIGH, _HIGH),
    )
    BETTER_CATEGORY = (
        "BETTER_CATEGORY",
        Term(
            "收入符合救助更多类别的标准",
            "Income within the line of a category with more support",
            source="46-2.3",
        ),
        FindingRule(Severity.NORMAL, _NORMAL),
    )
    INCOME_ABOVE_LINE = (
        "INCOME_ABOVE_LINE",
        Term("收入超过认定标准", "Income above the line of the category", source="46-2.4"),
        FindingRule(Severity.NORMAL, _NORMAL),
    )
    FOUND_ON_THE_SPOT = (
        "FOUND_ON_THE_SPOT",
        Term(
            "基层走访摸排或部门主动发现",
            "Found by an agency on the spot or in its work",
            source="46-2.3",
        ),
        FindingRule(Severity.HIGH, _HIGH),
    )
    MONTHLY_SHARE_LATE = (
        "MONTHLY_SHARE_LATE",
        Term("部门每月应共享的名单未按时共享", "A registry's monthly list did not come", source="46-2.2"),
        FindingRule(Severity.HIGH, _URGENT, at_home=False),
    )


class AlertStatus(StrEnum):
    """OPEN until checked at home (VISITED), then DISPOSED of, and CLOSED when the fact is gone."""

    OPEN = "OPEN"
    VISITED = "VISITED"
    DISPOSED = "DISPOSED"
    CLOSED = "CLOSED"


class Disposition(StrEnum):
    """46-2.4: the disposition of an alert, one of four, or UNFOUNDED: the check at home did not confirm the alert."""

    CARRY_OUT = "CARRY_OUT"
    INCLUDE = "INCLUDE"
    CONFERENCE = "CONFERENCE"
    TERMINATE = "TERMINATE"
    UNFOUNDED = "UNFOUNDED"


class ClosedBecause(StrEnum):
    """Why an alert was closed."""

    FACT_GONE = "FACT_GONE"
    DISPOSED = "DISPOSED"
    UNFOUNDED = "UNFOUNDED"


class AlertRow(SQLModel, table=True):
    """An alert. `evidence` identifies it: there is only one open alert with the same finding, subject and evidence (a school
    year, a month, the id of a record; empty for a finding about the subject itself). Readers need the scopes in `needs`,
    which open its facts. `run_id` is the monitoring run that raised it; an alert that an agency raised has an `external_id`
    instead. `certification_id` is the certification that its disposition ended or made."""

    __tablename__ = "alert"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
        sa.CheckConstraint("(status = 'CLOSED') = (closed_at is not null)", name="closed"),
        sa.CheckConstraint("(disposition is null) = (disposed_at is null)", name="disposed"),
        sa.Index(
            "uq_alert_standing", "household_id", "finding", sa.text("coalesce(person_id, household_id)"), "evidence",
            unique=True, postgresql_where=sa.text("closed_at is null and finding <> 'FOUND_ON_THE_SPOT'"),
        ),
        sa.Index("ix_alert_raised", "raised_at", "id"),
        sa.Index("ix_alert_due", "due_at", "id", postgresql_where=sa.text("closed_at is null")),
        sa.Index("ix_alert_finding", "finding", "household_id", postgresql_where=sa.text("closed_at is null")),
    )  # fmt: skip

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID | None = None
    finding: Finding = word_column(Finding)
    severity: Severity = word_column(Severity)
    evidence: str = ""
    reason: str | None = None
    needs: list[str] = Field(default_factory=list, sa_type=pg.ARRAY(CODE))
    policy_basis: str
    raised_by: str = code_column(foreign_key="agency.id")
    to_agency: str = code_column(foreign_key="agency.id")
    raised_at: datetime = instant_column(default_factory=now)
    due_at: datetime = instant_column()
    status: AlertStatus = word_column(AlertStatus, default=AlertStatus.OPEN)
    disposition: Disposition | None = word_column(Disposition, default=None)
    disposition_reason: str | None = None
    disposed_by: str | None = code_column(default=None, foreign_key="agency.id")
    disposed_at: datetime | None = instant_column(default=None)
    certification_id: UUID | None = None
    conference_id: UUID | None = None
    closed_at: datetime | None = instant_column(default=None)
    closed_because: ClosedBecause | None = word_column(ClosedBecause, default=None)
    external_id: str | None = None
    run_id: UUID | None = None
    as_of: date | None = None
    version: int = 1


class AlertReferralRow(SQLModel, table=True):
    """A referral that follows from an alert."""

    __tablename__ = "alert_referral"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id", "alert_id"], ["alert.household_id", "alert.id"]),
        sa.ForeignKeyConstraint(["household_id", "referral_id"], ["referral.household_id", "referral.id"]),
    )

    household_id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
