"""The filters that an auditor uses on access records: household, person, client, time, field, number and outcome."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody

CITY, DISTRICT = "audit@4101", "audit@410105"
ASK = """
query ($filter: AccessRecordFilter) { accessRecords(filter: $filter, first: 100) { totalCount nodes {
  id at operationName outcome households(first: 10) { nodes { id } } people(first: 50) { nodes { id } }
} } }
"""
OF_HOUSEHOLD = "query Household($code: String!) { household(code: $code) { address } }"
OF_MEMBERS = "query Members($code: String!) { household(code: $code) { members { name } } }"
OF_PERSON = "query Person($id: ID!) { node(id: $id) { ... on Person { name } } }"
BY_NUMBER = "query Number($n: String!) { person(idNumber: $n) { name } }"
MEMBERS = "query ($code: String!) { household(code: $code) { id members { id } } }"
NOBODY = "410105199001010011"
"""A number that no person has."""


def asked(served: Served, auditor: str = CITY, **filter: Any) -> list[Mapping[str, Any]]:
    """The access records that match a filter, the newest first, without those of auditors."""
    page = served.ask(auditor, ASK, {"filter": filter}).data["accessRecords"]
    return [node for node in page["nodes"] if node["operationName"]]


def names(records: list[Mapping[str, Any]]) -> list[str]:
    """The names of operations, the oldest first."""
    return [one["operationName"] for one in reversed(records)]


@pytest.fixture
def family(writable_hub: Served, of_jinshui: list[Somebody]) -> tuple[str, str, list[str]]:
    """A household with several members: its code, its id, its members' ids."""
    for one in of_jinshui:
        found = writable_hub.ask(CITY, MEMBERS, {"code": one.household_code}).data["household"]
        if len(found["members"]) > 1:
            return one.household_code, found["id"], [member["id"] for member in found["members"]]
    raise AssertionError("the sample has a household of several in 410105")


def test_who_looked_at_a_household_and_at_which_of_its_members(
    writable_hub: Served, family: tuple[str, str, list[str]]
) -> None:
    code, household, (mother, son, *_) = family
    civil_affairs = "civil_affairs@410105"
    writable_hub.ask(civil_affairs, OF_HOUSEHOLD, {"code": code})
    writable_hub.ask(civil_affairs, OF_PERSON, {"id": son})
    writable_hub.ask(civil_affairs, OF_MEMBERS, {"code": code})

    assert names(asked(writable_hub, household=household)) == ["Household", "Person", "Members"]
    assert names(asked(writable_hub, subject=mother)) == ["Members"]
    assert names(asked(writable_hub, subject=son)) == ["Person", "Members"]

    of_members, of_son, of_household = asked(writable_hub, household=household)
    assert {one["id"] for one in of_members["people"]["nodes"]} >= {mother, son}
    assert [one["id"] for one in of_son["people"]["nodes"]] == [son]
    assert of_household["people"]["nodes"] == []
    assert [one["id"] for one in of_son["households"]["nodes"]] == [household]

    again = (
        "query ($id: ID!) { node(id: $id) { ... on Person { accessRecords { nodes { operationName } } } } }"
    )
    of_mother = writable_hub.ask(CITY, again, {"id": mother}).data["node"]["accessRecords"]["nodes"]
    assert [one["operationName"] for one in of_mother if one["operationName"]] == ["Members"]


def test_each_part_of_a_question_narrows_it(writable_hub: Served, of_jinshui: list[Somebody]) -> None:
    code = of_jinshui[0].household_code
    writable_hub.ask("education@410105", OF_HOUSEHOLD, {"code": code})
    writable_hub.ask(
        "civil_affairs@410105", OF_MEMBERS, {"code": code}, headers={"hub-purpose": "monitoring"}
    )
    writable_hub.ask("civil_affairs@410105", "query Many { households(first: 7) { nodes { code } } }")
    writable_hub.ask(
        "education@410105",
        "query Filtered { households(filter: {incomePerCapita: {lte: 1}}) { totalCount } }",
    )

    def found(**filter: Any) -> list[str]:
        return names(asked(writable_hub, **filter))

    assert found(agency="education@410105") == ["Household", "Filtered"]
    assert found(client="test-civil_affairs@410105") == ["Members", "Many"]
    assert found(purpose="monitoring") == ["Members"]
    assert found(coordinate="Household.address") == ["Household"]  # requested, and refused
    assert found(coordinate="Person.name") == ["Members"]
    assert found(outcome=["REFUSED"]) == found(code="FORBIDDEN_FILTER") == ["Filtered"]
    assert found(operation="Many") == found(minRows=7) == ["Many"]
    assert found(person="张三") == []
    assert found(agency="education@410105", coordinate="Person.name") == []
    at = datetime.fromisoformat(asked(writable_hub, operation="Many")[0]["at"])
    just_after = (at + timedelta(microseconds=1)).isoformat()
    assert found(operation="Many", **{"from": at.isoformat(), "until": just_after}) == ["Many"]
    assert found(**{"from": just_after}) == ["Filtered"]
    assert found(until=at.isoformat())[-1] == "Members"


def test_a_search_by_number_is_recorded_found_or_not_and_can_be_asked_for(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody = of_jinshui[0]
    for number in (somebody.id_number, NOBODY):
        writable_hub.ask("civil_affairs@410105", BY_NUMBER, {"n": number})
    query = '{ accessRecords(filter: {operation: "Number"}) { nodes { rows numbersNamed } } }'
    of_nobody, of_somebody = writable_hub.ask(CITY, query).data["accessRecords"]["nodes"]
    assert (of_somebody["rows"], of_nobody["rows"]) == (1, 0)
    (digest,), (other,) = of_somebody["numbersNamed"], of_nobody["numbersNamed"]
    assert len(asked(writable_hub, number=digest)) == len(asked(writable_hub, number=other)) == 1
    searches = "query ($id: ID!) { node(id: $id) { ... on Person { searches { nodes { operationName } } } } }"
    found = writable_hub.ask(CITY, searches, {"id": somebody.person_id}).data["node"]["searches"]["nodes"]
    assert [one["operationName"] for one in found] == ["Number"]


def test_the_record_has_the_document_without_its_texts_and_the_variables_without_their_values(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    number = of_jinshui[0].id_number
    written = f'query Written {{ person(idNumber: "{number}") {{ name }} }}'
    filtered = (
        "query Filtered($f: HouseholdFilter, $n: Int) { households(filter: $f, first: $n) { totalCount } }"
    )
    given = {"f": {"region": "410105", "category": ["SUBSISTENCE_ALLOWANCE", "EXTREME_HARDSHIP"]}, "n": 1}
    for query, variables in ((written, {}), (written, {}), (filtered, given)):
        writable_hub.ask("civil_affairs@410105", query, variables)
    query = "{ accessRecords(first: 3) { nodes { variables document } } }"
    latest, *of_number = writable_hub.ask(CITY, query).data["accessRecords"]["nodes"]
    assert latest["variables"] == ["f.region", "f.category[2]", "n"]
    assert [one["variables"] for one in of_number] == [[], []]
    assert {one["document"] for one in of_number} == {
        'query Written {\n  person(idNumber: "…") {\n    name\n  }\n}'
    }
    digits = f"%{number}%"
    assert writable_hub.rows("select count(*) from operation_text where document like %s", digits) == [(0,)]


def test_an_auditor_learns_nothing_of_households_out_of_sight_by_asking(
    writable_hub: Served, of_erqi: list[Somebody]
) -> None:
    """A county's auditor sees the requests of the county's agencies, and of households only those of the county."""
    elsewhere = of_erqi[0]
    ask = "query Both { households(first: 1000) { nodes { code } } }"
    writable_hub.ask("education@410105", ask)
    writable_hub.ask("civil_affairs@4101", OF_HOUSEHOLD, {"code": elsewhere.household_code})
    assert asked(writable_hub, DISTRICT, household=elsewhere.household_id) == []
    assert asked(writable_hub, DISTRICT, subject=elsewhere.person_id) == []
    assert len(asked(writable_hub, household=elsewhere.household_id)) == 1
    assert names(asked(writable_hub, DISTRICT)) == ["Both"]


def test_a_question_about_no_household_of_the_hub_is_refused_with_its_place(hub: Served) -> None:
    for name in ("household", "subject"):
        reply = hub.ask(CITY, ASK, {"filter": {name: "nonsense"}})
        assert reply.codes == ["INVALID_ID"]
    reply = hub.ask(CITY, ASK, {"filter": {"number": "12"}})
    assert reply.codes == ["INVALID_INPUT"]
