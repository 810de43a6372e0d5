"""What every kind of import has in common."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from auth.scopes import Scope
from hub.commands.context import CommandContext
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.households.registration import RegistrationRules
from hub.imports.files import Table
from hub.imports.headers import Column
from hub.imports.report import Tally
from hub.model.agencies import Department
from hub.regions.places import Places

Item = TypeVar("Item")


@dataclass(frozen=True)
class Importing:
    """The state of one running import: grant, keys, registration rules and the report so far. `month` is the first day of the
    month whose list the file is.
    """

    grant: Grant
    secrecy: Secrecy
    registration_rules: RegistrationRules
    tally: Tally
    month: date | None = None

    def context(self, session: AsyncSession) -> CommandContext:
        """Who writes, in a transaction."""
        return CommandContext(session, self.grant, self.secrecy)


@dataclass(frozen=True)
class ImportOf(Generic[Item]):
    """A kind of file. `read` turns rows into items and counts the rows; `write` is called with the items of about
    `rows_in_batch` rows, in a transaction of its own. `scope` and `department` are needed for the file as a whole;
    `refusal` tells why a grant cannot give such a file at all, where that takes more. `monthly`: it is a list that is shared
    for a month.
    """

    columns: Callable[[Places, bool], tuple[Column, ...]]
    read: Callable[[Importing, Table, Sequence[Column]], Iterator[Item]]
    write: Callable[[AsyncSession, Importing, Sequence[Item]], Awaitable[None]]
    rows_in_batch: int
    scope: Scope | None = None
    department: Department | None = None
    refusal: Callable[[Grant], HubError | None] = lambda _grant: None
    monthly: bool = False


AnyImport = ImportOf[Any]
