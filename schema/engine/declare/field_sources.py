"""The source of each field, as data: the one declaration that both executors use.

A GraphQL type is based on the rows of one table (`Reads`), and each field says how it is made from a row. Nothing here runs a
query: `execute.loaders` (reference) and `compile` do. Declarations with functions or mappings are compared by identity.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant, ScopeSets
from hub.foundation.bare_tables import bare
from hub.foundation.encryption import Secrecy
from hub.policy.permissions.field_scopes import existence_of
from schema.engine.declare.bind_parameters import ArgumentValue, Parameters

TYPES: dict[str, Any] = {}
"""The types that are based on rows, by GraphQL name; `declare.row_types` fills it."""

Derive = Callable[[FromClause, Grant], ColumnElement[Any]]
"""SQL over the type's table: `h -> expression`."""

Restrict = Callable[[FromClause, ArgumentValue, Grant], ColumnElement[bool]]
"""SQL of one filter: (table, the filter's value as parameters, grant) -> predicate."""


@dataclass(frozen=True)
class Kinds:
    """The column of an interface's rows that decides the type of each row, and the type for each value."""

    column: str
    types: Mapping[str, str] = field(compare=False)


@dataclass(frozen=True)
class Reads:
    """The table of a type. `detail` is a second table with the same key, for the columns that only this type has. `key`
    identifies a row, household first; `id_key` are the columns in a node's id, and `name` is the word before them. `current`
    limits the table to the rows that count (an aid record's last version). `kinds` gives the type of a row of an interface.
    `made`: the rows are in no table; a subquery of the grant makes them. `beyond_sight`: a row may be visible although its
    household is not, so the rows that it leads to have their own rule."""

    name: str
    table: sa.Table
    key: tuple[str, ...]
    id_key: tuple[str, ...] = ()
    detail: sa.Table | None = None
    kinds: Kinds | None = None
    current: Callable[[FromClause], ColumnElement[bool]] | None = None
    made: Callable[[Grant], FromClause] | None = None
    beyond_sight: bool = False

    def rows(self, grant: Grant) -> FromClause:
        """The table under a new name, or the subquery that makes its rows."""
        return bare(self.table).alias() if self.made is None else self.made(grant)

    @property
    def scopes(self) -> ScopeSets:
        """The scopes needed to know through `node(id:)` that a row exists."""
        return existence_of(self.name)

    @property
    def household(self) -> str | None:
        """The column with the household of a row, for the access record."""
        if self.table.name == "household":
            return "id"
        return "household_id" if "household_id" in self.table.c else None

    @property
    def person(self) -> str | None:
        """The column with the person of a row, for the access record."""
        if self.table.name == "person":
            return "id"
        return "person_id" if "person_id" in self.table.c else None


@dataclass(frozen=True)
class ColumnValue:
    """The value of a column of the table, or of the detail table."""

    name: str
    detail: bool = False


@dataclass(frozen=True)
class Sealed:
    """An encrypted column, decrypted after the query. `place` is its name in `hub.foundation.encryption.place_of`."""

    name: str
    place: str


@dataclass(frozen=True, eq=False)
class Derived:
    """An expression over the row, computed by the database. `made_of` are the coordinates that it uses; `discloses` are those
    whose values it shows only to some grants, each with the scopes for it."""

    sql: Derive
    made_of: tuple[str, ...] = ()
    discloses: tuple[tuple[str, ScopeSets], ...] = ()


@dataclass(frozen=True)
class NodeId:
    """The opaque id: the type's name and key."""


class _ToType:
    """A source that leads to rows of another type, named by its GraphQL name."""

    to: str

    @property
    def target(self) -> Any:
        """The type."""
        return TYPES[self.to]


@dataclass(frozen=True, eq=False)
class Inline(_ToType):
    """Another type over the same row; `columns` renames (its name -> this row's name, None for null)."""

    to: str
    columns: Mapping[str, str | None]


@dataclass(frozen=True)
class Join:
    """How the rows of another table belong to a row: remote column -> local column. A remote column in `optional` joins only
    if the local value is not null. `holds` are remote arrays that contain a local value; `among` are remote columns whose
    value a local array contains. A remote column in `unless` is not compared if the boolean column named there is true; that
    column is in the table of the array: remote for `holds`, local for `among`. `through` is a link table: (table, its columns
    to local, to remote)."""

    on: Mapping[str, str]
    optional: frozenset[str] = frozenset()
    holds: Mapping[str, str] = field(default_factory=dict)
    among: Mapping[str, str] = field(default_factory=dict)
    unless: Mapping[str, str] = field(default_factory=dict)
    through: tuple[sa.Table, Mapping[str, str], Mapping[str, str]] | None = None


@dataclass(frozen=True)
class Order:
    """An order by columns, all of them ascending or all descending; the target's key is added as the tie-breaker."""

    columns: tuple[str, ...]
    descending: bool = False


@dataclass(frozen=True, eq=False)
class ToOne(_ToType):
    """The row of another type that this row points at, or null. `order` picks one among several."""

    to: str
    join: Join
    order: Order | None = None


@dataclass(frozen=True, eq=False)
class ToMany(_ToType):
    """All rows of another type that belong to this row; short by nature, at most 1,000."""

    to: str
    join: Join
    order: Order
    where: Derive | None = None
    every_version: bool = False


@dataclass(frozen=True, eq=False)
class Connect(_ToType):
    """A Relay connection to rows of another type: of this row, or of the whole hub if `join` is None."""

    to: str
    order: Order
    join: Join | None = None
    orders: Mapping[Any, str] = field(default_factory=dict)
    filter_by: type | None = None


@dataclass(frozen=True, eq=False)
class Lookup(_ToType):
    """The row of a type that an argument names. Several rows give AMBIGUOUS_IDENTITY, no row gives null. `unique`: the
    database has at most one. `also`: optional arguments; `where` then takes all of them by name."""

    to: str
    where: Callable[[FromClause, ArgumentValue, Secrecy], ColumnElement[bool]]
    argument: str
    unique: bool = False
    also: tuple[str, ...] = ()

    def argument_value(
        self, parameters: Parameters, at: tuple[str, ...], arguments: Mapping[str, Any]
    ) -> ArgumentValue:
        """The arguments for `where`, as parameters."""
        if self.also:
            return ArgumentValue(parameters, at, (), arguments)
        (name,) = arguments
        return ArgumentValue(parameters, at, (name,), arguments[name])


@dataclass(frozen=True)
class Find:
    """The row that a node's id names, of any type."""


@dataclass(frozen=True, eq=False)
class Write:
    """A command. `run` takes the writer and the mutation's input, a Strawberry type, and returns the payload."""

    input: Any
    run: Callable[[Any, Any], Awaitable[Any]]


@dataclass(frozen=True, eq=False)
class ToSavedRow(_ToType):
    """The row that a command saved, in a payload: its key is the payload's `key`, None if nothing was saved."""

    to: str


@dataclass(frozen=True, eq=False)
class Computed:
    """A value that Python computes for one object; the compiled executor leaves it to the reference one. `rows`: the most
    rows that it may read, which count in the cost. `cursors_of`: its argument `after` must be a cursor of this connection;
    another text is refused before anything is read."""

    rows: int = 0
    cursors_of: tuple[str, Connect] | None = None


Read = (
    ColumnValue
    | Sealed
    | Derived
    | NodeId
    | Inline
    | ToOne
    | ToMany
    | Connect
    | Lookup
    | Find
    | Write
    | ToSavedRow
    | Computed
)


@dataclass(frozen=True)
class Where:
    """The SQL of one filter field, and the coordinate whose scopes guard it. `value_scopes` gives the further scope sets that
    the filter's values need: each of them must be covered."""

    coordinate: str
    sql: Restrict
    value_scopes: Callable[[Any], list[ScopeSets]] | None = None
