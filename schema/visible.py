"""The schema as a grant sees it: what introspection and /schema.graphql show.

A field, filter or order whose scopes are not covered is not there, nor is a type that nothing leads to any more. A field
of an interface is shown where the scopes of one of its kinds are covered, and then on all of them, since every kind must
have it. Auditors and administrators see everything.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    Visitor,
    build_ast_schema,
    parse,
    print_ast,
    visit,
)

from auth.grant import Grant, covers
from auth.scopes import Scope
from schema.built import build
from schema.compile.guards import Guards

_ROOTS = ("Query", "Mutation")
_WITH_FIELDS = (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode, InputObjectTypeDefinitionNode)
_SEE_ALL = frozenset({Scope.AUDIT_READ, Scope.HUB_ADMIN})


def visible_sdl(grant: Grant) -> str:
    """The schema definition that a grant sees."""
    return print_ast(_visible(_seeing(grant))) + "\n"


@lru_cache(maxsize=64)
def _schema_of(scopes: frozenset[Scope] | None) -> GraphQLSchema:
    return build_ast_schema(_visible(scopes), assume_valid=True)


def visible_schema(grant: Grant) -> GraphQLSchema:
    """The schema that introspection tells a grant of."""
    return _schema_of(_seeing(grant))


def _seeing(grant: Grant) -> frozenset[Scope] | None:
    """The scopes that decide; None: nothing is hidden."""
    return None if grant.scopes & _SEE_ALL else grant.scopes


@lru_cache(maxsize=64)
def _visible(scopes: frozenset[Scope] | None) -> DocumentNode:
    document = parse(build().sdl)
    if scopes is None:
        return document
    shown = _Shown(document, build().guards, scopes)
    return DocumentNode(definitions=tuple(_reachable([shown.of(one) for one in document.definitions])))


class _Shown:
    """What some scopes are shown of a document."""

    def __init__(self, document: DocumentNode, guards: Guards, scopes: frozenset[Scope]) -> None:
        self._guards = guards
        self._scopes = scopes
        self._kinds: dict[str, list[str]] = {}
        self._promises: dict[str, set[str]] = {}
        for one in document.definitions:
            if isinstance(one, ObjectTypeDefinitionNode):
                for interface in one.interfaces or ():
                    self._kinds.setdefault(interface.name.value, []).append(one.name.value)
        for one in document.definitions:
            if isinstance(one, InterfaceTypeDefinitionNode):
                names = {field.name.value for field in one.fields or ()}
                for kind in self._kinds.get(one.name.value, ()):
                    self._promises.setdefault(kind, set()).update(
                        name for name in names if self._of_any_kind(one.name.value, name)
                    )

    def of(self, definition: DefinitionNode) -> DefinitionNode:
        """A definition with the fields, filters and orders that are shown."""
        narrowed = definition
        match definition:
            case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode() | InputObjectTypeDefinitionNode():
                owner = definition.name.value
                fields = tuple(one for one in definition.fields or () if self._field(owner, one.name.value))
                narrowed = _with(definition, fields=fields)
            case EnumTypeDefinitionNode():
                owner = definition.name.value.removesuffix("Field")
                values = tuple(one for one in definition.values or () if self._order(owner, one.name.value))
                narrowed = _with(definition, values=values)
        return narrowed

    def _covers(self, coordinate: str) -> bool:
        return covers(self._scopes, self._guards.scopes.get(coordinate, ()))

    def _field(self, owner: str, name: str) -> bool:
        if (stands_on := self._guards.filters.get(f"{owner}.{name}")) is not None:
            return self._covers(stands_on.coordinate)
        if owner in self._kinds:
            return self._of_any_kind(owner, name)
        return name in self._promises.get(owner, ()) or self._covers(f"{owner}.{name}")

    def _of_any_kind(self, interface: str, name: str) -> bool:
        return any(self._covers(f"{kind}.{name}") for kind in self._kinds[interface])

    def _order(self, owner: str, value: str) -> bool:
        coordinate = self._guards.orders.get(f"{owner}.{value}")
        return coordinate is None or self._covers(coordinate)


def _with(node: Any, **changes: Any) -> Any:
    return type(node)(**{**{key: getattr(node, key) for key in node.keys}, **changes})


def _reachable(definitions: Iterable[DefinitionNode]) -> list[DefinitionNode]:
    """The definitions that the roots lead to, without fields that lead to what is empty."""
    types = {one.name.value: one for one in definitions if isinstance(one, TypeDefinitionNode)}
    others = [one for one in definitions if not isinstance(one, TypeDefinitionNode)]
    while empty := {name for name, one in types.items() if _is_empty(one)}:
        types = {name: _without(one, empty) for name, one in types.items() if name not in empty}
    implementing: dict[str, set[str]] = {}
    for name, one in types.items():
        for interface in getattr(one, "interfaces", None) or ():
            implementing.setdefault(interface.name.value, set()).add(name)
    reached: set[str] = set()
    waiting = [name for name in _ROOTS if name in types]
    for directive in others:
        waiting += _mentioned(directive)
    while waiting:
        name = waiting.pop()
        if name in types and name not in reached:
            reached.add(name)
            waiting += [*_mentioned(types[name]), *implementing.get(name, ())]
    return [*others, *(one for name, one in types.items() if name in reached)]


def _is_empty(definition: TypeDefinitionNode) -> bool:
    if isinstance(definition, _WITH_FIELDS):
        return not definition.fields
    return isinstance(definition, EnumTypeDefinitionNode) and not definition.values


def _without(definition: TypeDefinitionNode, empty: set[str]) -> TypeDefinitionNode:
    """A definition without the fields and arguments of empty types."""
    if not isinstance(definition, _WITH_FIELDS):
        return definition
    fields = []
    for field in definition.fields or ():
        if empty & set(_mentioned(field.type)):
            continue
        arguments = getattr(field, "arguments", None)
        if arguments:
            kept = tuple(one for one in arguments if not empty & set(_mentioned(one.type)))
            field = _with(field, arguments=kept)  # noqa: PLW2901  # the field, narrowed
        fields.append(field)
    narrowed: TypeDefinitionNode = _with(definition, fields=tuple(fields))
    return narrowed


def _mentioned(node: Any) -> list[str]:
    """The names of all types that a node mentions."""
    names: list[str] = []

    class Names(Visitor):
        def enter_named_type(self, named: Any, *_: Any) -> None:
            names.append(named.name.value)

    if isinstance(node, UnionTypeDefinitionNode):
        return [one.name.value for one in node.types or ()]
    visit(node, Names())
    return names
