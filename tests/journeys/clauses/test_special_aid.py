"""46-3.2 完善专项社会救助, row by row: who misses which aid, who gives it in which forms, and that the chain records it."""

from datetime import timedelta
from typing import Any

import pytest

from hub.foundation.calendar import today
from hub.model.aid import AidKind, DisasterForm, EducationForm, EmploymentForm, HousingForm, MedicalForm
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import EMPLOYED, UNABLE, child, head, spouse
from tests.journeys.clauses.story import PLATFORM, answering, begun
from tests.journeys.outcomes import RECORD_AID


def test_46_3_2_1_premiums_costs_and_the_emergency_fund_each_from_who_is_in_charge(tell: Tell) -> None:
    story = tell(head(72, **UNABLE), spouse(70, **UNABLE))
    story.certify("EXTREME_HARDSHIP", "HEAD")
    story.monitor("PREMIUM_NOT_IN_FULL")
    found = story.alerts()["PREMIUM_NOT_IN_FULL"]
    assert (found["status"], found["policyBasis"]) == ("OPEN", "46-3.2.1")

    insurance, health = "medical_insurance", "health"
    in_full: dict[str, Any] = {"medical": {"form": "PREMIUM_SUBSIDY", "premiumInFull": True}}
    fund = {"medical": {"form": "EMERGENCY_FUND", "hospital": "郑州市第一人民医院"}}
    story.only((insurance, health), "HEAD", in_full)
    with story.nothing_written():
        for wrong, detail in ((health, in_full), (insurance, fund)):
            refused = story.refused(wrong, RECORD_AID, story.aid("WRONG", "HEAD", detail))
            assert refused == ("AID_FORM_NOT_YOURS", "form")
    assert story.answered("PREMIUM_IN_FULL", "HEAD", insurance, in_full, amount="400.00")["warnings"] == []
    story.monitor("PREMIUM_NOT_IN_FULL")
    closed = story.alerts()["PREMIUM_NOT_IN_FULL"]
    assert (closed["status"], closed["closedBecause"]) == ("CLOSED", "FACT_GONE")

    story.certify("SUBSISTENCE_ALLOWANCE", "SPOUSE")
    fixed = {"medical": {"form": "PREMIUM_SUBSIDY", "premiumInFull": False}}
    assert story.answered("PREMIUM_FIXED_PART", "SPOUSE", insurance, fixed, amount="190.00")["warnings"] == []
    story.report(health, "SERIOUS_ILLNESS", "SPOUSE", note="恶性肿瘤")
    cost = {
        "form": "COST_AID",
        "hospital": "河南省人民医院",
        "totalCost": "86000.00",
        "insurancePaid": "61000.00",
    }
    story.answered("MEDICAL_COST_AID", "SPOUSE", insurance, {"medical": cost}, amount="17500.00")
    story.give(health, "EMERGENCY_FUND", "SPOUSE", fund, amount="3000.00")
    for form in ("INPATIENT_AID", "OUTPATIENT_AID"):
        story.give(insurance, form, "SPOUSE", {"medical": {"form": form}}, amount="800.00")
    assert story.forms(AidKind.MEDICAL) == set(MedicalForm)
    pushed = answering(insurance, "46-3.2.1", story.office)
    story.told(
        *begun(story),
        ("ALERT_RAISED", PLATFORM, "46-3.2.1"),
        *pushed,
        ("ALERT_CLOSED", PLATFORM, "46-3.2.1"),
        begun(story)[1],
        *pushed,
        ("CIRCUMSTANCE_REPORTED", health, "46-2.3"),
        *pushed,
        ("AID_RECORDED", health, "46-3.2.1"),
        *[("AID_RECORDED", insurance, "46-3.2.1")] * 2,
    )
    story.skeleton(health, opened=(insurance, health))
    story.skeleton("charity", hidden=("CIRCUMSTANCE_REPORTED",))


def schooling(form: str, stage: str) -> dict[str, Any]:
    """Education aid of a child of 金水区."""
    return {"education": {"form": form, "schoolYear": today().year, "stage": stage, "school": "金水区某校"}}


def test_46_3_2_2_a_hardship_student_is_found_referred_and_given_a_grant(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child(9))
    story.certify("SUBSISTENCE_ALLOWANCE")
    story.report("education", "HARDSHIP_STUDENT", "CHILD")
    story.monitor("STUDENT_WITHOUT_AID")
    (found,) = story.alerts(story.office).values()
    assert (found["finding"], found["status"]) == ("STUDENT_WITHOUT_AID", "OPEN")
    assert (found["to"]["code"], found["policyBasis"]) == (story.office, "46-3.2.2")
    grant = schooling("GRANT", "PRIMARY")
    story.only(("education",), "CHILD", grant)
    story.answered("EDUCATION_AID", "CHILD", "education", grant, amount="1250.00")
    story.monitor("STUDENT_WITHOUT_AID")
    (found,) = story.alerts(story.office).values()
    assert (found["status"], found["closedBecause"]) == ("CLOSED", "FACT_GONE")
    story.told(
        *begun(story),
        ("CIRCUMSTANCE_REPORTED", "education", "46-2.3"),
        ("ALERT_RAISED", PLATFORM, "46-3.2.2"),
        *answering("education", "46-3.2.2", story.office),
        ("ALERT_CLOSED", PLATFORM, "46-3.2.2"),
    )
    story.skeleton("human_resources", hidden=("CIRCUMSTANCE_REPORTED", "ALERT_RAISED", "ALERT_CLOSED"))
    assert any("1250.00 yuan" in event.summary for event in story.chain("education"))


SCHOOLED = [
    ("FEE_WAIVER", "EXTREME_HARDSHIP", "KINDERGARTEN", 5),
    ("LIVING_ALLOWANCE", "SUBSISTENCE_MARGIN", "SENIOR_HIGH", 16),
    ("LOAN", "RIGID_EXPENDITURE", "COLLEGE", 19),
    ("WORK_STUDY", "OTHER_HARDSHIP", "COLLEGE", 20),
]


@pytest.mark.parametrize(("form", "category", "stage", "age"), SCHOOLED)
def test_46_3_2_2_children_in_kindergarten_and_students_of_each_category_are_helped_in_each_form(
    tell: Tell, form: str, category: str, stage: str, age: int
) -> None:
    story = tell(head(**EMPLOYED), child(age, educationStage=stage))
    other = category == "OTHER_HARDSHIP"
    authority, clause = ("civil_affairs", "46-1.2.3") if other else (story.office, "46-1.2.1")
    story.certify(category, "CHILD" if category == "EXTREME_HARDSHIP" else None, by=authority)
    story.answered("EDUCATION_AID", "CHILD", "education", schooling(form, stage), amount="1250.00")
    story.told(
        begun(story)[0], ("CERTIFIED", authority, clause), *answering("education", "46-3.2.2", story.office)
    )
    story.skeleton("housing_security")


HOUSING = "housing_security"
RURAL = "urban_construction"
HOUSED = [
    ("PUBLIC_RENTAL", "SUBSISTENCE_ALLOWANCE", None, {"floorArea": "48.50"}),
    ("RENT_SUBSIDY", "SUBSISTENCE_MARGIN", None, {}),
    ("RENT_SUBSIDY", "EXTREME_HARDSHIP", "DISPERSED", {}),
    ("HOUSE_RENOVATION", "RIGID_EXPENDITURE", None, {"dangerGrade": "D"}),
]


@pytest.mark.parametrize(("form", "category", "support", "said"), HOUSED)
def test_46_3_2_3_an_urban_household_is_housed_and_a_rural_house_is_rebuilt(
    tell: Tell, form: str, category: str, support: str | None, said: dict[str, str]
) -> None:
    rural, dispersed = form == "HOUSE_RENOVATION", support is not None
    story = tell(head(**EMPLOYED), spouse(**EMPLOYED), residence="RURAL" if rural else "URBAN")
    story.certify(category, "HEAD" if dispersed else None, **({"support": support} if dispersed else {}))
    department, other = (RURAL, HOUSING) if rural else (HOUSING, RURAL)
    given = {"housing": {"form": form, **said}}
    with story.nothing_written():
        refused = story.refused(other, RECORD_AID, story.aid("WRONG", None, given))
        assert refused == ("AID_FORM_NOT_YOURS", "form")
    rule = "RURAL_HOUSE" if rural else "URBAN_HOUSING_OF_DISPERSED" if dispersed else "URBAN_HOUSING"
    story.answered(rule, None, department, given, amount="9600.00")
    story.told(*begun(story), *answering(department, "46-3.2.3", story.office))
    story.skeleton(other, opened=(department,))
    story.skeleton("medical_insurance")


def test_46_3_2_3_no_other_department_gives_housing_aid(tell: Tell) -> None:
    tell(head()).only((HOUSING, RURAL), None, {"housing": {"form": "RENT_SUBSIDY"}})


def test_the_stories_of_schooling_and_housing_give_every_form() -> None:
    assert {form for form, *_ in SCHOOLED} | {"GRANT"} == set(EducationForm)
    assert {form for form, *_ in HOUSED} == set(HousingForm)


def test_46_3_2_4_a_registered_unemployed_is_trained_and_placed_and_the_household_is_no_longer_without_work(
    tell: Tell,
) -> None:
    story = tell(head(labour="FULL", employment="UNEMPLOYED"), spouse(**UNABLE))
    story.certify("SUBSISTENCE_ALLOWANCE")
    story.report("human_resources", "REGISTERED_UNEMPLOYED", "HEAD")
    story.monitor("UNEMPLOYED_WITHOUT_AID", "ZERO_EMPLOYMENT")
    assert {"UNEMPLOYED_WITHOUT_AID", "ZERO_EMPLOYMENT"} == story.alerts().keys()
    assert story.entitled("ZERO_EMPLOYMENT")["status"] == "MISSING"
    training = {"employment": {"form": "TRAINING_SUBSIDY"}}
    story.only(("human_resources",), "HEAD", training)
    story.answered("EMPLOYMENT_AID", "HEAD", "human_resources", training, amount="1500.00")
    post = {"employer": "经八路街道办事处", "post": "公益性岗位保洁员"}
    for form in EmploymentForm:
        if form is not EmploymentForm.TRAINING_SUBSIDY:
            placed = post if form is EmploymentForm.PUBLIC_WELFARE_POST else {}
            story.give("human_resources", form, "HEAD", {"employment": {"form": form, **placed}})
    assert story.entitled("ZERO_EMPLOYMENT")["status"] == "RECEIVED"
    assert story.forms(AidKind.EMPLOYMENT) == set(EmploymentForm)
    story.update("HEAD", employment="EMPLOYED")
    story.monitor("UNEMPLOYED_WITHOUT_AID", "ZERO_EMPLOYMENT")
    assert {alert["closedBecause"] for alert in story.alerts().values()} == {"FACT_GONE"}, "动态“清零”"
    given = ("AID_RECORDED", "human_resources", "46-3.2.4")
    chain = story.told(
        *begun(story),
        ("CIRCUMSTANCE_REPORTED", "human_resources", "46-2.3"),
        *[("ALERT_RAISED", PLATFORM, "46-3.2.4")] * 2,
        *answering("human_resources", "46-3.2.4", story.office),
        *[given] * (len(EmploymentForm) - 1),
        ("HOUSEHOLD_UPDATED", story.office, "46-2.2"),
        *[("ALERT_CLOSED", PLATFORM, "46-3.2.4")] * 2,
    )
    assert "登记失业" in chain[2].summary_zh
    hidden = ("CIRCUMSTANCE_REPORTED", "ALERT_RAISED", "ALERT_CLOSED")
    story.skeleton(
        "finance", hidden=(*hidden, "HOUSEHOLD_UPDATED")
    )  # finance may not read employment, the only field that changed
    assert "HOUSEHOLD_UPDATED" in {event.type for event in story.chain("human_resources")}


def test_46_3_2_5_a_struck_household_is_given_each_form_of_disaster_aid(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child())
    story.certify("RIGID_EXPENDITURE")
    struck = today() - timedelta(days=15)
    story.report("emergency_management", "DISASTER", None, since=str(struck))

    def detail(form: str) -> dict[str, Any]:
        return {"disaster": {"form": form, "disaster": "暴雨洪涝", "struckOn": str(struck)}}

    story.only(("emergency_management",), None, detail("EMERGENCY"))
    story.answered("DISASTER_AID", None, "emergency_management", detail("EMERGENCY"), amount="2000.00")
    for form in DisasterForm:
        if form is not DisasterForm.EMERGENCY:
            story.give("emergency_management", form, None, detail(form))
    assert story.forms(AidKind.DISASTER) == set(DisasterForm)
    given = ("AID_RECORDED", "emergency_management", "46-3.2.5")
    chain = story.told(
        *begun(story),
        ("CIRCUMSTANCE_REPORTED", "emergency_management", "46-3.2.5"),
        *answering("emergency_management", "46-3.2.5", story.office),
        *[given] * (len(DisasterForm) - 1),
    )
    assert str(struck) in chain[2].summary
    story.skeleton("urban_construction", hidden=("CIRCUMSTANCE_REPORTED",))
