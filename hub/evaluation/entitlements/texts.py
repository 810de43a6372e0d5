"""The policy's own words behind each entitlement, quoted from 郑政办〔2024〕46号 and never put otherwise."""

from collections.abc import Mapping

_BASIC = "对符合低保、特困人员救助供养条件的低收入人口,给予相应的低保、特困人员救助供养等基本生活救助。"
_HOUSING = (
    "对符合当地住房保障条件的城市低保家庭、城市分散供养特困人员、城市低保边缘家庭和刚性支出困难家庭,"
    "通过配租公租房或发放租赁补贴优先给予住房救助"
)
_SERVICE = "对低收入人口中生活不能自理的老年人、未成年人、残疾人等按照实际需要提供必要的探访关爱和照护服务。"
_OTHER = (
    "对符合条件的低保对象、特困人员、低保边缘家庭成员、刚性支出困难家庭成员,根据我市有关政策发放冬季取暖补贴、减免基本殡葬服务费用、"
    "给予用电用水用气(管道天然气)价格补贴等救助帮扶。"
)
_DISABILITY = (
    "鼓励有条件的开发区管委会、区县(市)人民政府将困难残疾人生活补贴、残疾儿童康复救助、困难重度残疾人家庭无障碍改造等帮扶措施"
    "延伸至低保边缘家庭成员等。"
)

TEXTS: Mapping[str, str] = {
    "SUBSISTENCE_ALLOWANCE": _BASIC,
    "SUBSISTENCE_ALLOWANCE_OF_MEMBER": _BASIC,
    "EXTREME_HARDSHIP_SUPPORT": _BASIC,
    "MONTHLY_SUPPLEMENT": "继续执行对低保对象中的重度残疾人、重病患者以及70周岁以上老年人、在校大学生、未成年人等困难群体,"
    "每人每月增发100元低保金的救助政策。",
    "PREMIUM_IN_FULL": "对特困人员参加城乡居民基本医疗保险的费用给予全额资助",
    "PREMIUM_FIXED_PART": "对低保对象等其他符合资助参保条件的低收入人口按规定比例给予定额资助。",
    "MEDICAL_COST_AID": "对低收入人口中符合救助条件的大病患者,在定点医药机构发生的住院费用、"
    "因慢性病需要长期服药或患重特大疾病需要长期门诊治疗的费用,按规定给予相应医疗救助。",
    "EDUCATION_AID": "对低保对象、特困人员、低保边缘家庭、刚性支出困难家庭以及其他经济困难家庭中符合条件的在园幼儿、在校学生,"
    "按规定采取发放助学金、生活补助、提供勤工助学岗位、助学贷款以及减免相关费用等方式,给予教育救助。",
    "URBAN_HOUSING": _HOUSING,
    "URBAN_HOUSING_OF_DISPERSED": _HOUSING,
    "RURAL_HOUSE": "对符合当地农村危房改造条件的农村低收入群体等重点对象,及时纳入改造范围,保障基本住房安全。",
    "EMPLOYMENT_AID": "对符合条件的低保对象、低保边缘家庭成员、刚性支出困难家庭成员,按规定落实贷款贴息、税费减免、培训补贴、"
    "社保补贴等政策。",
    "ZERO_EMPLOYMENT": "积极开发公益性岗位,优先安置零就业低收入家庭成员,确保零就业家庭动态“清零”。",
    "DISASTER_AID": "对遭遇自然灾害的低保对象、特困人员、低保边缘家庭成员、刚性支出困难家庭成员,按照自然灾害救助政策给予相应救助",
    "URGENT_AID": "对遭遇突发性、紧迫性、灾难性困难导致基本生活暂时出现严重困难的人员,取消户籍地、居住地申请限制,"
    "在急难发生地按规定通过临时救助或生活无着流浪乞讨人员救助政策,及时给予急难社会救助。",
    "CARE_OF_DISABLED": _SERVICE,
    "CARE_OF_ELDERLY": _SERVICE,
    "CARE_OF_MINORS": _SERVICE,
    "HEATING": _OTHER,
    "FUNERAL_FEES": _OTHER,
    "UTILITIES": _OTHER,
    "DISABILITY_LIVING": _DISABILITY,
    "CHILD_REHABILITATION": _DISABILITY,
    "BARRIER_FREE": _DISABILITY,
    "CHARITY": "建立政府救助与慈善帮扶衔接机制,在政策、对象、信息、资源等方面进行救助需求与慈善供给的匹配对接,"
    "为低收入人口提供多样化救助帮扶。",
}
"""By the code of the rule."""
