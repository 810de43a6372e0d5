"""Pass 1: the selection of an operation."""

import time

import pytest
from graphql import GraphQLError

from schema.engine.compile.collect import SelectedField, walk
from schema.engine.refusals import TooDeep, TooManyAliases, TooManyFields
from tests.schema.compile.operations import collected, coordinates


def _only(fields: tuple[SelectedField, ...]) -> SelectedField:
    assert len(fields) == 1
    return fields[0]


def test_a_field_is_known_by_its_coordinate_whatever_its_alias() -> None:
    root = _only(collected('{ code: household(code: "1") { code: incomePerCapita income: code } }'))
    assert (root.response_key, root.coordinate) == ("code", "Query.household")
    assert [(field.response_key, field.coordinate) for field in root.children["Household"]] == [
        ("code", "Household.incomePerCapita"),
        ("income", "Household.code"),
    ]


def test_fragments_inline_fragments_and_fields_with_the_same_key_are_merged() -> None:
    root = _only(
        collected(
            """
            { household(code: "1") { region { code } ...A ... { region { level } } } household(code: "1") { code } }
            fragment A on Household { region { name } ...B }
            fragment B on Household { region { name } address }
            """
        )
    )
    assert [field.name for field in root.children["Household"]] == ["region", "address", "code"]
    region = root.children["Household"][0]
    assert [field.name for field in region.children["Region"]] == ["code", "name", "level"]
    assert len(region.nodes) == 4


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        ("@skip(if: true)", False),
        ("@skip(if: false)", True),
        ("@include(if: true)", True),
        ("@include(if: false)", False),
        ("@include(if: true) @skip(if: true)", False),
        ("@skip(if: $yes)", False),
        ("@skip(if: $no)", True),
        ("@include(if: $yes) @skip(if: $no)", True),
        ("@include(if: $no) @skip(if: $no)", False),
        ("@include(if: $default)", False),
    ],
)
@pytest.mark.parametrize(
    "selection", ["address {0}", "... {0} {{ address }}", "... on Household {0} {{ address }}", "...F {0}"]
)
def test_skip_and_include_are_settled_before_anything_is_decided(
    selection: str, condition: str, asked: bool
) -> None:
    fragment = "fragment F on Household { address }" if "F" in selection else ""
    query = (
        "query($yes: Boolean! = true, $no: Boolean!, $default: Boolean! = false, $code: String!)"
        f"{{ household(code: $code) {{ code {selection.format(condition)} }} used: household(code: $code) "
        "@include(if: $yes) @skip(if: $no) { code } unused: household(code: $code) @include(if: $default) { code } }"
    )
    found = coordinates(collected(f"{query} {fragment}", {"no": False, "code": "1"}))
    assert ("Household.address" in found) is asked


def test_a_field_skipped_in_one_place_and_asked_in_another_is_asked() -> None:
    found = collected('{ household(code: "1") { address @skip(if: true) address } }')
    assert len(_only(_only(found).children["Household"]).nodes) == 1


def test_a_field_of_an_interface_stands_under_each_concrete_type() -> None:
    found = coordinates(collected("{ aidRecords { nodes { amount ... on MedicalAid { hospital } } } }"))
    assert {f"{kind}Aid.amount" for kind in ("Medical", "Education", "BasicLiving", "Charity")} <= found
    assert {one for one in found if one.endswith(".hospital")} == {"MedicalAid.hospital"}
    assert "AidRecord.amount" not in found


def test_fragments_on_an_interface_reach_exactly_the_types_that_have_it() -> None:
    found = coordinates(
        collected(
            '{ node(id: "x") { ... on AidRecord { outcome } ... on Node { id } ... on Person { name } } }'
        )
    )
    assert "MedicalAid.outcome" in found
    assert "Person.outcome" not in found
    assert {"Person.name", "Person.id", "Household.id", "MedicalAid.id"} <= found
    assert "Household.name" not in found


def test_meta_fields_stand_in_the_tree_without_what_they_tell() -> None:
    found = collected("{ __typename __schema { types { name } } viewer { __typename client } }")
    assert coordinates(found) == {
        "Query.__typename",
        "Query.__schema",
        "Query.viewer",
        "Viewer.__typename",
        "Viewer.client",
    }


def test_arguments_are_coerced_with_variables_and_defaults() -> None:
    asked = _only(
        collected(
            "query($first: Int = 3, $f: HouseholdFilter) { households(first: $first, filter: $f) { totalCount } }",
            {"f": {"code": "one"}},
        )
    )
    assert dict(asked.arguments) == {"first": 3, "filter": {"code": ["one"]}}


def test_an_argument_that_cannot_be_coerced_is_the_callers_error() -> None:
    with pytest.raises(GraphQLError):
        collected('query($code: String = "1") { household(code: $code) { code } }', {"code": None})


def _quickly(query: str) -> tuple[SelectedField, ...]:
    started = time.perf_counter()
    found = collected(query)
    assert time.perf_counter() - started < 2
    return found


def test_thirty_fragments_that_each_spread_the_next_one_twice_stay_linear() -> None:
    fragments = " ".join(f"fragment F{i} on Household {{ ...F{i + 1} ...F{i + 1} }}" for i in range(30))
    found = _quickly("{ households { nodes { ...F0 } } } fragment F30 on Household { code } " + fragments)
    assert "Household.code" in coordinates(found)


def test_fragments_that_double_at_every_level_of_the_answer_stay_linear() -> None:
    fragments = " ".join(
        f"fragment F{i} on Household {{ members {{ household {{ ...F{i + 1} ...F{i + 1} }} household {{ ...F{i + 1} }} }} }}"
        for i in range(8)
    )
    found = _quickly("{ households { nodes { ...F0 } } } fragment F8 on Household { code } " + fragments)
    assert sum(1 for field in walk(found) if field.coordinate == "Household.code") == 1


def test_an_interface_within_an_interface_does_not_multiply_by_its_types_at_each_level() -> None:
    """Ten kinds of aid and sixteen levels of history are a tree of 10^16 fields, from one line of query."""
    depth = 16
    found = _quickly("{ aidRecords { nodes { " + "history { " * depth + "amount" + " }" * depth + " } } }")
    assert {f"{kind}Aid.amount" for kind in ("Medical", "Other")} <= coordinates(found)


def test_the_same_line_asked_of_one_kind_after_the_other_does_not_multiply_either() -> None:
    kinds = ("MedicalAid", "EducationAid", "HousingAid")
    each = " ".join(f"... on {kind} {{ history {{ ...F%d }} }}" for kind in kinds)
    fragments = " ".join(
        f"fragment F{i} on AidRecord {{ {each.replace('%d', str(i + 1))} }}" for i in range(16)
    )
    _quickly("{ aidRecords { nodes { ...F0 } } } fragment F16 on AidRecord { amount } " + fragments)


def test_an_operation_of_endlessly_many_different_selections_is_refused_at_once() -> None:
    """Each kind adds a fragment of its own at every level, so that no two kinds can share their fields: 2^16 selections."""
    depth = 16
    fragments = [f"fragment M{depth} on AidRecord {{ id }}"]
    for level in range(depth):
        added = f"... on MedicalAid {{ history {{ ...P{level}_{level + 1} }} }}"
        fragments.append(f"fragment M{level} on AidRecord {{ history {{ ...M{level + 1} }} {added} }}")
        fragments += [
            f"fragment P{level}_{below} on AidRecord {{ history {{ ...P{level}_{below + 1} }} }}"
            for below in range(level + 1, depth)
        ]
        fragments.append(f"fragment P{level}_{depth} on AidRecord {{ id }}")
    with pytest.raises(TooManyFields):
        collected("{ aidRecords { nodes { ...M0 } } } " + " ".join(fragments))


def test_an_operation_that_is_too_deep_is_refused() -> None:
    with pytest.raises(TooDeep):
        _quickly('{ household(code: "x") { ' + "members { household { " * 12 + "code" + " } }" * 12 + " } }")


def test_an_operation_with_too_many_aliases_is_refused() -> None:
    with pytest.raises(TooManyAliases):
        _quickly('{ household(code: "x") { ' + " ".join(f"a{i}: code" for i in range(201)) + " } }")
