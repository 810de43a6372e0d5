"""Running a command: one transaction, tried again where other writers were in the way."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import Database, sqlstate
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.ledger.named_subjects import NamedSubjects

T = TypeVar("T")
_TRIES = 4
_PAUSE = 2
"""Seconds after which whoever could not be waited out has mostly gone."""
_PASSING = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATEs of a collision that another try can win: serialization, deadlock, lock timeout."""


class Busy(HubError, numbers=("retry_after_seconds",)):
    """Another agency is updating this household; nothing was written. Try again in {retry_after_seconds} s.
    其他单位正在更新该户信息,本次未写入任何内容,请 {retry_after_seconds} 秒后再试。
    """


@dataclass(frozen=True)
class Writer:
    """Who writes, and where to. `refusal`: why nothing is written, whatever the command is. `named`: whom the request names."""

    grant: Grant
    database: Database
    secrecy: Secrecy
    refusal: HubError | None = None
    named: NamedSubjects = field(default_factory=NamedSubjects)

    def refusing(self, refusal: HubError | None) -> "Writer":
        """The same, who writes nothing where there is a refusal."""
        return self if refusal is None else replace(self, refusal=refusal)

    async def run(self, write: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """One command in one transaction. Raises the command's HubError, and Busy where other writers could not be
        waited out."""
        if self.refusal is not None:
            raise self.refusal
        for last in (*[False] * (_TRIES - 1), True):
            try:
                async with self.database.write() as session:
                    return await write(session)
            except (DBAPIError, asyncpg.PostgresError) as error:
                if sqlstate(error) not in _PASSING:
                    raise
                if last:
                    raise Busy(retry_after_seconds=_PAUSE) from error
        raise AssertionError("unreachable")
