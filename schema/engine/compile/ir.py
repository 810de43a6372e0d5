"""The result of pass 4 and the input of pass 5: an operation as a tree over tables, with permissions decided.

Two selections are equal if they read the same, so the kinds of an interface with the same selection share their SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from graphql import GraphQLNamedType

from schema.engine.declare.field_sources import (
    ColumnValue,
    Connect,
    Derived,
    Inline,
    Lookup,
    NodeId,
    Sealed,
    ToMany,
    ToOne,
)


@dataclass(frozen=True)
class Absent:
    """Null: the reference executor answers it."""


@dataclass(frozen=True)
class ForbiddenNull:
    """Null: the caller may not read it. `offset` is the offset of the field in the document."""

    offset: str


@dataclass(frozen=True)
class TypeName:
    """`__typename`."""


@dataclass(frozen=True)
class Leaf:
    """A value of a row. `output` is its GraphQL type, `detail` the table that holds it if it is not the row's own."""

    read: ColumnValue | Sealed | Derived | NodeId
    output: GraphQLNamedType
    detail: sa.Table | None = None


@dataclass(frozen=True)
class Selection:
    """An object: its fields by response key, in the order of the selection. `size` is the number of fields when written out."""

    fields: tuple[tuple[str, "Part"], ...]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self.fields)

    @cached_property
    def size(self) -> int:
        """The length of the selection when written out: selections are shared, so a small tree can be a very long text."""
        return sum(1 + _size(part) for _, part in self.fields)


@dataclass(frozen=True)
class Choice:
    """Objects of a type; for an interface, of several kinds: (names of concrete types, their selection)."""

    to: str
    options: tuple[tuple[tuple[str, ...], Selection], ...]


@dataclass(frozen=True)
class Within:
    """Another type over the same row."""

    read: Inline
    selection: Selection


@dataclass(frozen=True)
class RelatedRow:
    """The row that this row points at."""

    read: ToOne
    choice: Choice


@dataclass(frozen=True)
class RelatedRows:
    """A short list."""

    read: ToMany
    choice: Choice


@dataclass(frozen=True)
class Nodes:
    """The rows of a page."""

    choice: Choice


@dataclass(frozen=True)
class Cursor:
    """The position of a row in its connection."""


@dataclass(frozen=True)
class Edges:
    """The rows of a page with their cursors."""

    fields: tuple[tuple[str, "Nodes | Cursor | TypeName"], ...]


@dataclass(frozen=True)
class Info:
    """`pageInfo`: response keys, each with the field's name."""

    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Count:
    """`totalCount`."""


@dataclass(frozen=True)
class Page:
    """A connection. `arguments` decide its sizes and filters; their values are bound for each request."""

    read: Connect
    coordinate: str
    at: tuple[str, ...]
    fields: tuple[tuple[str, Nodes | Edges | Info | Count | TypeName], ...]
    arguments: Mapping[str, Any] = field(compare=False)


@dataclass(frozen=True)
class Found:
    """The only row that an argument names."""

    read: Lookup
    at: tuple[str, ...]
    choice: Choice
    arguments: Mapping[str, Any] = field(compare=False)


@dataclass(frozen=True)
class Identified:
    """The row that an id names, of any type: the selection of each type, by the name in its ids."""

    at: tuple[str, ...]
    choices: tuple[tuple[str, Choice], ...]
    arguments: Mapping[str, Any] = field(compare=False)


Part = (
    Absent | ForbiddenNull | TypeName | Leaf | Within | RelatedRow | RelatedRows | Page | Found | Identified
)


def _size(part: Part | Nodes | Edges | Info | Count | Cursor) -> int:
    match part:
        case Within(selection=selection):
            return selection.size
        case (
            RelatedRow(choice=choice)
            | RelatedRows(choice=choice)
            | Found(choice=choice)
            | Nodes(choice=choice)
        ):
            return sum(selection.size for _, selection in choice.options)
        case Identified(choices=choices):
            return sum(selection.size for _, choice in choices for _, selection in choice.options)
        case Page(fields=fields) | Edges(fields=fields):
            return sum(1 + _size(inner) for _, inner in fields)
        case _:
            return 0
