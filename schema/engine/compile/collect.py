"""Pass 1: the selected fields of an operation, with fragments, aliases, variables and directives resolved.

In: a validated document, its operation, the caller's variables. Out: a tree of `SelectedField`. Each field appears under each
concrete type that it can belong to, and fields with the same response key are merged (GraphQL spec 6.3.2).

If the same selection is made on the same type in several places, these places share its fields. Otherwise an interface within
an interface would multiply by its types at every level.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLDirective,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.values import VariableValues

from schema.engine.refusals import TooDeep, TooManyAliases, TooManyFields

MOST_LEVELS = 20
MOST_FIELDS = 10_000
"""The limit for the fields of an operation; a field counts once for every concrete type."""
MOST_ALIASES = 200
TYPENAME = "__typename"
INTROSPECTION = frozenset({"__schema", "__type"})
META_FIELDS = INTROSPECTION | {TYPENAME}
"""Fields that every type (or the root) has. No permission guards them; their content is filtered elsewhere."""


@dataclass(frozen=True)
class SelectedField:
    """A selected field of a concrete type. `children` are the fields selected below it, by concrete type."""

    parent: str
    name: str
    response_key: str
    arguments: Mapping[str, Any]
    nodes: tuple[FieldNode, ...]
    children: Mapping[str, tuple["SelectedField", ...]] = field(default_factory=dict)

    @property
    def coordinate(self) -> str:
        """The schema coordinate, `Type.field`. Permissions depend on it, whatever the field's alias is."""
        return f"{self.parent}.{self.name}"

    @property
    def at(self) -> tuple[str, ...]:
        """Identifies the field of the document, and so its arguments."""
        return place_in_document(self.coordinate, self.nodes[0])


def place_in_document(coordinate: str, node: FieldNode) -> tuple[str, ...]:
    """The place of a field in a document: its coordinate and its offset. The response path is not enough: fields of different
    types may have the same path and different arguments (GraphQL spec 5.3.2)."""
    assert node.loc is not None
    return coordinate, str(node.loc.start)


class Collector:
    """The pass over one operation. A selection that depends on a variable in `open` counts as selected, since it may be."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        open: Collection[str] = (),
    ) -> None:
        self._open = open
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._collected: dict[tuple[object, ...], tuple[SelectedField, ...]] = {}
        self._found = 0
        self._aliases: set[int] = set()

    def collect(self, operation: OperationDefinitionNode) -> tuple[SelectedField, ...]:
        """The root fields. Raises GraphQLError for an argument that cannot be coerced, and TooDeep, TooManyFields or
        TooManyAliases as soon as a limit is exceeded."""
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        return self._fields(root, [operation.selection_set], 1)

    def _fields(
        self, parent: GraphQLObjectType, selection_sets: Sequence[SelectionSetNode], level: int
    ) -> tuple[SelectedField, ...]:
        if level > MOST_LEVELS:
            raise TooDeep(most=MOST_LEVELS)
        same = (parent.name, level, *map(id, selection_sets))
        if same not in self._collected:
            self._collected[same] = self._new_fields(parent, selection_sets, level)
        return self._collected[same]

    def _new_fields(
        self, parent: GraphQLObjectType, selection_sets: Sequence[SelectionSetNode], level: int
    ) -> tuple[SelectedField, ...]:
        grouped: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in selection_sets:
            self._group(parent, selection_set, grouped, seen)
        return tuple(self._field(parent, key, nodes, level) for key, nodes in grouped.items())

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

    def _field(
        self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode], level: int
    ) -> SelectedField:
        self._count(nodes)
        name = nodes[0].name.value
        if name in META_FIELDS:
            return SelectedField(parent.name, name, key, {}, tuple(nodes))
        definition = parent.fields[name]
        answered = get_named_type(definition.type)
        selection_sets = [node.selection_set for node in nodes if node.selection_set]
        concrete: list[GraphQLObjectType] = []
        if is_abstract_type(answered):
            concrete = sorted(self._schema.get_possible_types(answered), key=lambda kind: kind.name)
        elif is_object_type(answered):
            concrete = [answered]
        return SelectedField(
            parent=parent.name,
            name=name,
            response_key=key,
            arguments=get_argument_values(definition, nodes[0], self._variables),
            nodes=tuple(nodes),
            children={kind.name: self._fields(kind, selection_sets, level + 1) for kind in concrete},
        )

    def _count(self, nodes: list[FieldNode]) -> None:
        self._found += 1
        self._aliases.update(id(node) for node in nodes if node.alias)
        if self._found > MOST_FIELDS:
            raise TooManyFields(most=MOST_FIELDS)
        if len(self._aliases) > MOST_ALIASES:
            raise TooManyAliases(most=MOST_ALIASES)

    def _included(self, node: Any) -> bool:
        skip, include = (
            self._condition(directive, node) for directive in (GraphQLSkipDirective, GraphQLIncludeDirective)
        )
        return skip is not True and include is not False

    def _condition(self, directive: GraphQLDirective, node: Any) -> bool | None:
        """The value of a directive's `if`; None if the node has no such directive, or if the variable is in `open`."""
        for node_directive in node.directives or ():
            value = node_directive.arguments[0].value if node_directive.name.value == directive.name else None
            if isinstance(value, VariableNode) and value.name.value in self._open:
                return None
        values = get_directive_values(directive, node, self._variables)
        return None if values is None else bool(values["if"])

    def _applies(self, condition: str, parent: GraphQLObjectType) -> bool:
        named = self._schema.type_map[condition]
        return named is parent or (is_abstract_type(named) and self._schema.is_sub_type(named, parent))


def walk(fields: Iterable[SelectedField]) -> Iterator[SelectedField]:
    """Every field of a tree once, parents first."""
    seen: set[int] = set()

    def descend(level: Iterable[SelectedField]) -> Iterator[SelectedField]:
        for selected in level:
            if id(selected) not in seen:
                seen.add(id(selected))
                yield selected
                for children in selected.children.values():
                    yield from descend(children)

    return descend(fields)
