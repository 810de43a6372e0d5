"""Variables are coerced as graphql-core coerces them, for every value."""

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    OperationDefinitionNode,
    get_variable_values,
    is_input_type,
    parse,
)
from graphql.execution.values import VariableValues
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.engine.execute.coercion import Coercion
from schema.hub_schema import build

SCHEMA = build().graphql
COERCION = Coercion(SCHEMA)
INPUTS = sorted(name for name, kind in SCHEMA.type_map.items() if is_input_type(kind) and name[0] != "_")
SCALARS = {
    "Int": st.integers(-(2**33), 2**33),
    "Boolean": st.booleans(),
    "Date": st.dates().map(str) | st.just("2026-02-30"),
    "DateTime": st.sampled_from(["2026-11-23T00:00:00Z", "2026-11-23T00:00:00", "soon"]),
    "Decimal": st.sampled_from(["1", "1.50", 2, 1.5, "NaN", "ten"]),
}
ANYTHING: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([]) | st.just({"x": 1})
)


def values_of(kind: GraphQLInputType) -> st.SearchStrategy[Any]:
    """Values that are mostly of a type, and sometimes of none."""
    match kind:
        case GraphQLNonNull():
            return values_of(kind.of_type)
        case GraphQLList():
            right = st.lists(values_of(kind.of_type), max_size=3) | values_of(kind.of_type)
        case GraphQLInputObjectType():
            fields = {name: values_of(field.type) for name, field in kind.fields.items()}
            right = st.lists(st.sampled_from(sorted(fields)), max_size=4).flatmap(
                lambda chosen: st.fixed_dictionaries({name: fields[name] for name in chosen})
            ) | st.fixed_dictionaries(
                {
                    name: fields[name]
                    for name, field in kind.fields.items()
                    if isinstance(field.type, GraphQLNonNull)
                }
                or {name: fields[name] for name in sorted(fields)[:1]}
            )
        case GraphQLEnumType():
            right = st.sampled_from([*kind.values, "NO_SUCH_WORD"])
        case leaf:
            right = SCALARS.get(leaf.name, st.text(max_size=5))
    return st.integers(0, 40).flatmap(lambda die: ANYTHING if die == 0 else right)


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An operation with a few variables, and values for them."""
    declared, given_values = [], {}
    for number in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(INPUTS))
        wrapped = draw(st.sampled_from(["{}", "{}!", "[{}]", "[{}!]!"]))
        default = draw(st.sampled_from(["", "", "", " = null"])) if wrapped[-1] != "!" else ""
        declared.append(f"$v{number}: {wrapped.format(name)}{default}")
        kind: Any = SCHEMA.type_map[name]
        one = values_of(GraphQLList(kind) if "[" in wrapped else kind)
        if draw(st.integers(0, 9)):
            given_values[f"v{number}"] = draw(one)
    return f"query ({', '.join(declared)}) {{ viewer {{ client }} }}", given_values


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(questions())
def test_variables_are_coerced_as_graphql_core_does(question: tuple[str, dict[str, Any]]) -> None:
    query, inputs = question
    (operation,) = parse(query).definitions
    assert isinstance(operation, OperationDefinitionNode)
    definitions = operation.variable_definitions or ()
    theirs = get_variable_values(SCHEMA, definitions, inputs, max_errors=20, hide_suggestions=True)
    ours = COERCION.values(definitions, inputs)
    if isinstance(theirs, VariableValues):
        assert isinstance(ours, VariableValues)
        assert repr(ours.coerced) == repr(theirs.coerced), "the same, in the same order"
        assert {name: source.value for name, source in ours.sources.items()} == {
            name: source.value for name, source in theirs.sources.items()
        }
    else:
        assert not isinstance(ours, VariableValues)
        assert [error.message for error in ours] == [error.message for error in theirs]
        for error in (error for error in ours if error.original_error is not None):
            variable, *steps = (error.extensions or {})["path"]
            place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
            at = f" at {place}" if place else ""
            assert error.message.startswith(f"Variable '${variable}' has invalid value{at}: ")


def test_what_is_rightly_given_is_taken_without_asking_graphql_core() -> None:
    (operation,) = parse("query ($f: HouseholdFilter, $n: Int!) { viewer { client } }").definitions
    assert isinstance(operation, OperationDefinitionNode)
    inputs = {"f": {"region": "4101", "category": ["EXTREME_HARDSHIP"]}, "n": 3}
    taken = COERCION._values(operation.variable_definitions or (), inputs)  # the fast path
    assert taken.coerced["n"] == 3
