"""The columns of a row that an object needs, so that a statement reads no others.

A narrow subquery is faster to write, parse and plan, needs less memory to sort and store, and may be answered from an index
alone.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, FromClause

from schema.engine.compile.ir import (
    Choice,
    Cursor,
    Edges,
    Info,
    Leaf,
    Nodes,
    Page,
    Part,
    RelatedRow,
    RelatedRows,
    Selection,
    Within,
)
from schema.engine.declare.field_sources import TYPES, ColumnValue, Derived, NodeId, Reads, Sealed
from schema.engine.declare.joins import local_names


def of_choice(choice: Choice, table: FromClause) -> Iterator[str]:
    """The names of the columns that an object of a row needs; a name may appear twice."""
    reads: Reads = TYPES[choice.to].reads
    if reads.kinds is not None:
        yield reads.kinds.column
    for _, selection in choice.options:
        yield from _of_selection(selection, reads, table)


def of_page(page: Page, order: Iterable[str], table: FromClause) -> Iterator[str]:
    """The names of the columns that a page needs; `order` are those of its cursors."""
    for _, part in page.fields:
        match part:
            case Nodes(choice=choice):
                yield from of_choice(choice, table)
            case Edges(fields=fields):
                for _, inner in fields:
                    if isinstance(inner, Nodes):
                        yield from of_choice(inner.choice, table)
                    elif isinstance(inner, Cursor):
                        yield from order
            case Info():
                yield from order


def picked(table: FromClause, names: Iterable[str], reads: Reads) -> list[ColumnElement[Any]]:
    """These columns of a table, in its order, with the household and the person of a row, if it has them; at least one
    column."""
    wanted = {*names, reads.household or reads.key[0], reads.person}
    return [column for column in table.c if column.key in wanted]


def _of_selection(selection: Selection, reads: Reads, table: FromClause) -> Iterator[str]:
    for _, part in selection.fields:
        yield from _of_part(part, reads, table)


def _of_part(part: Part, reads: Reads, table: FromClause) -> Iterator[str]:
    match part:
        case Leaf(detail=detail) if detail is not None:
            yield from reads.key
        case Leaf(read=ColumnValue(name=name)):
            yield name
        case Leaf(read=Sealed(name=name)):
            yield from (name, "id")
        case Leaf(read=NodeId()):
            yield from reads.id_key
        case Leaf(read=Derived()):  # its expression may use any of them
            yield from table.c.keys()
        case Within(read=read):
            yield from (own for own in read.columns.values() if own is not None)
        case RelatedRow(read=read) | RelatedRows(read=read):
            yield from local_names(read.join)
        case Page(read=connect) if connect.join is not None:
            yield from local_names(connect.join)
        case _:
            return
