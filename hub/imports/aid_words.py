"""The words that departments use in files of aid records (46-3)."""

from enum import StrEnum

from hub.imports.cells import Cell, compact
from hub.imports.refusals import UnknownWord
from hub.imports.words import Vocabulary, vocabulary
from hub.model.aid import (
    AidKind,
    AidStatus,
    BasicLivingForm,
    CharityForm,
    DangerGrade,
    DisasterForm,
    EducationForm,
    EmploymentForm,
    HousingForm,
    MedicalForm,
    OtherForm,
    Payee,
    ServiceForm,
    TemporaryForm,
)

KIND = vocabulary(
    {
        AidKind.BASIC_LIVING: "基本生活",
        AidKind.MEDICAL: "医疗",
        AidKind.EDUCATION: "教育",
        AidKind.HOUSING: "住房",
        AidKind.EMPLOYMENT: "就业",
        AidKind.DISASTER: "受灾救助 受灾",
        AidKind.TEMPORARY: "急难社会救助 急难救助",
        AidKind.SERVICE: "服务类救助 服务救助",
        AidKind.OTHER: "其他救助 其他",
        AidKind.CHARITY: "慈善救助 慈善",
    }
)

STATUS = vocabulary(
    {
        AidStatus.APPROVED: "已审批 已批准 审批通过",
        AidStatus.PAID: "已支付",
        AidStatus.DELIVERED: "已提供 已服务",
        AidStatus.ENDED: "已结束 停发",
    }
)

PAYEE = vocabulary({Payee.PERSON: "本人", Payee.INSTITUTION: "机构 供养机构"})

DANGER_GRADE = vocabulary({DangerGrade.A: "", DangerGrade.B: "", DangerGrade.C: "", DangerGrade.D: ""})

FORMS: dict[AidKind, Vocabulary[StrEnum]] = {
    AidKind.BASIC_LIVING: vocabulary(
        {
            BasicLivingForm.SUBSISTENCE_ALLOWANCE: "最低生活保障金",
            BasicLivingForm.EXTREME_HARDSHIP_SUPPORT: "特困供养 特困供养金",
        }
    ),
    AidKind.MEDICAL: vocabulary(
        {
            MedicalForm.PREMIUM_SUBSIDY: "参保资助",
            MedicalForm.COST_AID: "费用救助 住院救助 门诊救助",
            MedicalForm.EMERGENCY_FUND: "",
        }
    ),
    AidKind.EDUCATION: vocabulary(
        {
            EducationForm.GRANT: "",
            EducationForm.LIVING_ALLOWANCE: "生活补贴",
            EducationForm.WORK_STUDY: "勤工助学",
            EducationForm.LOAN: "",
            EducationForm.FEE_WAIVER: "学费减免 减免学费 免学费 减免费用",
        }
    ),
    AidKind.HOUSING: vocabulary(
        {
            HousingForm.PUBLIC_RENTAL: "公租房 公共租赁住房",
            HousingForm.RENT_SUBSIDY: "住房租赁补贴",
            HousingForm.HOUSE_RENOVATION: "危房改造",
        }
    ),
    AidKind.EMPLOYMENT: vocabulary(
        {
            EmploymentForm.INTEREST_SUBSIDY: "",
            EmploymentForm.TAX_RELIEF: "税收减免",
            EmploymentForm.TRAINING_SUBSIDY: "",
            EmploymentForm.SOCIAL_INSURANCE_SUBSIDY: "社会保险补贴",
            EmploymentForm.PUBLIC_WELFARE_POST: "公益岗位",
        }
    ),
    AidKind.DISASTER: vocabulary(
        {
            DisasterForm.EMERGENCY: "应急期救助",
            DisasterForm.TRANSITIONAL: "过渡期救助",
            DisasterForm.DROUGHT: "旱灾救助 旱灾生活救助",
            DisasterForm.WINTER_SPRING: "冬春救助",
            DisasterForm.REBUILDING: "恢复重建 倒损住房恢复重建",
        }
    ),
    AidKind.TEMPORARY: vocabulary(
        {
            TemporaryForm.PAY_FIRST: "",
            TemporaryForm.CASE_CONFERENCE: "",
            TemporaryForm.VAGRANT_RESCUE: "流浪乞讨救助 流浪乞讨人员救助",
        }
    ),
    AidKind.SERVICE: vocabulary(
        {
            ServiceForm.VISIT: "探访 访视 探访慰问",
            ServiceForm.CARE: "照料 照护 照料服务",
            ServiceForm.COUNSELLING: "心理咨询",
            ServiceForm.SOCIAL_WORK: "社工服务 社会工作",
        }
    ),
    AidKind.OTHER: vocabulary(
        {
            OtherForm.HEATING: "取暖 取暖补贴 采暖补贴",
            OtherForm.FUNERAL_FEES: "殡葬 殡葬费用减免 殡葬减免",
            OtherForm.ELECTRICITY: "用电 电费减免 电价优惠",
            OtherForm.WATER: "用水 水费减免 水价优惠",
            OtherForm.GAS: "用气 燃气费减免 气价优惠",
            OtherForm.DISABILITY_LIVING: "残疾人两项补贴 重度残疾人护理补贴",
            OtherForm.CHILD_REHABILITATION: "残疾儿童康复",
            OtherForm.BARRIER_FREE: "无障碍改造",
        }
    ),
    AidKind.CHARITY: vocabulary(
        {
            CharityForm.DONATION: "捐赠 捐款 捐物",
            CharityForm.PROJECT: "",
            CharityForm.VOLUNTEER: "",
        }
    ),
}
"""The forms of each kind; a word is read by the kind of its row."""

_TRUTH = {"是": True, "有": True, "TRUE": True, "Y": True, "1": True,
          "否": False, "无": False, "FALSE": False, "N": False, "0": False}  # fmt: skip


def truth(cell: Cell) -> bool | None:
    """是 or 否; raises UnknownWord."""
    word = compact(cell)
    if word is None:
        return None
    if word.upper() not in _TRUTH:
        raise UnknownWord(words="是、否")
    return _TRUTH[word.upper()]
