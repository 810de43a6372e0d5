"""The domain's words as GraphQL enums, each with what it means. Imported before any type that uses one."""

import strawberry

from hub.agencies.tables import Department
from hub.aid import tables as aid
from hub.alerts import tables as alerts
from hub.applications.tables import ApplicationStatus, Channel
from hub.certifications.tables import Category, EndReason, MonitoredSubtype, Support
from hub.circumstances.tables import CircumstanceKind
from hub.conferences.tables import ConferenceStatus
from hub.disclosures.tables import ListOf
from hub.entitlements.tables import EntitlementStatus
from hub.exchange.tables import ImportKind
from hub.households.tables import Residence
from hub.ledger.tables import AccessOutcome, EventType
from hub.near_relatives.tables import Kinship
from hub.overlaps import rules as overlap_rules
from hub.overlaps import tables as overlaps
from hub.persons import tables as persons
from hub.provenance.tables import Origin
from hub.recoveries.tables import RecoveryStatus
from hub.referrals.tables import ReferralStatus
from hub.regions.tables import RegionLevel
from hub.visits.rules import VisitReason
from hub.visits.tables import Recommendation

WORDS = {
    RegionLevel: "区划层级 How deep a region lies",
    Department: "部门 A department that shares or watches (46-2, 46-3)",
    Residence: "户籍性质 Urban or rural",
    Category: "救助类别 A category of the low-income population 低收入人口 (46-1.1)",
    MonitoredSubtype: "防止返贫监测对象类型 (46-1.2.2)",
    Support: "特困人员供养方式 In an institution or at home",
    EndReason: "终止情形 Why a certification was ended, in the policy's words (46-2.2, 46-2.4, 46-4.3)",
    CircumstanceKind: "困难情形 What a registry can tell (46-2.3)",
    persons.Gender: "性别",
    persons.Relation: "与户主关系 (GB/T 4761)",
    persons.Health: "健康状况",
    persons.DisabilityType: "残疾类别 (GB/T 26341)",
    persons.EducationStage: "就学阶段",
    persons.Employment: "就业状况",
    persons.Labour: "劳动能力",
    aid.AidKind: "救助种类 The kinds of 46-3",
    aid.AidStatus: "救助状态 PAID is money, DELIVERED a benefit or service in kind",
    aid.CorrectionReason: "更正情形 Why aid is taken back, or was too much (46-2.1, 46-2.2, 46-2.4, 46-4.3)",
    Kinship: "近亲属关系 What a person is to an official (民法典 1045)",
    ListOf: "公示内容 Whom a public list names",
    RecoveryStatus: "追回状态 How far a recovery is, by what came back",
    aid.BasicLivingForm: "基本生活救助形式 (46-3.1)",
    aid.Payee: "收款方 (46-3.1)",
    aid.MedicalForm: "医疗救助形式 (46-3.2.1)",
    aid.EducationForm: "教育救助形式 (46-3.2.2)",
    aid.HousingForm: "住房救助形式 (46-3.2.3)",
    aid.DangerGrade: "危房等级 (JGJ 125)",
    aid.EmploymentForm: "就业救助形式 (46-3.2.4)",
    aid.DisasterForm: "受灾人员救助形式 (46-3.2.5)",
    aid.TemporaryForm: "急难社会救助形式 (46-3.3)",
    aid.ServiceForm: "服务类救助形式 (46-3.4)",
    aid.OtherForm: "其他救助帮扶形式 (46-3.5)",
    aid.CharityForm: "慈善帮扶形式 (46-3.6)",
    ReferralStatus: "转办状态 SENT, ACCEPTED, then COMPLETED or RETURNED; a RETURNED one is FORWARDED or ENDED",
    Channel: "申请渠道 How an application came in",
    ApplicationStatus: "申请办理状态 None, some or all of its needs are answered",
    ConferenceStatus: "会议状态 CALLED until its minutes are kept, then HELD",
    alerts.Finding: "预警发现 What an alert is about (46-2.2, 46-2.3, 46-3)",
    alerts.Severity: "紧急程度 The most urgent first",
    alerts.AlertStatus: "预警状态 OPEN, VISITED, DISPOSED, CLOSED",
    alerts.Disposition: "预警处置 The four dispositions of 46-2.4",
    alerts.ClosedBecause: "关闭原因 Why an alert needs no more attention",
    overlap_rules.OverlapCode: "重叠救助规则 Which rule two records meet under (46-2.1, 46-3)",
    overlap_rules.Bearing: "规则后果 EXCLUSIVE is refused, CAPPED warned above the cap, TOPPING_UP said, UNSTATED warned",
    overlaps.OverlapStatus: "核实单状态 OPEN until civil affairs decided",
    overlaps.OverlapDisposition: "核定结果 Different aid, both rightly given, an honest mistake, or to be recovered (46-4.3)",
    overlaps.OverlapSide: "哪一方 The record that was there first, or the one that met it",
    Recommendation: "走访建议 Nothing, or one of the four dispositions of 46-2.4",
    VisitReason: "走访原因 Why a household is visited first, in the policy's order (46-2.3)",
    EventType: "救助链事件 What can happen in an assistance chain",
    EntitlementStatus: "落实情况 What came of an entitlement: received, referred, missing, or given by two agencies at once",
    Origin: "数据途径 How a value came into the hub",
    ImportKind: "导入类型 What a file holds",
    AccessOutcome: "访问结果 How a request ended",
}

for _word, _meaning in WORDS.items():
    strawberry.enum(_word, description=_meaning)
