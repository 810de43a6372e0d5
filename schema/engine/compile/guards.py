"""The scopes of every coordinate and of every filter and order, read once from the built schema."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strawberry.types.base import StrawberryObjectDefinition

from auth.grant import ScopeSets
from hub.policy.permissions.scope_sets import together
from schema.engine.declare.field_sources import Derived, Read, Where
from schema.engine.declare.fields import GuardedField


class UnguardedField(Exception):
    """The declaration of a field is wrong; the message says how. The hub does not start."""


@dataclass(frozen=True)
class Guards:
    """`scopes` and `reads` by coordinate `Type.field`; `filters` by `InputType.field`; `orders` by `InputType.VALUE`;
    `attributes`: the attribute of a Python object for each field without a read, by coordinate."""

    scopes: Mapping[str, ScopeSets]
    reads: Mapping[str, Read]
    filters: Mapping[str, Where]
    orders: Mapping[str, str]
    attributes: Mapping[str, str]

    def of_input(self, input_type: str, name: str, value: Any) -> Iterator[tuple[str, ScopeSets]]:
        """The requirements of a field of a filter or order: its coordinate, with each of its scope sets."""
        if stands_on := self.filters.get(f"{input_type}.{name}"):
            yield stands_on.coordinate, self.scopes[stands_on.coordinate]
            if stands_on.value_scopes is not None and value is not None:
                yield from ((stands_on.coordinate, scopes) for scopes in stands_on.value_scopes(value))
        elif coordinate := self.orders.get(f"{input_type}.{getattr(value, 'name', value)}"):
            yield coordinate, self.scopes[coordinate]


def read_guards(definitions: Mapping[str, StrawberryObjectDefinition], names: Any) -> Guards:
    """The guards of a schema. Raises UnguardedField if a filter, an order or a derived field uses a coordinate that does not
    exist, or one with stricter scopes than its own."""
    scopes: dict[str, ScopeSets] = {}
    reads: dict[str, Read] = {}
    filters: dict[str, Where] = {}
    orders: dict[str, str] = {}
    attributes: dict[str, str] = {}
    for type_name, definition in definitions.items():
        for field in definition.fields:
            name = f"{type_name}.{names.get_graphql_name(field)}"
            if isinstance(field, GuardedField) and not definition.is_interface:
                scopes[name], reads[name] = field.scopes, field.read
            elif isinstance(stands_on := field.metadata.get("where"), Where):
                filters[name] = stands_on
            else:
                attributes[name] = field.python_name
        for value, coordinate in getattr(definition.origin, "order_coordinates", {}).items():
            orders[f"{type_name}.{value}"] = coordinate
    _prove(
        scopes, reads, [*((name, filter_.coordinate) for name, filter_ in filters.items()), *orders.items()]
    )
    return Guards(scopes, reads, filters, orders, attributes)


def _prove(
    scopes: Mapping[str, ScopeSets], reads: Mapping[str, Read], stands_on: Sequence[tuple[str, str]]
) -> None:
    """Raise UnguardedField if a declaration opens more than the coordinates behind it."""
    for name, coordinate in stands_on:
        if coordinate not in scopes:
            raise UnguardedField(f"{name} stands on {coordinate}, which is no field")
    for name, read in reads.items():
        if isinstance(read, Derived):
            for coordinate in read.made_of:
                if not _at_least(scopes[name], scopes[coordinate]):
                    raise UnguardedField(f"{name} is made of {coordinate} but asks for less")
            for coordinate, further in read.discloses:
                if not _at_least(together(scopes[name], further), scopes[coordinate]):
                    raise UnguardedField(f"{name} tells {coordinate} to those who have less")


def _at_least(mine: ScopeSets, theirs: ScopeSets) -> bool:
    """Whether every grant that satisfies `mine` satisfies `theirs`."""
    return not theirs or (bool(mine) and all(any(other <= ours for other in theirs) for ours in mine))
