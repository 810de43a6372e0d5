"""Transactions of the addresses beside GraphQL, on separate connections and in turns by client. So many uploads or watchers
do not take the connections of GraphQL writes, and no client takes all of these."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import CONNECTIONS_APART, Database
from hub.foundation.errors import HubError
from hub.foundation.troubles import ServerBusy
from hub.ledger.downloads import save_request
from schema.engine.execute.request_queue import RequestQueue, TooManyAtOnce


class RecordedRefusal(Exception):
    """A refusal that has its access record already."""

    def __init__(self, refusal: HubError) -> None:
        super().__init__()
        self.refusal = refusal


class ClientTransactions:
    """The open transactions of one process. Call `close` at the end."""

    def __init__(self, database: Database) -> None:
        self._database = database.apart()
        self._queue = RequestQueue(CONNECTIONS_APART, CONNECTIONS_APART - 1)

    @asynccontextmanager
    async def write(self, grant: Grant) -> AsyncIterator[AsyncSession]:
        """A write transaction of a client, as `Database.write`; also raises TooManyAtOnce and ServerBusy."""
        async with self._queue.slot(grant.client), self._database.write() as session:
            yield session

    @asynccontextmanager
    async def recorded(
        self, grant: Grant, operation: str, job_id: UUID | None = None
    ) -> AsyncIterator[AsyncSession]:
        """A write transaction with its own access record; a refusal is recorded in another transaction. Raises
        RecordedRefusal."""
        try:
            async with self.write(grant) as session:
                yield session
        except (TooManyAtOnce, ServerBusy):
            raise
        except HubError as refusal:
            async with self.write(grant) as session:
                await save_request(session, grant, operation, job_id, refusal=refusal)
            raise RecordedRefusal(refusal) from refusal

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()
