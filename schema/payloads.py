"""What every mutation answers besides its object: errors and warnings, in the same response."""

import sys
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, TypeVar

import strawberry
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

import hub.aid.amendments
import hub.aid.commands
import hub.errors
import hub.referrals.commands
from hub.errors import HubError
from schema import ids
from schema.context import Context

T = TypeVar("T")
_TRIES = 4
_PASSING = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATEs of a collision that another try can win: serialization, deadlock, lock timeout."""

ERRORS = "错误 What the caller did wrong, and then nothing was written; empty: it was kept"
WARNINGS = "提醒 Kept, but worth a second look"


class Busy(HubError):
    """Other writers hold this household; nothing was written, try again in a moment.
    该家庭正被其他单位写入,本次未写入任何内容,请稍后再试。
    """


def user_errors() -> dict[str, type[HubError]]:
    """Every error that a mutation can answer, by its code."""
    sources = (
        hub.errors,
        hub.aid.amendments,
        hub.aid.commands,
        hub.referrals.commands,
        ids,
        sys.modules[__name__],
    )
    kinds = {
        one
        for source in sources
        for one in vars(source).values()
        if isinstance(one, type) and issubclass(one, HubError) and one is not HubError
    }
    return {kind.code: kind for kind in sorted(kinds, key=lambda one: one.code)}


ErrorCode = Enum("ErrorCode", {code: code for code in user_errors()})  # type: ignore[misc]
strawberry.enum(ErrorCode, description="What a caller can do wrong; stable, explained in docs/errors.md")


@strawberry.type(description="What the caller did wrong, and where in the input")
class UserError:
    """用户错误."""

    code: ErrorCode = strawberry.field(description="错误码 Stable; programs go by it")
    message: str = strawberry.field(description="English")
    message_zh: str = strawberry.field(description="中文")
    path: list[str] = strawberry.field(description='Where in the input, as in ["outcomes", "3", "amount"]')

    @classmethod
    def of(cls, error: HubError, *prefix: str | int) -> "UserError":
        """The value of an error, at a place in the input."""
        return cls(
            code=ErrorCode[error.code],
            message=error.message,
            message_zh=error.message_zh,
            path=[str(part) for part in (*prefix, *error.path)],
        )


@strawberry.type(name="Warning", description="Kept, but worth a second look")
class WriteWarning:
    """提醒."""

    code: str = strawberry.field(description="提醒码 Stable; programs go by it")
    message: str = strawberry.field(description="English")
    message_zh: str = strawberry.field(description="中文")
    path: list[str] = strawberry.field(description="Where in the input")


async def command(context: Context, write: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Run one command in one transaction, then read from a snapshot that has it.

    Raises the command's HubError, and Busy where other writers could not be waited out.
    """
    for last in (*[False] * (_TRIES - 1), True):
        try:
            async with context.database.write() as session:
                written = await write(session)
            await context.renew()
            return written
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _PASSING:
                raise
            if last:
                raise Busy from error
    raise AssertionError("unreachable")


async def payload(
    kind: Any, context: Context, write: Callable[[AsyncSession], Awaitable[Any]], field: str, target: Any
) -> Any:
    """The payload of a command that answers a key: its object under `field`, or the error."""
    try:
        key = await command(context, write)
    except HubError as error:
        return kind(errors=[UserError.of(error, "input")], **{field: None})
    return kind(errors=[], **{field: await context.loaders.node(target, key)})
