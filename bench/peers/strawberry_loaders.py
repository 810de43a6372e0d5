"""The DataLoaders of the Strawberry peer: one statement for each type and each level of a query."""

from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel
from strawberry.dataloader import DataLoader

from hub.model.agencies import AgencyRow
from hub.model.aid import AidRecordRow
from hub.model.certifications import CertificationRow
from hub.model.persons import PersonRow
from hub.model.referrals import ReferralRow
from hub.model.regions import RegionRow

R = TypeVar("R", bound=SQLModel)
First = tuple[UUID, int]
"""A household, and the number of its rows to load."""


class Loaders:
    """The loaders of one request."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions
        certification, person = sa.inspect(CertificationRow).columns, sa.inspect(PersonRow).columns
        aid, referral = sa.inspect(AidRecordRow).columns, sa.inspect(ReferralRow).columns
        self.region_by_code = DataLoader(self._row_by(RegionRow, "code"))
        self.agency_by_id = DataLoader(self._row_by(AgencyRow, "id"))
        self.certifications_of = DataLoader(
            self._all(CertificationRow, [], [certification.valid_from.desc(), certification.id.desc()])
        )
        self.members_of = DataLoader(self._all(PersonRow, [person.left_on.is_(None)], [person.id]))
        self.aid_of = DataLoader(
            self._first(AidRecordRow, [aid.superseded_at.is_(None)], [aid.period_from.desc(), aid.id.desc()])
        )
        self.referrals_of = DataLoader(
            self._first(ReferralRow, [], [referral.sent_at.desc(), referral.id.desc()])
        )

    def _row_by(self, model: type[R], key: str) -> Callable[[list[str]], Coroutine[Any, Any, list[R | None]]]:
        """Rows by their key."""

        async def load(keys: list[str]) -> list[R | None]:
            async with self._sessions() as session:
                rows = await session.scalars(sa.select(model).where(sa.inspect(model).columns[key].in_(keys)))
                found = {getattr(row, key): row for row in rows}
            return [found.get(key) for key in keys]

        return load

    def _all(
        self, model: type[R], where: Sequence[Any], order: Sequence[Any]
    ) -> Callable[[list[UUID]], Coroutine[Any, Any, list[list[R]]]]:
        """Every row of a household."""

        async def load(keys: list[UUID]) -> list[list[R]]:
            of = sa.inspect(model).columns.household_id.in_(keys)
            async with self._sessions() as session:
                grouped = _by_household(
                    await session.scalars(sa.select(model).where(of, *where).order_by(*order))
                )
            return [grouped[key] for key in keys]

        return load

    def _first(
        self, model: type[R], where: Sequence[Any], order: Sequence[Any]
    ) -> Callable[[list[First]], Coroutine[Any, Any, list[list[R]]]]:
        """The first rows of a household."""

        async def load(keys: list[First]) -> list[list[R]]:
            household = sa.inspect(model).columns.household_id
            place = sa.func.row_number().over(partition_by=household, order_by=list(order)).label("place")
            numbered = (
                sa.select(model, place).where(household.in_([key for key, _ in keys]), *where).subquery()
            )
            entity, most = aliased(model, numbered), max(first for _, first in keys)
            page = sa.select(entity).where(numbered.c.place <= most).order_by(numbered.c.place)
            async with self._sessions() as session:
                grouped = _by_household(await session.scalars(page))
            return [grouped[key][:first] for key, first in keys]

        return load


def _by_household(rows: Iterable[R]) -> dict[UUID, list[R]]:
    grouped: dict[UUID, list[R]] = defaultdict(list)
    for row in rows:
        grouped[row.household_id].append(row)  # type: ignore[attr-defined]  # every model here has it
    return grouped
