"""46-2.1, 避免 … 重复救助: agencies may use several names for one programme, and the hub treats them as one. Other names stay
free text."""

from typing import Any

from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import child, head
from tests.journeys.clauses.story import CITY, Story
from tests.journeys.outcomes import RECORD_AID
from tests.journeys.overlaps import schooling

PROGRAMMES = """query ($id: ID!) { node(id: $id) { ... on Household { aidRecords(first: 50) { nodes {
  program programme } } } } }"""
TWO = """mutation ($input: RecordAidsInput!) { recordAids(input: $input) { outcomes { errors { code } warnings { code } } } }"""


def give(story: Story, agency: str, program: str, detail: Any = None, **changes: Any) -> list[str]:
    """An agency gives the child aid under its own name of the programme; returns the codes of its warnings about duplicates."""
    given = story.aid(program, "CHILD", detail or schooling("GRANT"), program=program, **changes)
    payload = story.write(agency, RECORD_AID, given)
    return [one["code"] for one in payload["warnings"] if one["code"] in ("DUPLICATE_AID", "TOPPING_UP")]


def test_46_2_1_the_districts_grant_and_the_national_grant_of_the_city_are_one_programme(tell: Tell) -> None:
    story = tell(head(), child(20, educationStage="COLLEGE"))
    assert give(story, "education", "助学金") == []
    assert give(story, "education@4101", "国家助学金") == ["DUPLICATE_AID"]
    assert give(story, "education@4101", "区级奖学金") == [], "free text is a programme of its own"
    assert give(story, "education@4101", "国家助学贷款", schooling("LOAN")) == [], (
        "another form stands beside it"
    )
    found = story.hub.ask(CITY, PROGRAMMES, {"id": story.household}).data["node"]["aidRecords"]["nodes"]
    assert {(one["program"], one["programme"]) for one in found} == {
        ("助学金", "NATIONAL_GRANT"),
        ("国家助学金", "NATIONAL_GRANT"),
        ("区级奖学金", None),
        ("国家助学贷款", "STUDENT_LOAN"),
    }


def test_46_2_1_monitoring_sees_one_programme_under_two_names_in_what_was_kept_in_one_batch(
    tell: Tell,
) -> None:
    story = tell(head(), child(20, educationStage="COLLEGE"))
    batch = [
        story.aid(name, "CHILD", schooling("GRANT"), program=name)
        for name in ("高校国家助学金", "高等教育国家助学金")
    ]
    first, second = story.hub.ask(story.at("education"), TWO, {"input": {"outcomes": batch}}).data[
        "recordAids"
    ]["outcomes"]
    assert (first["errors"], second["errors"]) == ([], [])
    assert [one["code"] for one in second["warnings"]] == ["DUPLICATE_AID"]
    story.monitor("DUPLICATE_AID")
    assert story.alerts()["DUPLICATE_AID"]["policyBasis"] == "46-2.1"


def test_46_2_1_charity_under_a_name_of_the_catalogue_stands_beside_the_states(tell: Tell) -> None:
    story = tell(head(), child(20, educationStage="COLLEGE"))
    give(story, "education", "国家助学金")
    donated = {"charity": {"form": "DONATION", "organisation": "郑州慈善总会"}}
    assert "DUPLICATE_AID" not in give(story, "charity", "助学金", donated)
