"""All scopes: one enum member for each, with its description.

Grammar: `resource[.group]:action`. The resource is a noun of the domain, the group narrows it to the columns or kinds that
one department needs, the action is `read` or `write`. Only `hub:admin` has another action. The value is used in tokens (RFC
6749 section 3.3) and in `@requiresScopes`.
"""

from enum import StrEnum


class Scope(StrEnum):
    """One permission. `scope.words` describes in both languages what it allows."""

    words: tuple[str, str]

    def __new__(cls, value: str, english: str, chinese: str) -> "Scope":
        member = str.__new__(cls, value)
        member._value_ = value
        member.words = (english, chinese)
        return member

    HOUSEHOLD_READ = "household:read", "households, their category and members", "家庭、类别与成员"
    HOUSEHOLD_ADDRESS_READ = "household.address:read", "where a household lives", "家庭住址"
    HOUSEHOLD_FINANCE_READ = "household.finance:read", "income and payment accounts", "收入与收款账户"
    HOUSEHOLD_ACCESS_READ = (
        "household.access:read",
        "who looked at a household of one's own regions, to tell the family",
        "本辖区家庭信息的查阅情况,用于告知本人",
    )
    HOUSEHOLD_WRITE = "household:write", "uploading households and members", "录入家庭与成员"
    PERSON_READ = "person:read", "name, birth date, gender, relation", "姓名、出生日期、性别、关系"
    PERSON_IDENTITY_READ = (
        "person.identity:read",
        "identity numbers, and finding by them",
        "身份证号及按号查询",
    )
    PERSON_CONTACT_READ = "person.contact:read", "telephone numbers", "联系电话"
    PERSON_HEALTH_READ = "person.health:read", "state of health", "健康状况"
    PERSON_DISABILITY_READ = "person.disability:read", "disability type and grade", "残疾类别与等级"
    PERSON_EDUCATION_READ = "person.education:read", "stage of education and school", "就学阶段与学校"
    PERSON_EMPLOYMENT_READ = "person.employment:read", "employment and ability to work", "就业与劳动能力"
    CERTIFICATION_READ = "certification:read", "certifications of categories", "救助类别认定"
    CERTIFICATION_WRITE = "certification:write", "certifying and ending certifications", "认定与终止认定"
    CERTIFICATION_NEAR_RELATIVE_READ = (
        "certification.near_relative:read",
        "which of those certified are officials' near relatives",
        "近亲属备案",
    )
    CERTIFICATION_NEAR_RELATIVE_WRITE = (
        "certification.near_relative:write",
        "declaring officials' near relatives",
        "登记近亲属备案",
    )
    CIRCUMSTANCE_EDUCATION_READ = "circumstance.education:read", "hardship students", "家庭经济困难学生"
    CIRCUMSTANCE_EDUCATION_WRITE = (
        "circumstance.education:write",
        "reporting hardship students",
        "报送困难学生",
    )
    CIRCUMSTANCE_HUMAN_RESOURCES_READ = (
        "circumstance.human_resources:read",
        "registered unemployment",
        "登记失业",
    )
    CIRCUMSTANCE_HUMAN_RESOURCES_WRITE = (
        "circumstance.human_resources:write",
        "reporting registered unemployment",
        "报送登记失业",
    )
    CIRCUMSTANCE_HEALTH_READ = "circumstance.health:read", "serious and chronic illness", "重病与慢性病"
    CIRCUMSTANCE_HEALTH_WRITE = "circumstance.health:write", "reporting illness", "报送病患"
    CIRCUMSTANCE_MEDICAL_INSURANCE_READ = (
        "circumstance.medical_insurance:read",
        "rigid medical expense",
        "刚性医疗支出",
    )
    CIRCUMSTANCE_MEDICAL_INSURANCE_WRITE = (
        "circumstance.medical_insurance:write",
        "reporting rigid medical expense",
        "报送刚性医疗支出",
    )
    CIRCUMSTANCE_DISABLED_FEDERATION_READ = (
        "circumstance.disabled_federation:read",
        "certified disability",
        "残疾评定",
    )
    CIRCUMSTANCE_DISABLED_FEDERATION_WRITE = (
        "circumstance.disabled_federation:write",
        "reporting certified disability",
        "报送残疾评定",
    )
    CIRCUMSTANCE_CIVIL_AFFAIRS_READ = "circumstance.civil_affairs:read", "funeral records", "殡葬信息"
    CIRCUMSTANCE_CIVIL_AFFAIRS_WRITE = (
        "circumstance.civil_affairs:write",
        "reporting funeral records",
        "报送殡葬信息",
    )
    CIRCUMSTANCE_EMERGENCY_MANAGEMENT_READ = (
        "circumstance.emergency_management:read",
        "who was struck by disaster",
        "受灾情况",
    )
    CIRCUMSTANCE_EMERGENCY_MANAGEMENT_WRITE = (
        "circumstance.emergency_management:write",
        "reporting who was struck by disaster",
        "报送受灾情况",
    )
    CIRCUMSTANCE_AGRICULTURE_READ = (
        "circumstance.agriculture:read",
        "monitored households",
        "防止返贫监测情况",
    )
    CIRCUMSTANCE_AGRICULTURE_WRITE = (
        "circumstance.agriculture:write",
        "sharing the monitored list",
        "共享监测对象名单",
    )
    AID_READ = "aid:read", "aid that you may know of: kind, programme, agency, period, status", "救助概况"
    AID_BASIC_LIVING_READ = (
        "aid.basic_living:read",
        "amounts and details of basic living aid",
        "基本生活救助明细",
    )
    AID_BASIC_LIVING_WRITE = "aid.basic_living:write", "writing back basic living aid", "反馈基本生活救助"
    AID_MEDICAL_READ = "aid.medical:read", "amounts and details of medical aid", "医疗救助明细"
    AID_MEDICAL_WRITE = "aid.medical:write", "writing back medical aid", "反馈医疗救助"
    AID_EDUCATION_READ = "aid.education:read", "amounts and details of education aid", "教育救助明细"
    AID_EDUCATION_WRITE = "aid.education:write", "writing back education aid", "反馈教育救助"
    AID_HOUSING_READ = "aid.housing:read", "amounts and details of housing aid", "住房救助明细"
    AID_HOUSING_WRITE = "aid.housing:write", "writing back housing aid", "反馈住房救助"
    AID_EMPLOYMENT_READ = "aid.employment:read", "amounts and details of employment aid", "就业救助明细"
    AID_EMPLOYMENT_WRITE = "aid.employment:write", "writing back employment aid", "反馈就业救助"
    AID_DISASTER_READ = "aid.disaster:read", "amounts and details of disaster aid", "受灾人员救助明细"
    AID_DISASTER_WRITE = "aid.disaster:write", "writing back disaster aid", "反馈受灾人员救助"
    AID_TEMPORARY_READ = "aid.temporary:read", "amounts and details of urgent aid", "急难社会救助明细"
    AID_TEMPORARY_WRITE = "aid.temporary:write", "writing back urgent aid", "反馈急难社会救助"
    AID_SERVICE_READ = "aid.service:read", "details of service aid", "服务类救助明细"
    AID_SERVICE_WRITE = "aid.service:write", "writing back service aid", "反馈服务类救助"
    AID_OTHER_READ = "aid.other:read", "amounts and details of other aid", "其他救助帮扶明细"
    AID_OTHER_WRITE = "aid.other:write", "writing back other aid", "反馈其他救助帮扶"
    AID_CHARITY_READ = "aid.charity:read", "amounts and details of charity", "慈善帮扶明细"
    AID_CHARITY_WRITE = "aid.charity:write", "writing back charity", "反馈慈善帮扶"
    AID_RELAPSE_PREVENTION_READ = (
        "aid.relapse_prevention:read",
        "amounts and details of help against a return to poverty",
        "防止返贫帮扶明细",
    )
    AID_RELAPSE_PREVENTION_WRITE = (
        "aid.relapse_prevention:write",
        "writing back help against a return to poverty",
        "反馈防止返贫帮扶",
    )
    REFERRAL_READ = "referral:read", "referrals between agencies", "转办推送"
    REFERRAL_WRITE = "referral:write", "sending and answering referrals", "转办与办理"
    CONFERENCE_READ = "conference:read", "case conferences, their minutes and decisions", "一事一议会议"
    CONFERENCE_WRITE = (
        "conference:write",
        "calling case conferences and keeping their minutes",
        "召集会议与登记纪要",
    )
    OVERLAP_READ = "overlap:read", "cases of overlapping aid", "重复救助核实单"
    OVERLAP_WRITE = "overlap:write", "deciding cases of overlapping aid", "核定重复救助"
    ALERT_READ = "alert:read", "alerts of the monitoring rules", "监测预警"
    ALERT_WRITE = "alert:write", "raising and disposing of alerts", "预警处置"
    ALERT_FINDING_WRITE = (
        "alert.finding:write",
        "telling civil affairs whom one's office found in need",
        "向民政部门报送主动发现的线索",
    )
    VISIT_READ = "visit:read", "home visits", "走访核查"
    VISIT_WRITE = "visit:write", "recording home visits", "登记走访核查"
    VISIT_OWN_WRITE = "visit.own:write", "reporting visits of one's own department", "报送本部门走访情况"
    AUDIT_READ = "audit:read", "access records and event bodies", "访问记录与审计"
    STATISTICS_READ = "statistics:read", "numbers without persons", "统计数据"
    LIABILITY_READ = "liability:read", "decisions on liability and on tolerated mistakes", "责任认定"
    LIABILITY_WRITE = "liability:write", "recording decisions on liability", "登记责任认定"
    DISCLOSURE_READ = "disclosure:read", "public disclosure lists", "公示名单"
    DISCLOSURE_WRITE = "disclosure:write", "publishing and withdrawing disclosure lists", "发布与撤回公示"
    COUNTY_OPTION_WRITE = (
        "county_option:write",
        "recording what a county extended to whom",
        "登记区县(市)延伸事项",
    )
    HUB_ADMIN = "hub:admin", "administration of the hub", "平台管理"
