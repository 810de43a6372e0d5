"""Runs a command in one transaction, and tries again after a collision with other writers.

Of equal requests at the same time, one writes. The others wait until it has ended, before they lock anything, and then get
its receipt. They wait on a lock of the request itself, so that they do not compete for the locks of rows, for which the
waiting time is shorter.
"""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TypeVar

import asyncpg
import orjson
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.foundation.household_queues import HouseholdQueueFull, Place, WaitedTooLong
from hub.foundation.troubles import ServerBusy, sqlstate
from hub.ledger.named_subjects import NamedSubjects
from schema.engine.execute.presence import Presence
from schema.engine.execute.request_queue import LONGEST_WAIT, QueueSlot, TooManyAtOnce

T = TypeVar("T")
_TRIES = 4
_PAUSE = 2
"""Seconds after which the other writer has mostly finished."""
_PASSING = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATEs of collisions after which another attempt can succeed: serialization, deadlock, lock timeout."""
_LOCK_TIMEOUT = "55P03"
"""The SQLSTATE of a lock timeout."""
_TOO_LONG = "57014"
"""The SQLSTATE of a statement timeout."""


class Busy(HubError, numbers=("retry_after_seconds",)):
    """Another agency is updating this household; nothing was written. Try again in {retry_after_seconds} s.
    其他单位正在更新该户信息,本次未写入任何内容,请 {retry_after_seconds} 秒后再试。
    """


class RequestInProgress(HubError, numbers=("retry_after_seconds",)):
    """The same request is still being written; send it again in {retry_after_seconds} s, and it is answered as the first.
    相同的请求仍在写入,请 {retry_after_seconds} 秒后重新提交,所得应答与首次相同。
    """


@dataclass(frozen=True)
class Writer:
    """The caller and the database of a write. `refusal`: the error with which every command is refused, if any. `named`: the
    subjects that the request names. `presence`: whether the caller still waits. `request`: a key that equal requests of the
    agency share, or None. `turn`: the request's turn, which it gives back while it waits for a household without a
    connection."""

    grant: Grant
    database: Database
    secrecy: Secrecy
    refusal: HubError | None = None
    named: NamedSubjects = field(default_factory=NamedSubjects)
    presence: Presence = field(default_factory=Presence)
    request: str | None = None
    turn: QueueSlot | None = None

    def of(self, input: object) -> "Writer":
        """The same writer for the input of one mutation, which is a dataclass."""
        said = orjson.dumps(input, default=str).decode()
        return replace(self, request=f"{self.grant.agency} {type(input).__name__} {said}")

    def refusing(self, refusal: HubError | None) -> "Writer":
        """The same writer, which refuses every command if there is a refusal."""
        return self if refusal is None else replace(self, refusal=refusal)

    async def run(self, write: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Run one command in one transaction. Raises the command's HubError, Busy if other writers held a lock for
        `LONGEST_WAIT`, and RequestInProgress if an equal request did."""
        if self.refusal is not None:
            raise self.refusal
        place = self.database.household_queues.place(LONGEST_WAIT)
        tries = 0
        try:
            while True:
                try:
                    return await self._try(place, write)
                except HouseholdQueueFull as full:
                    await self._wait_for_household(place, full)
                except (DBAPIError, asyncpg.PostgresError) as error:
                    if sqlstate(error) not in _PASSING:
                        raise
                    tries += 1
                    if tries == _TRIES or sqlstate(error) == _LOCK_TIMEOUT:
                        raise Busy(retry_after_seconds=_PAUSE) from error
        except WaitedTooLong as late:
            raise Busy(retry_after_seconds=_PAUSE) from late
        finally:
            place.leave()

    async def _try(self, place: Place, write: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """One attempt of a command; a commit is always finished."""
        with ExitStack() as committing:
            async with self.database.write(place) as session:
                await self._wait_for_equals(session)
                result = await write(session)
                committing.enter_context(self.presence.finishing())
            return result

    async def _wait_for_household(self, place: Place, full: HouseholdQueueFull) -> None:
        """Wait for a household without a connection and without a turn; raises Busy, WaitedTooLong."""
        if self.turn is None:
            await place.wait(full.household)
            return
        try:
            async with self.turn.aside():
                await place.wait(full.household)
        except (TooManyAtOnce, ServerBusy) as error:
            raise Busy(retry_after_seconds=_PAUSE) from error

    async def _wait_for_equals(self, session: AsyncSession) -> None:
        """Begin the transaction as the only writer of this request; wait while another one writes it."""
        if self.request is None:
            return
        key = int.from_bytes(self.secrecy.blind_index(self.request)[:8], signed=True)
        connection = await session.connection()
        alone = await connection.exec_driver_sql("select pg_try_advisory_xact_lock($1)", (key,))
        if alone.scalar_one():
            return
        patience = await connection.exec_driver_sql(
            "select current_setting('lock_timeout'), set_config('lock_timeout', '0', true)"
        )
        before: str = patience.scalar_one()
        try:
            await connection.exec_driver_sql("select pg_advisory_xact_lock($1)", (key,))
        except DBAPIError as error:
            if sqlstate(error) != _TOO_LONG:
                raise
            raise RequestInProgress(retry_after_seconds=_PAUSE) from error
        await connection.exec_driver_sql("select set_config('lock_timeout', $1, true)", (before,))
