"""No message and no introspection reveals names and parts of the schema that the scopes do not cover."""

import re
from typing import Any

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    get_introspection_query,
)

from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from schema import sdl
from tests.fixtures.served import Served

EDUCATION = "education@4101"
PUBLISHED = build_schema(sdl())
DETAILS = """query ($name: String!) { it: __type(name: $name) { ...All } }
fragment All on __Type { name fields(includeDeprecated: true) { name args { name type { ofType { name } } } }
  inputFields(includeDeprecated: true) { name } enumValues(includeDeprecated: true) { name } possibleTypes { name } }"""


@pytest.mark.parametrize(
    ("query", "variables", "near"),
    [
        ("{ accessRecord { totalCount } }", {}, "accessRecords"),
        ("{ households(filte: {}) { totalCount } }", {}, "filter"),
        ("{ households(filter: {incomePerCapit: {gte: 1}}) { totalCount } }", {}, "incomePerCapita"),
        ("query ($f: HouseholdFilter) { households(filter: $f) { totalCount } }", {"f": {"incomePerCapit": {}}},
         "incomePerCapita"),
        ("query ($f: YuanRange) { households(filter: {incomePerCapita: $f}) { totalCount } }", {"f": {"gt": 1}}, "gte"),
        ("{ households(orderBy: {field: INCOME_PER_CAPIT}) { nodes { code } } }", {}, "INCOME_PER_CAPITA"),
        ("query ($o: HouseholdOrderField!) { households(orderBy: {field: $o}) { nodes { code } } }",
         {"o": "INCOME_PER_CAPIT"}, "INCOME_PER_CAPITA"),
        ("{ node(id: 1) { ... on AccessRecor { rows } } }", {}, "AccessRecord"),
        ("{ node(id: 1) { ... on Node { name } } }", {}, "Person"),
        ("{ node(id: 1) { incomePerCapita } }", {}, "Household"),
        ("query ($o: AccessRecordOrde) { viewer { client } }", {}, "AccessRecordOrder"),
        ("{ viewer { client @requiresScope(scopes: []) } }", {}, "requiresScopes"),
        ("mutation { recordAi(input: {}) { created } }", {}, "recordAid"),
    ],
)  # fmt: skip
def test_a_misspelt_name_of_any_kind_is_refused_without_the_name_that_was_meant(
    hub: Served, query: str, variables: dict[str, Any], near: str
) -> None:
    reply = hub.ask(EDUCATION, query, variables)
    assert reply.status == 400
    assert "data" not in reply.body
    told = " ".join(error["message"] for error in reply.body["errors"])
    assert "did you mean" not in told.lower()
    assert not re.search(rf"\b{near}\b", told)


def covered(scopes: frozenset[Scope], owner: str, name: str) -> bool:
    """Whether a field's published @requiresScopes is covered, or an interface promises the field."""
    kind = PUBLISHED.type_map[owner]
    assert isinstance(kind, GraphQLObjectType)
    if any(name in interface.fields for interface in kind.interfaces):
        return True
    node = kind.fields[name].ast_node
    assert node is not None
    required = [
        {scope.value for scope in one.values}
        for directive in node.directives or ()
        for one in directive.arguments[0].value.values
    ]
    return not required or any(one <= {str(scope) for scope in scopes} for one in required)


@pytest.mark.parametrize("agency", [f"{one}@4101" for one in ("education", "charity", "development_reform")])
def test_introspection_tells_no_field_beyond_the_published_scopes_of_any_type(
    hub: Served, agency: str
) -> None:
    scopes = DEPARTMENTS[agency.partition("@")[0]].scopes
    checked = 0
    for name, kind in PUBLISHED.type_map.items():
        if not isinstance(kind, GraphQLObjectType) or name.startswith("__"):
            continue
        told = hub.ask(agency, DETAILS, {"name": name}).data["it"]
        shown = {field["name"] for field in told["fields"]} if told else set()
        allowed = {field for field in kind.fields if covered(scopes, name, field)}
        assert shown <= allowed, name
        checked += len(set(kind.fields) - shown)
    assert checked > 50, "the scopes should hide much of the schema"


@pytest.mark.parametrize(
    ("owner", "hidden", "shown"),
    [
        ("HouseholdFilter", "incomePerCapita", "category"),
        ("HouseholdOrderField", "INCOME_PER_CAPITA", "REGION"),
        ("Household", "accessRecords", "members"),
        ("Person", "account", "school"),
        ("ChainEvent", "body", "type"),
        ("ChainEvent", "previousHash", "occurredAt"),
        ("ChainEvent", "number", "agency"),
        ("Query", "accessRecords", "households"),
        ("MedicalAid", "hospital", "kind"),
    ],
)
def test_a_part_out_of_scope_is_in_no_answer_of_introspection(
    hub: Served, owner: str, hidden: str, shown: str
) -> None:
    told = str(hub.ask(EDUCATION, DETAILS, {"name": owner}).data)
    assert f"'{shown}'" in told
    assert f"'{hidden}'" not in told
    whole = hub.ask(EDUCATION, get_introspection_query(input_value_deprecation=True)).data["__schema"][
        "types"
    ]
    (part,) = (one for one in whole if one["name"] == owner)
    assert f"'{hidden}'" not in str(part)


@pytest.mark.parametrize(
    "name", ["AccessRecord", "AccessRecordEdge", "AccessRecordOrderField", "AccessOutcome", "YuanRange"]
)
def test_a_type_that_only_hidden_fields_lead_to_is_in_no_answer_of_introspection(
    hub: Served, name: str
) -> None:
    nothing = hub.ask(EDUCATION, DETAILS, {"name": "Nothing"})
    assert hub.ask(EDUCATION, DETAILS, {"name": name}) == nothing
    whole = str(hub.ask(EDUCATION, get_introspection_query()).body)
    assert f"'{name}'" not in whole
    assert f"'{name}'" in str(hub.ask("audit@4101", get_introspection_query()).body)


def test_the_kinds_of_an_interface_are_told_alike_to_whoever_reads_any_of_them(hub: Served) -> None:
    interface = PUBLISHED.type_map["AidRecord"]
    assert isinstance(interface, GraphQLInterfaceType)
    told = hub.ask(EDUCATION, DETAILS, {"name": "AidRecord"}).data["it"]
    kinds = {type_.name for type_ in PUBLISHED.get_possible_types(interface)}
    assert {type_["name"] for type_ in told["possibleTypes"]} == kinds
    for name in ("AidRecord", "MedicalAid"):
        told = hub.ask(EDUCATION, DETAILS, {"name": name}, scopes=frozenset({Scope.HOUSEHOLD_READ})).data[
            "it"
        ]
        assert [field["name"] for field in told["fields"]] == ["id"], (
            "without any scope of aid only the skeleton is left"
        )


def test_what_one_caller_was_told_is_not_told_to_the_next_with_fewer_scopes(hub: Served) -> None:
    """Directus #21821: a schema was cached across scopes."""
    for scopes, expected in (
        (DEPARTMENTS["audit"].scopes, True),
        (frozenset({Scope.HOUSEHOLD_READ}), False),
        (frozenset({Scope.HOUSEHOLD_READ, Scope.HOUSEHOLD_FINANCE_READ}), True),
        (frozenset({Scope.HOUSEHOLD_FINANCE_READ}), False),
        (frozenset({Scope.HOUSEHOLD_READ}), False),
    ):
        told = hub.ask(EDUCATION, DETAILS, {"name": "HouseholdFilter"}, scopes=scopes).data["it"]
        assert ("incomePerCapita" in str(told)) is expected
