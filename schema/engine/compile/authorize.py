"""Pass 2: operation + grant -> the answered and the forbidden coordinates, before anything is read.

It decides by schema coordinate, never by response key, and for a field of an interface by each concrete type. A filter or an
order on a forbidden field refuses the whole operation, since even a count would reveal the field.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type

from auth.grant import Grant, ScopeSets
from schema.engine.compile.collect import META_FIELDS, SelectedField
from schema.engine.compile.guards import Guards


@dataclass(frozen=True)
class Forbidden:
    """A coordinate that the grant does not cover, the field of the document that selects it, and the scopes that would open
    it."""

    coordinate: str
    scopes: ScopeSets
    selected: SelectedField
    as_filter: bool = False


@dataclass(frozen=True)
class AuthorizedOperation:
    """An operation with its permissions decided. `answered` are the coordinates that will be read; `arguments` are those of
    the selected fields, coerced, by `SelectedField.at`."""

    fields: tuple[SelectedField, ...]
    answered: frozenset[str]
    forbidden: tuple[Forbidden, ...]
    arguments: Mapping[tuple[str, ...], Mapping[str, Any]]

    def forbids(self, coordinate: str) -> bool:
        """Whether a coordinate must stay null. A field that was not selected is not answered."""
        return coordinate not in self.answered

    @property
    def refusals(self) -> tuple[Forbidden, ...]:
        """Filters and orders on forbidden fields: they refuse the operation as a whole."""
        return tuple(forbidden for forbidden in self.forbidden if forbidden.as_filter)


def authorize(
    schema: GraphQLSchema, guards: Guards, fields: tuple[SelectedField, ...], grant: Grant
) -> AuthorizedOperation:
    """Decide every field of an operation."""
    answered: set[str] = set()
    arguments: dict[tuple[str, ...], Mapping[str, Any]] = {}
    forbidden: dict[tuple[object, bool], Forbidden] = {}
    seen: set[int] = set()

    def visit(fields: Iterable[SelectedField]) -> None:
        for field in fields:
            if field.name in META_FIELDS or id(field) in seen:
                continue
            seen.add(id(field))
            scopes = guards.scopes.get(field.coordinate, ())
            if not grant.covers(scopes):
                forbidden.setdefault((field.at, False), Forbidden(field.coordinate, scopes, field))
                continue
            answered.add(field.coordinate)
            if field.arguments:
                arguments[field.at] = field.arguments
            for coordinate, needed in guarded_arguments(schema, guards, field):
                if not grant.covers(needed):
                    forbidden.setdefault(
                        (coordinate, True), Forbidden(coordinate, needed, field, as_filter=True)
                    )
            for children in field.children.values():
                visit(children)

    visit(fields)
    return AuthorizedOperation(fields, frozenset(answered), tuple(forbidden.values()), arguments)


def guarded_arguments(
    schema: GraphQLSchema, guards: Guards, field: SelectedField
) -> Iterator[tuple[str, ScopeSets]]:
    """The coordinates that the filters and orders of a field use, each with its scope sets."""
    definition = schema.type_map[field.parent].fields[field.name]  # type: ignore[attr-defined]
    for name, argument in definition.args.items():
        kind = get_named_type(argument.type)
        if isinstance(kind, GraphQLInputObjectType) and field.arguments.get(name) is not None:
            yield from _guarded_input(guards, kind, field.arguments[name])


def _guarded_input(
    guards: Guards, kind: GraphQLInputObjectType, value: Any
) -> Iterator[tuple[str, ScopeSets]]:
    for item in value if isinstance(value, list) else [value]:
        for name, inner in (item or {}).items():
            yield from guards.of_input(kind.name, name, inner)
            nested = get_named_type(kind.fields[name].type)
            if isinstance(nested, GraphQLInputObjectType) and inner is not None:
                yield from _guarded_input(guards, nested, inner)
