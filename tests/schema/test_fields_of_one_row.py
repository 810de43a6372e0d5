"""A field that returns one row always returns the same one."""

import sqlalchemy as sa

from schema.engine.declare.field_sources import ToOne
from tests.schema.test_every_field import OBJECT_FIELDS


def unique_keys(table: sa.Table) -> list[set[str]]:
    """The sets of columns that are unique in a table."""
    keys = [set(table.primary_key.columns.keys())]
    keys += [
        set(constraint.columns.keys())
        for constraint in table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
    ]
    keys += [set(index.columns.keys()) for index in table.indexes if index.unique]
    return keys


def test_a_field_of_one_row_points_at_one_row_or_says_which_of_several() -> None:
    undecided = []
    for coordinate, _, declared in OBJECT_FIELDS:
        read = getattr(declared, "read", None)
        if isinstance(read, ToOne) and read.order is None:
            to = read.target.reads
            versions = {"version"} if to.current is not None else set()
            if not any(key - versions <= set(read.join.on) for key in unique_keys(to.table)):
                undecided.append(coordinate)
    assert undecided == []
