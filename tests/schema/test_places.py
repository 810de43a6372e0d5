"""An error in an argument of a read names its place: the field, and the path in its arguments."""

from typing import Any

import pytest

from tests.fixtures.served import Served

CASES: list[tuple[str, dict[str, Any], str, list[str], list[str] | None]] = [
    ("{ households(first: 1001) { totalCount } }", {}, "INVALID_PAGE", ["first"], ["households"]),
    ("{ households(last: -1) { totalCount } }", {}, "INVALID_PAGE", ["last"], ["households"]),
    ("{ all: households(first: 1, last: 1) { nodes { code } } }", {}, "INVALID_PAGE", ["last"], ["all"]),
    ("{ households(first: 1, before: \"x\") { nodes { code } } }", {}, "INVALID_PAGE", ["before"], ["households"]),
    ("{ households(last: 1, after: \"x\") { nodes { code } } }", {}, "INVALID_PAGE", ["after"], ["households"]),
    ("query ($n: Int) { households(first: $n) { totalCount } }", {"n": 5000}, "INVALID_PAGE", ["first"], ["households"]),
    ("{ households(after: \"x\") { nodes { code } } }", {}, "INVALID_CURSOR", ["after"], ["households"]),
    ("query ($c: String) { households(last: 2, before: $c) { nodes { code } } }", {"c": "x"}, "INVALID_CURSOR", ["before"],
     ["households"]),
    ("{ node(id: \"x\") { id } }", {}, "INVALID_ID", ["id"], ["node"]),
    ("query ($i: ID!) { it: node(id: $i) { ... on Person { name } } }", {"i": "UGVyc29u"}, "INVALID_ID", ["id"], ["it"]),
    ("{ household(code: \"a\\u0000\") { code } }", {}, "INVALID_INPUT", ["code"], ["household"]),
    ("{ household(code: \"x\") { aidRecords(first: -1) { totalCount } } }", {}, "INVALID_PAGE", ["first"],
     ["household", "aidRecords"]),
    ("{ household(code: \"x\") { chain { events(first: 1, after: \"x\") { nodes { number } } } } }", {}, "INVALID_CURSOR",
     ["after"], ["household", "chain", "events"]),
    ("{ households(first: 1) { nodes { aidRecords(first: -1) { totalCount } } } }", {}, "INVALID_PAGE", ["first"], None),
    ("{ households(first: 1) { edges { node { aidRecords(after: \"x\") { nodes { id } } } } } }", {}, "INVALID_CURSOR",
     ["after"], None),
    ("query ($o: HouseholdOrderField = CODE) { households(orderBy: {field: $o}) { totalCount } }", {"o": None},
     "BAD_USER_INPUT", ["orderBy", "field"], None),
    ("query ($c: String = \"x\") { household(code: $c) { code } }", {"c": None}, "BAD_USER_INPUT", ["code"], None),
    ("query ($i: Boolean = true) { viewer @include(if: $i) { client } }", {"i": None}, "BAD_USER_INPUT", ["if"], None),
]  # fmt: skip


@pytest.mark.parametrize(("query", "variables", "code", "argument", "place"), CASES)
def test_an_argument_that_cannot_be_used_is_told_with_its_place(
    hub: Served,
    query: str,
    variables: dict[str, Any],
    code: str,
    argument: list[str],
    place: list[str] | None,
) -> None:
    reply = hub.ask("civil_affairs@4101", query, variables)
    assert reply.status == 400
    (error,) = reply.body["errors"]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["path"] == argument
    assert error.get("path") == place, "the place in the response, where there is only one"
    (location,) = error["locations"]
    assert location["line"] == 1
    assert location["column"] > 1


def test_a_field_that_stands_at_two_places_is_told_by_its_own_arguments(hub: Served) -> None:
    query = "{ a: households(first: 1) { totalCount } b: households(first: 5000) { totalCount } }"
    (error,) = hub.ask("civil_affairs@4101", query).body["errors"]
    assert error["path"] == ["b"]
    assert error["locations"] == [{"line": 1, "column": query.index("b:") + 1}]


def test_an_argument_within_the_answer_of_a_mutation_is_told_with_its_place(hub: Served) -> None:
    mutation = """mutation { made: recordAid(input: {externalId: "P-1", subject: {personId: "x"}, program: "x",
      periodFrom: "2026-01-01", periodUntil: "2026-02-01", decidedOn: "2026-01-01", status: APPROVED,
      detail: {education: {form: GRANT, schoolYear: 2026, stage: PRIMARY}}})
      { aidRecord { household { referrals(first: 5000) { totalCount } } } } }"""
    (error,) = hub.ask("education@410105", mutation).body["errors"]
    assert error["extensions"]["code"] == "INVALID_PAGE"
    assert error["extensions"]["path"] == ["first"]
    assert error["path"] == ["made", "aidRecord", "household", "referrals"]


def test_an_argument_of_introspection_that_is_null_is_the_callers_fault(hub: Served) -> None:
    reply = hub.ask("education@4101", 'query ($n: String = "x") { __type(name: $n) { name } }', {"n": None})
    (error,) = reply.body["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["path"] == ["name"]
    assert error["path"] == ["__type"]


@pytest.mark.parametrize(
    ("query", "variables", "argument"),
    [
        ("query ($f: HouseholdFilter) { households(filter: $f) { totalCount } }", {"f": {"code": ["H1", 2]}}, ["f", "code", 1]),
        ('{ households(filter: {code: ["H1", "a\\u0000"]}) { totalCount } }', {}, ["filter", "code", 1]),
        ("query ($c: [String!]) { households(filter: {code: $c}) { totalCount } }", {"c": ["H1", "a\u0000"]},
         ["filter", "code", 1]),
    ],
)  # fmt: skip
def test_the_place_in_a_list_is_a_number_as_in_every_path_of_graphql(
    hub: Served, query: str, variables: dict[str, Any], argument: list[str | int]
) -> None:
    (error,) = hub.ask("civil_affairs@4101", query, variables).body["errors"]
    assert error["extensions"]["path"] == argument
