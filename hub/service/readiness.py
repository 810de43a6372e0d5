"""Whether a process can answer: `/readyz` tries the database in the ways that requests use it, each with a time limit.

A process is ready if it can read, write, look up clients and write access records, each on the connections that requests use.
A failure has the code that a request would get.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hub.foundation.database import Database
from hub.foundation.errors import HubError
from hub.foundation.troubles import (
    AccessRecordNotWritten,
    DatabaseReadOnly,
    DatabaseUnavailable,
    OutcomeUnknown,
    trouble_of,
)
from hub.ledger.access import AccessLog
from schema.http.refusals import unavailable

LONGEST_LOOK = 2.0
"""Seconds after which a way counts as failed if it does not answer."""
_ALIVE = "select 1"
_READ_ONLY = sa.select(sa.func.current_setting("transaction_read_only") == "on")


class Readiness:
    """The ways of one process, by name. Simultaneous requests share one check."""

    def __init__(self, database: Database, access: AccessLog) -> None:
        self._database, self._access = database, access
        self.ways: Mapping[str, Callable[[], Awaitable[None]]] = {
            "reading": self._read,
            "reading by reference": self._read_by_reference,
            "writing": self._write,
            "tokens": self._look_up,
            "access records": access.check,
        }
        self._look: asyncio.Task[dict[str, HubError]] | None = None

    async def answer(self, _request: Request) -> Response:
        """200, or 503 with the first trouble and the names of the failed ways."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self.troubles())
        try:
            troubles = await asyncio.shield(self._look)
        except asyncio.CancelledError:  # the process is ending, and the awaited result will not come
            return unavailable(DatabaseUnavailable())
        if not troubles:
            return JSONResponse({"status": "ok"})
        first = next(iter(troubles.values()))
        return unavailable(first, ways={way: one.code for way, one in troubles.items()})

    async def troubles(self) -> dict[str, HubError]:
        """The troubles of the failed ways, by name."""
        found = await asyncio.gather(*(self._trouble(way) for way in self.ways))
        return {way: one for way, one in zip(self.ways, found, strict=True) if one is not None}

    async def _trouble(self, way: str) -> HubError | None:
        try:
            async with asyncio.timeout(LONGEST_LOOK):
                await self.ways[way]()
        except TimeoutError:
            return AccessRecordNotWritten() if way == "access records" else DatabaseUnavailable()
        except OutcomeUnknown:  # nothing was written
            return DatabaseUnavailable()
        except Exception as error:
            if (trouble := trouble_of(error)) is None:
                raise
            return trouble
        return None

    async def _read(self) -> None:
        await self._database.fetch_row(_ALIVE, [])

    async def _read_by_reference(self) -> None:
        async with self._database.read() as connection:
            await connection.execute(sa.text(_ALIVE))

    async def _write(self) -> None:
        async with self._database.write() as session:
            if await session.scalar(_READ_ONLY):
                raise DatabaseReadOnly

    async def _look_up(self) -> None:
        async with self._database.for_tokens() as session:
            await session.execute(sa.text(_ALIVE))
