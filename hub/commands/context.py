"""The caller and the transaction of a command."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant, ScopeSets
from auth.scopes import Scope
from hub.agencies.shown import renew_sight
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import ForbiddenWrite, HubError, NotFound
from hub.ledger.chain import Author, EventDraft, append_events, lock_households
from hub.ledger.named_subjects import NamedSubjects
from hub.persons.names import NAME
from hub.persons.subjects import Resolved, Sought, Subject, blind_index_of, resolve_subjects
from hub.policy.permissions.field_scopes import reading
from hub.policy.permissions.row_policies import visible
from hub.policy.permissions.write_scopes import NAMING_BY_NUMBER


@dataclass(frozen=True, slots=True)
class CommandContext:
    """A transaction of one caller. `named`: the subjects that the request names, for its access record. `previewed`: the
    transaction is rolled back, so it must reveal nothing out of the caller's sight, not even what a duty reveals about a
    lasting write."""

    session: AsyncSession
    grant: Grant
    secrecy: Secrecy
    named: NamedSubjects = field(default_factory=NamedSubjects)
    previewed: bool = False

    def need(self, *scopes: Scope, at: tuple[str | int, ...] = ()) -> None:
        """Raise ForbiddenWrite for the first scope that the grant lacks."""
        for scope in scopes:
            if scope not in self.grant.scopes:
                raise ForbiddenWrite(path=at, scope=scope.value)

    def need_any(self, *scopes: Scope) -> None:
        """Raise ForbiddenWrite, with the first of the scopes, if the grant has none of them."""
        if not self.grant.scopes.intersection(scopes):
            self.need(*scopes)

    def need_to_read(self, required: ScopeSets, at: tuple[str | int, ...] = ()) -> None:
        """Raise ForbiddenWrite if the grant does not open the data that is compared or overwritten; it names the first
        missing scope."""
        if not self.grant.covers(required):
            self.need(*sorted(required[0]), at=at)

    def check_reading(self, *coordinates: str) -> None:
        """Raise ForbiddenWrite for the first field that the grant may not read: comparing it would reveal it."""
        for coordinate in coordinates:
            self.need_to_read(reading(coordinate))

    def note(self, subject: Subject) -> None:
        """Note the subject of a draft, whatever the outcome."""
        if subject.household_id is not None:
            self.named.households.add(subject.household_id)
        if subject.person is not None:
            self.named.person(*subject.person)
        if subject.id_number and isinstance(index := blind_index_of(self.secrecy, subject.id_number), bytes):
            self.named.number(index)

    async def resolve(self, wanted: Sequence[Sought]) -> list[Resolved | HubError]:
        """Each subject in sight, or the error why it is not found; the subjects found are noted."""
        found = await resolve_subjects(self.session, self.grant, self.secrecy, wanted)
        for one in found:
            if isinstance(one, Resolved):
                self.named.member(one.identity, one.household_id, one.person_id, in_sight=one.in_sight)
        return found

    def check_naming(self, subject: Subject) -> None:
        """Raise ForbiddenWrite for a subject with an identity number, if the grant does not open numbers: the answer would
        reveal whose number it is. The same for a name, which is compared with the registered one."""
        if subject.id_number is not None:
            self.need(NAMING_BY_NUMBER, at=("subject", "idNumber"))
        if subject.name is not None:
            self.need_to_read(reading(NAME), at=("name",))

    async def is_visible(self, table: sa.Table, key: tuple[UUID, UUID]) -> bool:
        """Whether the row of a key (household id, id) is in sight; locks nothing."""
        self.named.households.add(key[0])
        at = sa.and_(table.c.household_id == key[0], table.c.id == key[1], visible(table, self.grant))
        return bool(await self.session.scalar(sa.select(sa.exists().where(at))))

    async def lock_in_sight(self, table: sa.Table, key: tuple[UUID, UUID]) -> None:
        """Lock the household of a row that is in sight. A row out of sight is not locked: nobody learns of it by waiting, and
        nobody can block others."""
        if await self.is_visible(table, key):
            await lock_households(self.session, [key[0]])

    async def locked(
        self, table: sa.Table, key: tuple[UUID, UUID], noun: str, noun_zh: str, at: str = "id"
    ) -> sa.Row[Any]:
        """The row of a key (household id, id) in sight; its household is locked before the row is read. Raises NotFound with
        the path `at`."""
        await self.lock_in_sight(table, key)
        of_key = sa.and_(table.c.household_id == key[0], table.c.id == key[1], visible(table, self.grant))
        row = (await self.session.execute(sa.select(table).where(of_key))).one_or_none()
        if row is None:
            raise NotFound(path=(at,), noun=noun, noun_zh=noun_zh)
        return row

    async def append_events(self, *events: EventDraft) -> None:
        """Append the caller's events to the chains of their households."""
        await append_events(self.session, self.author, events)

    @property
    def author(self) -> Author:
        """The caller as the author of events."""
        return Author(self.grant.agency, self.grant.client)

    async def renew_sight(self, *household_ids: UUID, moved: bool = False) -> None:
        """Recompute who sees households, after a change of the facts that give or end sight; `moved`: their residence
        changed."""
        await renew_sight(self.session, self.author, household_ids, moved=moved)
