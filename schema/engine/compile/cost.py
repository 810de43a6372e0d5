"""Pass 3: the highest possible cost of an operation, before anything is read: the largest number of objects in its answer.

A page counts as its size, a short list as ten, the rows that a batch saved as a thousand, everything else as one. A field below
counts as often as the object above it. An object counts one more for each fifty values above the first fifty. A count and a
filter read rows that are not in the answer: at the top, where no household limits them, each counts as the largest page; below,
as a page of the usual size. The real number of rows is not used: the cost would reveal rows out of sight.

A forbidden field costs one: nothing is read for it, but each of its nulls has an error.

A write also costs one for each entry of the lists in its arguments (`entries_of`), whatever it selects.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_list_type,
)

from schema.engine.compile.authorize import AuthorizedOperation
from schema.engine.compile.collect import SelectedField
from schema.engine.compile.guards import Guards
from schema.engine.declare.field_sources import (
    Computed,
    Connect,
    Find,
    Lookup,
    ToMany,
    ToOne,
    ToSavedRow,
    Write,
)
from schema.engine.declare.paging import DEFAULT_PAGE, LARGEST_PAGE

SHORT_LIST = 10
VALUES = 50
"""The number of values in an object that counts as one."""
_OBJECTS = (ToOne, Lookup, Find, ToSavedRow)


def cost_of(schema: GraphQLSchema, authorized: AuthorizedOperation, guards: Guards) -> int:
    """The cost of an authorised operation."""

    known: dict[int, int] = {}

    def of_fields(fields: Sequence[SelectedField]) -> int:
        if id(fields) not in known:
            values = sum(not field.children for field in fields)
            known[id(fields)] = sum(of_field(field) for field in fields) + max(values - 1, 0) // VALUES
        return known[id(fields)]

    def of_field(field: SelectedField) -> int:
        if authorized.forbids(field.coordinate):
            return 1 if field.coordinate in guards.scopes else 0
        inner = max((of_fields(children) for children in field.children.values()), default=0)
        match guards.reads.get(field.coordinate):
            case Connect() as read:
                return 1 + of_rows(field, read) + _size(field) * (1 + inner)
            case ToMany():
                return SHORT_LIST * (1 + inner)
            case Write():
                return 1 + of_payload(next(iter(field.children.values())))
            case Computed(rows=rows):
                return 1 + rows + inner
            case read if isinstance(read, _OBJECTS):
                return 1 + inner
            case _:
                return inner

    def of_rows(field: SelectedField, read: Connect) -> int:
        """The rows read in addition to the page: those that are counted, and those that a filter searches."""
        looked = LARGEST_PAGE if read.join is None else DEFAULT_PAGE
        (parts,) = field.children.values()
        counts = any(part.name == "totalCount" for part in parts)
        return looked * (counts + bool(field.arguments.get("filter")))

    def of_payload(fields: Sequence[SelectedField]) -> int:
        return sum(of_part(field) for field in fields)

    def of_part(field: SelectedField) -> int:
        if isinstance(guards.reads.get(field.coordinate), ToSavedRow):
            return of_field(field)
        times = LARGEST_PAGE if field.children and _is_list(schema, field) else 1
        return times * sum(of_payload(children) for children in field.children.values())

    return of_fields(authorized.fields)


def entries_of(fields: Iterable[FieldNode], variables: Mapping[str, Any]) -> int:
    """The number of entries in the lists of some fields' arguments, nested lists included. A variable used in several
    arguments counts in each."""
    known: dict[str, int] = {}

    def of_node(node: ValueNode) -> int:
        match node:
            case VariableNode():
                name = node.name.value
                if name not in known:
                    known[name] = _entries(variables.get(name))
                return known[name]
            case ListValueNode():
                return len(node.values) + sum(of_node(value) for value in node.values)
            case ObjectValueNode():
                return sum(of_node(one.value) for one in node.fields)
            case _:
                return 0

    return sum(of_node(argument.value) for field in fields for argument in field.arguments or ())


def _entries(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(map(_entries, value.values()))
    if isinstance(value, list | tuple):
        return len(value) + sum(map(_entries, value))
    return 0


def _size(field: SelectedField) -> int:
    """The rows that a page may have."""
    sizes = (field.arguments.get(name) for name in ("first", "last"))
    return max(next((size for size in sizes if size is not None), DEFAULT_PAGE), 0)


def _is_list(schema: GraphQLSchema, field: SelectedField) -> bool:
    return is_list_type(get_nullable_type(schema.type_map[field.parent].fields[field.name].type))  # type: ignore[attr-defined]
