"""The values that tests expect, written from 郑政办〔2024〕46号, the laws and standards that it is based on, and the contract
(README). They are never imported from the code under test, so that a wrong table there is found. Words are those of the
schema."""

from datetime import date

IN_CHARGE: dict[str, tuple[str, frozenset[str]]] = {
    "BASIC_LIVING": ("46-3.1", frozenset({"civil_affairs", "finance"})),
    "MEDICAL": ("46-3.2.1", frozenset({"medical_insurance", "health"})),
    "EDUCATION": ("46-3.2.2", frozenset({"education"})),
    "HOUSING": ("46-3.2.3", frozenset({"housing_security", "urban_construction"})),
    "EMPLOYMENT": ("46-3.2.4", frozenset({"human_resources"})),
    "DISASTER": ("46-3.2.5", frozenset({"emergency_management"})),
    "TEMPORARY": ("46-3.3", frozenset({"civil_affairs"})),
    "SERVICE": ("46-3.4", frozenset({"civil_affairs"})),
    "OTHER": ("46-3.5", frozenset({"civil_affairs", "development_reform", "disabled_federation"})),
    "CHARITY": ("46-3.6", frozenset({"civil_affairs", "charity"})),
    "RELAPSE_PREVENTION": ("46-3", frozenset({"agriculture"})),
}
"""三: the clause of each kind of aid, and the departments in charge (责任单位)."""

CERTIFIED_UNDER = {
    "SUBSISTENCE_ALLOWANCE": "46-1.2.1",
    "EXTREME_HARDSHIP": "46-1.2.1",
    "SUBSISTENCE_MARGIN": "46-1.2.1",
    "RIGID_EXPENDITURE": "46-1.2.1",
    "POVERTY_RELAPSE_MONITORED": "46-1.2.2",
    "OTHER_HARDSHIP": "46-1.2.3",
}
"""一(二): the clause under which each category is certified."""

KNOWN_BY: dict[str, tuple[str, ...]] = {
    "HARDSHIP_STUDENT": ("education",),
    "REGISTERED_UNEMPLOYED": ("human_resources",),
    "SERIOUS_ILLNESS": ("health", "medical_insurance"),
    "CHRONIC_ILLNESS": ("health", "medical_insurance"),
    "RIGID_EXPENSE": ("medical_insurance",),
    "DISABILITY": ("disabled_federation",),
    "DEATH": ("civil_affairs",),
    "DISASTER": ("emergency_management",),
    "MONITORED": ("agriculture",),
}
"""二(二), 二(三), 三(二)5: the registries that report each circumstance."""
REGISTRIES = frozenset(registry for known_by in KNOWN_BY.values() for registry in known_by)

DISCLOSED = frozenset({"BASIC_LIVING", "HOUSING", "EMPLOYMENT", "DISASTER", "TEMPORARY"})
"""四(三) 按照规定公开救助信息, limited by 个人信息保护法第二十八条: the kinds of aid that reveal neither illness nor
disability, and are not for minors as such."""

FEW = 5
"""README: numbers under five are withheld."""

FIELDS_OF_HOUSEHOLD = frozenset({"code", "region", "residence", "address", "incomePerCapita"})
FIELDS_OF_PERSON = frozenset(
    {
        "name", "idNumber", "birthDate", "gender", "relation", "phone", "account", "health", "disabilityType",
        "disabilityGrade", "educationStage", "school", "employment", "labour",
    }
)  # fmt: skip
"""二(二): the data that a township registers of a household and of each member."""

_DEATHS, _INCOME = "circumstance.civil_affairs:read", "household.finance:read"
_ILLNESS = frozenset({"circumstance.health:read", "circumstance.medical_insurance:read"})
_STUDIES = frozenset({"circumstance.education:read", "person.education:read"})
FACTS_OF_FINDINGS: dict[str, frozenset[str]] = {
    "ALLOWANCE_MISSING": frozenset({_DEATHS}),
    "PREMIUM_MISSING": frozenset({_DEATHS}),
    "MEDICAL_AID_MISSING": _ILLNESS | {"person.health:read", _DEATHS},
    "DISASTER_AID_MISSING": frozenset({"circumstance.emergency_management:read", _DEATHS}),
    "HEATING_MISSING": frozenset({_DEATHS}), "FUNERAL_FEES_MISSING": frozenset({_DEATHS}),
    "DISABILITY_ALLOWANCE_MISSING": frozenset(
        {"circumstance.disabled_federation:read", "person.disability:read", _DEATHS}
    ),
    "STUDENT_WITHOUT_AID": _STUDIES | {_DEATHS},
    "UNEMPLOYED_WITHOUT_AID": frozenset(
        {"circumstance.human_resources:read", "person.employment:read", _DEATHS, _INCOME}
    ),
    "ZERO_EMPLOYMENT": frozenset({"person.employment:read", _DEATHS, _INCOME}),
    "ILLNESS_OUTSIDE": _ILLNESS | {_DEATHS},
    "SEVERE_DISABILITY_OUTSIDE": frozenset(
        {"circumstance.disabled_federation:read", "person.disability:read", _DEATHS}
    ),
    "DECEASED_RECIPIENT": frozenset({_DEATHS}), "DECEASED_CERTIFIED": frozenset({_DEATHS}),
    "HOUSEHOLD_WITHOUT_MEMBERS": frozenset({_DEATHS}),
    "AID_WITHOUT_TITLE": frozenset({"circumstance.disabled_federation:read", "person.disability:read"}),
    "PAPERS_OVERDUE": frozenset(), "INCOME_BELOW_LINE": frozenset({_DEATHS, _INCOME}),
    "BETTER_CATEGORY": frozenset({_DEATHS, _INCOME}),
    "PARTLY_COVERED": frozenset({_DEATHS}), "WITHOUT_LABOUR": frozenset({"person.employment:read", _DEATHS}),
    "PREMIUM_NOT_IN_FULL": frozenset({_DEATHS}),
    "AMOUNT_DIFFERS": frozenset(),
    "SUPPLEMENT_MISSING": frozenset(
        {"person.health:read", "person.disability:read", "person.education:read", _DEATHS}
    ),
    "ALLOWANCE_LATE": frozenset(), "DUPLICATE_AID": frozenset(), "PERSON_IN_TWO_HOUSEHOLDS": frozenset({_DEATHS}),
    "REFERRAL_OVERDUE": frozenset(), "INCOME_ABOVE_LINE": frozenset({_DEATHS, _INCOME}),
    "MONTHLY_SHARE_LATE": frozenset(),
}  # fmt: skip
"""二(二) to 二(四): the findings of monitoring, and for each the facts outside the household record that it reveals."""

ANSWERED_WITHIN = {"TEMPORARY": 3, "DISASTER": 3, "MEDICAL": 5}
USUALLY_ANSWERED_WITHIN = 10
"""README and docs/referrals.md: working days to answer a referral if its sender sets no deadline and the policy sets no
number."""


def masked(name: str) -> str:
    """A name on a public list: 隐去中间字, 两字姓名仅保留姓."""
    return {0: "*", 1: "*", 2: name[:1] + "*"}.get(len(name)) or name[0] + "*" * (len(name) - 2) + name[-1]


def school_year(day: date) -> int:
    """The school year of a day, by the year in which it begins on 1 September (教育法, 学年)."""
    return day.year if (day.month, day.day) >= (9, 1) else day.year - 1


READS_KINDS: dict[str, frozenset[str]] = {
    "education": frozenset({"EDUCATION", "BASIC_LIVING", "RELAPSE_PREVENTION"}),
    "human_resources": frozenset({"EMPLOYMENT", "BASIC_LIVING", "RELAPSE_PREVENTION"}),
    "urban_construction": frozenset({"HOUSING", "BASIC_LIVING", "RELAPSE_PREVENTION"}),
    "housing_security": frozenset({"HOUSING", "BASIC_LIVING", "RELAPSE_PREVENTION"}),
    "agriculture": frozenset({"BASIC_LIVING", "RELAPSE_PREVENTION", "HOUSING"}),
    "health": frozenset({"MEDICAL", "BASIC_LIVING", "RELAPSE_PREVENTION"}),
    "emergency_management": frozenset({"DISASTER", "BASIC_LIVING", "RELAPSE_PREVENTION", "HOUSING"}),
    "medical_insurance": frozenset({"MEDICAL", "BASIC_LIVING", "RELAPSE_PREVENTION"}),
    "disabled_federation": frozenset({"OTHER", "BASIC_LIVING", "RELAPSE_PREVENTION", "HOUSING"}),
    "finance": frozenset({"BASIC_LIVING", "RELAPSE_PREVENTION"}),
    "development_reform": frozenset({"OTHER", "BASIC_LIVING", "RELAPSE_PREVENTION", "HOUSING"}),
    "charity": frozenset({"CHARITY"}),
    "civil_affairs": frozenset(IN_CHARGE),
    "audit": frozenset(IN_CHARGE),
}
"""四(二): the kinds of aid whose records a department sees: its own, and those that reveal nothing new to it. Basic living
aid and aid against a return to poverty reveal a category to readers of categories. Housing aid also reveals living
conditions, to readers of addresses."""

READS_NO_FORM: dict[str, frozenset[str]] = {
    "development_reform": frozenset(
        {"DISABILITY_LIVING", "DISABILITY_NURSING", "CHILD_REHABILITATION", "BARRIER_FREE", "FUNERAL_FEES"}
    ),
    "disabled_federation": frozenset({"FUNERAL_FEES"}),
}
"""三(五): forms of other aid that reveal a disability or a death, which these departments may not read."""

_SUPERVISION = frozenset({"civil_affairs", "audit"})
READS_EVENTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("CERTIFIED", "CERTIFICATION_ENDED"), frozenset(READS_KINDS) - {"charity"}),
    **dict.fromkeys(("NEAR_RELATIVE_DECLARED", "NEAR_RELATIVE_ENDED"), _SUPERVISION | {"agriculture"}),
    **dict.fromkeys(("ALERT_RAISED", "ALERT_DISPOSED", "ALERT_CLOSED", "VISITED", "DISCLOSED"), _SUPERVISION),
    **dict.fromkeys(("OVERLAP_FOUND", "OVERLAP_DECIDED", "LIABILITY_DECIDED"), _SUPERVISION),
    **dict.fromkeys(("SIGHT_GIVEN", "SIGHT_ENDED"), _SUPERVISION),
}
"""二, 四: events that only some departments see, since they reveal what only these departments read."""

KIND_IMPLIES = {
    "BASIC_LIVING": "certification:read",
    "MEDICAL": "certification:read person.health:read",
    "EDUCATION": "certification:read person.education:read",
    "HOUSING": "certification:read household.address:read",
    "EMPLOYMENT": "certification:read person.employment:read",
    "DISASTER": "certification:read circumstance.emergency_management:read",
    "TEMPORARY": "circumstance.emergency_management:read circumstance.civil_affairs:read person.health:read"
    " person.employment:read household.finance:read",
    "SERVICE": "person:read person.disability:read person.health:read",
    "OTHER": "certification:read person.disability:read circumstance.civil_affairs:read",
    "CHARITY": "certification:read person.health:read person.education:read person.disability:read",
    "RELAPSE_PREVENTION": "certification:read",
}
"""46-3.1 to 46-3.6: the facts by which aid of a kind is granted. Readers of all of them learn nothing new from the existence
of the aid."""
FORM_IMPLIES = {
    **dict.fromkeys(
        ("DISABILITY_LIVING", "DISABILITY_NURSING", "CHILD_REHABILITATION", "BARRIER_FREE"),
        "person.disability:read",
    ),
    "FUNERAL_FEES": "circumstance.civil_affairs:read",
}
"""46-3.5: forms granted for a disability or after a death. Heating and power are granted by category."""

_ONE_OF_THEM = {"SUBSISTENCE_ALLOWANCE", "SUBSISTENCE_MARGIN", "RIGID_EXPENDITURE"}
EXCLUDED_BY: dict[str, frozenset[str]] = {
    "SUBSISTENCE_ALLOWANCE": frozenset(_ONE_OF_THEM - {"SUBSISTENCE_ALLOWANCE"} | {"EXTREME_HARDSHIP"}),
    "SUBSISTENCE_MARGIN": frozenset(_ONE_OF_THEM - {"SUBSISTENCE_MARGIN"}),
    "RIGID_EXPENDITURE": frozenset(_ONE_OF_THEM - {"RIGID_EXPENDITURE"}),
    "EXTREME_HARDSHIP": frozenset({"SUBSISTENCE_ALLOWANCE"}),
    "POVERTY_RELAPSE_MONITORED": frozenset(),
    "OTHER_HARDSHIP": frozenset(),
}
"""46-1.2, 按照现行政策: categories that exclude each other: for a whole household, and for a household and a member in
extreme hardship (中办发〔2020〕18号, 国发〔2016〕14号)."""
