"""The state of a statement while pass 5 walks the lowered tree and builds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from schema.engine.compile.ir import Part
from schema.engine.compile.json_sql import Always
from schema.engine.compile.placeholders import Marks
from schema.engine.declare.bind_parameters import Parameters
from schema.engine.declare.field_sources import Join, Reads


@dataclass(frozen=True)
class RowColumns:
    """A row in the statement: its columns by name, and the column with the id of a household that is already known to be in
    sight."""

    columns: Mapping[str, ColumnElement[Any]]
    type_name: ColumnElement[str]
    seen: str | None = None
    table: FromClause | None = None
    reads: Reads | None = None


@dataclass(frozen=True)
class Touched:
    """The rows at the top of an answer: their households and persons, as arrays, if the rows belong to some; and their
    number."""

    households: ColumnElement[Any] | None
    persons: ColumnElement[Any] | None
    count: ColumnElement[int]


@dataclass
class Emission:
    """A statement in progress: the rows at its top, the look-ups that may find several rows, its parameters, its marks."""

    touched: list["Touched"] = field(default_factory=list)
    ambiguous: dict[Part, ColumnElement[bool]] = field(default_factory=dict)
    parameters: Parameters = field(default_factory=Parameters)
    marks: Marks = field(default_factory=Marks)


def joined_in_sight(reads: Reads, join: Join, row: RowColumns) -> bool:
    """Whether the rows of a type are joined to a household that is already known to be in sight."""
    return row.seen is not None and reads.household is not None and join.on.get(reads.household) == row.seen


def aggregated(built: ColumnElement[Any], rows: FromClause) -> ColumnElement[Any]:
    """One value over all rows of a page or list."""
    # HAVING makes it one group and one row, even if only constants are selected
    one_row = sa.select(built).select_from(rows).having(sa.literal_column("true"))
    return sa.type_coerce(one_row.correlate_except(rows).scalar_subquery(), Always())
