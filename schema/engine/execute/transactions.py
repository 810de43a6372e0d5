"""Running a command: one transaction, tried again where other writers were in the way."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.crowds import Crowded, Place, WaitedTooLong
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.foundation.troubles import sqlstate
from hub.ledger.named_subjects import NamedSubjects
from schema.engine.execute.turns import LONGEST_WAIT, ServerBusy, TooManyAtOnce, Turn

T = TypeVar("T")
_TRIES = 4
_PAUSE = 2
"""Seconds after which whoever could not be waited out has mostly gone."""
_PASSING = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATEs of a collision that another try can win: serialization, deadlock, lock timeout."""
_LOCK_TIMEOUT = "55P03"
"""That of a lock that was waited for as long as a writer waits."""


class Busy(HubError, numbers=("retry_after_seconds",)):
    """Another agency is updating this household; nothing was written. Try again in {retry_after_seconds} s.
    其他单位正在更新该户信息,本次未写入任何内容,请 {retry_after_seconds} 秒后再试。
    """


@dataclass(frozen=True)
class Writer:
    """Who writes, and where to. `refusal`: why nothing is written, whatever the command is. `named`: whom the request names.
    `turn`: the request's, which it lays down while it waits for a household without a connection."""

    grant: Grant
    database: Database
    secrecy: Secrecy
    refusal: HubError | None = None
    named: NamedSubjects = field(default_factory=NamedSubjects)
    turn: Turn | None = None

    def refusing(self, refusal: HubError | None) -> "Writer":
        """The same, who writes nothing where there is a refusal."""
        return self if refusal is None else replace(self, refusal=refusal)

    async def run(self, write: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """One command in one transaction. Raises the command's HubError, and Busy where other writers could not be
        waited out in `LONGEST_WAIT`."""
        if self.refusal is not None:
            raise self.refusal
        place = self.database.crowds.place(LONGEST_WAIT)
        tries = 0
        try:
            while True:
                try:
                    async with self.database.write(place) as session:
                        return await write(session)
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
