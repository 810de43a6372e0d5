"""Relay connections: their types, arguments and pages (GraphQL Cursor Connections specification)."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from sqlalchemy import FromClause

from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from schema.engine.declare.bind_parameters import ArgumentValue
from schema.engine.declare.enums import declare_enum
from schema.engine.declare.field_sources import Connect, Order
from schema.engine.declare.keyset import Cursors, InvalidCursor, Keyset, plain

T = TypeVar("T")
DEFAULT_PAGE = 50
LARGEST_PAGE = 1000


class InvalidPage(HubError, numbers=("most",)):
    """Ask for `first` or for `last`, not both, from 0 to {most}; `after` goes with `first`, `before` with `last`.
    每页条数须为 0 至 {most};从前取与从后取只能选一种,游标须与所选方向一致。
    """


class OrderDirection(Enum):
    """ASC or DESC."""

    ASC = "ASC"
    DESC = "DESC"


declare_enum(
    OrderDirection,
    "排序方向 Which way an order runs; an absent value counts as the largest",
    {"ASC": "升序 Ascending: the smallest first", "DESC": "降序 Descending: the largest first"},
)


_ARGUMENTS = {
    "filter": "筛选 Only rows for which all of this holds; left out: all that you may see",
    "order_by": "排序 In this order; left out: the order that the list's description names",
    "first": f"取前若干条 The first so many rows, 0 to {LARGEST_PAGE}; left out: {DEFAULT_PAGE}",
    "after": "起始游标 Rows after this cursor, an `endCursor` or a row's `cursor`; goes with `first`",
    "last": f"取后若干条 The last so many rows, 0 to {LARGEST_PAGE}; instead of `first`",
    "before": "截止游标 Rows before this cursor, a `startCursor` or a row's `cursor`; goes with `last`",
}


def described(kind: Any, description: str) -> Any:
    """The type of an argument, with its description."""
    return Annotated[kind, strawberry.argument(description=description)]


def page_arguments(
    filter_by: type | None, order_by: type | None
) -> tuple[list[inspect.Parameter], dict[str, Any]]:
    """The arguments of a connection, for the signature of its resolver."""
    kinds: dict[str, Any] = {}
    if filter_by is not None:
        kinds["filter"] = filter_by | None
    if order_by is not None:
        kinds["order_by"] = order_by | None
    kinds |= {"first": int | None, "after": str | None, "last": int | None, "before": str | None}
    annotations = {name: described(kind, _ARGUMENTS[name]) for name, kind in kinds.items()}
    parameters = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=strawberry.UNSET, annotation=annotation
        )
        for name, annotation in annotations.items()
    ]
    return parameters, annotations


@dataclass(frozen=True)
class PageRequest:
    """The requested page of a connection. `cursor` is still sealed; `size` is at most 1,000."""

    coordinate: str
    forwards: Keyset
    size: int
    cursor: str | None
    backwards: bool

    @classmethod
    def of(cls, read: Connect, coordinate: str, arguments: Mapping[str, Any]) -> "PageRequest":
        """The request behind a connection's arguments, as graphql-core coerced them; raises InvalidPage."""
        first, after, last, before = (arguments.get(name) for name in ("first", "after", "last", "before"))
        backwards = last is not None
        size = last if last is not None else (DEFAULT_PAGE if first is None else first)
        misplaced = after if backwards else before
        if first is not None and backwards:
            raise InvalidPage(path=("last",), most=LARGEST_PAGE)
        if not 0 <= size <= LARGEST_PAGE:
            raise InvalidPage(path=("last" if backwards else "first",), most=LARGEST_PAGE)
        if misplaced is not None:
            raise InvalidPage(path=("after" if backwards else "before",), most=LARGEST_PAGE)
        forwards = Keyset.of(read.target.reads, _order(read, arguments.get("orderBy")))
        return cls(coordinate, forwards, size, before if backwards else after, backwards)

    @property
    def keyset(self) -> Keyset:
        """The order in which rows are read: reversed for `last`."""
        return Keyset(self.forwards.columns, self.forwards.descending != self.backwards)

    def cursors(self, secrecy: Secrecy, agency: str) -> Cursors:
        """Seals and opens this connection's cursors for an agency."""
        return Cursors.of(secrecy, agency, self.coordinate, self.forwards)

    @property
    def far_end(self) -> str:
        """The argument that holds the cursor."""
        return "before" if self.backwards else "after"

    def opened(self, secrecy: Secrecy, agency: str, table: FromClause, cursor: str) -> list[Any]:
        """The values in a cursor of this connection; raises InvalidCursor, with its path."""
        try:
            return self.cursors(secrecy, agency).open(self.keyset, table, cursor)
        except InvalidCursor as error:
            raise error.at(self.far_end) from error


def _order(read: Connect, order_by: Mapping[str, Any] | None) -> Order:
    if order_by is None:
        return read.order
    return Order((read.orders[order_by["field"]],), order_by["direction"] is OrderDirection.DESC)


@dataclass(frozen=True)
class PageRows:
    """The rows of a page in the requested order, and whether there are more after them."""

    rows: Sequence[Mapping[str, Any]]
    more: bool


@strawberry.type(description="分页信息 Where a page lies in its connection")
class PageInfo:
    """Relay's PageInfo. For the side that was not read (before a forward page), the cursor gives the answer."""

    has_next_page: bool = strawberry.field(description="是否有下一页 Whether rows follow the page")
    has_previous_page: bool = strawberry.field(description="是否有上一页 Whether rows lie before the page")
    start_cursor: str | None = strawberry.field(
        description="首行游标 The cursor of the first row; null: an empty page"
    )
    end_cursor: str | None = strawberry.field(
        description="末行游标 The cursor of the last row; null: an empty page"
    )


@strawberry.type(description="一行及其游标 A row of a connection with its cursor")
class Edge(Generic[T]):
    """Relay's Edge."""

    cursor: str = strawberry.field(description="游标 For `after` or `before`: where this row lies")
    node: T = strawberry.field(description="行 The row")


@strawberry.type(description="一页结果 A page of rows; keyset cursors, stable while rows come and go")
class Connection(Generic[T]):
    """Relay's Connection, resolved lazily: a page is read only if a field of it is selected."""

    context: strawberry.Private[Any]
    read: strawberry.Private[Connect]
    request: strawberry.Private[PageRequest]
    filter: strawberry.Private[ArgumentValue | None]
    parent: strawberry.Private[Mapping[str, Any] | None]

    async def page(self) -> PageRows:
        """The page itself."""
        page: PageRows = await self.context.loaders.page(self.read, self.request, self.filter, self.parent)
        return page

    def _cursor(self, row: Mapping[str, Any]) -> str:
        cursors = self.request.cursors(self.context.secrecy, self.context.grant.agency)
        return cursors.seal([plain(row[name]) for name in self.request.keyset.columns])

    async def _edges(self) -> list[Edge[T]]:
        rows = (await self.page()).rows
        of = self.read.target.of
        return [Edge(cursor=self._cursor(row), node=of(row)) for row in rows]

    async def _nodes(self) -> list[T]:
        of = self.read.target.of
        return [of(row) for row in (await self.page()).rows]

    async def _page_info(self) -> PageInfo:
        page, request = await self.page(), self.request
        ends = [page.rows[0], page.rows[-1]] if page.rows else []
        cursors = [self._cursor(row) for row in ends]
        beyond, behind = page.more, request.cursor is not None
        return PageInfo(
            has_next_page=behind if request.backwards else beyond,
            has_previous_page=beyond if request.backwards else behind,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )

    async def _total_count(self) -> int:
        count: int = await self.context.loaders.count(self.read, self.filter, self.parent)
        return count

    edges: list[Edge[T]] = strawberry.field(
        resolver=_edges, description="行与游标 The rows with their cursors"
    )
    nodes: list[T] = strawberry.field(resolver=_nodes, description="行 The rows alone")
    page_info: PageInfo = strawberry.field(resolver=_page_info, description="分页信息 Where the page lies")
    total_count: int = strawberry.field(
        resolver=_total_count,
        description="总数 How many rows the whole connection has that the caller may see",
    )
