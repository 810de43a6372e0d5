"""The context of one GraphQL request: the caller, the authorised operation, and one snapshot to read from."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types.info import Info

from auth.grant import Grant
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy, Unreadable, place_of
from schema.engine.compile.authorize import AuthorizedOperation
from schema.engine.compile.collect import place_in_document
from schema.engine.compile.forbidden_nulls import Path
from schema.engine.declare.field_sources import Reads
from schema.engine.declare.resolver_context import ResolverContext
from schema.engine.execute.loaders import Loaders
from schema.engine.execute.transactions import Writer
from schema.engine.execute.write_tally import WriteTally
from schema.engine.refusals import ValueUnreadable

T = TypeVar("T")


class Context(ResolverContext):
    """One request. Use it as an async context manager: it holds at most one reading connection.

    `touched`, `persons` and `rows` are the reads for the access record, `tally` the writes, `forbidden_nulls` the nulls of
    forbidden fields: the path of each in the answer, and its place in the document.
    """

    def __init__(
        self,
        grant: Grant,
        authorized: AuthorizedOperation,
        database: Database,
        secrecy: Secrecy,
        writer: Writer,
    ) -> None:
        self.grant = grant
        self.writer = writer
        self.tally = WriteTally()
        self.authorized = authorized
        self.database = database
        self.secrecy = secrecy
        self.touched: set[UUID] = set()
        self.persons: set[UUID] = set()
        self.rows_read = 0
        self.forbidden_nulls: list[tuple[Path, str]] = []
        self._one_at_a_time = asyncio.Lock()
        self._reads: set[asyncio.Task[Any]] = set()
        self._stack = AsyncExitStack()
        self._connection: AsyncConnection | None = None
        self._generation = 0
        self.loaders = Loaders(self, grant, secrecy)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, asyncio.CancelledError):  # nobody waits for the reads
            for read in self._reads:
                read.cancel()
        await self._close()

    async def _close(self) -> None:
        """Return the connection, once a statement that may still run on it has ended."""
        async with self._one_at_a_time:
            self._generation += 1
            self._connection = None
            await self._stack.aclose()

    def forbids(self, info: Info) -> bool:
        """Whether the field that is being resolved must stay null; if so, notes it."""
        raw = info._raw_info
        forbidden = self.authorized.forbids(f"{raw.parent_type.name}.{raw.field_name}")
        if forbidden:
            place = f"{place_in_document('', raw.field_nodes[0])[1]}:{raw.parent_type.name}"
            self.forbidden_nulls.append((tuple(raw.path.as_list()), place))
        return forbidden

    def resolved_field(self, info: Info) -> tuple[tuple[str, ...], Mapping[str, Any]]:
        """The place in the document of the field that is being resolved, and its arguments from the plan."""
        raw = info._raw_info
        at = place_in_document(f"{raw.parent_type.name}.{raw.field_name}", raw.field_nodes[0])
        return at, self.authorized.arguments.get(at, {})

    async def renew(self) -> None:
        """Read the changes of a mutation: with a new snapshot, and new loaders without cached rows."""
        await self._close()
        self.loaders = Loaders(self, self.grant, self.secrecy)

    async def rows(
        self, reads: Reads, statement: Select[Any], *, top: bool = False
    ) -> Sequence[Mapping[str, Any]]:
        """Run one statement over the rows of a type in the snapshot, and note the households that it touched.

        `top`: the rows belong to no other row of the answer, and count in the access record.
        """

        async def fetch(connection: AsyncConnection) -> Sequence[Mapping[str, Any]]:
            return [*(await connection.execute(statement)).mappings()]

        found = await self.read(fetch)
        self.rows_read += len(found) if top else 0
        if (household := reads.household) is not None:
            self.touched.update(row[household] for row in found if household in row)
        if top and (person := reads.person) is not None:
            self.persons.update(row[person] for row in found if row.get(person) is not None)
        return found

    async def read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """The result of `work` on the snapshot of this request; calls run one after another.

        Shielded: graphql-core cancels the siblings of a field that failed, and cancelling a running statement would cost the
        connection.
        """
        running = asyncio.create_task(self._serially(work, self._generation))
        self._reads.add(running)
        running.add_done_callback(self._reads.discard)
        return await asyncio.shield(running)

    async def _serially(self, work: Callable[[AsyncConnection], Awaitable[T]], generation: int) -> T:
        async with self._one_at_a_time:
            if generation != self._generation:  # nobody waits for it
                raise asyncio.CancelledError
            if self._connection is None:
                self._connection = await self._stack.enter_async_context(self.database.read())
            return await work(self._connection)

    def open_sealed(self, sealed: bytes | None, place: str, row_id: UUID) -> str | None:
        """The decrypted value of a column; raises ValueUnreadable."""
        try:
            return None if sealed is None else self.secrecy.open(sealed, place_of(place, row_id.bytes))
        except Unreadable as error:
            raise ValueUnreadable from error
