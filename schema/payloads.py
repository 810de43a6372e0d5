"""Mutations: each is a declaration, and one function runs them all.

    open_conference = command(
        OpenConferenceInput, "召集会议 Call a case conference",
        keeps=CONFERENCE, answer="召集结果 The result of calling a conference",
        run=lambda context, input: open_conference(context, input.to_draft()),
    )

The attribute is the field. The input makes the draft for the command of `hub/<noun>/`; `run` adds other arguments of the
command, such as the key in an id. The scopes of the mutation are in the table of permissions, under its name. `keeps` names the
type of the saved row and the payload's field for it. The payload's type is made from these: `OpenConferencePayload`, with the
object, `errors`, and `warnings` if the command has any.

`answered` turns the result of a command into a payload: the saved row, or its `HubError` as a `UserError`. Decoding the input
is part of the command, so a wrong id is answered like any other refusal. Every payload of a declared command is an `Answer`; its
type decides which part is shown. Batches have larger payloads and classes of their own.
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
from schema.engine.declare.fields import mutation, saved
from schema.engine.execute.transactions import Writer
from schema.user_errors import UserError, WriteWarning

# Descriptions of fields that many inputs and payloads have.
ERRORS = "错误 Errors; empty if saved"
SUBJECT = "对象 The household or person"
WARNINGS = "提醒 Warnings about a saved record"
EXTERNAL_ID = "外部编号 Its id in your own system; sending the same content again writes nothing"
EXPECTED_VERSION = (
    "您所读到的版本。同一版本上的同一更改可随时重发:返回第一次的结果,不再写入;版本已变而内容不同的更改被拒绝(STALE_VERSION)。"
    " The version that you read. You can send the same change of the same version again at any time: it returns the first"
    " result and writes nothing. Another change of an old version is refused (STALE_VERSION)."
)

Key = tuple[UUID, ...]
"""The key of a row, as in the id of its node."""
T = TypeVar("T")
Payload = TypeVar("Payload")


@dataclass(frozen=True)
class SavedRow:
    """The saved row of a command: its type, the payload's field that shows the current row, and the field's description."""

    kind: type
    field: str
    description: str

    def read(self) -> Any:
        """The field of a payload."""
        return saved(get_object_definition(self.kind, strict=True).name, self.description)


@dataclass(frozen=True)
class Answer:
    """The payload of a declared command."""

    key: Key | None
    errors: list[UserError] = field(default_factory=list)
    warnings: list[WriteWarning] = field(default_factory=list)


Command = Callable[[CommandContext, T], Awaitable[Key | Updated[Any]]]
"""Runs a command on an input in a transaction; raises HubError, also for an invalid input."""


def command(
    input: type[T],
    description: str,
    *,
    keeps: SavedRow,
    answer: str,
    run: Command[T],
    warns_at: tuple[str, ...] | None = None,
) -> Any:
    """The mutation of a command. `answer` describes its payload; `warns_at` is the path in the input of its warnings, None
    if it has none."""
    payload = _payload_type(input, answer, keeps, warns_at is not None)

    def payload_of(outcome: Key | Updated[Any]) -> Answer:
        if isinstance(outcome, tuple):
            return Answer(outcome)
        assert warns_at is not None
        warnings = [WriteWarning.of(warning, "input", *warns_at) for warning in outcome.warnings]
        return Answer(outcome.key, warnings=warnings)

    async def write(writer: Writer, draft: T) -> Answer:
        running = writer.run(
            lambda session: run(CommandContext(session, writer.grant, writer.secrecy, writer.named), draft)
        )
        return await answered(running, payload_of, lambda error: Answer(None, [error]))

    return mutation(write, input, payload, description)


def _payload_type(input: type, description: str, keeps: SavedRow, warns: bool) -> type:
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
    """The payload of a command's result, or of its refusal."""
    try:
        return payload_of(await running)
    except HubError as error:
        return refused(UserError.of(error, "input"))
