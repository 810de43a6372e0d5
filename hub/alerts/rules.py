"""What the policy says of each finding and each disposition, as data with its clause (46-2.3, 46-2.4)."""

from dataclasses import dataclass

from auth.scopes import Scope
from hub.agencies.tables import Department
from hub.alerts.tables import Disposition, Finding, Severity
from hub.circumstances.rules import read_scope
from hub.ledger.tables import EventType

CLAUSE = "46-2.4"
"""An alert is checked at home within a deadline, and disposed of in one of four ways."""


@dataclass(frozen=True, slots=True)
class FindingRule:
    """`clause` of the duty that is not met; what it is, in words; how urgent; working days to check it; the scopes
    that open the facts it tells; whether it is checked `at_home` first (what stands in records alone is not)."""

    clause: str
    words: str
    words_zh: str
    severity: Severity
    within: int
    needs: tuple[Scope, ...] = ()
    at_home: bool = True


_URGENT, _HIGH, _NORMAL = 3, 10, 20
"""Working days. The policy names no number (规定时限内); the office's own, by how urgent a finding is."""

FINDING_RULES: dict[Finding, FindingRule] = {
    Finding.STUDENT_WITHOUT_AID: FindingRule(
        "46-3.2.2", "A hardship student has no education aid this school year.", "家庭经济困难学生本学年未获教育救助",
        Severity.HIGH, _HIGH, (read_scope(Department.EDUCATION),),
    ),
    Finding.UNEMPLOYED_WITHOUT_AID: FindingRule(
        "46-3.2.4", "A registered unemployed member has no employment aid.", "登记失业人员未获就业救助",
        Severity.NORMAL, _NORMAL, (read_scope(Department.HUMAN_RESOURCES),),
    ),
    Finding.ZERO_EMPLOYMENT: FindingRule(
        "46-3.2.4", "Nobody who is able and of working age works.", "零就业家庭", Severity.HIGH, _HIGH,
        (Scope.PERSON_EMPLOYMENT_READ,),
    ),
    Finding.ILLNESS_OUTSIDE: FindingRule(
        "46-2.3", "Serious illness or rigid expense outside every category.", "重病或刚性支出家庭未纳入救助范围",
        Severity.HIGH, _HIGH, (read_scope(Department.HEALTH), read_scope(Department.MEDICAL_INSURANCE)),
    ),
    Finding.SEVERE_DISABILITY_OUTSIDE: FindingRule(
        "46-2.3", "Severe disability outside subsistence allowance and extreme hardship.",
        "重度残疾人未纳入低保或特困人员救助供养", Severity.HIGH, _HIGH,
        (read_scope(Department.DISABLED_FEDERATION), Scope.PERSON_DISABILITY_READ),
    ),
    Finding.DECEASED_RECIPIENT: FindingRule(
        "46-2.2", "Somebody deceased is still paid.", "已死亡人员仍在领取救助", Severity.URGENT, _URGENT,
        (read_scope(Department.CIVIL_AFFAIRS),), at_home=False,
    ),
    Finding.PARTLY_COVERED: FindingRule(
        "46-2.3", "Only some members are covered.", "非整户保家庭", Severity.NORMAL, _NORMAL,
    ),
    Finding.WITHOUT_LABOUR: FindingRule(
        "46-2.3", "A household without, or with weak, ability to work.", "无劳动力或弱劳动力家庭", Severity.NORMAL, _NORMAL,
        (Scope.PERSON_EMPLOYMENT_READ,),
    ),
    Finding.PREMIUM_NOT_IN_FULL: FindingRule(
        "46-3.2.1", "Extreme hardship without the full premium subsidy.", "特困人员未获全额参保资助",
        Severity.HIGH, _HIGH, at_home=False,
    ),
    Finding.SUPPLEMENT_MISSING: FindingRule(
        "46-3.1", "A member of a supplement class is paid none.", "应增发低保金人员未增发", Severity.HIGH, _HIGH,
        (Scope.PERSON_HEALTH_READ, Scope.PERSON_DISABILITY_READ, Scope.PERSON_EDUCATION_READ),
        at_home=False,
    ),
    Finding.ALLOWANCE_LATE: FindingRule(
        "46-3.1", "An allowance was not paid by the 10th.", "低保金或特困供养金未在每月10日前发放",
        Severity.URGENT, _URGENT, at_home=False,
    ),
    Finding.DUPLICATE_AID: FindingRule(
        "46-2.1", "The same aid from several agencies.", "多个单位重复救助", Severity.HIGH, _HIGH, at_home=False,
    ),
    Finding.PERSON_IN_TWO_HOUSEHOLDS: FindingRule(
        "46-2.2", "One person is registered in two households.", "同一人登记在两户", Severity.HIGH, _HIGH, at_home=False,
    ),
    Finding.REFERRAL_OVERDUE: FindingRule(
        "46-2.1", "A referral is overdue.", "转办事项逾期", Severity.HIGH, _URGENT, at_home=False,
    ),
    Finding.INCOME_ABOVE_LINE: FindingRule(
        "46-2.4", "Income above the line of the category.", "收入超过认定标准", Severity.NORMAL, _NORMAL,
    ),
    Finding.MONTHLY_SHARE_LATE: FindingRule(
        "46-2.2", "A registry's monthly list did not come.", "部门每月应共享的名单未按时共享", Severity.HIGH, _URGENT,
        at_home=False,
    ),
    Finding.FOUND_ON_THE_SPOT: FindingRule(
        "46-2.3", "Found by an agency on the spot.", "基层走访摸排发现", Severity.HIGH, _HIGH,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DispositionRule:
    """What a disposition is, and what it leads to: needs pushed, a conference called, or a certification ended."""

    words: str
    words_zh: str
    leads_to: EventType


DISPOSITION_RULES: dict[Disposition, DispositionRule] = {
    Disposition.CARRY_OUT: DispositionRule(
        "The policy was not carried out: carry it out.", "救助政策落实不到位,尽快落实", EventType.REFERRAL_SENT
    ),
    Disposition.INCLUDE: DispositionRule(
        "Perhaps eligible and not included: referred by kind of need.", "未纳入但可能符合条件,分类推送",
        EventType.REFERRAL_SENT,
    ),
    Disposition.CONFERENCE: DispositionRule(
        "Complex: a case conference.", "情形复杂,一事一议", EventType.CONFERENCE_CALLED
    ),
    Disposition.TERMINATE: DispositionRule(
        "No longer eligible: checked and terminated.", "不再符合条件,核查后终止", EventType.CERTIFICATION_ENDED
    ),
}  # fmt: skip
