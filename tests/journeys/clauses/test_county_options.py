"""46-3.5, 鼓励有条件的: civil affairs of a county records what the county extends to which category. An entitlement rests on
that record, never on a guess."""

from datetime import timedelta
from typing import Any

from hub.foundation.calendar import today
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import EMPLOYED, head
from tests.journeys.clauses.story import CITY, Story, long_ago

RECORD = """mutation ($input: RecordCountyOptionInput!) { recordCountyOption(input: $input) {
  option { id version policyBasis county { code } agency { code } } errors { code message messageZh path } } }"""
END = """mutation ($input: EndCountyOptionInput!) { endCountyOption(input: $input) {
  option { id endedOn endReason } errors { code message messageZh path } } }"""
OPTIONS = """query ($filter: CountyOptionFilter) { countyOptions(filter: $filter, first: 10) { nodes {
  county { code } item category since document endedOn } } }"""
LINES = """query ($id: ID!) { node(id: $id) { ... on Household { entitlements { rule toCheck status } } } }"""
FEDERATION = "disabled_federation"


def option(story: Story, category: str = "SUBSISTENCE_MARGIN", **changes: Any) -> dict[str, Any]:
    """The living subsidy of the disabled, extended to a category."""
    return {
        "externalId": f"{story.code}-{category}",
        "item": "DISABILITY_LIVING",
        "category": category,
        "since": str(long_ago()),
        "document": "区民政〔2024〕9号",
    } | changes


def line(story: Story, rule: str) -> Any:
    """The entitlement of a rule as the county's disabled persons' federation reads it; None if there is none."""
    asked = story.hub.ask(story.at(FEDERATION), LINES, {"id": story.household}).body["data"]["node"]
    return next((one for one in asked["entitlements"] if one["rule"] == rule), None)


def test_46_3_5_whether_the_county_extended_it_is_asked_until_the_county_says_so(tell: Tell) -> None:
    story = tell(head(40, disabilityType="PHYSICAL", disabilityGrade=3, **EMPLOYED))
    story.certify("SUBSISTENCE_MARGIN")
    asked = "DISABILITY_LIVING_OF_MARGIN"
    assert line(story, asked)["toCheck"] == "本区县(市)是否已将该项延伸至低保边缘家庭成员"
    story.monitor("DISABILITY_ALLOWANCE_MISSING")
    assert "DISABILITY_ALLOWANCE_MISSING" not in story.alerts(), "what is only asked is not overdue"
    for stranger in (story.office, CITY):
        assert story.refused(stranger, RECORD, option(story))[0] == "NOT_YOUR_COUNTY"
    assert story.refused(FEDERATION, RECORD, option(story)) == (
        "FORBIDDEN_FIELD",
        "Mutation.recordCountyOption",
    )
    made = story.write("civil_affairs", RECORD, option(story))["option"]
    assert (made["policyBasis"], made["county"]["code"]) == ("46-3.5", story.county)
    assert line(story, asked) == {"rule": asked, "toCheck": None, "status": "MISSING"}
    story.monitor("DISABILITY_ALLOWANCE_MISSING")
    assert story.alerts()["DISABILITY_ALLOWANCE_MISSING"]["policyBasis"] == "46-3.5"
    twice = option(story, externalId="AGAIN", since=str(today()))
    assert story.refused("civil_affairs", RECORD, twice) == ("ALREADY_EXTENDED", "since")
    published = story.hub.ask(story.at("charity"), OPTIONS, {"filter": {"region": story.township}}).data[
        "countyOptions"
    ]["nodes"]
    assert [(one["item"], one["category"], one["document"]) for one in published] == [
        ("DISABILITY_LIVING", "SUBSISTENCE_MARGIN", "区民政〔2024〕9号")
    ], "a county publishes what it extends"
    ending = {"id": made["id"], "expectedVersion": 1, "endedOn": str(today()), "reason": "改由市级统一实施"}
    assert story.refused("civil_affairs@410103", END, ending) == ("NOT_YOUR_COUNTY", "id")
    assert story.write("civil_affairs", END, ending)["option"]["endedOn"] == str(today())
    assert line(story, asked)["toCheck"] is not None


def test_46_3_5_another_county_s_option_and_one_that_lies_ahead_extend_nothing_here(tell: Tell) -> None:
    story = tell(head(40, disabilityType="PHYSICAL", disabilityGrade=3, **EMPLOYED), township="410181001")
    story.certify("OTHER_HARDSHIP", by="civil_affairs")
    rule = "DISABILITY_LIVING_OF_OTHERS"
    assert line(story, rule) is None, "the policy itself entitles nobody to an extension"
    story.write("civil_affairs@410182", RECORD, option(story, "OTHER_HARDSHIP"))
    assert line(story, rule) is None
    made = story.write(
        "civil_affairs", RECORD, option(story, "OTHER_HARDSHIP", since=str(today() + timedelta(days=1)))
    )
    assert line(story, rule) is None
    refused = {
        "id": made["option"]["id"],
        "expectedVersion": 1,
        "endedOn": str(today()),
        "reason": "尚未实施",
    }
    assert story.refused("civil_affairs", END, refused) == ("INVALID_INPUT", "endedOn")
    story.write("civil_affairs", RECORD, option(story, "RIGID_EXPENDITURE", item="BARRIER_FREE"))
    assert line(story, rule) is None
    other = tell(head(40, disabilityType="PHYSICAL", disabilityGrade=3, **EMPLOYED), township="410182001")
    other.certify("OTHER_HARDSHIP", by="civil_affairs")
    assert line(other, rule) == {"rule": rule, "toCheck": None, "status": "MISSING"}


def test_46_3_5_only_what_the_sentence_names_is_extended_and_only_to_whom_it_leaves_open(tell: Tell) -> None:
    story = tell(head(40))
    with story.nothing_written():
        assert story.refused("civil_affairs", RECORD, option(story, item="HEATING")) == (
            "INVALID_INPUT",
            "item",
        )
        assert story.refused("civil_affairs", RECORD, option(story, "SUBSISTENCE_ALLOWANCE")) == (
            "INVALID_INPUT",
            "category",
        )
