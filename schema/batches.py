"""Batches: many drafts in one transaction, with one result each; a refused draft does not stop the others."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from hub.commands.context import CommandContext
from hub.commands.warnings import Warned
from hub.foundation.errors import HubError
from schema.engine.execute.transactions import Writer
from schema.user_errors import UserError, WriteWarning

ERRORS_OF_ALL = "整批错误 Errors of the whole batch; nothing was saved"

Draft = TypeVar("Draft")
Draft_co = TypeVar("Draft_co", covariant=True)
Outcome = TypeVar("Outcome")
Payload = TypeVar("Payload")


class Drafted(Protocol[Draft_co]):
    """An item of a batch."""

    def to_draft(self) -> Draft_co:
        """Its draft; raises HubError."""


class ItemOutcome(Protocol):
    """The result of one item."""

    @property
    def key(self) -> tuple[UUID, ...] | None:
        """The key of the row; None if the draft was refused."""

    @property
    def created(self) -> bool:
        """False if the row existed before."""

    @property
    def error(self) -> HubError | None:
        """Why it was refused."""

    @property
    def warnings(self) -> Sequence[Warned]:
        """Warnings about the saved row."""


async def in_order(
    writer: Writer,
    items: Sequence[Drafted[Draft]],
    keep: Callable[[CommandContext, list[Draft]], Awaitable[list[Outcome]]],
    refused: Callable[[HubError], Outcome],
) -> list[Outcome]:
    """One result for each item: the result of `keep` for a draft, or `refused` for an item from which no draft can be made.
    Raises HubError if the whole batch is refused."""
    drafts: list[Draft] = []
    refusals: list[Outcome | None] = []
    for item in items:
        try:
            drafts.append(item.to_draft())
            refusals.append(None)
        except HubError as error:
            refusals.append(refused(error))
    outcomes = iter(
        await writer.run(
            lambda session: keep(CommandContext(session, writer.grant, writer.secrecy, writer.named), drafts)
        )
    )
    return [next(outcomes) if refusal is None else refusal for refusal in refusals]


def one_answer(kind: Callable[..., Payload], outcome: ItemOutcome, *place: str | int) -> Payload:
    """The payload of one result, with its place in the input."""
    return kind(
        key=outcome.key,
        created=outcome.created,
        errors=[UserError.of(outcome.error, *place)] if outcome.error else [],
        warnings=[WriteWarning.of(warning, *place) for warning in outcome.warnings],
    )
