"""The inputs of commands: coerced values -> objects of Strawberry's input types.

Strawberry looks up the type of every value. Here each type is looked up once, since a batch has thousands of values.
"""

from collections.abc import Callable
from dataclasses import MISSING
from typing import Any

from strawberry.schema.name_converter import NameConverter
from strawberry.types.base import StrawberryList, StrawberryOptional, has_object_definition

Reader = Callable[[Any], Any]


class Inputs:
    """The readers of a schema's input types, made when one is first read."""

    def __init__(self, names: NameConverter) -> None:
        self._names = names
        self._readers: dict[Any, Reader] = {}

    def read(self, kind: Any, value: Any) -> Any:
        """The object of a value that graphql-core coerced. A missing field has its default or None; graphql-core has refused
        missing required fields."""
        return self._reader(kind)(value)

    def _reader(self, kind: Any) -> Reader:
        if isinstance(kind, StrawberryOptional):
            of = self._reader(kind.of_type)
            return lambda value: None if value is None else of(value)
        if isinstance(kind, StrawberryList):
            read_item = self._reader(kind.of_type)
            return lambda values: [read_item(value) for value in values]
        if not has_object_definition(kind):
            return _as_it_is
        if kind not in self._readers:
            self._readers[kind] = self._of_fields(kind)
        return self._readers[kind]

    def _of_fields(self, kind: Any) -> Reader:
        definition = kind.__strawberry_definition__
        fields = {
            self._names.get_graphql_name(field): (
                field.python_name,
                self._reader(field.resolve_type(type_definition=definition)),
            )
            for field in definition.fields
        }

        null = {
            field.python_name: None
            for field in definition.fields
            if field.default_value is MISSING and field.default_factory is MISSING
        }

        def read(values: dict[str, Any]) -> Any:
            made: dict[str, Any] = {**null}
            for name, value in values.items():
                python_name, of = fields[name]
                made[python_name] = of(value)
            return kind(**made)

        return read


def _as_it_is(value: Any) -> Any:
    return value
