"""Running a command: one transaction, tried again where other writers were in the way.

Of equal requests at the same time one writes. The others wait until it has ended, before they lock anything, and are then
answered by its receipt. They wait for it by a lock on the request itself, so that they need not win the locks of rows from
it, which nobody waits for as long.
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
from hub.foundation.crowds import Crowded, Place, WaitedTooLong
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.foundation.troubles import ServerBusy, sqlstate
from hub.ledger.named_subjects import NamedSubjects
from schema.engine.execute.presence import Presence
from schema.engine.execute.turns import LONGEST_WAIT, TooManyAtOnce, Turn

T = TypeVar("T")
_TRIES = 4
_PAUSE = 2
"""Seconds after which whoever could not be waited out has mostly gone."""
_PASSING = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATEs of a collision that another try can win: serialization, deadlock, lock timeout."""
_LOCK_TIMEOUT = "55P03"
"""That of a lock that was waited for as long as a writer waits."""
_TOO_LONG = "57014"
"""The SQLSTATE of a statement that was ended for its time."""


class Busy(HubError, numbers=("retry_after_seconds",)):
    """Another agency is updating this household; nothing was written. Try again in {retry_after_seconds} s.
    其他单位正在更新该户信息,本次未写入任何内容,请 {retry_after_seconds} 秒后再试。
    """


class SameRequestUnderWay(HubError, numbers=("retry_after_seconds",)):
    """The same request is still being written; send it again in {retry_after_seconds} s, and it is answered as the first.
    相同的请求仍在写入,请 {retry_after_seconds} 秒后重新提交,所得应答与首次相同。
    """


@dataclass(frozen=True)
class Writer:
    """Who writes, and where to. `refusal`: why nothing is written, whatever the command is. `named`: whom the request names.
    `presence`: whether the caller still waits. `request`: what equal requests of the agency have in common, None where none is
    equal to any. `turn`: the request's, which it lays down while it waits for a household without a connection."""

    grant: Grant
    database: Database
    secrecy: Secrecy
    refusal: HubError | None = None
    named: NamedSubjects = field(default_factory=NamedSubjects)
    presence: Presence = field(default_factory=Presence)
    request: str | None = None
    turn: Turn | None = None

    def of(self, input: object) -> "Writer":
        """The same, for the input of one mutation: a dataclass."""
        said = orjson.dumps(input, default=str).decode()
        return replace(self, request=f"{self.grant.agency} {type(input).__name__} {said}")

    def refusing(self, refusal: HubError | None) -> "Writer":
        """The same, who writes nothing where there is a refusal."""
        return self if refusal is None else replace(self, refusal=refusal)

    async def run(self, write: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """One command in one transaction. Raises the command's HubError, Busy where other writers could not be waited out in
        `LONGEST_WAIT`, and SameRequestUnderWay where an equal request could not."""
        if self.refusal is not None:
            raise self.refusal
        place = self.database.crowds.place(LONGEST_WAIT)
        tries = 0
        try:
            while True:
                try:
                    return await self._try(place, write)
                except Crowded as crowded:
                    await self._stand_aside(place, crowded)
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
        """One try of a command; once it commits, it is done to its end."""
        with ExitStack() as committing:
            async with self.database.write(place) as session:
                await self._wait_for_equals(session)
                result = await write(session)
                committing.enter_context(self.presence.finishing())
            return result

    async def _stand_aside(self, place: Place, crowded: Crowded) -> None:
        """Wait for a household without a connection and without a turn; raises Busy, WaitedTooLong."""
        if self.turn is None:
            await place.wait(crowded.household)
            return
        try:
            async with self.turn.aside():
                await place.wait(crowded.household)
        except (TooManyAtOnce, ServerBusy) as error:
            raise Busy(retry_after_seconds=_PAUSE) from error

    async def _wait_for_equals(self, session: AsyncSession) -> None:
        """Begin the transaction as the one that writes this request; as long as another does, wait for it."""
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
            raise SameRequestUnderWay(retry_after_seconds=_PAUSE) from error
        await connection.exec_driver_sql("select set_config('lock_timeout', $1, true)", (before,))
