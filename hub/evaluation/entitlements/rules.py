"""The entitlements of 46-3, clause by clause, as data: who is entitled, and which aid fulfils it.

`text` is the policy's own text. The facts are those that the hub can know. A condition that only the department in charge
can judge is a question in `to_check`: the entitlement is possible, and MISSING means that nobody has checked it. Three
items of 46-3 have no rule, because no record shows that they are due: the emergency-illness fund (an unpaid hospital bill),
the rescue of vagrants (their household is unknown), and urgent aid for trouble that nobody reported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from auth.grant import Grant
from hub.aid.rules import KIND_RULES
from hub.aid.supplements import YUAN_A_MONTH
from hub.evaluation.entitlements import facts, windows
from hub.evaluation.entitlements.facts import Fact
from hub.evaluation.entitlements.situation import Situation
from hub.foundation.database import table_of
from hub.model.aid import (
    DETAIL_OF,
    AidKind,
    BasicLivingDetailRow,
    BasicLivingForm,
    HousingForm,
    MedicalDetailRow,
    MedicalForm,
    OtherForm,
    forms_of,
)
from hub.model.certifications import Category
from hub.model.circumstances import CircumstanceKind
from hub.policy.facts.aid import month_due
from hub.policy.facts.certifications import SUPPORTED_BY_EVENT
from hub.policy.facts.circumstances import last_trouble
from hub.policy.facts.school_years import school_year
from hub.policy.permissions.aid_scopes import read_scope
from hub.policy.permissions.bases import AUDIT
from hub.policy.permissions.field_scopes import CERTIFICATION, PERSON
from hub.policy.permissions.implied_facts import FORM_IMPLIES
from hub.policy.permissions.scope_sets import OPEN

Span = Callable[[Situation], windows.Span]


@dataclass(frozen=True, slots=True)
class Detail:
    """A condition on the detail of the aid that fulfils a rule. The read scope of the aid kind is needed to check it.
    `forms`: the forms that it accepts, if it is a condition on the form."""

    name: str
    table: sa.Table
    holds: Callable[[Any], ColumnElement[bool]]
    forms: tuple[StrEnum, ...] = ()


@dataclass(frozen=True, slots=True)
class EntitlementRule:
    """One entitlement, of each household or of each person (`of_person`).

    `categories`: the subject needs one of these certifications. `held`: a certification of its own counts, not one through
    its household or a member. `at_home`: not through support in an institution. `since`: since before that window began.
    `event`: in force on the day of that event, not today; the facts check it. `unless`: the subject has none of these
    categories. All `facts` must hold. `detail` None: any aid of the kind fulfils it. `extends`: the item of 46-3.5 that the
    county may extend to the categories. If the county recorded that it did, nothing remains to be checked.
    """

    code: str
    kind: AidKind
    program: str
    categories: tuple[Category, ...]
    window: Span
    of_person: bool = False
    facts: tuple[Fact, ...] = ()
    held: bool = False
    at_home: bool = False
    extends: OtherForm | None = None
    since: str = ""
    event: str = ""
    unless: tuple[Category, ...] = ()
    detail: Detail | None = None
    to_check: str | None = None
    evidence: tuple[CircumstanceKind, ...] = field(init=False)

    def __post_init__(self) -> None:
        kinds = [kind for fact in self.facts for kind in fact.kinds]
        object.__setattr__(self, "evidence", tuple(dict.fromkeys(kinds)))

    @property
    def outlives(self) -> bool:
        """Whether the household has it even if no member is alive: an entitlement that results from a death."""
        return facts.DIED_WHEN_COVERED in self.facts

    @property
    def reported_by_month(self) -> bool:
        """Whether reports count on the first day of the month due, not today (docs/adr/0012)."""
        return facts.SUPPLEMENTED in self.facts

    @property
    def clause(self) -> str:
        """The clause of the kind."""
        return KIND_RULES[self.kind].clause

    @property
    def text(self) -> str:
        """The policy's words."""
        return _TEXTS[self.code]

    def is_open_to(self, grant: Grant) -> bool:
        """Whether the grant may read every fact of the entitlement."""
        certified = not (self.categories or self.unless) or grant.covers(CERTIFICATION["category"])
        known = not self.of_person or grant.covers(PERSON.base)
        return certified and known and all(fact.is_open_to(grant) for fact in self.facts)

    def form_is_hidden_from(self, grant: Grant) -> bool:
        """Whether the grant may not see the aid that fulfils it, because the form of the aid implies a fact that the grant
        may not read."""
        forms = () if self.detail is None else self.detail.forms
        hidden = any(
            isinstance(form, OtherForm) and not grant.covers(FORM_IMPLIES.get(form, OPEN)) for form in forms
        )
        return hidden and not grant.covers(AUDIT)

    def can_be_counted_by(self, grant: Grant) -> bool:
        """Whether the grant reads every source of the entitlement and of its status."""
        return (
            self.is_open_to(grant)
            and all(fact.is_whole_to(grant) for fact in self.facts)
            and (self.detail is None or read_scope(self.kind) in grant.scopes)
        )


def _by(window: Callable[[windows.Day], windows.Span]) -> Span:
    return lambda situation: window(situation.day)


def _since(column: str) -> Span:
    """The span from the last report of a kind to the day."""
    return lambda situation: (situation.reported.c[column], situation.day)


def _since_trouble(situation: Situation) -> windows.Span:
    return last_trouble(situation.reported, situation.certified.c.monitored_since), situation.day


def _form(*forms: StrEnum) -> Detail:
    """The aid that has one of these forms, all of one kind."""
    table = next(table_of(row) for kind, row in DETAIL_OF.items() if isinstance(forms[0], forms_of(kind)))
    return Detail("_".join(forms), table, lambda d: d.form.in_([form.value for form in forms]), forms)


_BASIC_TEXT = "对符合低保、特困人员救助供养条件的低收入人口,给予相应的低保、特困人员救助供养等基本生活救助。"
_PREMIUM_TEXT = "对低保对象等其他符合资助参保条件的低收入人口按规定比例给予定额资助。"
_COST_TEXT = (
    "对低收入人口中符合救助条件的大病患者,在定点医药机构发生的住院费用、"
    "因慢性病需要长期服药或患重特大疾病需要长期门诊治疗的费用,按规定给予相应医疗救助。"
)
_EDUCATION_TEXT = (
    "对低保对象、特困人员、低保边缘家庭、刚性支出困难家庭以及其他经济困难家庭中符合条件的在园幼儿、在校学生,"
    "按规定采取发放助学金、生活补助、提供勤工助学岗位、助学贷款以及减免相关费用等方式,给予教育救助。"
)
_HOUSING_TEXT = (
    "对符合当地住房保障条件的城市低保家庭、城市分散供养特困人员、城市低保边缘家庭和刚性支出困难家庭,"
    "通过配租公租房或发放租赁补贴优先给予住房救助"
)
_SERVICE_TEXT = (
    "对低收入人口中生活不能自理的老年人、未成年人、残疾人等按照实际需要提供必要的探访关爱和照护服务。"
)
_OTHER_TEXT = (
    "对符合条件的低保对象、特困人员、低保边缘家庭成员、刚性支出困难家庭成员,根据我市有关政策发放冬季取暖补贴、减免基本殡葬服务费用、"
    "给予用电用水用气(管道天然气)价格补贴等救助帮扶。"
)
_DISABILITY_TEXT = (
    "鼓励有条件的开发区管委会、区县(市)人民政府将困难残疾人生活补贴、残疾儿童康复救助、困难重度残疾人家庭无障碍改造等帮扶措施"
    "延伸至低保边缘家庭成员等。"
)

_TEXTS: Mapping[str, str] = {
    "SUBSISTENCE_ALLOWANCE": _BASIC_TEXT,
    "SUBSISTENCE_ALLOWANCE_OF_MEMBER": _BASIC_TEXT,
    "EXTREME_HARDSHIP_SUPPORT": _BASIC_TEXT,
    "MONTHLY_SUPPLEMENT": "继续执行对低保对象中的重度残疾人、重病患者以及70周岁以上老年人、在校大学生、未成年人等困难群体,"
    "每人每月增发100元低保金的救助政策。",
    "PREMIUM_IN_FULL": "对特困人员参加城乡居民基本医疗保险的费用给予全额资助",
    "PREMIUM_FIXED_PART": _PREMIUM_TEXT,
    "PREMIUM_FIXED_PART_OF_OTHERS": _PREMIUM_TEXT,
    "MEDICAL_COST_AID": _COST_TEXT,
    "MEDICAL_COST_AID_OF_CHRONIC": _COST_TEXT,
    "EDUCATION_AID": _EDUCATION_TEXT,
    "EDUCATION_AID_OF_LISTED": _EDUCATION_TEXT,
    "URBAN_HOUSING": _HOUSING_TEXT,
    "URBAN_HOUSING_OF_DISPERSED": _HOUSING_TEXT,
    "RURAL_HOUSE": "对符合当地农村危房改造条件的农村低收入群体等重点对象,及时纳入改造范围,保障基本住房安全。",
    "EMPLOYMENT_AID": "对符合条件的低保对象、低保边缘家庭成员、刚性支出困难家庭成员,按规定落实贷款贴息、税费减免、培训补贴、"
    "社保补贴等政策。",
    "ZERO_EMPLOYMENT": "积极开发公益性岗位,优先安置零就业低收入家庭成员,确保零就业家庭动态“清零”。",
    "DISASTER_AID": "对遭遇自然灾害的低保对象、特困人员、低保边缘家庭成员、刚性支出困难家庭成员,按照自然灾害救助政策给予相应救助",
    "URGENT_AID": "对遭遇突发性、紧迫性、灾难性困难导致基本生活暂时出现严重困难的人员,取消户籍地、居住地申请限制,"
    "在急难发生地按规定通过临时救助或生活无着流浪乞讨人员救助政策,及时给予急难社会救助。",
    "CARE_OF_DISABLED": _SERVICE_TEXT,
    "CARE_OF_ELDERLY": _SERVICE_TEXT,
    "CARE_OF_MINORS": _SERVICE_TEXT,
    "HEATING": _OTHER_TEXT,
    "FUNERAL_FEES": _OTHER_TEXT,
    "ELECTRICITY": _OTHER_TEXT,
    "WATER": _OTHER_TEXT,
    "GAS": _OTHER_TEXT,
    "DISABILITY_LIVING": _DISABILITY_TEXT,
    "DISABILITY_LIVING_OF_MARGIN": _DISABILITY_TEXT,
    "DISABILITY_LIVING_OF_OTHERS": _DISABILITY_TEXT,
    "CHILD_REHABILITATION": _DISABILITY_TEXT,
    "BARRIER_FREE": _DISABILITY_TEXT,
    "CHARITY": "建立政府救助与慈善帮扶衔接机制,在政策、对象、信息、资源等方面进行救助需求与慈善供给的匹配对接,"
    "为低收入人口提供多样化救助帮扶。",
    "RELAPSE_PREVENTION": "对防止返贫监测对象,同时按照现行防止返贫动态监测和帮扶机制给予针对性帮扶措施,切实防止规模性返贫。",
}
"""The policy's own words for each rule, by its code: quoted from 郑政办〔2024〕46号 without change."""

_MEDICAL = table_of(MedicalDetailRow)
_SA, _EH, _M = Category.SUBSISTENCE_ALLOWANCE, Category.EXTREME_HARDSHIP, Category.SUBSISTENCE_MARGIN
_R, _PR, _OH = Category.RIGID_EXPENDITURE, Category.POVERTY_RELAPSE_MONITORED, Category.OTHER_HARDSHIP
_FOUR, _OTHERS = SUPPORTED_BY_EVENT, (_R, _PR, _OH)
_LOW_INCOME = tuple(Category)
_ALLOWANCE, _SUPPORT = (
    _form(BasicLivingForm.SUBSISTENCE_ALLOWANCE),
    _form(BasicLivingForm.EXTREME_HARDSHIP_SUPPORT),
)
_RENT = _form(HousingForm.PUBLIC_RENTAL, HousingForm.RENT_SUBSIDY)
_PREMIUM = _form(MedicalForm.PREMIUM_SUBSIDY)
_COST = _form(MedicalForm.COST_AID, MedicalForm.INPATIENT_AID, MedicalForm.OUTPATIENT_AID)
_LONG_TERM = _form(MedicalForm.COST_AID, MedicalForm.OUTPATIENT_AID)
_HOME, _PRICES = "是否符合当地住房保障条件", "是否符合我市价格补贴条件"
_CARE, _EXTENDED = "生活是否不能自理", "本区县(市)是否已将该项延伸至低保边缘家庭成员"

RULES: tuple[EntitlementRule, ...] = (
    EntitlementRule("SUBSISTENCE_ALLOWANCE", AidKind.BASIC_LIVING, "最低生活保障金", (_SA,), _by(month_due),
                    held=True, since="month", detail=_ALLOWANCE),
    EntitlementRule("SUBSISTENCE_ALLOWANCE_OF_MEMBER", AidKind.BASIC_LIVING, "最低生活保障金(按人保障)", (_SA,),
                    _by(month_due), of_person=True, held=True, since="month", detail=_ALLOWANCE),
    EntitlementRule("EXTREME_HARDSHIP_SUPPORT", AidKind.BASIC_LIVING, "特困人员救助供养金", (_EH,),
                    _by(month_due), of_person=True, held=True, since="month", detail=_SUPPORT),
    EntitlementRule("MONTHLY_SUPPLEMENT", AidKind.BASIC_LIVING, "分类施保增发低保金(每人每月100元)", (_SA,),
                    _by(month_due), of_person=True, facts=(facts.SUPPLEMENTED,), since="month",
                    detail=Detail("SUPPLEMENT", table_of(BasicLivingDetailRow),
                                  lambda d: d.month_supplement >= YUAN_A_MONTH)),
    EntitlementRule("PREMIUM_IN_FULL", AidKind.MEDICAL, "参保费用全额资助", (_EH,), _by(windows.calendar_year),
                    of_person=True, held=True,
                    detail=Detail("PREMIUM_IN_FULL", _MEDICAL, lambda d: sa.and_(
                        d.form == MedicalForm.PREMIUM_SUBSIDY, d.premium_in_full.is_(True)))),
    EntitlementRule("PREMIUM_FIXED_PART", AidKind.MEDICAL, "参保费用定额资助", (_SA,), _by(windows.calendar_year),
                    of_person=True, unless=(_EH,), detail=_PREMIUM),
    EntitlementRule("PREMIUM_FIXED_PART_OF_OTHERS", AidKind.MEDICAL, "参保费用定额资助", (_PR, _M, _R),
                    _by(windows.calendar_year), of_person=True, unless=(_EH, _SA), detail=_PREMIUM,
                    to_check="是否符合资助参保条件"),
    EntitlementRule("MEDICAL_COST_AID", AidKind.MEDICAL, "医疗救助(住院、门诊慢特病)", _LOW_INCOME,
                    _by(windows.twelve_months), of_person=True, facts=(facts.SERIOUSLY_ILL,), detail=_COST),
    EntitlementRule("MEDICAL_COST_AID_OF_CHRONIC", AidKind.MEDICAL, "医疗救助(慢性病长期服药)", _LOW_INCOME,
                    _by(windows.twelve_months), of_person=True, facts=(facts.CHRONICALLY_ILL,), detail=_LONG_TERM,
                    to_check="是否需要长期服药或长期门诊治疗"),
    EntitlementRule("EDUCATION_AID", AidKind.EDUCATION, "教育救助", (*_FOUR, _PR, _OH), _by(school_year),
                    of_person=True, facts=(facts.STUDENT,)),
    EntitlementRule("EDUCATION_AID_OF_LISTED", AidKind.EDUCATION, "教育救助", (), _by(school_year),
                    of_person=True, facts=(facts.LISTED_STUDENT,), unless=_LOW_INCOME),
    EntitlementRule("URBAN_HOUSING", AidKind.HOUSING, "公租房配租或租赁补贴", (_SA, _M, _R), _by(windows.this_day),
                    facts=(facts.URBAN,), detail=_RENT, to_check=_HOME),
    EntitlementRule("URBAN_HOUSING_OF_DISPERSED", AidKind.HOUSING, "公租房配租或租赁补贴", (_EH,),
                    _by(windows.this_day), facts=(facts.URBAN, facts.DISPERSED), detail=_RENT, to_check=_HOME),
    EntitlementRule("RURAL_HOUSE", AidKind.HOUSING, "农村危房改造", _LOW_INCOME, _by(windows.twelve_months), at_home=True,
                    facts=(facts.RURAL,), detail=_form(HousingForm.HOUSE_RENOVATION),
                    to_check="是否符合当地农村危房改造条件"),
    EntitlementRule("EMPLOYMENT_AID", AidKind.EMPLOYMENT, "就业救助", (_SA, _M, _R, _PR), _by(windows.twelve_months),
                    of_person=True, facts=(facts.OF_WORKING_AGE, facts.UNEMPLOYED)),
    EntitlementRule("ZERO_EMPLOYMENT", AidKind.EMPLOYMENT, "零就业家庭就业安置", _LOW_INCOME,
                    _by(windows.twelve_months), facts=(facts.ZERO_EMPLOYMENT,)),
    EntitlementRule("DISASTER_AID", AidKind.DISASTER, "受灾人员救助", _FOUR, _since("struck_when_covered"),
                    facts=(facts.STRUCK_WHEN_COVERED,), event="struck_when_covered"),
    EntitlementRule("URGENT_AID", AidKind.TEMPORARY, "临时救助", (), _since_trouble, facts=(facts.IN_TROUBLE,),
                    to_check="基本生活是否暂时出现严重困难"),
    EntitlementRule("CARE_OF_DISABLED", AidKind.SERVICE, "探访关爱和照护服务(残疾人)", _LOW_INCOME,
                    _by(windows.six_months), of_person=True, facts=(facts.SEVERELY_DISABLED,), to_check=_CARE),
    EntitlementRule("CARE_OF_ELDERLY", AidKind.SERVICE, "探访关爱和照护服务(老年人)", _LOW_INCOME,
                    _by(windows.six_months), of_person=True, facts=(facts.ELDERLY,), to_check=_CARE),
    EntitlementRule("CARE_OF_MINORS", AidKind.SERVICE, "探访关爱和照护服务(未成年人)", _LOW_INCOME,
                    _by(windows.six_months), of_person=True, facts=(facts.MINOR,), to_check=_CARE),
    EntitlementRule("HEATING", AidKind.OTHER, "冬季取暖补贴", _FOUR, _by(windows.heating_season), at_home=True,
                    since="winter", detail=_form(OtherForm.HEATING)),
    EntitlementRule("FUNERAL_FEES", AidKind.OTHER, "基本殡葬服务费用减免", _FOUR, _since("died_when_covered"),
                    facts=(facts.DIED_WHEN_COVERED,), event="died_when_covered",
                    detail=_form(OtherForm.FUNERAL_FEES)),
    EntitlementRule("ELECTRICITY", AidKind.OTHER, "用电价格补贴", _FOUR, _by(windows.six_months), at_home=True,
                    detail=_form(OtherForm.ELECTRICITY), to_check=_PRICES),
    EntitlementRule("WATER", AidKind.OTHER, "用水价格补贴", _FOUR, _by(windows.six_months), at_home=True,
                    detail=_form(OtherForm.WATER), to_check=_PRICES),
    EntitlementRule("GAS", AidKind.OTHER, "用气(管道天然气)价格补贴", _FOUR, _by(windows.six_months), at_home=True,
                    detail=_form(OtherForm.GAS), to_check=_PRICES),
    EntitlementRule("DISABILITY_LIVING", AidKind.OTHER, "困难残疾人生活补贴", (_SA,), _by(windows.six_months),
                    of_person=True, facts=(facts.DISABLED,), detail=_form(OtherForm.DISABILITY_LIVING)),
    EntitlementRule("DISABILITY_LIVING_OF_MARGIN", AidKind.OTHER, "困难残疾人生活补贴", (_M,), _by(windows.six_months),
                    of_person=True, facts=(facts.DISABLED,), unless=(_SA,), extends=OtherForm.DISABILITY_LIVING,
                    detail=_form(OtherForm.DISABILITY_LIVING), to_check=_EXTENDED),
    EntitlementRule("DISABILITY_LIVING_OF_OTHERS", AidKind.OTHER, "困难残疾人生活补贴", _OTHERS, _by(windows.six_months),
                    of_person=True, facts=(facts.DISABLED, facts.extended(OtherForm.DISABILITY_LIVING, _OTHERS)),
                    unless=(_SA, _M), detail=_form(OtherForm.DISABILITY_LIVING)),
    EntitlementRule("CHILD_REHABILITATION", AidKind.OTHER, "残疾儿童康复救助", (_SA, _M), _by(windows.twelve_months),
                    of_person=True, facts=(facts.DISABLED, facts.MINOR),
                    extends=OtherForm.CHILD_REHABILITATION, detail=_form(OtherForm.CHILD_REHABILITATION),
                    to_check=_EXTENDED),
    EntitlementRule("BARRIER_FREE", AidKind.OTHER, "困难重度残疾人家庭无障碍改造", (_SA, _M),
                    _by(windows.twelve_months), of_person=True, facts=(facts.SEVERELY_DISABLED,),
                    extends=OtherForm.BARRIER_FREE, detail=_form(OtherForm.BARRIER_FREE), to_check=_EXTENDED),
    EntitlementRule("CHARITY", AidKind.CHARITY, "慈善帮扶", _LOW_INCOME, _by(windows.twelve_months),
                    to_check="是否有匹配的慈善资源"),
    EntitlementRule("RELAPSE_PREVENTION", AidKind.RELAPSE_PREVENTION, "防止返贫针对性帮扶", (_PR,),
                    _by(windows.twelve_months)),
)  # fmt: skip
"""The rules in the order of the clauses. Lists of entitlements have this order."""

RULE_BY_CODE: Mapping[str, EntitlementRule] = {rule.code: rule for rule in RULES}
