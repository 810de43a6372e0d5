"""Aid records: one decision, payment, service or benefit (46-3), with a typed detail for each of the eleven kinds.

A record is never overwritten. Each amendment is a further row with the same `id` and the next `version`; `superseded_at` is
null in the current row. The detail row has the same key as its record.

The file has more than 300 lines, so that the details can be compared in one place.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, new_id, now, word_column, yuan_column
from hub.foundation.errors import camel
from hub.model.persons import EducationStage


class AidKind(StrEnum):
    """The kinds of 46-3."""

    BASIC_LIVING = "BASIC_LIVING"
    MEDICAL = "MEDICAL"
    EDUCATION = "EDUCATION"
    HOUSING = "HOUSING"
    EMPLOYMENT = "EMPLOYMENT"
    DISASTER = "DISASTER"
    TEMPORARY = "TEMPORARY"
    SERVICE = "SERVICE"
    OTHER = "OTHER"
    CHARITY = "CHARITY"
    RELAPSE_PREVENTION = "RELAPSE_PREVENTION"


class AidStatus(StrEnum):
    """The status of aid. `DELIVERED` is a benefit or service in kind, `PAID` is money."""

    APPROVED = "APPROVED"
    PAID = "PAID"
    DELIVERED = "DELIVERED"
    ENDED = "ENDED"
    REVOKED = "REVOKED"


class CorrectionReason(StrEnum):
    """The reason why aid is revoked or was too much; `CORRECTION_RULES` in `rules.py` has the clause of each."""

    MISTAKE = "MISTAKE"
    FALSE_CLAIM = "FALSE_CLAIM"
    NO_LONGER_ENTITLED = "NO_LONGER_ENTITLED"
    DECEASED = "DECEASED"
    DUPLICATE = "DUPLICATE"


_CURRENT = sa.text("superseded_at is null")
_LATEST_FIRST = sa.text("period_from desc"), sa.text("id desc")
_FOR_COUNTS: Any = {"postgresql_where": _CURRENT, "postgresql_include": ["household_id"]}


class AidRecordRow(SQLModel, table=True):
    """One version of an aid record. `amount` is yuan for the whole period; null for aid without money. `person_id` null: the
    household as a whole. (`agency_id`, `external_id`) names the record in the agency's own system; `WriteReceiptRow` makes it
    unique. `revoked_because` is set on a REVOKED version."""

    __tablename__ = "aid_record"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.ForeignKeyConstraint(["household_id", "person_id"], ["person.household_id", "person.id"]),
        sa.CheckConstraint("period_until >= period_from", name="period"),
        sa.CheckConstraint("amount >= 0", name="amount"),
        sa.Index("ix_aid_record_current", "household_id", *_LATEST_FIRST, postgresql_where=_CURRENT),
        sa.Index("ix_aid_record_kind", "kind", *_LATEST_FIRST, **_FOR_COUNTS),
        sa.Index("ix_aid_record_person", "household_id", "person_id", "program", postgresql_where=_CURRENT),
    )

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int = Field(default=1, primary_key=True)
    person_id: UUID | None = None
    kind: AidKind = word_column(AidKind)
    program: str
    agency_id: str = code_column(foreign_key="agency.id")
    period_from: date
    period_until: date
    status: AidStatus = word_column(AidStatus)
    amount: Decimal | None = yuan_column(default=None)
    decided_on: date
    paid_on: date | None = None
    outcome: str | None = None
    policy_basis: str
    external_id: str
    amendment_reason: str | None = None
    revoked_because: CorrectionReason | None = word_column(CorrectionReason, default=None)
    client_id: str
    recorded_at: datetime = instant_column(default_factory=now)
    superseded_at: datetime | None = instant_column(default=None)


class _DetailKey(SQLModel):
    """A detail has the key of its record."""

    household_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)


def _of_record() -> tuple[sa.ForeignKeyConstraint]:
    key = ["household_id", "id", "version"]
    return (sa.ForeignKeyConstraint(key, [f"aid_record.{column}" for column in key]),)


class BasicLivingForm(StrEnum):
    """46-3.1."""

    SUBSISTENCE_ALLOWANCE = "SUBSISTENCE_ALLOWANCE"
    EXTREME_HARDSHIP_SUPPORT = "EXTREME_HARDSHIP_SUPPORT"


class Payee(StrEnum):
    """46-3.1: to the person's account through 一卡通; for institutional support to the institution's account."""

    PERSON = "PERSON"
    INSTITUTION = "INSTITUTION"


class BasicLivingDetailRow(_DetailKey, table=True):
    """`month_supplement` is the part of the amount that comes from the +100 yuan classes (46-3.1)."""

    __tablename__ = "basic_living_detail"
    __table_args__ = _of_record()

    form: BasicLivingForm = word_column(BasicLivingForm)
    payee: Payee = word_column(Payee)
    month_supplement: Decimal | None = yuan_column(default=None)
    institution: str | None = None


class MedicalForm(StrEnum):
    """46-3.2.1. INPATIENT_AID is for costs of a stay in hospital, OUTPATIENT_AID for long-term medicine or outpatient
    treatment. COST_AID is not divided into these two."""

    PREMIUM_SUBSIDY = "PREMIUM_SUBSIDY"
    COST_AID = "COST_AID"
    INPATIENT_AID = "INPATIENT_AID"
    OUTPATIENT_AID = "OUTPATIENT_AID"
    EMERGENCY_FUND = "EMERGENCY_FUND"


class MedicalDetailRow(_DetailKey, table=True):
    """`total_cost` and `insurance_paid` are yuan; `premium_in_full` is the rule for extreme hardship."""

    __tablename__ = "medical_detail"
    __table_args__ = _of_record()

    form: MedicalForm = word_column(MedicalForm)
    hospital: str | None = None
    total_cost: Decimal | None = yuan_column(default=None)
    insurance_paid: Decimal | None = yuan_column(default=None)
    premium_in_full: bool | None = None


class EducationForm(StrEnum):
    """46-3.2.2."""

    GRANT = "GRANT"
    LIVING_ALLOWANCE = "LIVING_ALLOWANCE"
    WORK_STUDY = "WORK_STUDY"
    LOAN = "LOAN"
    FEE_WAIVER = "FEE_WAIVER"


class EducationDetailRow(_DetailKey, table=True):
    """`school_year` is the year in which it begins: 2026 for 2026–2027."""

    __tablename__ = "education_detail"
    __table_args__ = _of_record()

    form: EducationForm = word_column(EducationForm)
    school_year: int
    stage: EducationStage = word_column(EducationStage)
    school: str | None = None


class HousingForm(StrEnum):
    """46-3.2.3."""

    PUBLIC_RENTAL = "PUBLIC_RENTAL"
    RENT_SUBSIDY = "RENT_SUBSIDY"
    HOUSE_RENOVATION = "HOUSE_RENOVATION"


class DangerGrade(StrEnum):
    """JGJ 125: how dangerous a house is; C and D are rebuilt or repaired."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class HousingDetailRow(_DetailKey, table=True):
    """`floor_area` is square metres; `danger_grade` is that of a dilapidated rural house."""

    __tablename__ = "housing_detail"
    __table_args__ = _of_record()

    form: HousingForm = word_column(HousingForm)
    floor_area: Decimal | None = yuan_column(default=None)
    danger_grade: DangerGrade | None = word_column(DangerGrade, default=None)


class EmploymentForm(StrEnum):
    """46-3.2.4: subsidies and relief, posts, and help to find work."""

    INTEREST_SUBSIDY = "INTEREST_SUBSIDY"
    TAX_RELIEF = "TAX_RELIEF"
    TRAINING_SUBSIDY = "TRAINING_SUBSIDY"
    SOCIAL_INSURANCE_SUBSIDY = "SOCIAL_INSURANCE_SUBSIDY"
    PUBLIC_WELFARE_POST = "PUBLIC_WELFARE_POST"
    INDUSTRY = "INDUSTRY"
    LABOUR_EXPORT = "LABOUR_EXPORT"
    WORKSHOP_POST = "WORKSHOP_POST"
    WORK_RELIEF = "WORK_RELIEF"
    EMPLOYMENT_SERVICE = "EMPLOYMENT_SERVICE"


class EmploymentDetailRow(_DetailKey, table=True):
    """The place where the person works, or was trained."""

    __tablename__ = "employment_detail"
    __table_args__ = _of_record()

    form: EmploymentForm = word_column(EmploymentForm)
    employer: str | None = None
    post: str | None = None


class DisasterForm(StrEnum):
    """46-3.2.5."""

    EMERGENCY = "EMERGENCY"
    TRANSITIONAL = "TRANSITIONAL"
    DROUGHT = "DROUGHT"
    WINTER_SPRING = "WINTER_SPRING"
    REBUILDING = "REBUILDING"


class DisasterDetailRow(_DetailKey, table=True):
    """The disaster and its day."""

    __tablename__ = "disaster_detail"
    __table_args__ = _of_record()

    form: DisasterForm = word_column(DisasterForm)
    disaster: str
    struck_on: date


class TemporaryForm(StrEnum):
    """46-3.3. EMERGENCY_TYPE and EXPENDITURE_TYPE are 临时救助 by its ordinary procedure, which the county confirms."""

    PAY_FIRST = "PAY_FIRST"
    CASE_CONFERENCE = "CASE_CONFERENCE"
    EMERGENCY_TYPE = "EMERGENCY_TYPE"
    EXPENDITURE_TYPE = "EXPENDITURE_TYPE"
    VAGRANT_RESCUE = "VAGRANT_RESCUE"


class TemporaryDetailRow(_DetailKey, table=True):
    """Documents are supplied after an urgent payment; `papers_supplied_on` is null until then. `conference` is the number
    (externalId) of the case conference that set the amount. `no_conference_reason`: why the county set an amount above the
    limit of pay-first aid without a conference. All aid for events of a household on one day (`happened_on`) is one matter."""

    __tablename__ = "temporary_detail"
    __table_args__ = _of_record()

    form: TemporaryForm = word_column(TemporaryForm)
    trouble: str
    happened_at_region: str = code_column(foreign_key="region.code")
    papers_due_on: date | None = None
    papers_supplied_on: date | None = None
    conference: str | None = None
    no_conference_reason: str | None = None
    happened_on: date | None = None


class ServiceForm(StrEnum):
    """46-3.4."""

    VISIT = "VISIT"
    CARE = "CARE"
    COUNSELLING = "COUNSELLING"
    SOCIAL_WORK = "SOCIAL_WORK"


class ServiceDetailRow(_DetailKey, table=True):
    """`times` is the number of services in the period."""

    __tablename__ = "service_detail"
    __table_args__ = (*_of_record(), sa.CheckConstraint("times > 0", name="times"))

    form: ServiceForm = word_column(ServiceForm)
    provider: str
    times: int


class OtherForm(StrEnum):
    """46-3.5, which names DISABILITY_LIVING. DISABILITY_NURSING is the other of the 残疾人两项补贴 (国发〔2015〕52号)."""

    HEATING = "HEATING"
    FUNERAL_FEES = "FUNERAL_FEES"
    ELECTRICITY = "ELECTRICITY"
    WATER = "WATER"
    GAS = "GAS"
    DISABILITY_LIVING = "DISABILITY_LIVING"
    DISABILITY_NURSING = "DISABILITY_NURSING"
    CHILD_REHABILITATION = "CHILD_REHABILITATION"
    BARRIER_FREE = "BARRIER_FREE"


class OtherDetailRow(_DetailKey, table=True):
    """`quantity` is in the unit of the form: kilowatt hours, cubic metres, square metres."""

    __tablename__ = "other_detail"
    __table_args__ = _of_record()

    form: OtherForm = word_column(OtherForm)
    quantity: Decimal | None = yuan_column(default=None)


class CharityForm(StrEnum):
    """46-3.6."""

    DONATION = "DONATION"
    PROJECT = "PROJECT"
    VOLUNTEER = "VOLUNTEER"


class CharityDetailRow(_DetailKey, table=True):
    """The donor and the project. `offer` is the number (externalId) of the agency's own offer that it uses."""

    __tablename__ = "charity_detail"
    __table_args__ = _of_record()

    form: CharityForm = word_column(CharityForm)
    organisation: str
    project: str | None = None
    offer: str | None = None


class RelapsePreventionForm(StrEnum):
    """46-3, opening: 针对性帮扶措施 of the mechanism against a return to poverty, by their purpose."""

    INDUSTRY = "INDUSTRY"
    EMPLOYMENT = "EMPLOYMENT"
    SAFETY_NET = "SAFETY_NET"
    SKILLS = "SKILLS"
    OTHER_MEASURE = "OTHER_MEASURE"


class RelapsePreventionDetailRow(_DetailKey, table=True):
    """`measure` describes in words the measure for the monitored household."""

    __tablename__ = "relapse_prevention_detail"
    __table_args__ = _of_record()

    form: RelapsePreventionForm = word_column(RelapsePreventionForm)
    measure: str


DETAIL_OF: dict[AidKind, type[SQLModel]] = {
    AidKind.BASIC_LIVING: BasicLivingDetailRow,
    AidKind.MEDICAL: MedicalDetailRow,
    AidKind.EDUCATION: EducationDetailRow,
    AidKind.HOUSING: HousingDetailRow,
    AidKind.EMPLOYMENT: EmploymentDetailRow,
    AidKind.DISASTER: DisasterDetailRow,
    AidKind.TEMPORARY: TemporaryDetailRow,
    AidKind.SERVICE: ServiceDetailRow,
    AidKind.OTHER: OtherDetailRow,
    AidKind.CHARITY: CharityDetailRow,
    AidKind.RELAPSE_PREVENTION: RelapsePreventionDetailRow,
}


def forms_of(kind: AidKind) -> type[StrEnum]:
    """The enum of the forms of a kind."""
    forms: object = DETAIL_OF[kind].model_fields["form"].annotation
    assert isinstance(forms, type)
    assert issubclass(forms, StrEnum)
    return forms


def detail_path(kind: AidKind, column: str) -> tuple[str, ...]:
    """The path of a detail column in an input."""
    return "detail", camel(kind.value), camel(column)
