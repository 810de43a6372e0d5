"""An error of a field has its path (GraphQL spec 7.1.2), so that clients can distinguish forbidden or failed values from
empty ones."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from auth.departments import DEPARTMENTS
from tests.fixtures.served import Reply, Served
from tests.journeys.outcomes import RECORD_AID, grant_of_a_pupil
from tests.schema.entitling_facts import ENTITLING_FACTS
from tests.schema.test_leaks_by_failure import a_subject, broken

MOST_PATHS = 100
"""The contract: up to 100 paths of a selection, further ones are counted."""
EDUCATION, CIVIL_AFFAIRS, CHARITY = "education@410105", "civil_affairs@410105", "charity@410105"
CITY = "education@4101"
EXTENSIONS = {"code", "messageZh", "coordinate", "requiredScopes"}

ASKED = {
    "aliases": "{ h: households(first: 3) { n: nodes { code a: address address } } }",
    "list positions": "{ households(first: 4) { nodes { code members { name phone idNumber } } } }",
    "edges": "{ households(first: 3) { edges { node { incomePerCapita } } } }",
    "fragments": """{ households(first: 3) { nodes { ...f members { household { ...f } } } } }
                    fragment f on Household { code address }""",
    "the root": '{ viewer { agency { code } } person(idNumber: "110101199003070010") { name } }',
    "a short list below a page": "{ households(first: 3) { nodes { certifications { category } incomePerCapita } } }",
}


def at(data: Any, path: list[str | int]) -> Any:
    """The value at a path of a response."""
    for step in path:
        data = data[step]
    return data


def nulls(data: Any, *path: str | int) -> Iterator[list[str | int]]:
    """The path of every null in a response."""
    if data is None:
        yield list(path)
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from nulls(value, *path, key)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from nulls(value, *path, index)


def paths(reply: Reply) -> list[list[str | int]]:
    """The paths of the errors, in their order."""
    return [error["path"] for error in reply.body["errors"]]


@pytest.mark.parametrize("query", ASKED.values(), ids=ASKED)
def test_each_null_of_a_forbidden_field_has_an_error_with_its_path(hub: Served, query: str) -> None:
    forbidden = hub.ask(CHARITY if "person(" in query else EDUCATION, query)
    told = paths(forbidden)
    assert told
    assert len({json.dumps(path) for path in told}) == len(told), "no null is told twice"
    assert all(at(forbidden.body["data"], path) is None for path in told)
    everything = nulls(forbidden.body["data"])
    allowed = hub.ask(CIVIL_AFFAIRS, query).body["data"] if "person(" not in query else None
    for path in everything:
        assert path in told or (allowed is not None and at(allowed, path) is None), f"{path} is null untold"


def test_the_errors_of_a_field_stand_in_the_order_of_the_answer(hub: Served) -> None:
    told = paths(hub.ask(EDUCATION, "{ households(first: 5) { nodes { address } } }"))
    assert told == [["households", "nodes", index, "address"] for index in range(5)]


def test_a_field_that_a_caller_may_read_and_is_empty_has_no_error(hub: Served) -> None:
    query = "{ households(first: 200) { nodes { incomePerCapita members { phone } } } }"
    assert "errors" not in hub.ask(CIVIL_AFFAIRS, query).body
    assert any(nulls(hub.ask(CIVIL_AFFAIRS, query).body["data"]))


def test_on_an_interface_each_kind_has_its_own_error_and_kinds_that_are_open_have_none(hub: Served) -> None:
    query = """query ($k: [AidKind!]) { aidRecords(first: 60, filter: {kind: $k}) {
        nodes { __typename sum: amount ... on EducationAid { school: amount } } } }"""
    scopes = DEPARTMENTS["education"].scopes | ENTITLING_FACTS
    kinds = ["EDUCATION", "MEDICAL", "TEMPORARY"]
    reply = hub.ask("education@4101", query, {"k": kinds}, scopes=scopes)
    records = reply.body["data"]["aidRecords"]["nodes"]
    closed = [
        (["aidRecords", "nodes", place, "sum"], f"{record['__typename']}.amount")
        for place, record in enumerate(records)
        if record["__typename"] != "EducationAid"
    ]
    told = [(error["path"], error["extensions"]["coordinate"]) for error in reply.body["errors"]]
    assert {kind for _, kind in closed} == {"MedicalAid.amount", "TemporaryAid.amount"}
    assert sorted(told, key=str) == sorted(closed, key=str)


def test_beyond_a_hundred_nulls_of_a_field_the_rest_are_counted(hub: Served) -> None:
    query = "query ($n: Int!) { households(first: $n) { nodes { address } } }"
    exactly = hub.ask(CITY, query, {"n": MOST_PATHS})
    assert (len(paths(exactly)), exactly.codes.count("FORBIDDEN_FIELD")) == (100, 100)
    more = hub.ask(CITY, query, {"n": MOST_PATHS + 23})
    *listed, counted = more.body["errors"]
    assert [error["path"] for error in listed] == paths(exactly)
    assert "path" not in counted
    assert (counted["extensions"]["code"], counted["extensions"]["furtherPlaces"]) == ("FORBIDDEN_FIELD", 23)
    assert "23" in counted["message"]
    assert "23" in counted["extensions"]["messageZh"]
    one_more = hub.ask(CITY, query, {"n": MOST_PATHS + 1}).body["errors"][-1]
    assert one_more["extensions"]["furtherPlaces"] == 1


def test_each_field_of_the_document_has_its_own_hundred(hub: Served) -> None:
    reply = hub.ask(CITY, "{ households(first: 110) { nodes { a: address address } } }")
    told = [error.get("path", [None])[-1] for error in reply.body["errors"]]
    assert told == ["a"] * 100 + [None] + ["address"] * 100 + [None]


def test_a_field_that_is_forbidden_and_null_nowhere_is_told_once_without_a_path(hub: Served) -> None:
    reply = hub.ask(EDUCATION, '{ household(code: "NO-SUCH") { code address } }')
    assert reply.body["data"] == {"household": None}
    (error,) = reply.body["errors"]
    assert (error["extensions"]["coordinate"], "path" in error) == ("Household.address", False)


def test_the_error_names_the_scopes_and_where_the_document_asks(hub: Served) -> None:
    (error,) = hub.ask(EDUCATION, "{ households(first: 1) { nodes { address } } }").body["errors"]
    assert error["locations"] == [{"line": 1, "column": 34}]
    assert set(error["extensions"]) == EXTENSIONS
    assert error["extensions"]["requiredScopes"] == [["household.address:read"]]


def test_what_a_mutation_is_asked_of_its_object_has_paths_too(writable_hub: Served) -> None:
    subject = a_subject(writable_hub)
    asked = RECORD_AID.replace("aidRecord {", "aidRecord { household { address h: incomePerCapita }", 1)
    assert asked != RECORD_AID
    reply = writable_hub.ask(EDUCATION, asked, {"input": grant_of_a_pupil({"personId": subject.person_id})})
    assert paths(reply) == [["recordAid", "aidRecord", "household", key] for key in ("address", "h")]
    assert reply.body["data"]["recordAid"]["errors"] == []


def test_a_mutation_that_is_forbidden_has_the_path_of_its_payload(writable_hub: Served) -> None:
    asked = """mutation ($input: CertifyInput!) { one: certify(input: $input) { errors { code } }
               two: certify(input: $input) { errors { code } } }"""
    given = {
        "externalId": "E-1",
        "category": "SUBSISTENCE_ALLOWANCE",
        "validFrom": "2026-01-01",
        "subject": {"householdId": "x"},
    }
    reply = writable_hub.ask("audit@4101", asked, {"input": given})
    assert reply.status == 200, reply.body
    assert paths(reply) == [["one"], ["two"]]
    assert reply.body["data"] == {"one": None, "two": None}


def test_a_read_that_fails_as_a_whole_tells_it_at_each_root_field_under_one_incident(
    writable_hub: Served,
) -> None:
    with broken(writable_hub, "revoke select on household from hub_reader") as owner:
        owner.commit()
        several = """{ __typename a: household(code: "1") { code } b: household(code: "2") { code } }"""
        both = writable_hub.ask(EDUCATION, several)
        listed = writable_hub.ask(EDUCATION, "{ households(first: 1) { nodes { code } } }")
    assert both.body["data"] == {"__typename": "Query", "a": None, "b": None}
    assert paths(both) == [["a"], ["b"]]
    assert both.codes == ["INTERNAL"] * 2
    assert len({error["extensions"]["incident"] for error in both.body["errors"]}) == 1
    assert (listed.body["data"], paths(listed)) == ({"households": None}, [["households"]])


def test_forbidden_fields_are_still_told_beside_a_failure(writable_hub: Served) -> None:
    with broken(writable_hub, "revoke select on household from hub_reader") as owner:
        owner.commit()
        reply = writable_hub.ask(EDUCATION, '{ household(code: "1") { code address } }')
    assert sorted(reply.codes) == ["FORBIDDEN_FIELD", "INTERNAL"]


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ('households(filter: {region: "410199"}) { totalCount }', ["filter", "region"]),
        ('aidRecords(filter: {agency: "nobody@410105"}) { totalCount }', ["filter", "agency"]),
    ],
)
def test_a_code_that_nothing_has_is_refused_at_the_field_that_names_it(
    hub: Served, asked: str, place: list[str]
) -> None:
    reply = hub.ask(CITY, f'{{ a: households(filter: {{region: "410105"}}) {{ totalCount }} b: {asked} }}')
    (error,) = reply.body["errors"]
    assert (error["path"], error["extensions"]["path"], len(error["locations"])) == (["b"], place, 1)


def test_forbidden_fields_are_paid_for_by_their_nulls(hub: Served) -> None:
    many = " ".join(f"a{number}: phone" for number in range(90))
    refused = hub.ask(EDUCATION, f"{{ households(first: 1000) {{ nodes {{ members {{ {many} }} }} }} }}")
    assert (refused.codes, "data" in refused.body) == (["TOO_COSTLY"], False)
    plain = hub.ask(EDUCATION, "{ households(first: 10) { nodes { code } } }").body["extensions"]["cost"]
    one = hub.ask(EDUCATION, "{ households(first: 10) { nodes { code address } } }").body["extensions"][
        "cost"
    ]
    assert one == plain + 10
