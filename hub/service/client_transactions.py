"""Transactions of the addresses beside GraphQL: on connections of their own, in the turns of their clients. So neither many
uploads nor many watchers take the connections that requests of GraphQL write by, and no client takes all of these."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import CONNECTIONS_APART, Database
from hub.foundation.errors import HubError
from hub.foundation.troubles import ServerBusy
from hub.ledger.downloads import keep_request
from schema.engine.execute.turns import TooManyAtOnce, Turns


class RecordedRefusal(Exception):
    """A refusal that has its access record already."""

    def __init__(self, refusal: HubError) -> None:
        super().__init__()
        self.refusal = refusal


class ClientTransactions:
    """What is open at once in a process. Close it at the end."""

    def __init__(self, database: Database) -> None:
        self._database = database.apart()
        self._turns = Turns(CONNECTIONS_APART, CONNECTIONS_APART - 1)

    @asynccontextmanager
    async def write(self, grant: Grant) -> AsyncIterator[AsyncSession]:
        """A write transaction of a client, as `Database.write`; raises TooManyAtOnce, ServerBusy too."""
        async with self._turns.turn(grant.client), self._database.write() as session:
            yield session

    @asynccontextmanager
    async def recorded(
        self, grant: Grant, operation: str, job_id: UUID | None = None
    ) -> AsyncIterator[AsyncSession]:
        """A write transaction of a request that is recorded in it; where it is refused, that is recorded in another. Raises
        RecordedRefusal."""
        try:
            async with self.write(grant) as session:
                yield session
        except (TooManyAtOnce, ServerBusy):
            raise
        except HubError as refusal:
            async with self.write(grant) as session:
                await keep_request(session, grant, operation, job_id, refusal=refusal)
            raise RecordedRefusal(refusal) from refusal

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()
