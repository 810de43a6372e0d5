"""Mutations: a declaration says what one is, and one function runs them all.

    open_conference = command(
        OpenConferenceInput, "召集会议 Call a case conference",
        keeps=CONFERENCE, answer="召集结果 The answer to a conference called",
        run=lambda context, given: open_conference(context, given.to_draft()),
    )

The attribute is the field. The input gives the draft of the command of `hub/<noun>/`; `run` says what else the command takes: the
key in an id. Its scopes stand in the one table of permissions, under its name. `keeps` is the type that the command keeps a row
of, and where the payload shows it.
From these the payload's type is made: `OpenConferencePayload`, with the object, `errors`, and `warnings` where the command
tells some.

`answered` is the one way from a command to a payload: what the command kept, or its `HubError` as a `UserError`. Decoding the
input is part of the command, so that a wrong id is answered like any other refusal. Every payload of a declared command is an
`Answer`; its type only says which of it is shown. Batches, whose payloads hold more, have classes of their own.
"""

import types
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import strawberry
from strawberry.types import get_object_definition

from hub.commands.context import CommandContext
from hub.commands.update import Updated
from hub.foundation.errors import HubError
from schema.engine.declare.fields import kept, mutation
from schema.engine.execute.transactions import Writer
from schema.user_errors import UserError, WriteWarning

# What the fields say that many inputs and payloads have.
ERRORS = "错误 What the caller did wrong, and then nothing was written; empty: it was kept"
SUBJECT = "对象 The household or the person that it is about"
WARNINGS = "提醒 Kept, but worth a second look"
EXTERNAL_ID = "外部编号 Its id in your own system; the same again writes nothing twice"
EXPECTED_VERSION = (
    "您所读到的版本。同一版本上的同一更改可随时重发:返回第一次的结果,不再写入;版本已变而内容不同的更改被拒绝(STALE_VERSION)。"
    " The version that you read. The same change of the same version can be sent again at any time: it answers what it made"
    " and writes nothing. Another change of a version that has passed is refused (STALE_VERSION)."
)

Key = tuple[UUID, ...]
"""The key of a row, as the id of its node holds it."""
T = TypeVar("T")
Payload = TypeVar("Payload")


@dataclass(frozen=True)
class Keeps:
    """What a command keeps a row of: the type, the payload's field that shows the row as it now stands, and its words."""

    kind: type
    field: str
    description: str

    def read(self) -> Any:
        """The field of a payload."""
        return kept(get_object_definition(self.kind, strict=True).name, self.description)


@dataclass(frozen=True)
class Answer:
    """The payload of a declared command."""

    key: Key | None
    errors: list[UserError] = field(default_factory=list)
    warnings: list[WriteWarning] = field(default_factory=list)


Command = Callable[[CommandContext, T], Awaitable[Key | Updated[Any]]]
"""What runs a command on an input, in a transaction; raises HubError, for a wrong shape of the input too."""


def command(
    input: type[T],
    description: str,
    *,
    keeps: Keeps,
    answer: str,
    run: Command[T],
    warns_at: tuple[str, ...] | None = None,
) -> Any:
    """The mutation that runs a command. `answer` describes its payload; `warns_at` is the place in the input that its warnings
    are about, None where it tells none."""
    payload = _payload_type(input, answer, keeps, warns_at is not None)

    def payload_of(outcome: Key | Updated[Any]) -> Answer:
        if isinstance(outcome, tuple):
            return Answer(outcome)
        assert warns_at is not None
        warnings = [WriteWarning.of(one, "input", *warns_at) for one in outcome.warnings]
        return Answer(outcome.key, warnings=warnings)

    async def write(writer: Writer, given: T) -> Answer:
        running = writer.run(
            lambda session: run(CommandContext(session, writer.grant, writer.secrecy, writer.named), given)
        )
        return await answered(running, payload_of, lambda error: Answer(None, [error]))

    return mutation(write, input, payload, description)


def _payload_type(input: type, description: str, keeps: Keeps, warns: bool) -> type:
    """The payload's type, named after the input."""
    fields: dict[str, tuple[object, object]] = {
        keeps.field: (keeps.kind | None, keeps.read()),
        "errors": (list[UserError], strawberry.field(description=ERRORS)),
    }
    if warns:
        fields["warnings"] = list[WriteWarning], strawberry.field(description=WARNINGS)
    body = {
        "__module__": input.__module__,
        "__annotations__": {name: annotation for name, (annotation, _) in fields.items()},
        **{name: declared for name, (_, declared) in fields.items()},
    }
    name = f"{input.__name__.removesuffix('Input')}Payload"
    return strawberry.type(
        types.new_class(name, exec_body=lambda own: own.update(body)), description=description
    )


async def answered(
    running: Awaitable[T], payload_of: Callable[[T], Payload], refused: Callable[[UserError], Payload]
) -> Payload:
    """The payload of what a command answers, or of why it kept nothing."""
    try:
        return payload_of(await running)
    except HubError as error:
        return refused(UserError.of(error, "input"))
