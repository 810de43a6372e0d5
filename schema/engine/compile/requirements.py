"""The requirements of every part of an operation, without a grant: the counterpart of `authorize`.

If variables are unknown, the requirements for all values are separate from those that only some values add.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
)

from auth.grant import ScopeSets
from schema.engine.compile.authorize import guarded_arguments
from schema.engine.compile.collect import META_FIELDS, SelectedField, walk
from schema.engine.compile.guards import Guards

_Needs = tuple[str, ScopeSets]

UNKNOWN = object()
"""Takes the place of the unknown value of a required variable."""


@dataclass(frozen=True)
class Requirement:
    """The scope sets of one coordinate. `as_filter`: it is used by a filter or order, not read. `variable`: its value decides
    whether the coordinate is used."""

    coordinate: str
    scopes: ScopeSets
    as_filter: bool = False
    variable: str | None = None


def requirements(
    schema: GraphQLSchema, guards: Guards, fields: Iterable[SelectedField], open: Collection[str] = ()
) -> tuple[Requirement, ...]:
    """Each requirement of an operation once, in the order of the document; those that only values of the variables in `open`
    may add come last."""
    certain: dict[Requirement, None] = {}
    possible: dict[Requirement, None] = {}
    for field in walk(fields):
        if field.name in META_FIELDS:
            continue
        certain[Requirement(field.coordinate, guards.scopes.get(field.coordinate, ()))] = None
        known = replace(field, arguments=_known(field.arguments))
        for coordinate, scopes in guarded_arguments(schema, guards, known):
            certain[Requirement(coordinate, scopes, as_filter=True)] = None
        for variable, coordinate, scopes in _left_open(schema, guards, field, open):
            possible[Requirement(coordinate, scopes, as_filter=True, variable=variable)] = None
    settled = {
        (requirement.coordinate, requirement.scopes) for requirement in certain if requirement.as_filter
    }
    return (
        *certain,
        *(
            requirement
            for requirement in possible
            if (requirement.coordinate, requirement.scopes) not in settled
        ),
    )


def _known(value: Any) -> Any:
    """A coerced value without its unknown parts; a filter with an unknown value still counts."""
    if value is UNKNOWN:
        return None
    if isinstance(value, Mapping):
        return {name: _known(inner) for name, inner in value.items()}
    return [_known(item) for item in value if item is not UNKNOWN] if isinstance(value, list) else value


def _left_open(
    schema: GraphQLSchema, guards: Guards, field: SelectedField, open: Collection[str]
) -> Iterator[tuple[str, str, ScopeSets]]:
    """The requirements that the variables in a field's arguments may add."""
    definition = schema.type_map[field.parent].fields[field.name]  # type: ignore[attr-defined]
    for argument in field.nodes[0].arguments or ():
        kind = get_named_type(definition.args[argument.name.value].type)
        if not isinstance(kind, GraphQLInputObjectType):
            continue
        for variable, needs in _of_value(guards, kind, argument.value, open):
            yield variable, *needs


def _of_value(
    guards: Guards, kind: GraphQLInputObjectType, node: ValueNode, open: Collection[str]
) -> Iterator[tuple[str, _Needs]]:
    """The requirements that the variables in a value of an input type may add."""
    match node:
        case VariableNode() if node.name.value in open:
            for needs in _any_of_type(guards, kind):
                yield node.name.value, needs
        case ListValueNode():
            for item in node.values:
                yield from _of_value(guards, kind, item, open)
        case ObjectValueNode():
            for field in node.fields:
                name = field.name.value
                if variable := _variable_of(field.value, open):
                    for needs in _any_of_field(guards, kind, name):
                        yield variable, needs
                nested = get_named_type(kind.fields[name].type)
                if isinstance(nested, GraphQLInputObjectType):
                    yield from _of_value(guards, nested, field.value, open)


def _variable_of(node: ValueNode, open: Collection[str]) -> str | None:
    """The first open variable that a value is or lists."""
    for item in node.values if isinstance(node, ListValueNode) else (node,):
        if isinstance(item, VariableNode) and item.name.value in open:
            return item.name.value
    return None


def _any_of_type(
    guards: Guards, kind: GraphQLInputObjectType, within: frozenset[str] = frozenset()
) -> Iterator[_Needs]:
    """All possible requirements of a value of an input type; a type within itself adds none."""
    if kind.name in within:
        return
    for name, field in kind.fields.items():
        yield from _any_of_field(guards, kind, name)
        nested = get_named_type(field.type)
        if isinstance(nested, GraphQLInputObjectType):
            yield from _any_of_type(guards, nested, within | {kind.name})


def _any_of_field(guards: Guards, kind: GraphQLInputObjectType, name: str) -> Iterator[_Needs]:
    """All possible requirements of a field of an input type."""
    for value in _values(kind.fields[name].type):
        yield from guards.of_input(kind.name, name, value)


def _values(kind: GraphQLInputType) -> Iterator[Any]:
    """Every value of an enum, in the form in which a field of that type takes it; for another type None, which represents the
    field alone."""
    named = get_named_type(kind)
    if not isinstance(named, GraphQLEnumType):
        yield None
        return
    listed = isinstance(get_nullable_type(kind), GraphQLList)
    for enum_value in named.values.values():
        yield [enum_value.value] if listed else enum_value.value
