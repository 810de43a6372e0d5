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

from schema.refusals import TooDeep, TooManyAliases, TooManyFields

MOST_LEVELS = 20
MOST_FIELDS = 10_000
MOST_ALIASES = 200
TYPENAME = "__typename"
INTROSPECTION = frozenset({"__schema", "__type"})
META_FIELDS = INTROSPECTION | {TYPENAME}
"""Fields that every type (or the root) has; no permission guards them, and what they tell is filtered elsewhere."""


@dataclass(frozen=True)
class Asked:
    """One field asked of one concrete type. `at` is its place in the operation: `Type.response_key`, from the root down,
    since the same response path can be asked differently of different types. `children` are by concrete type of what it
    answers."""

    parent: str
    name: str
    response_key: str
    at: tuple[str, ...]
    arguments: Mapping[str, Any]
    nodes: tuple[FieldNode, ...]
    children: Mapping[str, tuple["Asked", ...]] = field(default_factory=dict)

    @property
    def coordinate(self) -> str:
        """The schema coordinate, `Type.field`: what permissions go by, whatever the field is aliased to."""
        return f"{self.parent}.{self.name}"

    @property
    def path(self) -> tuple[str, ...]:
        """The response path, without the places in lists."""
        return tuple(step.partition(".")[2] for step in self.at)


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
        self._found = 0
        self._aliases: set[int] = set()

    def collect(self, operation: OperationDefinitionNode) -> tuple[Asked, ...]:
        """The root fields; raises GraphQLError where an argument cannot be coerced, and TooDeep, TooManyFields and
        TooManyAliases as soon as the operation turns out to be."""
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        return self._fields(root, [operation.selection_set], ())

    def _fields(
        self, parent: GraphQLObjectType, selection_sets: Iterable[SelectionSetNode], at: tuple[str, ...]
    ) -> tuple[Asked, ...]:
        grouped: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in selection_sets:
            self._group(parent, selection_set, grouped, seen)
        return tuple(self._asked(parent, key, nodes, at) for key, nodes in grouped.items())

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
        self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode], at: tuple[str, ...]
    ) -> Asked:
        name, here = nodes[0].name.value, (*at, f"{parent.name}.{key}")
        if name in META_FIELDS:
            return Asked(parent.name, name, key, here, {}, tuple(nodes))
        self._count(nodes, len(here))
        definition = parent.fields[name]
        answered = get_named_type(definition.type)
        selection_sets = [node.selection_set for node in nodes if node.selection_set]
        concrete: list[GraphQLObjectType] = []
        if is_abstract_type(answered):
            concrete = sorted(self._schema.get_possible_types(answered), key=lambda one: one.name)
        elif is_object_type(answered):
            concrete = [answered]
        return Asked(
            parent=parent.name,
            name=name,
            response_key=key,
            at=here,
            arguments=get_argument_values(definition, nodes[0], self._variables),
            nodes=tuple(nodes),
            children={one.name: self._fields(one, selection_sets, here) for one in concrete},
        )

    def _count(self, nodes: list[FieldNode], level: int) -> None:
        """A line of query can ask for more than any machine holds: types within types multiply."""
        self._found += 1
        self._aliases.update(id(node) for node in nodes if node.alias)
        if level > MOST_LEVELS:
            raise TooDeep(most=MOST_LEVELS)
        if self._found > MOST_FIELDS:
            raise TooManyFields(most=MOST_FIELDS)
        if len(self._aliases) > MOST_ALIASES:
            raise TooManyAliases(most=MOST_ALIASES)

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
