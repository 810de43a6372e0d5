"""46-2.3, 动态监测, finding by finding: what civil affairs finds in the data of the departments, what it does not find
because a day or a cent is missing, and that an alert ends when the department in charge has done what was due."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hub.foundation.calendar import today
from hub.model.alerts import Finding
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import EMPLOYED, head, parent
from tests.journeys.clauses.story import Story
from tests.journeys.outcomes import TERMINATE
from tests.journeys.test_provenance import UPSERT
from tests.journeys.test_urgent_aid import SUPPLY

STANDARD, CENT_MORE = "760.00", "760.01"
"""The monthly standard of 金水区 in towns, and a cent above it."""
MARGIN_LINE, CENT_ABOVE_IT = "1140.00", "1140.01"


def earns(story: Story, income: str) -> None:
    """The township registers the household's income per head (46-4.3: 如实申报收入状况)."""
    (of_head,) = [one for one in story.members if one.relation == "HEAD"]
    member = {"idNumber": story.numbers["HEAD"], "name": of_head.name, "relation": "HEAD"}
    given = {"households": [{"code": story.code, "incomePerCapita": income, "members": [member]}]}
    (outcome,) = story.write(story.office, UPSERT, given)["outcomes"]
    assert outcome["errors"] == []


def finds(story: Story, finding: str, clause: str) -> Any:
    """The open alert of a finding, with its clause."""
    story.monitor(finding)
    alert = story.alerts(story.office)[finding]
    assert (alert["status"], alert["policyBasis"]) == ("OPEN", clause)
    return alert


def finds_not(story: Story, finding: str) -> None:
    """The finding must not be found."""
    story.monitor(finding)
    assert finding not in story.alerts(), f"{finding} was found of a near miss"


def ends(story: Story, finding: str) -> None:
    """The alert must be closed, because its fact is gone."""
    story.monitor(finding)
    alert = story.alerts(story.office)[finding]
    assert (alert["status"], alert["closedBecause"]) == ("CLOSED", "FACT_GONE")


def test_46_2_3_income_within_the_line_and_in_no_category(tell: Tell) -> None:
    story = tell(head(**EMPLOYED))
    earns(story, CENT_ABOVE_IT)
    finds_not(story, "INCOME_BELOW_LINE")
    earns(story, MARGIN_LINE)
    finds(story, "INCOME_BELOW_LINE", "46-2.3")
    story.certify("SUBSISTENCE_MARGIN")
    ends(story, "INCOME_BELOW_LINE")


def test_46_2_3_income_within_the_line_of_a_better_category(tell: Tell) -> None:
    story = tell(head(**EMPLOYED))
    margin = story.certify("SUBSISTENCE_MARGIN")
    earns(story, CENT_MORE)
    finds_not(story, "BETTER_CATEGORY")
    earns(story, STANDARD)
    finds(story, "BETTER_CATEGORY", "46-2.3")
    ending = {
        "id": margin["id"],
        "expectedVersion": 1,
        "because": "NO_LONGER_ELIGIBLE",
        "endedOn": str(today()),
    }
    story.write(story.office, TERMINATE, ending)
    story.certify("SUBSISTENCE_ALLOWANCE", validFrom=str(today()))
    ends(story, "BETTER_CATEGORY")


def test_46_2_4_d_income_above_the_line_of_its_category(tell: Tell) -> None:
    story = tell(head(**EMPLOYED))
    allowance = story.certify("SUBSISTENCE_ALLOWANCE")
    earns(story, STANDARD)
    finds_not(story, "INCOME_ABOVE_LINE")
    earns(story, CENT_MORE)
    finds(story, "INCOME_ABOVE_LINE", "46-2.4")
    ending = {"id": allowance["id"], "expectedVersion": 1, "because": "NO_LONGER_ELIGIBLE"}
    story.write(story.office, TERMINATE, ending | {"endedOn": str(today())})
    ends(story, "INCOME_ABOVE_LINE")


def test_46_3_3_papers_that_were_not_supplied_in_time(tell: Tell) -> None:
    late, in_time = tell(head(**EMPLOYED)), tell(head(**EMPLOYED))
    decided = str(today() - timedelta(days=40))
    given: dict[str, Any] = {}
    for story, due in ((late, today() - timedelta(days=1)), (in_time, today())):
        urgent = {
            "form": "PAY_FIRST",
            "trouble": "突发火灾",
            "happenedAtRegion": story.township,
            "papersDueOn": str(due),
        }
        days = {"periodFrom": decided, "periodUntil": decided, "decidedOn": decided, "paidOn": decided}
        given[story.code] = story.give(
            story.office, "URGENT", None, {"temporary": urgent}, **days, amount="900.00"
        )
    finds_not(in_time, "PAPERS_OVERDUE")
    finds(late, "PAPERS_OVERDUE", "46-3.3")
    supplied = {"id": given[late.code]["aidRecord"]["id"], "expectedVersion": 1, "suppliedOn": str(today())}
    late.write(late.office, SUPPLY, supplied)
    ends(late, "PAPERS_OVERDUE")


def test_46_3_2_5_struck_and_not_helped_within_ten_days(tell: Tell) -> None:
    missed, waiting = tell(head(**EMPLOYED)), tell(head(**EMPLOYED))
    for story, days in ((missed, 11), (waiting, 10)):
        story.certify("SUBSISTENCE_MARGIN")
        story.report("emergency_management", "DISASTER", None, since=str(today() - timedelta(days=days)))
    finds_not(waiting, "DISASTER_AID_MISSING")
    finds(missed, "DISASTER_AID_MISSING", "46-3.2.5")
    struck = str(today() - timedelta(days=11))
    detail = {"disaster": {"form": "EMERGENCY", "disaster": "暴雨洪涝", "struckOn": struck}}
    missed.give("emergency_management", "DISASTER", None, detail)
    ends(missed, "DISASTER_AID_MISSING")


def test_46_3_5_heating_of_the_last_winter_that_was_due(tell: Tell) -> None:
    missed, later = tell(head(**EMPLOYED)), tell(head(**EMPLOYED))
    missed.certify("SUBSISTENCE_ALLOWANCE")
    window = missed.entitled("HEATING")
    began = date.fromisoformat(window["windowFrom"])
    assert (began.month, began.day) == (11, 15)
    later.certify("SUBSISTENCE_ALLOWANCE", validFrom=str(began + timedelta(days=1)))
    finds_not(later, "HEATING_MISSING")
    finds(missed, "HEATING_MISSING", "46-3.5")
    winter = {"periodFrom": window["windowFrom"], "periodUntil": window["windowUntil"]}
    missed.give("civil_affairs", "HEATING", None, {"other": {"form": "HEATING"}}, **winter, amount="300.00")
    ends(missed, "HEATING_MISSING")


def test_46_3_2_1_the_premium_of_the_year_for_who_was_covered_when_it_began(tell: Tell) -> None:
    missed, later = tell(head(**EMPLOYED)), tell(head(**EMPLOYED))
    missed.certify("SUBSISTENCE_ALLOWANCE")
    later.certify("SUBSISTENCE_ALLOWANCE", validFrom=f"{today().year}-01-01")
    finds_not(later, "PREMIUM_MISSING")
    finds(missed, "PREMIUM_MISSING", "46-3.2.1")
    year = {"periodFrom": f"{today().year}-01-01", "periodUntil": f"{today().year}-12-31"}
    premium = {"medical": {"form": "PREMIUM_SUBSIDY", "premiumInFull": False}}
    missed.give("medical_insurance", "PREMIUM", "HEAD", premium, **year, amount="190.00")
    ends(missed, "PREMIUM_MISSING")


def test_46_3_2_1_the_seriously_ill_without_medical_aid(tell: Tell) -> None:
    missed, chronic = tell(head(**EMPLOYED)), tell(head(**EMPLOYED))
    for story, kind in ((missed, "SERIOUS_ILLNESS"), (chronic, "CHRONIC_ILLNESS")):
        story.certify("SUBSISTENCE_MARGIN")
        story.report("health", kind, "HEAD", since=str(today() - timedelta(days=120)))
    finds_not(chronic, "MEDICAL_AID_MISSING")
    finds(missed, "MEDICAL_AID_MISSING", "46-3.2.1")
    missed.give("medical_insurance", "COST", "HEAD", {"medical": {"form": "INPATIENT_AID"}}, amount="800.00")
    ends(missed, "MEDICAL_AID_MISSING")


def test_46_2_2_a_household_whose_members_are_all_dead_and_still_certified(tell: Tell) -> None:
    empty, of_one = tell(head(70)), tell(head(70), parent(93))
    certified = empty.certify("SUBSISTENCE_ALLOWANCE")
    of_one.certify("SUBSISTENCE_ALLOWANCE")
    died = str(today().replace(day=1) - timedelta(days=3))
    empty.report("civil_affairs", "DEATH", "HEAD", since=died)
    of_one.report("civil_affairs", "DEATH", "PARENT", since=died)
    finds_not(of_one, "HOUSEHOLD_WITHOUT_MEMBERS")
    finds(empty, "HOUSEHOLD_WITHOUT_MEMBERS", "46-2.2")
    ending = {"id": certified["id"], "expectedVersion": 1, "because": "DECEASED", "endedOn": str(today())}
    empty.write(empty.office, TERMINATE, ending)
    ends(empty, "HOUSEHOLD_WITHOUT_MEMBERS")


def test_46_3_1_an_allowance_that_was_paid_after_the_10th(tell: Tell) -> None:
    late, in_time = tell(head(**EMPLOYED)), tell(head(**EMPLOYED))
    for story, day in ((late, 11), (in_time, 10)):
        story.certify("SUBSISTENCE_ALLOWANCE")
        window = story.entitled("SUBSISTENCE_ALLOWANCE")
        first = date.fromisoformat(window["windowFrom"])
        days = {"periodFrom": str(first), "periodUntil": window["windowUntil"], "decidedOn": str(first)}
        paid = {"basicLiving": {"form": "SUBSISTENCE_ALLOWANCE", "payee": "PERSON"}}
        story.give("civil_affairs", "ALLOWANCE", None, paid, **days, paidOn=str(first.replace(day=day)))
    finds_not(in_time, "ALLOWANCE_LATE")
    finds(late, "ALLOWANCE_LATE", "46-3.1")


BY_NO_REQUEST = {
    Finding.PERSON_IN_TWO_HOUSEHOLDS,  # a request is refused; monitoring finds only older data
    Finding.REFERRAL_OVERDUE,  # no request creates a referral that is overdue
    Finding.MONTHLY_SHARE_LATE,  # it belongs to no household (46-2.2): tests/journeys/test_shares.py
}


def test_every_finding_that_requests_bring_about_has_a_story() -> None:
    texts = "".join(file.read_text("utf-8") for file in sorted(Path(__file__).parent.glob("test_*.py")))
    assert {finding for finding in Finding if f'"{finding}"' not in texts} == BY_NO_REQUEST
