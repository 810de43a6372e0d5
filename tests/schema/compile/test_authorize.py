"""Pass 2: the fields of an operation that a grant opens, and those that it refuses."""

from collections.abc import Mapping
from typing import Any

import pytest

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.scopes import Scope
from schema.engine.compile.authorize import AuthorizedOperation
from schema.hub_schema import build
from tests.fixtures.served import Served
from tests.schema.compile.operations import grant_of, planned

EDUCATION = grant_of("education")
CIVIL_AFFAIRS = grant_of("civil_affairs")
WITHOUT_MONEY = grant_of("civil_affairs", without=[Scope.HOUSEHOLD_FINANCE_READ])
KINDS = sorted(
    type_.name
    for type_ in build().graphql.get_possible_types(build().graphql.type_map["AidRecord"])  # type: ignore[arg-type]
)


def _forbidden(plan: AuthorizedOperation) -> list[str]:
    return [forbidden.coordinate for forbidden in plan.forbidden]


def _refused(plan: AuthorizedOperation) -> list[str]:
    return [refusal.coordinate for refusal in plan.refusals]


def test_a_forbidden_coordinate_is_told_for_each_field_of_the_document_that_asks_it() -> None:
    plan = planned(
        """{ households { nodes { code a: address address b: address members { household { address } } ...f } } }
        fragment f on Household { c: address }""",
        EDUCATION,
    )
    assert [(forbidden.coordinate, forbidden.selected.response_key) for forbidden in plan.forbidden] == [
        ("Household.address", key) for key in ("a", "address", "b", "address", "c")
    ]
    assert plan.forbidden[0].scopes == (frozenset({Scope.HOUSEHOLD_ADDRESS_READ}),)
    assert plan.forbids("Household.address")
    assert not plan.forbids("Household.code")


def test_an_alias_that_is_another_fields_name_neither_opens_nor_closes_anything() -> None:
    plan = planned('{ household(code: "1") { code: address address: code } }', EDUCATION)
    assert _forbidden(plan) == ["Household.address"]
    assert "Household.code" in plan.answered


def test_what_was_not_asked_is_not_answered_even_to_a_grant_that_covers_it() -> None:
    plan = planned('{ household(code: "1") { code } }', CIVIL_AFFAIRS)
    assert plan.answered == {"Query.household", "Household.code"}
    assert plan.forbids("Household.address")


def test_a_field_of_the_interface_is_decided_for_each_kind_by_the_scope_of_the_kind() -> None:
    plan = planned("{ aidRecords { nodes { kind amount } } }", EDUCATION)
    assert {one for one in plan.answered if one.endswith(".amount")} == {"EducationAid.amount"}
    assert {one for one in plan.answered if one.endswith(".kind")} == {f"{kind}.kind" for kind in KINDS}
    assert set(_forbidden(plan)) == {f"{kind}.amount" for kind in KINDS} - {"EducationAid.amount"}
    assert len(KINDS) == 11


def test_a_fragment_on_the_callers_own_kind_asks_nothing_of_the_others() -> None:
    plan = planned("{ aidRecords { nodes { kind ... on EducationAid { amount } } } }", EDUCATION)
    assert plan.forbidden == ()


@pytest.mark.parametrize(
    ("query", "hidden"),
    [
        ('{ person(idNumber: "1") { name household { code region { name } } } }', "Query.person"),
        (
            "{ accessRecords(orderBy: {field: AT}, first: 1) { nodes { agency { code } } } }",
            "Query.accessRecords",
        ),
    ],
)
def test_nothing_under_a_forbidden_field_is_planned_nor_told(query: str, hidden: str) -> None:
    plan = planned(query, grant_of("development_reform"))
    assert _forbidden(plan) == [hidden]
    assert plan.answered == frozenset()
    assert plan.arguments == {}


def test_what_is_forbidden_in_one_place_is_still_planned_where_it_is_reached_another_way() -> None:
    plan = planned(
        '{ person(idNumber: "1") { household { code } } household(code: "1") { code } }', grant_of("charity")
    )
    assert _forbidden(plan) == ["Query.person"]
    assert plan.answered == {"Query.household", "Household.code"}


BY_INCOME = "filter: {incomePerCapita: {gte: 1}}"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (f"{{ households({BY_INCOME}) {{ totalCount }} }}", {}),
        ("query($f: HouseholdFilter) { households(filter: $f) { totalCount } }",
         {"f": {"incomePerCapita": {"gte": "1"}}}),
        ("query($r: YuanRange) { households(filter: {incomePerCapita: $r}) { totalCount } }",
         {"r": {"lte": "1"}}),
        ("query($d: Decimal) { households(filter: {incomePerCapita: {gte: $d}}) { totalCount } }", {"d": "1"}),
        ("query($f: HouseholdFilter = {incomePerCapita: {gte: 1}}) { households(filter: $f) { totalCount } }", {}),
        ("{ households(filter: {incomePerCapita: null}) { totalCount } }", {}),
        (f"{{ ...f }} fragment f on Query {{ x: households({BY_INCOME}) {{ totalCount }} }}", {}),
        ("{ households(orderBy: {field: INCOME_PER_CAPITA}) { nodes { code } } }", {}),
        ("query($o: HouseholdOrder) { households(orderBy: $o) { nodes { code } } }",
         {"o": {"field": "INCOME_PER_CAPITA", "direction": "DESC"}}),
        ("query($o: HouseholdOrderField!) { households(orderBy: {field: $o}) { nodes { code } } }",
         {"o": "INCOME_PER_CAPITA"}),
    ],
)  # fmt: skip
def test_a_filter_or_an_order_on_a_forbidden_field_refuses_the_operation_however_it_is_given(
    query: str, variables: Mapping[str, Any]
) -> None:
    assert _refused(planned(query, WITHOUT_MONEY, variables)) == ["Household.incomePerCapita"]
    assert planned(query, CIVIL_AFFAIRS, variables).forbidden == ()


def test_each_value_of_a_list_is_asked_about_not_the_list_alone() -> None:
    query = "query($k: [CircumstanceKind!]) { households(filter: {circumstance: $k}) { totalCount } }"
    assert _refused(planned(query, EDUCATION, {"k": ["HARDSHIP_STUDENT"]})) == []
    both = {"k": ["HARDSHIP_STUDENT", "SERIOUS_ILLNESS"]}
    assert _refused(planned(query, EDUCATION, both)) == ["Household.circumstances"]
    assert _refused(planned(query, EDUCATION, {"k": "SERIOUS_ILLNESS"})) == ["Household.circumstances"]
    assert _refused(planned(query, CIVIL_AFFAIRS, both)) == []


def test_a_refusal_is_told_besides_the_forbidden_field_it_stands_on() -> None:
    plan = planned(f"{{ households({BY_INCOME}) {{ nodes {{ incomePerCapita }} }} }}", WITHOUT_MONEY)
    assert [(forbidden.coordinate, forbidden.as_filter) for forbidden in plan.forbidden] == [
        ("Household.incomePerCapita", True),
        ("Household.incomePerCapita", False),
    ]


def test_a_filter_that_was_left_out_refuses_nothing() -> None:
    query = "query($f: HouseholdFilter) { households(filter: $f) { totalCount } }"
    assert planned(query, WITHOUT_MONEY).forbidden == ()
    assert planned(query, WITHOUT_MONEY, {"f": None}).forbidden == ()
    assert planned(query, WITHOUT_MONEY, {"f": {}}).forbidden == ()


@pytest.mark.parametrize(
    ("directives", "variables", "decided"),
    [
        ("@skip(if: $yes)", {"yes": True}, False),
        ("@skip(if: $yes)", {"yes": False}, True),
        ("@include(if: $yes)", {"yes": True}, True),
        ("@include(if: $yes)", {"yes": False}, False),
        ("@include(if: $yes) @skip(if: $yes)", {"yes": True}, False),
    ],
)
def test_skip_and_include_come_before_the_decision(
    directives: str, variables: Mapping[str, Any], decided: bool
) -> None:
    field = f"query($yes: Boolean!) {{ households {{ nodes {{ code incomePerCapita {directives} }} }} }}"
    assert bool(planned(field, WITHOUT_MONEY, variables).forbidden) is decided
    filtered = f"query($yes: Boolean!) {{ viewer {{ agency {{ code }} }} households({BY_INCOME}) {directives} {{ totalCount }} }}"
    assert bool(planned(filtered, WITHOUT_MONEY, variables).refusals) is decided


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_every_mutation_is_guarded_by_the_departments_own_scopes(department: str) -> None:
    mutation = build().graphql.mutation_type
    assert mutation is not None
    assert len(mutation.fields) >= 7
    whole, reader = grant_of(department), _reader(department)
    for name in mutation.fields:
        scopes = build().guards.scopes[f"Mutation.{name}"]
        assert scopes, f"Mutation.{name} is open"
        assert all(any(scope.endswith(":write") for scope in one) for one in scopes)
        assert whole.covers(scopes) is any(scope <= DEPARTMENTS[department].scopes for scope in scopes)
        assert not reader.covers(scopes)


def _reader(department: str) -> Grant:
    return grant_of(department, without=[scope for scope in Scope if scope.endswith(":write")])


def test_a_forbidden_mutation_is_not_planned_nor_what_it_would_answer() -> None:
    query = """mutation { acceptReferral(input: {id: "1", expectedVersion: 1}) { referral { reason } errors { code } } }"""
    plan = planned(query, _reader("education"))
    assert _forbidden(plan) == ["Mutation.acceptReferral"]
    assert plan.answered == frozenset()
    assert planned(query, EDUCATION).forbidden == ()


def test_two_types_that_share_a_response_path_keep_the_arguments_each_was_given(hub: Served) -> None:
    query = "{ referrals { nodes { id household { id aidRecords { totalCount } members { id } } } } }"
    found = hub.ask("civil_affairs@4101", query).data["referrals"]["nodes"]
    referral = next(one for one in found if one["household"]["aidRecords"]["totalCount"] > 1)
    home = referral["household"]
    query = """query($id: ID!) { node(id: $id) {
        ... on Household { aidRecords(first: 1) { nodes { id } } }
        ... on Referral { household { aidRecords(first: 2) { nodes { id } } } }
        ... on Person { aidRecords(first: 0) { nodes { id } } household { aidRecords(first: 0) { nodes { id } } } }
    } }"""

    def answered(node: str) -> Any:
        return hub.ask("civil_affairs@4101", query, {"id": node}).data["node"]

    assert len(answered(home["id"])["aidRecords"]["nodes"]) == 1
    assert len(answered(referral["id"])["household"]["aidRecords"]["nodes"]) == 2
    person = answered(home["members"][0]["id"])
    assert person == {"aidRecords": {"nodes": []}, "household": {"aidRecords": {"nodes": []}}}
