"""The schema that a grant sees: introspection and /schema.graphql show it.

It is the executed schema without the parts that the grant may not see: fields, filters and orders whose scopes are not
covered, and types that nothing refers to any more. A field of an interface is shown if the scopes of one of its kinds are
covered, and then on all kinds, since every kind must have it. Auditors and administrators see everything.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, TypeVar

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_introspection_type,
    parse,
    print_ast,
)

from auth.grant import Grant, covers
from auth.scopes import Scope
from hub.policy.permissions.field_scopes import SEES_WHOLE_SCHEMA
from schema.engine.compile.guards import Guards
from schema.engine.executable_schema import ExecutableSchema

_WITH_FIELDS = (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)
_MADE_OF_OTHERS = (*_WITH_FIELDS, GraphQLUnionType, GraphQLEnumType)
_FROM_FIELDS = ("_fields", "_interfaces", "_types", "_values", "_value_lookup")
"""The attributes from which graphql-core makes the parts of a type, or in which it caches them."""

Element = TypeVar("Element")


def visible_sdl(executable: ExecutableSchema, grant: Grant) -> str:
    """The schema definition that a grant sees."""
    return _sdl_of(executable, _seeing(grant))


def visible_schema(executable: ExecutableSchema, grant: Grant) -> GraphQLSchema:
    """The schema that a grant sees in introspection."""
    return _schema_of(executable, _seeing(grant))


def _seeing(grant: Grant) -> frozenset[Scope] | None:
    """The scopes that decide; None: nothing is hidden."""
    return None if grant.scopes & SEES_WHOLE_SCHEMA else grant.scopes


@lru_cache(maxsize=64)
def _schema_of(executable: ExecutableSchema, scopes: frozenset[Scope] | None) -> GraphQLSchema:
    whole = executable.graphql
    return whole if scopes is None else _Narrowing(whole, executable.guards, scopes).schema()


@cache
def _document(executable: ExecutableSchema) -> DocumentNode:
    return parse(executable.sdl)


@lru_cache(maxsize=64)
def _sdl_of(executable: ExecutableSchema, scopes: frozenset[Scope] | None) -> str:
    """The published definition without the parts that the visible schema lacks."""
    if scopes is None:
        return executable.sdl + "\n"
    schema = _schema_of(executable, scopes)
    return print_ast(DocumentNode(definitions=tuple(_shown(_document(executable), schema)))) + "\n"


def _shown(document: DocumentNode, schema: GraphQLSchema) -> Iterator[DefinitionNode]:
    for one in document.definitions:
        if isinstance(one, DirectiveDefinitionNode):
            yield one
        elif kind := schema.type_map.get(getattr(one, "name").value):  # noqa: B009  # every type has a name
            yield _shown_type(one, kind)


def _shown_type(definition: Any, kind: Any) -> DefinitionNode:
    """A definition with only the parts that the type has in the visible schema."""
    parts: dict[str, Any] = {}
    if isinstance(kind, _WITH_FIELDS):
        fields = (one for one in definition.fields or () if one.name.value in kind.fields)
        parts["fields"] = tuple(_shown_field(one, kind.fields[one.name.value]) for one in fields)
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        names = {one.name for one in kind.interfaces}
        parts["interfaces"] = tuple(one for one in definition.interfaces or () if one.name.value in names)
    if isinstance(kind, GraphQLUnionType):
        names = {one.name for one in kind.types}
        parts["types"] = tuple(one for one in definition.types or () if one.name.value in names)
    if isinstance(kind, GraphQLEnumType):
        parts["values"] = tuple(one for one in definition.values or () if one.name.value in kind.values)
    narrowed: DefinitionNode = _with_parts(definition, parts)
    return narrowed


def _shown_field(node: Any, field: Any) -> Any:
    if not getattr(node, "arguments", None):
        return node
    return _with_parts(
        node, {"arguments": tuple(one for one in node.arguments if one.name.value in field.args)}
    )


def _with_parts(node: Any, parts: dict[str, Any]) -> Any:
    return type(node)(**{**{key: getattr(node, key) for key in node.keys}, **parts})


class _Narrowing:
    """Makes the part of a schema that some scopes may see: each visible type is copied with all its attributes, and then gets
    its visible parts."""

    def __init__(self, executed: GraphQLSchema, guards: Guards, scopes: frozenset[Scope]) -> None:
        self._executed = executed
        self._guards = guards
        self._scopes = scopes
        self._kinds = {
            name: [kind.name for kind in executed.get_possible_types(one)]
            for name, one in executed.type_map.items()
            if isinstance(one, GraphQLInterfaceType)
        }
        self._promises: dict[str, set[str]] = {}
        for name, kinds in self._kinds.items():
            shown = {one for one in _fields_of(executed.type_map[name]) if self._of_any_kind(name, one)}
            for kind in kinds:
                self._promises.setdefault(kind, set()).update(shown)
        self._parts = self._shown_parts()
        self._copies: dict[str, Any] = {}

    def schema(self) -> GraphQLSchema:
        """The schema, with only what its roots and directives refer to."""
        reached = self._reached()
        for name in reached:
            kind = self._executed.type_map[name]
            shared = is_introspection_type(kind) or not isinstance(kind, _MADE_OF_OTHERS)
            self._copies[name] = kind if shared else _copy(kind)
        for name, one in self._copies.items():
            if one is not self._executed.type_map[name]:
                self._fill(one)
        parts: dict[str, Any] = {**self._executed.to_kwargs(), "assume_valid": True}
        for root in ("query", "mutation", "subscription"):
            parts[root] = parts[root] and self._copies.get(parts[root].name)
        parts["types"] = tuple(self._copies[name] for name in self._executed.type_map if name in reached)
        parts["directives"] = tuple(self._with_arguments(one) for one in self._executed.directives)
        return GraphQLSchema(**parts)

    def _covers(self, coordinate: str) -> bool:
        return covers(self._scopes, self._guards.scopes.get(coordinate, ()))

    def _of_any_kind(self, interface: str, name: str) -> bool:
        return any(self._covers(f"{kind}.{name}") for kind in self._kinds[interface])

    def _shows_field(self, owner: str, name: str) -> bool:
        if (stands_on := self._guards.filters.get(f"{owner}.{name}")) is not None:
            return self._covers(stands_on.coordinate)
        if owner in self._kinds:
            return self._of_any_kind(owner, name)
        return name in self._promises.get(owner, ()) or self._covers(f"{owner}.{name}")

    def _shows_order(self, owner: str, value: str) -> bool:
        coordinate = self._guards.orders.get(f"{owner.removesuffix('Field')}.{value}")
        return coordinate is None or self._covers(coordinate)

    def _shown_parts(self) -> dict[str, set[str]]:
        """The names of the visible fields, values or members of each type; types without any are left out."""
        parts: dict[str, set[str]] = {}
        for name, one in self._executed.type_map.items():
            match one:
                case GraphQLEnumType():
                    parts[name] = {value for value in one.values if self._shows_order(name, value)}
                case GraphQLUnionType():
                    parts[name] = {kind.name for kind in one.types}
                case GraphQLObjectType() | GraphQLInterfaceType() | GraphQLInputObjectType():
                    parts[name] = {field for field in one.fields if self._shows_field(name, field)}
        while empty := [name for name, shown in parts.items() if not shown]:
            for name in empty:
                del parts[name]
            for name, shown in parts.items():
                parts[name] = {part for part in shown if self._is_there(name, part, parts)}
        return parts

    def _is_there(self, owner: str, part: str, parts: dict[str, set[str]]) -> bool:
        kind = self._executed.type_map[owner]
        if isinstance(kind, GraphQLEnumType):
            return True
        of = (
            self._executed.type_map[part]
            if isinstance(kind, GraphQLUnionType)
            else _fields_of(kind)[part].type
        )
        named = get_named_type(of)
        return not isinstance(named, _MADE_OF_OTHERS) or named.name in parts

    def _reached(self) -> set[str]:
        """The names of the types that the roots and the directives refer to; an interface refers to all of its kinds."""
        roots = (self._executed.query_type, self._executed.mutation_type, self._executed.subscription_type)
        waiting = [one.name for one in roots if one is not None and one.name in self._parts]
        waiting += [
            get_named_type(arg.type).name for one in self._executed.directives for arg in one.args.values()
        ]
        waiting += [name for name, one in self._executed.type_map.items() if is_introspection_type(one)]
        reached: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += self._next(self._executed.type_map[name])
        return reached

    def _next(self, kind: GraphQLNamedType) -> Iterator[str]:
        shown = self._parts.get(kind.name, set())
        if isinstance(kind, _WITH_FIELDS):
            for name, field in _fields_of(kind).items():
                if name in shown:
                    yield get_named_type(field.type).name
                    for argument in getattr(field, "args", {}).values():
                        if self._has(argument.type):
                            yield get_named_type(argument.type).name
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            yield from (one.name for one in kind.interfaces if self._has(one))
        if isinstance(kind, GraphQLInterfaceType):
            yield from (one for one in self._kinds[kind.name] if one in self._parts)
        if isinstance(kind, GraphQLUnionType):
            yield from shown

    def _has(self, type_: Any) -> bool:
        named = get_named_type(type_)
        return not isinstance(named, _MADE_OF_OTHERS) or named.name in self._parts

    def _fill(self, kind: Any) -> None:
        """Give a copied type its visible parts, with the types of the visible schema."""
        executed: Any = self._executed.type_map[kind.name]
        shown = self._parts[kind.name]
        if isinstance(kind, _WITH_FIELDS):
            kind.fields = {name: self._field(one) for name, one in executed.fields.items() if name in shown}
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            kind.interfaces = tuple(self._copies[one.name] for one in executed.interfaces if self._has(one))
        if isinstance(kind, GraphQLUnionType):
            kind.types = tuple(self._copies[one.name] for one in executed.types if one.name in shown)
        if isinstance(kind, GraphQLEnumType):
            kind.values = {name: one for name, one in executed.values.items() if name in shown}

    def _field(self, field: Any) -> Any:
        made = self._with_arguments(field) if hasattr(field, "args") else _copy(field)
        made.type = self._type(field.type)
        return made

    def _with_arguments(self, owner: Element) -> Element:
        """A copy of a field or a directive, with the arguments whose types are visible."""
        made: Any = _copy(owner)
        made.args = {name: self._field(one) for name, one in made.args.items() if self._has(one.type)}
        return made  # type: ignore[no-any-return]

    def _type(self, type_: Any) -> Any:
        match type_:
            case GraphQLNonNull():
                return GraphQLNonNull(self._type(type_.of_type))
            case GraphQLList():
                return GraphQLList(self._type(type_.of_type))
        return self._copies[type_.name]


def _fields_of(kind: Any) -> dict[str, Any]:
    fields: dict[str, Any] = kind.fields
    return fields


def _copy(element: Element) -> Element:
    """A copy of a schema element with all its attributes, except those from which its parts are made: graphql-core's own
    copies take only the constructor's arguments, and lose attributes that were set later."""
    made = object.__new__(type(element))
    made.__dict__.update({name: value for name, value in vars(element).items() if name not in _FROM_FIELDS})
    return made
