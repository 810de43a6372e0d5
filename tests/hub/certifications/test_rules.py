"""The authority for each category, and the reasons that end it, compared with the policy's text (46-1.2, 46-2.2, 46-2.4,
46-4.3)."""

from datetime import date, timedelta

import pytest

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.scopes import Scope
from hub.certifications.rules import (
    CATEGORY_RULES,
    END_RULES,
    authority_refusal,
    end_clause,
    end_fault,
    faults,
)
from hub.foundation.calendar import today
from hub.model.certifications import Category, EndReason, MonitoredSubtype, Support

TOWNSHIP, COUNTY, CITY = "civil_affairs@410105001", "civil_affairs@410105", "civil_affairs@4101"
FARMING = ("agriculture@4101", "agriculture@410122", "agriculture@410122001")
BY = {
    "SUBSISTENCE_ALLOWANCE": {TOWNSHIP},
    "EXTREME_HARDSHIP": {TOWNSHIP},
    "SUBSISTENCE_MARGIN": {TOWNSHIP},
    "RIGID_EXPENDITURE": {TOWNSHIP},
    "POVERTY_RELAPSE_MONITORED": set(FARMING),
    "OTHER_HARDSHIP": {COUNTY},
}
"""46-1.2: the township, delegated by the county; agriculture; the development zone, district or county."""
FORMS = {
    "SUBSISTENCE_ALLOWANCE": (True, True),
    "EXTREME_HARDSHIP": (False, True),
    "SUBSISTENCE_MARGIN": (True, False),
    "RIGID_EXPENDITURE": (True, False),
    "POVERTY_RELAPSE_MONITORED": (True, False),
    "OTHER_HARDSHIP": (True, True),
}
"""46-1.1: 家庭 are certified as a whole, 人员 by member."""


def grant(agency: str, *, without: Scope | None = None) -> Grant:
    """A grant of all scopes of an agency's department, or of all but one."""
    department, _, region = agency.partition("@")
    permissions = DEPARTMENTS[department]
    return Grant(
        agency=agency,
        client="test",
        scopes=permissions.scopes - {without},
        regions=(region,),
        purpose=permissions.purposes[0],
        purposes=permissions.purposes,
    )


@pytest.mark.parametrize("agency", [TOWNSHIP, COUNTY, CITY, *FARMING, "medical_insurance@410105"])
@pytest.mark.parametrize("category", list(Category))
def test_46_1_2_a_category_is_certified_by_its_authority_and_nobody_else(
    agency: str, category: Category
) -> None:
    refusal = authority_refusal(grant(agency), category)
    assert (refusal is None) is (agency in BY[category.value])
    if refusal is not None:
        assert refusal.code == "NOT_YOUR_CATEGORY"


def test_46_1_2_the_authority_needs_the_scope_too() -> None:
    refusal = authority_refusal(
        grant(TOWNSHIP, without=Scope.CERTIFICATION_WRITE), Category.SUBSISTENCE_MARGIN
    )
    assert refusal is not None
    assert refusal.code == "FORBIDDEN_WRITE"


def test_46_1_1_a_category_is_a_household_s_or_a_person_s() -> None:
    assert {
        category.value: (rule.whole, rule.by_member) for category, rule in CATEGORY_RULES.items()
    } == FORMS


DAY = date(2026, 3, 1)
UNSTABLE, DISPERSED = MonitoredSubtype.UNSTABLE, Support.DISPERSED
MONITORED, HARDSHIP, MARGIN = (
    Category.POVERTY_RELAPSE_MONITORED,
    Category.EXTREME_HARDSHIP,
    Category.SUBSISTENCE_MARGIN,
)


@pytest.mark.parametrize(
    ("category", "begins", "until", "subtype", "support", "at"),
    [
        (MARGIN, DAY, DAY, None, None, []),
        (MARGIN, None, DAY, None, None, []),
        (MARGIN, DAY, DAY - timedelta(days=1), None, None, ["validUntil"]),
        (MARGIN, DAY, None, UNSTABLE, None, ["subtype"]),
        (MARGIN, DAY, None, None, DISPERSED, ["support"]),
        (MONITORED, DAY, None, UNSTABLE, None, []),
        (MONITORED, DAY, None, None, None, ["subtype"]),
        (MONITORED, DAY, None, UNSTABLE, DISPERSED, ["support"]),
        (HARDSHIP, DAY, None, None, DISPERSED, []),
        (HARDSHIP, DAY, None, None, None, []),
        (HARDSHIP, DAY, DAY - timedelta(days=1), UNSTABLE, DISPERSED, ["subtype", "validUntil"]),
    ],
)
def test_what_is_wrong_with_a_certification_is_told_of_each_field(
    category: Category,
    begins: date | None,
    until: date | None,
    subtype: MonitoredSubtype | None,
    support: Support | None,
    at: list[str],
) -> None:
    assert [place for place, _ in faults(category, begins, until, subtype, support)] == at


def test_a_certification_begins_and_ends_today_at_the_latest() -> None:
    this = today()
    tomorrow = this + timedelta(days=1)
    assert not list(faults(MARGIN, this, None, None, None))
    assert [error.code for _, error in faults(MARGIN, tomorrow, None, None, None)] == ["DATE_IN_FUTURE"]
    assert end_fault(this, this) is None
    for began, ended, code in (
        (DAY, tomorrow, "DATE_IN_FUTURE"),
        (DAY, DAY - timedelta(days=1), "INVALID_PERIOD"),
    ):
        fault = end_fault(began, ended)
        assert fault is not None
        assert fault.code == code


@pytest.mark.parametrize(
    ("because", "clause", "only", "stated"),
    [
        ("DECEASED", "46-2.2", None, True),
        ("NO_LONGER_ELIGIBLE", "46-2.4", None, True),
        ("RISK_GONE", "46-1.2.2", "POVERTY_RELAPSE_MONITORED", True),
        ("FALSE_CLAIM", "46-4.3", None, True),
        ("MISTAKE", "46-4.3", None, True),
        ("RECERTIFIED", "46-1.2.1", None, False),
        ("COVERED_WHOLE", "46-2.3", "SUBSISTENCE_ALLOWANCE", False),
        ("COVERED_BY_MEMBER", "46-2.3", "SUBSISTENCE_ALLOWANCE", True),
    ],
)
def test_an_end_stands_on_its_clause_and_is_kept_to_its_category(
    because: str, clause: str, only: str | None, stated: bool
) -> None:
    rule = END_RULES[EndReason(because)]
    assert (end_clause(MARGIN, EndReason(because)), rule.only, rule.stated) == (clause, only, stated)
    assert rule.whole is (because == "COVERED_BY_MEMBER")
