"""The length of a statement, in characters, before it is written.

The cost of a statement before it runs (writing, sending, planning, caching) grows with its length. The SQL of declarations
(an expression, the row rule of a type) is measured once for each shape of grant; the rest is estimated from the selection.
"""

from collections.abc import Hashable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import True_

from auth.grant import Grant
from hub.foundation.bare_tables import bare
from hub.foundation.errors import HubError
from hub.foundation.prepared_sql import render
from hub.foundation.weighted_lru import WeightedLru
from hub.policy.permissions.jurisdiction import grant_shape
from schema.engine.compile.ir import (
    Choice,
    Count,
    Edges,
    Found,
    Identified,
    Leaf,
    Nodes,
    Page,
    Part,
    RelatedRow,
    RelatedRows,
    Selection,
    Within,
)
from schema.engine.declare.field_sources import TYPES, Derived, Join, Reads
from schema.engine.declare.joins import readable

MOST_PLANNED = 400_000
"""Characters. A statement of this length takes two or three seconds to write, outside the event loop, and a third of a second
to plan in PostgreSQL. Selecting all fields of a list of aid records of every kind, with everything one step away, would need
460,000."""
_MEASURED = 20_000
_FIELD, _PLAIN, _JOIN, _FILTER = 20, 100, 300, 800
"""Estimates in characters: a field's name, a column with its place in the rows, a join with its order, one part of a filter."""
_PAGE_PARTS = Nodes | Edges


class PlanningTooCostly(HubError, numbers=("cost", "most")):
    """Planning this operation costs {cost}, and may cost {most}; ask for less at once, in several requests.
    规划该查询的代价为 {cost},上限为 {most};请减少单次查询内容,分次查询。
    """


class Weights:
    """The measured lengths of declarations in SQL."""

    def __init__(self) -> None:
        self._measured: WeightedLru[Hashable, int] = WeightedLru(_MEASURED, _MEASURED)

    def of(self, operation: Selection | Choice, grant: Grant) -> int:
        """The approximate number of characters of a statement."""
        weighing = _Weighing(self._measured, grant)
        return (
            weighing.choice(operation)
            if isinstance(operation, Choice)
            else weighing.selection(operation, None)
        )


class _Weighing:
    """The pass over one operation. Selections are shared; each counts once at each place where it is written."""

    def __init__(self, measured: WeightedLru[Hashable, int], grant: Grant) -> None:
        self._measured = measured
        self._grant = grant
        self._shape = grant_shape(grant)
        self._known: dict[tuple[Selection, str | None], int] = {}

    def selection(self, selection: Selection, to: str | None) -> int:
        """An object of the rows of a type; a selection with several names is written once."""
        if (selection, to) not in self._known:
            once = dict.fromkeys(part for _, part in selection.fields)
            names = sum(_FIELD + len(key) for key, _ in selection.fields)
            self._known[selection, to] = names + sum(self._part(part, to) for part in once)
        return self._known[selection, to]

    def choice(self, choice: Choice) -> int:
        """The objects of a type, once for each kind with a different selection."""
        return sum(self.selection(selection, choice.to) for _, selection in choice.options)

    def _part(self, part: Part, to: str | None) -> int:
        match part:
            case Leaf(read=Derived() as read):
                assert to is not None
                return self._derived(read, to)
            case Within(read=read, selection=selection):
                return self.selection(selection, read.to)
            case RelatedRow(read=related, choice=choice) | RelatedRows(read=related, choice=choice):
                return _JOIN + self._rows(choice.to, related.join) + self.choice(choice)
            case Found(choice=choice):
                return _JOIN + self._rows(choice.to) + self.choice(choice)
            case Identified(choices=choices):
                return sum(_JOIN + self._rows(choice.to) + self.choice(choice) for _, choice in choices)
            case Page():
                return self._page(part)
            case _:
                return _PLAIN

    def _page(self, page: Page) -> int:
        once = dict.fromkeys(part for _, part in page.fields)
        names = sum(_FIELD + len(key) for key, _ in page.fields)
        reads = sum(isinstance(part, Count) for part in once) + (not all(isinstance(p, Count) for p in once))
        rows = (
            self._rows(page.read.to, page.read.join)
            + _JOIN
            + _FILTER * len(page.arguments.get("filter") or ())
        )
        return names + reads * rows + sum(self._of_page(part) for part in once)

    def _of_page(self, part: Any) -> int:
        match part:
            case Nodes(choice=choice):
                return self.choice(choice)
            case Edges(fields=fields):
                return sum(_FIELD + len(key) + self._of_page(inner) for key, inner in fields)
            case _:
                return _JOIN

    def _rows(self, to: str, join: Join | None = None) -> int:
        """The rows of a type that a grant sees; rows joined to a household are mostly in sight with it."""
        reads: Reads = TYPES[to].reads
        seen = join is not None and reads.household in join.on

        def measure() -> int:
            table = reads.rows(self._grant)
            rule = readable(reads, table, self._grant, household_seen=seen)
            return 0 if isinstance(rule, True_) else _length(sa.select(table.c[reads.key[0]]).where(rule))

        return self._once((to, seen), measure)

    def _derived(self, read: Derived, to: str) -> int:
        """An expression over the rows of a type."""

        def measure() -> int:
            table = bare(TYPES[to].reads.table).alias()
            return _length(sa.select(read.sql(table, self._grant)))

        return self._once(read, measure)

    def _once(self, part: Hashable, measure: Any) -> int:
        key = part, self._shape
        found = self._measured.find(key)
        return self._measured.store(key, measure()) if found is None else found


def _length(statement: sa.Select[Any]) -> int:
    return len(render(statement).text)
