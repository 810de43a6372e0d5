"""Mutations: the payload of a command as a template. The objects that the command saved are read by one statement each.

The command runs in Python and returns a payload. The selection on its objects is planned, emitted and checked like any read,
before the command runs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from graphql import FieldNode, GraphQLField, GraphQLLeafType, GraphQLSchema, get_named_type, is_leaf_type

from auth.grant import Grant
from schema.engine.compile.collect import TYPENAME, SelectedField
from schema.engine.compile.guards import Guards
from schema.engine.compile.ir import Choice
from schema.engine.compile.lowering import Lowering
from schema.engine.compile.statement import Statement
from schema.engine.declare.field_sources import TYPES, ToSavedRow, Write

Key = tuple[UUID, ...]
Objects = Mapping[Key, orjson.Fragment]
"""The JSON of rows, by the key of their ids, without rows out of sight."""


@dataclass(frozen=True)
class TypeWord:
    """`__typename`."""

    name: str


@dataclass(frozen=True)
class PayloadLeaf:
    """A leaf of the payload, or a list of leaves."""

    attribute: str
    output: GraphQLLeafType


@dataclass(frozen=True)
class Inner:
    """An object of the payload, or a list of objects."""

    attribute: str
    template: "Template"


@dataclass(frozen=True)
class Read:
    """The row whose key is in the payload, from read number `place`; None: null for this caller."""

    place: int | None


Template = tuple[tuple[str, TypeWord | PayloadLeaf | Inner | Read], ...]


@dataclass(frozen=True)
class PreparedWrite:
    """One root field of a mutation. A `forbidden` one has no `command`, only its place in the document. `reads` read the rows
    for the template."""

    response_key: str
    node: FieldNode
    definition: GraphQLField | None = None
    command: Write | None = None
    template: Template = ()
    reads: tuple["SavedRead", ...] = ()
    forbidden: str = ""


@dataclass(frozen=True)
class SavedRead:
    """The read of the rows that a command saved; `key` names the columns of their keys."""

    key: tuple[str, ...]
    statement: Statement


class PayloadLowering:
    """The pass over one payload: its template, and the choices that become its statements."""

    def __init__(self, schema: GraphQLSchema, guards: Guards, lowering: Lowering, grant: Grant) -> None:
        self._schema = schema
        self._guards = guards
        self._lowering = lowering
        self._grant = grant
        self.choices: list[Choice] = []

    def template(self, fields: Sequence[SelectedField]) -> Template:
        """The template of a payload; raises TooManyFields."""
        return tuple((field.response_key, self._part(field)) for field in fields)

    def _part(self, field: SelectedField) -> TypeWord | PayloadLeaf | Inner | Read:
        if field.name == TYPENAME:
            return TypeWord(field.parent)
        read = self._guards.reads.get(field.coordinate)
        if isinstance(read, ToSavedRow):
            if not self._grant.covers(TYPES[read.to].reads.scopes):
                return Read(None)
            self.choices.append(self._lowering.choice(read.to, field.children))
            return Read(len(self.choices) - 1)
        attribute = self._guards.attributes[field.coordinate]
        output = get_named_type(self._schema.type_map[field.parent].fields[field.name].type)  # type: ignore[attr-defined]
        if is_leaf_type(output):
            return PayloadLeaf(attribute, output)
        (children,) = field.children.values()
        return Inner(attribute, self.template(children))


def saved_keys(template: Template, payload: Any) -> Iterator[tuple[int, Key]]:
    """The rows that a payload names: (number of the read that returns it, key)."""
    for _, part in template:
        match part:
            case Read(place=int(place)) if payload.key is not None:
                yield place, payload.key
            case Inner(attribute=attribute, template=inner):
                value = getattr(payload, attribute)
                for item in value if isinstance(value, list) else [value]:
                    yield from saved_keys(inner, item)
            case _:
                pass


def shown(template: Template, payload: Any, objects: Sequence[Objects]) -> dict[str, Any]:
    """A payload as JSON; `objects` are the results of each read."""
    answer: dict[str, Any] = {}
    for key, part in template:
        match part:
            case TypeWord(name=name):
                answer[key] = name
            case PayloadLeaf(attribute=attribute, output=output):
                value = getattr(payload, attribute)
                answer[key] = _changed_items(value, output.coerce_output_value)
            case Inner(attribute=attribute, template=inner):
                answer[key] = _changed_items(
                    getattr(payload, attribute), partial(shown, inner, objects=objects)
                )
            case Read(place=place):
                answer[key] = None if place is None else objects[place].get(payload.key)
    return answer


def _changed_items(value: Any, change: Any) -> Any:
    if isinstance(value, list):
        return [None if item is None else change(item) for item in value]
    return None if value is None else change(value)


def by_key(keys: Iterable[Key], texts: Sequence[bytes], places: Sequence[int]) -> Objects:
    """The rows that a statement returned; `places` is the number of each text's key, from 1."""
    wanted_keys = list(keys)
    return {wanted_keys[place - 1]: orjson.Fragment(text) for text, place in zip(texts, places, strict=True)}
