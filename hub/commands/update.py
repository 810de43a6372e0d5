"""Changes existing records, from the version that the caller read."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from hub.commands.context import CommandContext
from hub.commands.warnings import Warned
from hub.foundation.errors import HubError, StaleVersion
from hub.foundation.texts import required_text as text_of
from hub.ledger.receipts import Change, changes_made, repeated
from hub.policy.permissions.field_scopes import existence_of

K = TypeVar("K", bound=tuple[UUID, ...])
"""(household id, id), or (id,) of a record that belongs to no household."""
S = TypeVar("S")
"""The caller's input about the record."""
R = TypeVar("R")
"""The present record."""


@dataclass(frozen=True, slots=True)
class Updated(Generic[K]):
    """The changed record, with warnings; a repeated request has none."""

    key: K
    warnings: Sequence[Warned] = ()


class Update(ABC, Generic[K, S, R]):
    """The parts of one kind of change."""

    name: str
    """The name of its receipts."""
    of: ClassVar[str]
    """The type of the record in the schema: a caller who may not know that it exists may not change it."""

    def authorise(self, context: CommandContext, said: S) -> None:
        """Raise an error if the caller may not make such a change, whatever its subject."""

    def compares(self, said: S) -> Sequence[str]:
        """The coordinates of the fields, beside the record's own, that the change is compared with: refusals would reveal
        them."""
        return ()

    def check_shape(self, context: CommandContext, said: S) -> None:
        """Raise the errors that can be seen without the database and the clock."""

    def content(self, said: S) -> object:
        """The content in the form in which it is compared: the same command with the same content is the same change."""
        return said

    @abstractmethod
    async def find(self, context: CommandContext, key: K, said: S) -> R:
        """The record, in sight, locked, and the caller's to change; raises NotFound, or an error that names the owner."""

    @abstractmethod
    def version(self, record: R) -> int:
        """The record's present version."""

    def check_state(self, context: CommandContext, record: R, said: S) -> bool:
        """Whether the change is still to be made; False if the record has this state already. Raises an error if such a
        change is no longer possible."""
        return True

    async def check(self, context: CommandContext, record: R, said: S) -> None:
        """Raise an error if the change is not possible in the present state."""

    @abstractmethod
    async def write(self, context: CommandContext, record: R, said: S) -> Sequence[Warned]:
        """Write the rows and the event; returns the warnings."""


class UpdateForReason(Update[K, str, R]):
    """A change whose only content is the reason, of at most `longest_reason` characters."""

    longest_reason = 500

    def check_shape(self, context: CommandContext, said: str) -> None:
        """Raises InvalidInput."""
        self.content(said)

    def content(self, said: str) -> str:
        """The reason in the stored form."""
        return text_of("reason", said, self.longest_reason)


async def update(
    context: CommandContext, command: Update[K, S, R], key: K, expected_version: int, said: S
) -> Updated[K]:
    """Make a change of the version that was read, once. Raises the error if it cannot be made."""
    if len(key) > 1:
        context.named.households.add(key[0])
    command.authorise(context, said)
    context.need_to_read(existence_of(command.of))
    context.check_reading(*command.compares(said))
    command.check_shape(context, said)
    session, agency = context.session, context.grant.agency
    change = Change(command.name, key, expected_version, command.content(said))
    if await changes_made(session, agency, {change.digest}):
        return Updated(key)
    try:
        record = await command.find(context, key, said)
    except HubError:
        if await changes_made(session, agency, {change.digest}):  # made while this one waited for the lock
            return Updated(key)
        raise
    if await repeated(session, agency, change):
        return Updated(key)
    version = command.version(record)
    if version != expected_version:
        raise StaleVersion(path=("expectedVersion",), expected=expected_version, actual=version)
    if not command.check_state(context, record, said):
        return Updated(key)
    await command.check(context, record, said)
    return Updated(key, await command.write(context, record, said))
