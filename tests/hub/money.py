"""One household in a real PostgreSQL, with facts that a case sets, and the real commands. Each case has a transaction of its
own, which is rolled back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from hub.aid.commands import AidKey, record_aids
from hub.aid.drafts import AidDraft
from hub.commands.context import CommandContext
from hub.commands.creation import DraftOutcome
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.model.aid import AidKind, AidStatus, BasicLivingForm, Payee
from hub.model.certifications import CertificationRow
from hub.model.households import HouseholdRow, Residence
from hub.model.persons import Gender, PersonRow, Relation
from hub.persons.subjects import Subject

T = TypeVar("T")
HOME = UUID("00000000-0000-7000-8000-000000000001")
TOWNSHIP = "410105001"
OFFICE = "civil_affairs@410105"
ADULT = date(1980, 5, 5)


def person_id(place: int) -> UUID:
    """The id of a member."""
    return uuid5(HOME, str(place))


def yuan(text: str) -> Decimal:
    """An amount in yuan from its text."""
    return Decimal(text)


class _RolledBack(Exception):
    """Ends a case."""


@dataclass
class Case:
    """A transaction with a household of a few adults."""

    session: AsyncSession
    secrecy: Secrecy

    async def home(self, *members: Mapping[str, Any]) -> None:
        """Store the household, each member with its values; without values, an adult in no class."""
        self.session.add(
            HouseholdRow(
                id=HOME,
                code="4101050010000001",
                region=TOWNSHIP,
                residence=Residence.URBAN,
                source_agency=OFFICE,
            )
        )
        await self.session.flush()
        for place, values in enumerate(members or ({},)):
            facts: dict[str, Any] = {
                "birth_date": ADULT,
                "gender": Gender.FEMALE,
                "relation": Relation.HEAD,
                "name": "王芳",
                "id_number_sealed": b"",
                "id_number_index": bytes([place]),
                "id_number_masked": "41**************11",
                "source_agency": OFFICE,
            } | dict(values)
            self.session.add(PersonRow(household_id=HOME, id=person_id(place), **facts))
        await self.session.flush()

    async def certify(self, category: str, person: int | None = None, **said: Any) -> None:
        """Certify the household or a member, by default since long ago."""
        facts: dict[str, Any] = {
            "category": category,
            "valid_from": date(2020, 1, 1),
            "authority": f"civil_affairs@{TOWNSHIP}",
            "policy_basis": "46-1.2.1",
        }
        self.session.add(
            CertificationRow(
                household_id=HOME,
                person_id=None if person is None else person_id(person),
                **(facts | said),
            )
        )
        await self.session.flush()

    async def put(self, statement: str, **values: Any) -> None:
        """Insert or change any other fact."""
        await self.session.execute(sa.text(statement), {"home": HOME, "person": person_id(0), **values})

    async def record(self, grant: Grant, draft: AidDraft) -> DraftOutcome:
        """Write back one outcome."""
        (outcome,) = await record_aids(self.context(grant), [draft])
        return outcome

    async def recorded(self, grant: Grant, draft: AidDraft) -> AidKey:
        """The key of an outcome that must be accepted."""
        outcome = await self.record(grant, draft)
        assert outcome.key is not None
        household_id, id = outcome.key
        return household_id, id

    def context(self, grant: Grant) -> CommandContext:
        """The context of a command of an agency in this transaction."""
        return CommandContext(self.session, grant, self.secrecy)


@dataclass
class Desk:
    """Runs cases."""

    database: Database
    secrecy: Secrecy
    loop: asyncio.AbstractEventLoop = field(repr=False)

    def run(self, case: Callable[[Case], Awaitable[T]]) -> T:
        """The result of a case; nothing of it is stored."""
        answered: list[T] = []

        async def whole() -> None:
            async with self.database.write() as session:
                answered.append(await case(Case(session, self.secrecy)))
                raise _RolledBack

        with suppress(_RolledBack):
            self.loop.run_until_complete(whole())
        return answered[0]


def grant_of(agency: str = OFFICE, **changes: Any) -> Grant:
    """The full grant of an agency."""
    department, _, region = agency.partition("@")
    whole = {
        "agency": agency,
        "client": "money",
        "scopes": DEPARTMENTS[department].scopes,
        "regions": (region,),
        "purpose": "test",
    }
    return Grant(**(whole | changes))


def allowance(**changes: Any) -> AidDraft:
    """The subsistence allowance of a month (46-3.1)."""
    whole: dict[str, Any] = {
        "external_id": "A-1",
        "subject": Subject(household_id=HOME),
        "kind": AidKind.BASIC_LIVING,
        "program": "低保金",
        "period_from": date(2026, 3, 1),
        "period_until": date(2026, 3, 31),
        "status": AidStatus.PAID,
        "decided_on": date(2026, 2, 25),
        "paid_on": date(2026, 3, 6),
        "amount": yuan("760.00"),
        "detail": {
            "form": BasicLivingForm.SUBSISTENCE_ALLOWANCE,
            "payee": Payee.PERSON,
            "month_supplement": None,
        },
    }
    return AidDraft(**(whole | changes))


def codes(outcome: DraftOutcome) -> list[str]:
    """The codes of the warnings of an accepted outcome."""
    assert outcome.error is None, outcome.error
    return [str(warning.code) for warning in outcome.warnings]


def day_before(day: date) -> date:
    """The day before."""
    return day - timedelta(days=1)


def day_after(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)
