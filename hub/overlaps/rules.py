"""The rules for two overlapping aid records: same person or household, overlapping days.

Each rule has its clause and the policy's words. A pair that the policy does not mention is in the rules as well
(`UNSTATED`); it is only reported: 避免救助遗漏或重复救助 (46-2.1).
"""

from dataclasses import dataclass
from enum import StrEnum

from hub.glossary.code_sets import term
from hub.model.aid import (
    AidKind,
    BasicLivingForm,
    DisasterForm,
    EducationForm,
    EmploymentForm,
    HousingForm,
    MedicalForm,
    OtherForm,
    RelapsePreventionForm,
    ServiceForm,
    TemporaryForm,
)
from hub.model.overlaps import Bearing, OverlapCode


@dataclass(frozen=True, slots=True)
class Family:
    """The kind and form of a record, which the rules compare."""

    kind: AidKind
    form: str


@dataclass(frozen=True, slots=True)
class OverlapRule:
    """A rule. `clause` and `text` are the policy's; the glossary has its name (`words`). It holds between the `forms` of a
    kind; without a kind, for every pair. `of_household`: aid to one member counts for the whole household. `apart`: forms whose
    amounts are for different costs, and are not added to one another."""

    code: OverlapCode
    bearing: Bearing
    clause: str
    text: str
    kind: AidKind | None = None
    forms: frozenset[str] = frozenset()
    of_household: bool = False
    apart: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """The rule in words, in English."""
        return term(self.code).note

    @property
    def words_zh(self) -> str:
        """The rule in words, in Chinese."""
        return term(self.code).note_zh

    def has(self, family: Family) -> bool:
        """Whether a record has the rule's kind and one of its forms."""
        return family.kind is self.kind and family.form in self.forms

    def covers(self, family: Family, other: Family) -> bool:
        """Whether the rule applies to a pair."""
        match self.bearing:
            case Bearing.UNSTATED:
                return True
            case Bearing.CAPPED:
                apart = family.form != other.form and {family.form, other.form} <= self.apart
                return self.has(family) and self.has(other) and not apart
            case _ if self.kind is AidKind.CHARITY:
                return (family.kind is AidKind.CHARITY) != (other.kind is AidKind.CHARITY)
            case _:
                return self.has(family) and self.has(other) and family.form != other.form


def _forms(*forms: StrEnum) -> frozenset[str]:
    return frozenset(form.value for form in forms)


NO_DUPLICATE = OverlapRule(
    OverlapCode.NO_DUPLICATE,
    Bearing.UNSTATED,
    "46-2.1",
    "避免救助遗漏或重复救助",
)

OVERLAP_RULES: tuple[OverlapRule, ...] = (
    OverlapRule(
        OverlapCode.ALLOWANCE_OR_SUPPORT, Bearing.EXCLUSIVE, "46-3.1",
        "对符合低保、特困人员救助供养条件的低收入人口,给予相应的低保、特困人员救助供养等基本生活救助",
        AidKind.BASIC_LIVING, _forms(*BasicLivingForm),
    ),
    OverlapRule(
        OverlapCode.RENTAL_OR_SUBSIDY, Bearing.EXCLUSIVE, "46-3.2.3", "通过配租公租房或发放租赁补贴优先给予住房救助",
        AidKind.HOUSING, _forms(HousingForm.PUBLIC_RENTAL, HousingForm.RENT_SUBSIDY), of_household=True,
    ),
    OverlapRule(
        OverlapCode.PAID_FIRST_TOGETHER, Bearing.CAPPED, "46-3.3",
        "对于救助金额不高于当地3倍月低保标准的临时救助事项,由乡镇(街道)实行“先行救助”",
        AidKind.TEMPORARY, _forms(TemporaryForm.PAY_FIRST),
    ),
    OverlapRule(
        OverlapCode.COST_LEFT_BY_INSURANCE, Bearing.CAPPED, "46-3.2.1",
        "在定点医药机构发生的住院费用、因慢性病需要长期服药或患重特大疾病需要长期门诊治疗的费用,按规定给予相应医疗救助",
        AidKind.MEDICAL,
        _forms(MedicalForm.COST_AID, MedicalForm.INPATIENT_AID, MedicalForm.OUTPATIENT_AID, MedicalForm.EMERGENCY_FUND),
        apart=_forms(MedicalForm.INPATIENT_AID, MedicalForm.OUTPATIENT_AID),
    ),
    OverlapRule(
        OverlapCode.MEDICAL_FORMS, Bearing.TOPPING_UP, "46-3.2.1",
        "对特困人员参加城乡居民基本医疗保险的费用给予全额资助,对低保对象等其他符合资助参保条件的低收入人口按规定比例给予定额资助",
        AidKind.MEDICAL, _forms(*MedicalForm),
    ),
    OverlapRule(
        OverlapCode.EDUCATION_FORMS, Bearing.TOPPING_UP, "46-3.2.2",
        "按规定采取发放助学金、生活补助、提供勤工助学岗位、助学贷款以及减免相关费用等方式,给予教育救助",
        AidKind.EDUCATION, _forms(*EducationForm),
    ),
    OverlapRule(
        OverlapCode.EMPLOYMENT_FORMS, Bearing.TOPPING_UP, "46-3.2.4", "按规定落实贷款贴息、税费减免、培训补贴、社保补贴等政策",
        AidKind.EMPLOYMENT, _forms(*EmploymentForm),
    ),
    OverlapRule(
        OverlapCode.DISASTER_FORMS, Bearing.TOPPING_UP, "46-3.2.5",
        "在应急救助、过渡期生活救助、旱灾临时生活困难救助、冬春临时生活困难救助和因灾倒损民房恢复重建等工作中给予重点救助",
        AidKind.DISASTER, _forms(*DisasterForm),
    ),
    OverlapRule(
        OverlapCode.SERVICE_FORMS, Bearing.TOPPING_UP, "46-3.4",
        "为低收入人口提供心理疏导、资源链接、能力提升、社会融入等服务,推动形成“物质+服务”的救助方式",
        AidKind.SERVICE, _forms(*ServiceForm),
    ),
    OverlapRule(
        OverlapCode.OTHER_FORMS, Bearing.TOPPING_UP, "46-3.5",
        "发放冬季取暖补贴、减免基本殡葬服务费用、给予用电用水用气(管道天然气)价格补贴等救助帮扶",
        AidKind.OTHER, _forms(*OtherForm),
    ),
    OverlapRule(
        OverlapCode.CHARITY_BESIDE, Bearing.TOPPING_UP, "46-3.6", "建立政府救助与慈善帮扶衔接机制", AidKind.CHARITY,
    ),
    OverlapRule(
        OverlapCode.RELAPSE_FORMS, Bearing.TOPPING_UP, "46-3", "同时按照现行防止返贫动态监测和帮扶机制给予针对性帮扶措施",
        AidKind.RELAPSE_PREVENTION, _forms(*RelapsePreventionForm),
    ),
    NO_DUPLICATE,
)  # fmt: skip
"""The first rule that applies to a pair is its rule."""

RULE_OF: dict[OverlapCode, OverlapRule] = {rule.code: rule for rule in OVERLAP_RULES}

GROUPS = tuple(rule for rule in OVERLAP_RULES if rule.bearing in (Bearing.EXCLUSIVE, Bearing.CAPPED))
"""The rules that search records by form, regardless of their programme."""


def group_of(family: Family) -> OverlapRule | None:
    """The group of a record; None if only the same programme can overlap it."""
    return next((rule for rule in GROUPS if rule.has(family)), None)


def rule_between(family: Family, other: Family) -> OverlapRule:
    """The rule of a pair."""
    return next(rule for rule in OVERLAP_RULES if rule.covers(family, other))
