"""Pass 1: what an operation asks for, field by field, once fragments, aliases, variables and directives are settled.

In: a validated document, its operation, the caller's variables. Out: a tree of `Asked`, in which every field stands
under each concrete type it can be asked of, and fields with the same response key are merged (GraphQL spec 6.3.2).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.values import VariableValues


@dataclass(frozen=True)
class Asked:
    """One field asked of one concrete type. `children` are by concrete type of what it answers."""

    parent: str
    name: str
    response_key: str
    path: tuple[str, ...]
    arguments: Mapping[str, Any]
    nodes: tuple[FieldNode, ...]
    children: Mapping[str, tuple["Asked", ...]] = field(default_factory=dict)

    @property
    def coordinate(self) -> str:
        """The schema coordinate, `Type.field`: what permissions go by, whatever the field is aliased to."""
        return f"{self.parent}.{self.name}"


class Collector:
    """The pass over one operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def collect(self, operation: OperationDefinitionNode) -> tuple[Asked, ...]:
        """The root fields; raises GraphQLError where an argument cannot be coerced."""
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        return self._fields(root, [operation.selection_set], ())

    def _fields(
        self, parent: GraphQLObjectType, selection_sets: Iterable[SelectionSetNode], path: tuple[str, ...]
    ) -> tuple[Asked, ...]:
        grouped: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in selection_sets:
            self._group(parent, selection_set, grouped, seen)
        return tuple(
            self._asked(parent, key, nodes, path)
            for key, nodes in grouped.items()
            if not nodes[0].name.value.startswith("__")
        )

    def _group(
        self,
        parent: GraphQLObjectType,
        selection_set: SelectionSetNode,
        grouped: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        for node in selection_set.selections:
            if not self._included(node):
                continue
            match node:
                case FieldNode():
                    key = node.alias.value if node.alias else node.name.value
                    grouped.setdefault(key, []).append(node)
                case InlineFragmentNode():
                    if node.type_condition is None or self._applies(node.type_condition.name.value, parent):
                        self._group(parent, node.selection_set, grouped, seen)
                case FragmentSpreadNode():
                    name = node.name.value
                    fragment = self._fragments[name]
                    if name not in seen and self._applies(fragment.type_condition.name.value, parent):
                        seen.add(name)
                        self._group(parent, fragment.selection_set, grouped, seen)

    def _asked(
        self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode], path: tuple[str, ...]
    ) -> Asked:
        definition = parent.fields[nodes[0].name.value]
        answered = get_named_type(definition.type)
        selection_sets = [node.selection_set for node in nodes if node.selection_set]
        concrete: list[GraphQLObjectType] = []
        if is_abstract_type(answered):
            concrete = sorted(self._schema.get_possible_types(answered), key=lambda one: one.name)
        elif is_object_type(answered):
            concrete = [answered]
        here = (*path, key)
        return Asked(
            parent=parent.name,
            name=nodes[0].name.value,
            response_key=key,
            path=here,
            arguments=get_argument_values(definition, nodes[0], self._variables),
            nodes=tuple(nodes),
            children={one.name: self._fields(one, selection_sets, here) for one in concrete},
        )

    def _included(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and (include is None or bool(include["if"]))

    def _applies(self, condition: str, parent: GraphQLObjectType) -> bool:
        named = self._schema.type_map[condition]
        return named is parent or (is_abstract_type(named) and self._schema.is_sub_type(named, parent))


def walk(fields: Iterable[Asked]) -> Iterable[Asked]:
    """Every field of a tree, parents first."""
    for one in fields:
        yield one
        for children in one.children.values():
            yield from walk(children)
