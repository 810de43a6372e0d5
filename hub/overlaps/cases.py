"""Opens a case for each pair of possibly duplicate records, with an event in the chains of the households."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.agencies.nearest import nearest_agency
from hub.foundation.database import new_id, now, table_of
from hub.ledger.chain import Author, EventDraft, append_events
from hub.model.agencies import Department
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType
from hub.model.overlaps import OverlapCaseRow, OverlapCode, OverlapStatus

_case = table_of(OverlapCaseRow)
_household = table_of(HouseholdRow)
_PAIR = ("first_id", "second_agency", "second_external_id")

PLATFORM = Author("civil_affairs@4101", "overlaps")
"""The agency that runs the platform reports the overlap (46-2.1); no chain names an agency of another household."""
CLAUSE = "46-2.1"
_COUNTY = 6

CaseKey = tuple[UUID, UUID]
"""(household id, case id)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of overlapping records. The second may have been refused; then `said` is its agency's statement."""

    rule: OverlapCode
    first: tuple[UUID, UUID]
    first_agency: str
    household_id: UUID
    person_id: UUID | None
    second_agency: str
    second_external_id: str
    second_id: UUID | None = None
    said: str | None = None

    @property
    def name(self) -> tuple[UUID, str, str]:
        """The key of the pair."""
        return self.first[1], self.second_agency, self.second_external_id


async def open_cases(
    session: AsyncSession, pairs: Sequence[Pair], author: Author = PLATFORM
) -> Mapping[tuple[UUID, str, str], CaseKey]:
    """Open a case for each pair that has none; returns the case of every pair. The households must be locked.

    If a refused record was saved later, its case is linked to it here.
    """
    if not pairs:
        return {}
    offices = await _offices(session, {pair.household_id for pair in pairs})
    rows = [
        {
            "household_id": pair.household_id,
            "id": new_id(),
            "person_id": pair.person_id,
            "rule": pair.rule,
            "first_household_id": pair.first[0],
            "first_id": pair.first[1],
            "first_agency": pair.first_agency,
            "second_id": pair.second_id,
            "second_agency": pair.second_agency,
            "second_external_id": pair.second_external_id,
            "said": pair.said,
            "to_agency": offices.get(pair.household_id) or PLATFORM.agency_id,
            "opened_at": now(),
            "status": OverlapStatus.OPEN,
            "version": 1,
        }
        for pair in {pair.name: pair for pair in pairs}.values()
    ]
    insert = pg.insert(_case).on_conflict_do_nothing(index_elements=_PAIR)
    await session.execute(insert, rows)
    if any(pair.second_id for pair in pairs):
        await _link_second_records(session, pairs)
    stand = await _existing_cases(session, pairs)
    opened = {row["id"]: row for row in rows}
    await append_events(
        session,
        author,
        [event for key in stand.values() if key[1] in opened for event in _case_events(opened[key[1]])],
    )
    return stand


async def _offices(session: AsyncSession, households: Iterable[UUID]) -> dict[UUID, str | None]:
    """The county's civil affairs office of each household."""
    county = sa.func.left(_household.c.region, _COUNTY)
    office = nearest_agency(Department.CIVIL_AFFAIRS, county)
    rows = await session.execute(
        sa.select(_household.c.id, office.label("office")).where(_household.c.id.in_(list(households)))
    )
    return {row.id: row.office for row in rows}


async def _link_second_records(session: AsyncSession, pairs: Sequence[Pair]) -> None:
    for pair in pairs:
        if pair.second_id:
            await session.execute(
                sa.update(_case)
                .where(
                    _case.c.household_id == pair.household_id,
                    _case.c.first_id == pair.first[1],
                    _case.c.second_agency == pair.second_agency,
                    _case.c.second_external_id == pair.second_external_id,
                    _case.c.second_id.is_(None),
                )
                .values(second_id=pair.second_id, version=_case.c.version + 1)
            )


async def _existing_cases(
    session: AsyncSession, pairs: Sequence[Pair]
) -> dict[tuple[UUID, str, str], CaseKey]:
    columns = [_case.c[name] for name in _PAIR]
    rows = await session.execute(
        sa.select(_case.c.household_id, _case.c.id, *columns).where(
            sa.tuple_(*columns).in_([pair.name for pair in pairs])
        )
    )
    return {
        (row.first_id, row.second_agency, row.second_external_id): (row.household_id, row.id) for row in rows
    }


def _case_events(row: Mapping[str, Any]) -> Iterable[EventDraft]:
    """One event in each household's chain, which follows from the record of that household. Neither event reveals the other
    record. A refused record has no event."""
    body = {"rule": row["rule"].value, "to": row["to_agency"]}
    yield EventDraft(
        row["household_id"],
        EventType.OVERLAP_FOUND,
        body,
        row["person_id"],
        row["id"],
        CLAUSE,
        answers=() if row["second_id"] is None else (row["second_id"],),
    )
    if row["first_household_id"] != row["household_id"]:
        yield EventDraft(
            row["first_household_id"],
            EventType.OVERLAP_FOUND,
            body,
            None,
            row["id"],
            CLAUSE,
            author=PLATFORM,
            answers=(row["first_id"],),
        )
