"""Objects whose fields select the same several times under different names: each selection is written and computed once.

PostgreSQL's time for parsing and planning depends on a statement's length, and it computes each expression wherever that
appears. So an expensive value with several names becomes a column of a subquery, and its names refer to the column.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from schema.engine.compile.builder_state import aggregated
from schema.engine.compile.ir import (
    Count,
    Edges,
    Found,
    Identified,
    Leaf,
    Nodes,
    Page,
    RelatedRow,
    RelatedRows,
    Within,
)
from schema.engine.compile.json_sql import Value, object_sql
from schema.engine.declare.field_sources import Derived

P = TypeVar("P")
Written = ColumnElement[Any] | Value


def shared_object(
    fields: Sequence[tuple[str, P]], write: Callable[[P], Written], rows: FromClause | None = None
) -> ColumnElement[Any]:
    """The JSON object of some fields; `write` writes each selection once, however many names it has. `rows`: the object is
    made from all of these rows, and its values are aggregates."""
    names = Counter(part for _, part in fields)
    written = {part: write(part) for part in names}
    again = [part for part, count in names.items() if count > 1 and _is_work(part)]
    if not again:
        made = object_sql([(key, written[part]) for key, part in fields])
        return made if rows is None else aggregated(made, rows)
    several = again if rows is None else list(names)
    inner = sa.select(*(_printed(written[part]).label(f"v{place}") for place, part in enumerate(several)))
    # OFFSET stops PostgreSQL from moving the expressions back to where they are used
    once = (
        inner.offset(sa.literal_column("0")).correlate_except(None)
        if rows is None
        else inner.select_from(rows).having(sa.literal_column("true")).correlate_except(rows)
    ).subquery()
    named = {part: _named(once.c[f"v{place}"], written[part]) for place, part in enumerate(several)}
    made = object_sql([(key, named.get(part, written[part])) for key, part in fields])
    whole = sa.select(made).select_from(once).correlate_except(once).scalar_subquery()
    return sa.type_coerce(whole, made.type)


def in_pairs(
    parts: Sequence[ColumnElement[Any]],
    join: Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[Any]],
) -> ColumnElement[Any]:
    """Joins parts by an associative operation, as a balanced tree: its depth is the logarithm of their number. Needs at least
    one part."""
    left = list(parts)
    while len(left) > 1:
        pairs = [join(first, other) for first, other in zip(left[::2], left[1::2], strict=False)]
        left = [*pairs, *left[2 * len(pairs) :]]
    return left[0]


def _is_work(part: object) -> bool:
    """Whether a part is more than a column, a constant or a mark."""
    if isinstance(part, Leaf):
        return isinstance(part.read, Derived)
    return isinstance(
        part, Within | RelatedRow | RelatedRows | Page | Found | Identified | Nodes | Edges | Count
    )


def _printed(value: Written) -> ColumnElement[Any]:
    return value.printed if isinstance(value, Value) else value


def _named(column: ColumnElement[Any], value: Written) -> Written:
    """A value by its column in the subquery, written in JSON as before."""
    if isinstance(value, Value):
        return Value(column, value.quote, value.nullable)
    return sa.type_coerce(column, value.type)
