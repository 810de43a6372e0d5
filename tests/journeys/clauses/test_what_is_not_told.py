"""46-4.2, 46-2.1: a hidden fact is unknown, not false. The hub does not report data as absent because a department may not
read it."""

from typing import Any

from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import child, head, spouse
from tests.journeys.clauses.story import CITY, Story

LISTED = """query ($id: ID!) { node(id: $id) { ... on Household { entitlementsWithheld
  members { id entitlementsWithheld } entitlements { rule status withheld person { id } } } } }"""
ALERTS = "query ($id: ID!) { node(id: $id) { ... on Household { alertsWithheld alerts { totalCount } } } }"
VISITS = "{ visitList(first: 100) { nodes { rank reasons reasonsWithheld household { id } } } }"
WITHHELD = "{ viewer { withheld { entitlements alerts visitReasons } } }"
DEATHS = "circumstance.civil_affairs:read"


def read(story: Story, agency: str, but: frozenset[Scope] = frozenset()) -> Any:
    """The family's entitlements as a department reads them."""
    department = agency.partition("@")[0]
    scopes = DEPARTMENTS[department].scopes - but
    return story.hub.ask(story.at(agency), LISTED, {"id": story.household}, scopes=scopes).body["data"][
        "node"
    ]


def lines(listed: Any, of: str | None) -> dict[str, Any]:
    """The entitlements of a member, or of the household, by rule."""
    return {
        one["rule"]: one for one in listed["entitlements"] if (one["person"] and one["person"]["id"]) == of
    }


def test_46_2_2_a_department_that_reads_no_deaths_is_told_that_its_lines_rest_on_them(tell: Tell) -> None:
    story = tell(head(), spouse(), child(educationStage="PRIMARY"))
    story.certify("SUBSISTENCE_ALLOWANCE")
    of_child = story.persons["CHILD"]
    whole = read(story, CITY)
    assert whole["entitlementsWithheld"] == []
    assert {tuple(one["withheld"]) for one in whole["entitlements"]} == {()}
    story.report("civil_affairs", "DEATH", "CHILD")
    assert "EDUCATION_AID" not in lines(read(story, CITY), of_child), "the dead are entitled to nothing"
    listed = read(story, "education")
    line = lines(listed, of_child)["EDUCATION_AID"]
    assert line["withheld"] == [DEATHS], "a death may be known to those who read them"
    assert "EDUCATION_AID" not in listed["entitlementsWithheld"]
    assert {"MEDICAL_COST_AID", "FUNERAL_FEES", "CARE_OF_DISABLED"} <= set(listed["entitlementsWithheld"])


def test_46_2_1_a_need_that_was_pushed_is_not_missing_to_who_reads_no_referrals(tell: Tell) -> None:
    story = tell(head(), spouse(), child(educationStage="PRIMARY"))
    story.certify("SUBSISTENCE_ALLOWANCE")
    story.refer("EDUCATION", "CHILD", "education")
    of_child = story.persons["CHILD"]
    assert lines(read(story, "education"), of_child)["EDUCATION_AID"]["status"] == "REFERRED"
    blind = read(story, "education", frozenset({Scope.REFERRAL_READ}))
    assert lines(blind, of_child)["EDUCATION_AID"]["status"] is None
    asked = "{ households(filter: {missing: [EDUCATION]}) { totalCount } }"
    scopes = DEPARTMENTS["education"].scopes - {Scope.REFERRAL_READ}
    refused = story.hub.ask(story.at("education"), asked, {}, scopes=scopes).body
    assert "data" not in refused, "no count is told of what is unknown"
    assert "referral:read" in str(refused["errors"])


def test_46_2_3_lists_of_alerts_and_of_visits_say_what_they_leave_out(tell: Tell) -> None:
    story = tell(head(health="SERIOUS"), spouse())
    closed = frozenset(
        {Scope.PERSON_HEALTH_READ, Scope.CIRCUMSTANCE_EDUCATION_READ, Scope.CIRCUMSTANCE_HEALTH_READ}
    )
    scopes = DEPARTMENTS["civil_affairs"].scopes

    def asked(query: str, but: frozenset[Scope] = frozenset()) -> Any:
        variables = {"id": story.household} if "$id" in query else {}
        return story.hub.ask(story.office, query, variables, scopes=scopes - but).body["data"]

    whole, less = (asked(WITHHELD, but)["viewer"]["withheld"] for but in (frozenset(), closed))
    assert whole == {"entitlements": [], "alerts": [], "visitReasons": []}
    assert "STUDENT_WITHOUT_AID" in less["alerts"]
    assert less["visitReasons"] == ["ILLNESS"]
    assert {"EDUCATION_AID", "MEDICAL_COST_AID"} <= set(less["entitlements"]), "of a list that is empty too"
    assert asked(ALERTS)["node"]["alertsWithheld"] == []
    assert "STUDENT_WITHOUT_AID" in asked(ALERTS, closed)["node"]["alertsWithheld"]
    (ours,) = [
        one for one in asked(VISITS)["visitList"]["nodes"] if one["household"]["id"] == story.household
    ]
    assert (ours["reasons"], ours["reasonsWithheld"]) == (["ILLNESS"], [])
    assert isinstance(ours["rank"], int)
    others = asked(VISITS, closed)["visitList"]["nodes"]
    assert story.household not in [one["household"]["id"] for one in others]
    assert {(one["rank"], *one["reasonsWithheld"]) for one in others} <= {(None, "ILLNESS")}
