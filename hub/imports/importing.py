"""The common parts of all kinds of imports."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
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
from hub.imports.records import Record
from hub.imports.report import Tally
from hub.ledger.named_subjects import NamedSubjects
from hub.model.agencies import Department
from hub.persons.identity_number import IdentityNumber
from hub.persons.papers import Paper
from hub.regions.places import Places

Item = TypeVar("Item")
_NUMBERS = {"idNumber", "headIdNumber", "formerNumber"}


@dataclass(frozen=True)
class Importing:
    """The state of one running import: grant, keys, registration rules and the report so far. `month`: the first day of the
    month whose list the file is. `named`: the people named by the rows of a transaction, also by rows that cannot be written.
    `preview`: everything is rolled back."""

    grant: Grant
    secrecy: Secrecy
    registration_rules: RegistrationRules
    tally: Tally
    month: date | None = None
    named: NamedSubjects = field(default_factory=NamedSubjects)
    preview: bool = False

    def context(self, session: AsyncSession) -> CommandContext:
        """The context of a write in a transaction."""
        return CommandContext(session, self.grant, self.secrecy, self.named, self.preview)

    def refuse(self, record: Record) -> None:
        """Add a row that cannot be written to the report, and note the people whom it names."""
        record.refuse(self.tally)
        for key in _NUMBERS & record.values.keys():
            value = record.values[key]
            number = value.number if isinstance(value, IdentityNumber | Paper) else value
            if isinstance(number, str):
                self.named.number(self.secrecy.blind_index(number))


@dataclass(frozen=True)
class ImportOf(Generic[Item]):
    """A kind of file. `read` makes items from rows and counts the rows. `write` gets the items of about `rows_in_batch` rows,
    in a transaction. `scope` and `department` are required for the whole file; `refusal` checks further conditions of a
    grant. `monthly`: the file is a monthly list."""

    columns: Callable[[Places, bool], tuple[Column, ...]]
    read: Callable[[Importing, Table, Sequence[Column]], Iterator[Item]]
    write: Callable[[AsyncSession, Importing, Sequence[Item]], Awaitable[None]]
    rows_in_batch: int
    scope: Scope | None = None
    department: Department | None = None
    refusal: Callable[[Grant], HubError | None] = lambda _grant: None
    monthly: bool = False


AnyImport = ImportOf[Any]
