"""GraphQL types that are based on the rows of a table."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

import strawberry

from schema.engine.declare import ids
from schema.engine.declare.field_sources import TYPES, Reads
from schema.engine.declare.fields import node_id

T = TypeVar("T", bound=type)


@strawberry.type
class OnRows:
    """One object of such a type: its row, by column name."""

    reads: ClassVar[Reads]
    row: strawberry.Private[Mapping[str, Any]]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Any:
        """The object of a row."""
        return cls(row=row)

    @property
    def key(self) -> tuple[Any, ...]:
        """The key that identifies this row."""
        return tuple(self.row[name] for name in self.reads.key)

    @property
    def node_id(self) -> str:
        """The opaque id."""
        return ids.encode(self.reads.name, [self.row[name] for name in self.reads.id_key])


@strawberry.interface(description="对象 An object with an opaque, stable id (Relay)")
class Node:
    """Relay's Node."""

    id: strawberry.ID = node_id()


NODES: dict[str, Any] = {}
"""The types that `node(id:)` finds, by the name in their ids."""


def on_rows(reads: Reads, description: str) -> Callable[[T], T]:
    """Declare a type on the rows of `reads`."""

    def declare(cls: T) -> T:
        made: Any = strawberry.type(cls, description=description)
        made.reads = reads
        TYPES[made.__name__] = made
        if reads.id_key and issubclass(made, Node):
            NODES.setdefault(reads.name, made)
        declared: T = made
        return declared

    return declare
