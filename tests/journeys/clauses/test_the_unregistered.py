"""46-3.3, 取消户籍地、居住地申请限制: people without papers or from another place are helped where they are. The same command
registers them; the papers follow."""

from typing import Any

import pytest

from hub.foundation.calendar import today
from tests.fixtures.served import Served
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import head, number_of
from tests.journeys.clauses.story import CITY
from tests.journeys.outcomes import RECORD_AID
from tests.journeys.test_provenance import UPSERT
from tests.journeys.test_urgent_aid import SUPPLY

STREET = "civil_affairs@410105001"
URGENT = """mutation ($input: RecordUrgentAidInput!) { recordUrgentAid(input: $input) { errors { code path }
  aidRecord { id version amount outcome policyBasis agency { code } person { name } ... on TemporaryAid { papersDueOn }
    household { id code region { code } members { name relation }
      chain { verified { whole } events(first: 10) { nodes { type policyBasis } } } } } } }"""


def given(number: str, person: dict[str, str], region: str = "410105001", **changes: Any) -> dict[str, Any]:
    """Urgent aid that was paid first."""
    return {
        "externalId": number,
        "person": person,
        "program": "临时救助",
        "periodFrom": str(today()),
        "periodUntil": str(today()),
        "status": "PAID",
        "decidedOn": str(today()),
        "paidOn": str(today()),
        "amount": "800.00",
        "detail": {"form": "PAY_FIRST", "trouble": "出租屋火灾", "happenedAtRegion": region},
    } | changes


def ask(hub: Served, agency: str, asked: dict[str, Any]) -> Any:
    """The payload of the command."""
    return hub.ask(agency, URGENT, {"input": asked}).data["recordUrgentAid"]


def test_46_3_3_a_person_of_another_place_is_registered_where_the_trouble_happened_with_the_aid_itself(
    writable_hub: Served,
) -> None:
    who = {"idNumber": number_of(head(38), 9901), "name": "周远"}
    payload = ask(writable_hub, STREET, given("JN-1", who))
    assert payload["errors"] == []
    record = payload["aidRecord"]
    household = record["household"]
    assert (record["policyBasis"], record["person"]) == ("46-3.3", {"name": "周远"})
    assert record["papersDueOn"] > str(today()), "the papers come later"
    assert (household["region"], household["members"]) == (
        {"code": "410105001"},
        [{"name": "周远", "relation": "HEAD"}],
    )
    assert household["chain"]["verified"]["whole"]
    assert [(one["type"], one["policyBasis"]) for one in household["chain"]["events"]["nodes"]] == [
        ("HOUSEHOLD_REGISTERED", "46-2.2"),
        ("AID_RECORDED", "46-3.3"),
    ]
    before = writable_hub.everything_written()
    assert ask(writable_hub, STREET, given("JN-1", who)) == payload
    assert writable_hub.everything_written() == before
    again = ask(writable_hub, "civil_affairs@410103001", given("JN-2", who, "410103001", amount="300.00"))
    assert again["errors"] == [], "who is registered is helped anywhere, and registered once"
    assert writable_hub.rows("select count(*) from person where name = '周远'") == [(1,)]


def test_46_3_3_without_papers_nothing_is_written_down_as_known_and_the_member_is_registered_when_they_come(
    writable_hub: Served,
) -> None:
    payload = ask(writable_hub, STREET, given("JN-3", {"knownAs": "自称老陈,约六十岁"}))
    assert payload["errors"] == []
    record = payload["aidRecord"]
    household = record["household"]
    assert (record["person"], household["members"]) == (None, [])
    assert "自称老陈,约六十岁" in record["outcome"]
    assert [(one["type"], one["policyBasis"]) for one in household["chain"]["events"]["nodes"]] == [
        ("HOUSEHOLD_REGISTERED", "46-3.3"),
        ("AID_RECORDED", "46-3.3"),
    ]
    before = writable_hub.everything_written()
    assert ask(writable_hub, STREET, given("JN-3", {"knownAs": "自称老陈,约六十岁"})) == payload
    assert writable_hub.everything_written() == before
    member = {"idNumber": number_of(head(61), 9902), "name": "陈大有", "relation": "HEAD"}
    registered = {"households": [{"code": household["code"], "members": [member]}]}
    (outcome,) = writable_hub.ask(STREET, UPSERT, {"input": registered}).data["upsertHouseholds"]["outcomes"]
    assert (outcome["errors"], outcome["changed"]) == ([], True)
    supplied = {"id": record["id"], "expectedVersion": 1, "suppliedOn": str(today())}
    assert writable_hub.ask(STREET, SUPPLY, {"input": supplied}).data["supplyPapers"]["errors"] == []
    members = "query ($id: ID!) { node(id: $id) { ... on Household { members { name } aidRecords { totalCount } } } }"
    assert writable_hub.ask(CITY, members, {"id": household["id"]}).data["node"] == {
        "members": [{"name": "陈大有"}],
        "aidRecords": {"totalCount": 1},
    }


@pytest.mark.parametrize(
    ("changes", "code", "at"),
    [
        ({"person": {}}, "INVALID_INPUT", "knownAs"),
        ({"person": {"idNumber": "x", "name": "y", "knownAs": "z"}}, "INVALID_INPUT", "knownAs"),
        ({"person": {"name": "y"}}, "INVALID_INPUT", "idNumber"),
        ({"amount": "99999.00"}, "PAY_FIRST_LIMIT_EXCEEDED", "amount"),
        ({"detail": {"form": "PAY_FIRST", "trouble": "火灾", "happenedAtRegion": "410103001"}}, "REGION_OUTSIDE_JURISDICTION",
         "happenedAtRegion"),
        ({"detail": {"form": "EXPENDITURE_TYPE", "trouble": "大病", "happenedAtRegion": "410105001"}}, "INVALID_INPUT", "form"),
    ],
)  # fmt: skip
def test_46_3_3_where_the_aid_is_refused_nobody_is_registered(
    hub: Served, changes: dict[str, Any], code: str, at: str
) -> None:
    before = hub.everything_written()
    asked = given("JN-4", {"knownAs": "无名氏"}) | changes
    payload = ask(hub, STREET, asked)
    assert [(error["code"], error["path"][-1]) for error in payload["errors"]] == [(code, at)]
    assert hub.everything_written() == before


def test_46_3_3_who_is_registered_is_helped_as_a_member_of_the_household(tell: Tell) -> None:
    story = tell(head(50))
    who = {"idNumber": story.numbers["HEAD"], "name": head(50).name}
    record = ask(story.hub, story.office, given("JN-5", who))["aidRecord"]
    assert record["household"]["id"] == story.household
    other = story.aid("JN-6", "HEAD", {"temporary": given("x", {})["detail"]}, amount="100.00")
    assert story.write(story.office, RECORD_AID, other)["aidRecord"]["id"] != record["id"]


AMEND = """mutation ($input: AmendAidInput!) { amendAid(input: $input) { errors { code path message }
  aidRecord { version amount outcome } } }"""


def test_who_has_no_papers_is_helped_with_words_as_long_as_anybody_and_the_aid_can_be_amended_since(
    writable_hub: Served,
) -> None:
    words, known = "长" * 1000, "知" * 200
    asked = given("JN-9", {"knownAs": known}, outcome=words)
    refused = ask(writable_hub, STREET, asked | {"outcome": words + "长"})
    assert [(one["code"], one["path"]) for one in refused["errors"]] == [
        ("INVALID_INPUT", ["input", "outcome"])
    ]
    record = ask(writable_hub, STREET, asked)["aidRecord"]
    assert record["outcome"] == f"{words}\n无证件人员:{known}"
    amended = {"id": record["id"], "expectedVersion": 1, "reason": "金额有误", "amount": "700.00"}

    def amend(**changes: Any) -> Any:
        return writable_hub.ask(STREET, AMEND, {"input": amended | changes}).data["amendAid"]

    (error,) = amend(outcome=words + "长")["errors"]
    assert (error["path"], "1000" in error["message"]) == (["input", "outcome"], True)
    assert amend() == {
        "errors": [],
        "aidRecord": {"version": 2, "amount": "700.00", "outcome": record["outcome"]},
    }
    assert amend(expectedVersion=2, outcome=words)["aidRecord"]["outcome"] == words
