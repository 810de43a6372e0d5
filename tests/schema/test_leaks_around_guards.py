"""No form of an operation bypasses a guard: filters, orders, aliases, fragments, variables, directives, kinds."""

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from tests.fixtures.served import Reply, Served
from tests.schema.entitling_facts import ENTITLING_FACTS

EDUCATION = "education@410105"
Variables = Mapping[str, Any]


def raw(hub: Served, query: str, variables: Variables) -> tuple[int, bytes]:
    """The status and the bytes of the response."""
    answered = hub.http.post(
        "/graphql",
        json={"query": query, "variables": dict(variables)},
        headers={"authorization": f"Bearer {hub.token(EDUCATION)}"},
    )
    return answered.status_code, answered.content


@pytest.mark.parametrize(
    "query",
    [
        "query ($yuan: Decimal) { households(filter: {incomePerCapita: {gte: $yuan}}) { totalCount } }",
        "query ($yuan: Decimal = 1) { ...Counted } fragment Counted on Query {"
        " ... on Query { households(filter: {incomePerCapita: {lte: $yuan}}) { totalCount } } }",
        "query ($yuan: Decimal, $f: HouseholdFilter = {incomePerCapita: {gte: 1}}) {"
        " a: households(filter: $f) { totalCount } b: households(filter: {incomePerCapita: {gte: $yuan}}) { totalCount } }",
        "query ($yuan: Decimal, $r: YuanRange = {gte: 1}, $yes: Boolean = true) {"
        " households(filter: {category: [EXTREME_HARDSHIP], incomePerCapita: $r}) @include(if: $yes) { totalCount }"
        " viewer { client } x: households(filter: {incomePerCapita: {lte: $yuan}}) { totalCount } }",
    ],
    ids=["variable", "fragment", "default", "nested"],
)
def test_a_forbidden_filter_answers_the_same_whether_it_matches_every_row_or_none(
    hub: Served, query: str
) -> None:
    answers = {raw(hub, query, {"yuan": yuan}) for yuan in ("0", "1", "450.00", "9999999")}
    ((status, body),) = answers
    assert status == 400
    assert b'"data"' not in body
    assert b"FORBIDDEN_FILTER" in body


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query ($f: HouseholdOrderField! = INCOME_PER_CAPITA) { households(orderBy: {field: $f}) { nodes { code } } }", {}),
        ("query ($o: HouseholdOrder = {field: INCOME_PER_CAPITA, direction: DESC}) { ...P } fragment P on Query {"
         " households(orderBy: $o, first: 2) { pageInfo { endCursor } } }", {}),
        ("query ($o: HouseholdOrder = {field: CODE}) { households(orderBy: $o) { edges { cursor } } }",
         {"o": {"field": "INCOME_PER_CAPITA"}}),
        ("query ($k: [CircumstanceKind!] = [SERIOUS_ILLNESS]) { households(filter: {circumstance: $k}) { totalCount } }", {}),
        ("query ($k: CircumstanceKind! = DEATH) {"
         " households(filter: {circumstance: [HARDSHIP_STUDENT, $k]}) { totalCount } }", {}),
    ],
)  # fmt: skip
def test_an_order_or_a_list_with_a_default_out_of_scope_refuses_before_any_row_is_touched(
    writable_hub: Served, query: str, variables: Variables
) -> None:
    reply = writable_hub.ask(EDUCATION, query, variables)
    assert (reply.status, set(reply.codes), "data" in reply.body) == (400, {"FORBIDDEN_FILTER"}, False)
    record = (
        "select outcome, code, rows, household_ids,"
        " (select s.coordinates from coordinate_set s where s.digest = coordinates_digest)"
        " from access_record"
    )
    assert writable_hub.rows(record) == [("REFUSED", "FORBIDDEN_FILTER", 0, [], [])]


def income_of(reply: Reply) -> set[Any]:
    """Every value that a response holds under the alias `out`."""
    found: set[Any] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            found.update(
                item for key, item in value.items() if key == "out" and not isinstance(item, dict | list)
            )
            for item in value.values():
                look(item)
        elif isinstance(value, list):
            for item in value:
                look(item)

    look(reply.body.get("data"))
    return found


@pytest.mark.parametrize(
    "selection",
    [
        "code: incomePerCapita out: incomePerCapita incomePerCapita: code",
        "...A } } } fragment A on Household { ...B } fragment B on Node { ... on Household { out: incomePerCapita }"
        " ... on Person { household { out: incomePerCapita } } }",
        "members { household { members { household { out: incomePerCapita } } } }",
        "aidRecords(first: 1) { nodes { household { out: incomePerCapita } ... on AidRecord { h: household {"
        " out: incomePerCapita } } } edges { node { ... on Node { ... on EducationAid { household {"
        " out: incomePerCapita } } } } } }",
        "referrals(first: 1) { nodes { household { out: incomePerCapita } person { household { out: incomePerCapita } } } }",
        "chain { events(first: 1) { nodes { household { out: incomePerCapita } } } head { household {"
        " out: incomePerCapita } } }",
    ],
    ids=["swapped", "fragments", "persons", "aid", "referrals", "chain"],
)
def test_a_forbidden_column_is_null_whichever_way_the_household_is_reached(
    hub: Served, selection: str
) -> None:
    query = f"{{ households(first: 20) {{ nodes {{ id {selection}" + (
        "" if "fragment" in selection else " } } }"
    )
    open_to = DEPARTMENTS["education"].scopes | ENTITLING_FACTS - {Scope.HOUSEHOLD_FINANCE_READ}
    closed = hub.ask(EDUCATION, query, scopes=open_to)
    assert closed.forbidden == {"Household.incomePerCapita"}
    assert income_of(closed) <= {None}
    opened = hub.ask(EDUCATION, query, scopes=open_to | {Scope.HOUSEHOLD_FINANCE_READ})
    assert any(income_of(opened) - {None}), "the detour should reach the column where it is open"


BOOLEANS = list(itertools.product([True, False], repeat=2))


@pytest.mark.parametrize(("skip", "include"), BOOLEANS)
def test_skip_and_include_together_ask_only_where_both_let_it(hub: Served, skip: bool, include: bool) -> None:
    query = """query ($s: Boolean!, $i: Boolean!) { households(first: 1) { nodes {
        code address @skip(if: $s) @include(if: $i) ... @include(if: $i) @skip(if: $s) { incomePerCapita } } } }"""
    reply = hub.ask(EDUCATION, query, {"s": skip, "i": include})
    asked = include and not skip
    assert reply.forbidden == ({"Household.address", "Household.incomePerCapita"} if asked else set())
    (node,) = reply.body["data"]["households"]["nodes"]
    assert set(node) == ({"code", "address", "incomePerCapita"} if asked else {"code"})
    assert node.get("address") is None


def test_a_field_left_out_in_one_place_and_asked_in_another_is_forbidden_once(hub: Served) -> None:
    query = """query ($no: Boolean = false) { households(first: 1) { nodes {
            address @include(if: $no) ...F ...F @skip(if: true) } } }
        fragment F on Household { a: address @skip(if: true) address ... @include(if: false) { incomePerCapita } }"""
    reply = hub.ask(EDUCATION, query)
    assert reply.codes == ["FORBIDDEN_FIELD"]
    assert reply.body["data"]["households"]["nodes"] == [{"address": None}]


@pytest.mark.parametrize(
    "directives",
    [
        "@include(if: true) @include(if: true)", "@skip(if: false) @skip(if: true)", "@deprecated", "@export(as: \"x\")",
        "@requiresScopes(scopes: [])", "@include", "@skip(if: null)", "@include(if: \"true\")", "@include(if: $nothing)",
        "@include(if: true, unless: false)", "@specifiedBy(url: \"x\")", "@oneOf", "@defer", "@stream",
    ],
)  # fmt: skip
def test_a_directive_that_is_repeated_unknown_or_misplaced_refuses_the_document(
    hub: Served, directives: str
) -> None:
    for place in (f"address {directives}", f"... {directives} {{ address }}"):
        reply = hub.ask(EDUCATION, f"{{ households(first: 1) {{ nodes {{ code {place} }} }} }}")
        assert (reply.status, "data" in reply.body) == (400, False)
        assert set(reply.codes) == {"GRAPHQL_VALIDATION_FAILED"}


KINDS = """query ($k: [AidKind!]) { aidRecords(first: 1000, filter: {kind: $k}) { nodes { __typename id %s } } }"""


@pytest.mark.parametrize(
    "way",
    [
        "amount",
        "... on AidRecord { amount }",
        "... on Node { ... on AidRecord { amount } }",
        "... on MedicalAid { amount } ... on EducationAid { amount } ... on TemporaryAid { amount }",
        "... on MedicalAid { ... on AidRecord { ... on MedicalAid { amount } } } ... on EducationAid { amount }"
        " ... on AidRecord { ... on TemporaryAid { amount } }",
        "... on EducationAid { amount } ... on AidRecord { amount }",
    ],
)
@pytest.mark.parametrize(
    ("name", "own"), [("EducationAid", Scope.AID_EDUCATION_READ), ("MedicalAid", Scope.AID_MEDICAL_READ)]
)
def test_each_kind_of_an_interface_keeps_its_own_guard_however_it_is_asked(
    hub: Served, way: str, name: str, own: Scope
) -> None:
    """CVE-2025-64347: the requirements of an interface's field and those of the concrete type's field are different."""
    scopes = DEPARTMENTS["charity"].scopes - {Scope.AID_CHARITY_READ} | ENTITLING_FACTS | {own}
    kinds = ["EDUCATION", "MEDICAL", "TEMPORARY"]
    reply = hub.ask("civil_affairs@4101", KINDS % way, {"k": kinds}, scopes=scopes)
    records = reply.body["data"]["aidRecords"]["nodes"]
    assert {record["__typename"] for record in records} == {"EducationAid", "MedicalAid", "TemporaryAid"}
    assert all((record["amount"] is not None) is (record["__typename"] == name) for record in records)
    assert f"{name}.amount" not in reply.forbidden
    assert {"EducationAid.amount", "MedicalAid.amount", "TemporaryAid.amount"} - reply.forbidden == {
        f"{name}.amount"
    }


def test_the_scope_of_a_kind_without_the_skeletons_opens_nothing_of_it(hub: Served) -> None:
    """The reverse: the caller has the kind's own scope, but not the scopes that every kind requires."""
    record = hub.ask("civil_affairs@4101", KINDS % "amount", {"k": ["MEDICAL"]}).data["aidRecords"]["nodes"][
        0
    ]
    query = """query ($id: ID!) { node(id: $id) {
        __typename ... on AidRecord { amount kind } ... on MedicalAid { hospital } } }"""
    scopes = frozenset({Scope.HOUSEHOLD_READ, Scope.AID_MEDICAL_READ})
    reply = hub.ask("civil_affairs@4101", query, {"id": record["id"]}, scopes=scopes)
    assert record["amount"] not in str(reply.body)
    assert reply.body["data"] == {"node": None}
    assert hub.ask("civil_affairs@4101", KINDS % "amount", {"k": []}, scopes=scopes).forbidden == {
        "Query.aidRecords"
    }


@pytest.mark.parametrize(
    "query",
    [
        "{ accessRecords { __typename } }",
        "{ accessRecords { nodes { __typename } edges { __typename node { __typename } } pageInfo { __typename } } }",
        "{ households(first: 1) { nodes { id accessRecords { __typename } } } }",
        "{ households(first: 1) { nodes { id accessRecords { totalCount __typename } } } }",
    ],
)
def test_a_selection_of_type_names_alone_does_not_open_a_forbidden_field(hub: Served, query: str) -> None:
    reply = hub.ask(EDUCATION, query)
    assert len(reply.forbidden) == 1
    assert "AccessRecord" not in str(reply.body["data"])


def test_type_names_alone_tell_nothing_of_rows_whose_type_is_closed(hub: Served) -> None:
    ids = [
        node["id"]
        for node in hub.ask("civil_affairs@4101", KINDS % "", {"k": ["MEDICAL"]}).data["aidRecords"]["nodes"][
            :2
        ]
    ]
    query = "query ($a: ID!, $b: ID!) { a: node(id: $a) { __typename } b: node(id: $b) { ... on AidRecord { __typename } } }"
    closed = hub.ask(
        "civil_affairs@4101", query, {"a": ids[0], "b": ids[1]}, scopes=frozenset({Scope.HOUSEHOLD_READ})
    )
    assert closed.body["data"] == {"a": None, "b": None}
