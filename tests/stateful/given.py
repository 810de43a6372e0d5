"""The agencies that send commands, and the values that they send."""

from typing import Any

from hypothesis import strategies as st

from hub.foundation.calendar import today
from hub.model.aid import (
    AidKind,
    CharityForm,
    DisasterForm,
    EducationForm,
    EmploymentForm,
    HousingForm,
    MedicalForm,
    OtherForm,
    RelapsePreventionForm,
    ServiceForm,
)
from hub.model.persons import EducationStage
from tests.fixtures.days import this_year

AGENCIES = (
    "civil_affairs@4101", "civil_affairs@410105", "civil_affairs@410181", "education@410105", "education@410181",
    "human_resources@410105", "medical_insurance@410105", "housing_security@410105", "agriculture@410105",
    "agriculture@410181", "charity@410105", "emergency_management@410105", "finance@410105", "audit@4101",
)  # fmt: skip
GIVEN: dict[str, tuple[str, dict[str, Any]]] = {
    "MEDICAL": ("medical_insurance", {"form": MedicalForm.COST_AID}),
    "EDUCATION": (
        "education",
        {"form": EducationForm.GRANT, "school_year": this_year, "stage": EducationStage.PRIMARY},
    ),
    "HOUSING": ("housing_security", {"form": HousingForm.RENT_SUBSIDY}),
    "EMPLOYMENT": ("human_resources", {"form": EmploymentForm.TRAINING_SUBSIDY}),
    "DISASTER": (
        "emergency_management",
        {"form": DisasterForm.EMERGENCY, "disaster": "洪涝", "struck_on": today},
    ),
    "SERVICE": ("civil_affairs", {"form": ServiceForm.VISIT, "provider": "社工站", "times": 1}),
    "OTHER": ("civil_affairs", {"form": OtherForm.HEATING}),
    "CHARITY": ("charity", {"form": CharityForm.DONATION, "organisation": "慈善总会"}),
    "RELAPSE_PREVENTION": ("agriculture", {"form": RelapsePreventionForm.INDUSTRY, "measure": "发放鸡苗"}),
}
"""For each kind of aid: a department that gives it, and a form with its details."""
BOUNDED = ("HOUSING", "MEDICAL")
"""Kinds in which earlier aid may prevent further aid (46-3.2.1, 46-3.2.3)."""

agencies = st.integers(0, 63)
"""Half of the draws are an agency that may run the command, the others any agency."""
mostly = st.one_of(st.integers(0, 31).map(lambda place: 2 * place + 1), agencies)
"""Mostly an agency that may run the command: for the commands at the beginning of every life."""
picks = st.integers(0, 63)
homes = st.integers(0, 2)
kinds = st.sampled_from(sorted(GIVEN))
needs = st.sampled_from(sorted(AidKind))
stale = st.sampled_from((0, 0, 0, 0, 1))
