"""Who writes, and in which transaction."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import ForbiddenWrite
from hub.ledger.chain import Author, EventDraft, append_events
from hub.persons.subjects import Subject
from hub.policy.permissions.write_scopes import NAMING_BY_NUMBER


@dataclass(frozen=True, slots=True)
class CommandContext:
    """A transaction of one caller's."""

    session: AsyncSession
    grant: Grant
    secrecy: Secrecy

    def need(self, *scopes: Scope, at: tuple[str | int, ...] = ()) -> None:
        """Raise ForbiddenWrite for the first scope that the grant lacks."""
        for scope in scopes:
            if scope not in self.grant.scopes:
                raise ForbiddenWrite(path=at, scope=scope.value)

    def check_naming(self, subject: Subject) -> None:
        """Raise ForbiddenWrite for somebody named by identity number, where the grant does not open numbers: what it answers
        would tell whose a number is."""
        if subject.id_number is not None:
            self.need(NAMING_BY_NUMBER, at=("subject", "idNumber"))

    async def tell(self, *events: EventDraft) -> None:
        """Append events to the chains of their households, as the caller's."""
        await append_events(self.session, Author(self.grant.agency, self.grant.client), events)
