"""Errors in the arguments of a field that is read, with the field."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from graphql import GraphQLOutputType, GraphQLSchema, get_nullable_type, is_list_type

from hub.foundation.errors import HubError
from schema.engine.compile.collect import SelectedField


class InvalidArgument(Exception):
    """`error` was found in the arguments of the field `at`; its `path` is where in them."""

    def __init__(self, error: HubError, at: tuple[str, ...]) -> None:
        super().__init__(error.code)
        self.error = error
        self.at = at


@contextmanager
def arguments_of(at: tuple[str, ...]) -> Iterator[None]:
    """Errors raised in this block are errors in the arguments of this field, or of a field inside it."""
    try:
        yield
    except HubError as error:
        raise InvalidArgument(error, at) from error


def places(schema: GraphQLSchema, fields: Iterable[SelectedField]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The place of each field in the response, by `SelectedField.at`. Fields inside a list are left out, because they have many
    places."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}

    def walk(fields: Iterable[SelectedField], above: tuple[str, ...]) -> None:
        for field in fields:
            if field.at not in found:
                found[field.at] = place = (*above, field.response_key)
                parent: Any = schema.type_map[field.parent]
                if field.name in parent.fields and not _is_list(parent.fields[field.name].type):
                    for children in field.children.values():
                        walk(children, place)

    walk(fields, ())
    return found


def _is_list(type_: GraphQLOutputType) -> bool:
    return is_list_type(get_nullable_type(type_))
