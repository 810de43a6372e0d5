"""The scopes that a document needs, before it is sent."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth.grant import Grant
from auth.scopes import Scope
from schema.engine.compile.requirements import Requirement
from schema.engine.refusals import (
    BadUserInput,
    RequestRefused,
    TooDeep,
    TooManyAliases,
    TooManyFields,
)
from schema.http.explain import Explained, Explainer
from schema.hub_schema import build
from tests.schema.compile.operations import planned
from tests.schema.fuzz.operations import Operation, Words, operations

EXPLAINER = Explainer(build())
FINANCE = frozenset({Scope.HOUSEHOLD_READ, Scope.HOUSEHOLD_FINANCE_READ})
WORDS = Words(
    ["410105001-1"], ["SG91c2Vob2xkOjE="], ["410199199001011234"], ["4101"], ["education@4101"], ["助学金"]
)


def explain(query: str, variables: dict[str, Any] | None = None) -> Explained:
    return EXPLAINER.explain(query, None, variables)


def by_variables(explained: Explained) -> set[tuple[str | None, str]]:
    return {
        (requirement.variable, requirement.coordinate)
        for requirement in explained.requirements
        if requirement.variable
    }


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_each_of_the_smallest_sets_forbids_nothing_and_every_part_of_it_something(
    data: st.DataObject,
) -> None:
    operation: Operation = data.draw(operations(build().graphql, WORDS))
    try:
        explained = explain(operation.query, dict(operation.variables))
    except RequestRefused as refused:
        if refused.kind not in {TooManyFields, TooDeep, TooManyAliases, BadUserInput}:
            raise
        return

    def forbids(scopes: frozenset[Scope]) -> bool:
        grant = Grant("civil_affairs@4101", "test", scopes, ("4101",), "test")
        return bool(planned(operation.query, grant, operation.variables).forbidden)

    for one in explained.sets or (frozenset(),):
        assert not forbids(one)
        assert not explained.forbidden(one)
        for scope in one:
            assert forbids(one - {scope})
    assert forbids(frozenset()) is bool(explained.sets)


def test_a_field_of_the_interface_needs_the_scope_of_every_kind() -> None:
    (needed,) = explain("{ aidRecords { nodes { amount } } }").sets
    assert {scope for scope in Scope if scope.startswith("aid.") and scope.endswith(":read")} <= needed
    (own,) = explain("{ aidRecords { nodes { ... on EducationAid { amount } } } }").sets
    assert own == {Scope.AID_READ, Scope.AID_EDUCATION_READ}


def test_circumstances_are_opened_by_any_registry_s_scope() -> None:
    found = explain('{ household(code: "1") { circumstances { kind } } }').sets
    assert len(found) == 8
    assert all(len(one) == 2 and Scope.HOUSEHOLD_READ in one for one in found)


@pytest.mark.parametrize(
    "arguments", ["filter: {incomePerCapita: {gte: 1}}", "orderBy: {field: INCOME_PER_CAPITA}"]
)
def test_a_filter_and_an_order_need_what_the_field_they_stand_on_needs(arguments: str) -> None:
    explained = explain(f"{{ households({arguments}) {{ totalCount }} }}")
    assert explained.sets == (FINANCE,)
    assert Requirement("Household.incomePerCapita", (FINANCE,), as_filter=True) in explained.requirements


@pytest.mark.parametrize(
    ("declared", "arguments", "variable"),
    [
        ("$v: HouseholdFilter", "filter: $v", "Household.incomePerCapita"),
        ("$v: HouseholdFilter!", "filter: $v", "Household.incomePerCapita"),
        ("$v: YuanRange", "filter: {incomePerCapita: $v}", "Household.incomePerCapita"),
        ("$v: HouseholdOrder!", "orderBy: $v", "Household.incomePerCapita"),
        ("$v: HouseholdOrderField!", "orderBy: {field: $v}", "Household.incomePerCapita"),
        ("$v: [CircumstanceKind!]!", "filter: {circumstance: $v}", "Household.circumstances"),
        ("$v: CircumstanceKind!", "filter: {circumstance: [SERIOUS_ILLNESS, $v]}", "Household.circumstances"),
    ],
)
def test_what_a_variable_may_filter_by_is_told_apart_by_its_name(
    declared: str, arguments: str, variable: str
) -> None:
    explained = explain(f"query({declared}) {{ households({arguments}) {{ totalCount }} }}")
    assert ("v", variable) in by_variables(explained)
    assert all(one <= FINANCE or Scope.HOUSEHOLD_FINANCE_READ not in one for one in explained.sets)
    assert FINANCE not in explained.sets


def test_a_filter_whose_value_alone_is_a_variable_is_needed_in_any_case() -> None:
    query = "query($d: Decimal!) { households(filter: {incomePerCapita: {gte: $d}}) { totalCount } }"
    explained = explain(query)
    assert explained.sets == (FINANCE,)
    assert by_variables(explained) == set()


def test_variables_that_are_given_settle_what_is_needed() -> None:
    query = "query($f: HouseholdFilter) { households(filter: $f) { totalCount } }"
    assert explain(query, {"f": {"code": ["1"]}}).sets == (frozenset({Scope.HOUSEHOLD_READ}),)
    filtered = explain(query, {"f": {"incomePerCapita": {"gte": "1"}}})
    assert filtered.sets == (FINANCE,)
    assert by_variables(filtered) == set()


def test_a_selection_that_hangs_on_an_unknown_variable_counts_both_ways() -> None:
    query = """query($yes: Boolean!) { households { nodes {
        a: incomePerCapita @include(if: $yes) b: address @skip(if: $yes) c: updatedAt @skip(if: true) } } }"""
    both = explain(query)
    assert both.sets == (FINANCE | {Scope.HOUSEHOLD_ADDRESS_READ},)
    assert explain(query, {"yes": True}).sets == (FINANCE,)
    assert explain(query, {"yes": False}).sets == (
        frozenset({Scope.HOUSEHOLD_READ, Scope.HOUSEHOLD_ADDRESS_READ}),
    )


def test_a_page_size_that_must_be_given_costs_as_the_largest() -> None:
    query = "query($n: %s) { households(first: $n) { nodes { code } } }"
    assert explain(query % "Int!").cost == 1 + 1000
    assert explain(query % "Int").cost == 1 + 50
    assert explain(query % "Int = 7").cost == 1 + 7
    assert explain(query % "Int!", {"n": 3}).cost == 1 + 3


def test_an_open_operation_needs_no_scope_at_all() -> None:
    assert explain("{ viewer { client } __typename }").sets == ()


def test_a_mutation_needs_one_of_its_writing_scopes() -> None:
    explained = explain("mutation($i: RecordAidInput!) { recordAid(input: $i) { created } }")
    assert len(explained.sets) == 11
    assert all(scope.endswith(":write") for one in explained.sets for scope in one)


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{ viewer { client }", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ viewer { nobody } }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { viewer { client } } query B { viewer { client } }", {}, "OPERATION_NOT_FOUND"),
        ("query($c: String!) { household(code: $c) { code } }", {"c": 1}, "BAD_USER_INPUT"),
        (
            '{ household(code: "1") { ' + " ".join(f"a{i}: code" for i in range(201)) + " } }",
            {},
            "TOO_MANY_ALIASES",
        ),
    ],
)
def test_a_document_that_could_not_be_executed_cannot_be_explained(
    query: str, variables: dict[str, Any], code: str
) -> None:
    with pytest.raises(RequestRefused) as refused:
        explain(query, variables)
    assert refused.value.kind.code == code
