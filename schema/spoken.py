"""How the words of the domain are written in a sentence, in English and Chinese."""

from collections.abc import Mapping
from enum import StrEnum

from hub.aid.rules import CORRECTION_RULES
from hub.aid.tables import AidKind, AidStatus
from hub.alerts.rules import DISPOSITION_RULES, FINDING_RULES
from hub.certifications.rules import CATEGORY_RULES, END_RULES
from hub.certifications.tables import Category, EndReason, MonitoredSubtype
from hub.disclosures.tables import ListOf
from hub.near_relatives.tables import Kinship
from hub.visits.tables import Recommendation

Words = Mapping[StrEnum, tuple[str, str]]
"""English and Chinese of the members of an enum."""

AID_KINDS: Words = {
    AidKind.BASIC_LIVING: ("basic living aid", "基本生活救助"),
    AidKind.MEDICAL: ("medical aid", "医疗救助"),
    AidKind.EDUCATION: ("education aid", "教育救助"),
    AidKind.HOUSING: ("housing aid", "住房救助"),
    AidKind.EMPLOYMENT: ("employment aid", "就业救助"),
    AidKind.DISASTER: ("disaster aid", "受灾人员救助"),
    AidKind.TEMPORARY: ("urgent aid", "急难社会救助"),
    AidKind.SERVICE: ("service aid", "服务类救助"),
    AidKind.OTHER: ("other aid", "其他救助帮扶"),
    AidKind.CHARITY: ("charity", "慈善帮扶"),
}
STATUSES: Words = {
    AidStatus.APPROVED: ("approved", "已审批"),
    AidStatus.PAID: ("paid", "已发放"),
    AidStatus.DELIVERED: ("delivered", "已落实"),
    AidStatus.ENDED: ("ended", "已终止"),
    AidStatus.REVOKED: ("revoked", "已撤销"),
}
CORRECTIONS: Words = {reason: (rule.words, rule.words_zh) for reason, rule in CORRECTION_RULES.items()}
CATEGORIES: Words = {
    Category.EXTREME_HARDSHIP: ("extreme hardship", CATEGORY_RULES[Category.EXTREME_HARDSHIP].words_zh),
    Category.SUBSISTENCE_ALLOWANCE: (
        "subsistence allowance",
        CATEGORY_RULES[Category.SUBSISTENCE_ALLOWANCE].words_zh,
    ),
    Category.POVERTY_RELAPSE_MONITORED: (
        "monitored against a return to poverty",
        CATEGORY_RULES[Category.POVERTY_RELAPSE_MONITORED].words_zh,
    ),
    Category.SUBSISTENCE_MARGIN: ("subsistence margin", CATEGORY_RULES[Category.SUBSISTENCE_MARGIN].words_zh),
    Category.RIGID_EXPENDITURE: ("rigid expenditure", CATEGORY_RULES[Category.RIGID_EXPENDITURE].words_zh),
    Category.OTHER_HARDSHIP: ("other hardship", CATEGORY_RULES[Category.OTHER_HARDSHIP].words_zh),
}
SUBTYPES: Words = {
    MonitoredSubtype.UNSTABLE: ("unstable after poverty", "脱贫不稳定户"),
    MonitoredSubtype.MARGINAL: ("on the margin of poverty", "边缘易致贫户"),
    MonitoredSubtype.SUDDEN_HARDSHIP: ("in sudden hardship", "突发严重困难户"),
}
ENDS: Words = {
    EndReason.DECEASED: ("death", END_RULES[EndReason.DECEASED].words_zh),
    EndReason.NO_LONGER_ELIGIBLE: ("no longer eligible", END_RULES[EndReason.NO_LONGER_ELIGIBLE].words_zh),
    EndReason.RISK_GONE: ("the risk is gone", END_RULES[EndReason.RISK_GONE].words_zh),
    EndReason.FALSE_CLAIM: ("a false claim", END_RULES[EndReason.FALSE_CLAIM].words_zh),
    EndReason.MISTAKE: ("certified by mistake", END_RULES[EndReason.MISTAKE].words_zh),
    EndReason.RECERTIFIED: ("certified anew", END_RULES[EndReason.RECERTIFIED].words_zh),
    EndReason.COVERED_WHOLE: ("covered as a whole now", END_RULES[EndReason.COVERED_WHOLE].words_zh),
    EndReason.COVERED_BY_MEMBER: (
        "covered member by member now",
        END_RULES[EndReason.COVERED_BY_MEMBER].words_zh,
    ),
}

KINSHIPS: Words = {
    Kinship.SPOUSE: ("spouse", "配偶"),
    Kinship.PARENT: ("parent", "父母"),
    Kinship.CHILD: ("child", "子女"),
    Kinship.SIBLING: ("sibling", "兄弟姐妹"),
    Kinship.GRANDPARENT: ("grandparent", "祖父母、外祖父母"),
    Kinship.GRANDCHILD: ("grandchild", "孙子女、外孙子女"),
}
LISTS: Words = {
    ListOf.CERTIFIED: ("who is certified", "认定名单"),
    ListOf.HELPED: ("who was helped", "救助名单"),
}
FINDINGS: Words = {
    finding: (rule.words.rstrip("."), rule.words_zh) for finding, rule in FINDING_RULES.items()
}
DISPOSITIONS: Words = {
    disposition: (rule.words.rstrip("."), rule.words_zh) for disposition, rule in DISPOSITION_RULES.items()
}
RECOMMENDATIONS: Words = {
    Recommendation.NOTHING: ("nothing more", "无需处置"),
    Recommendation.CARRY_OUT: ("that the policy be carried out", "落实救助政策"),
    Recommendation.INCLUDE: ("that the household be included", "纳入救助"),
    Recommendation.CONFERENCE: ("a case conference", "一事一议"),
    Recommendation.TERMINATE: ("that a certification be ended", "终止救助"),
}
