"""Sight of a household elsewhere is as wide as its reason allows, lasts until its last day, and then ends (46-2.1, 46-2.4).

For each reason, state and side of the last day there is a household that nothing else shows. One agency reads them all.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from hub.model.every_table import metadata
from hub.policy.permissions.jurisdiction import grant_parameters
from hub.policy.permissions.row_policies import ForGrants, visible
from tests.conftest import TestCluster
from tests.hub.policy.permissions.staged import FAR, HOME, Stage, reckon

AGENCY, OFFICE = "civil_affairs@410182", f"civil_affairs@{HOME[:6]}"
READER = Grant(
    AGENCY,
    "test",
    frozenset(Scope) - {Scope.AUDIT_READ, Scope.OVERLAP_WRITE, Scope.CONFERENCE_WRITE},
    (FAR[:6],),
    "test",
)
WHOLE, OWN, NOTHING = "the whole household", "what the agency wrote", "nothing"
_SENT = {"REFERRAL_SENT": OWN, "REFERRAL_RECEIVED": WHOLE, "ESCALATION": WHOLE}
CASES: tuple[tuple[str, str, int | None, str], ...] = (
    *((reason, state, None, seen) for reason, seen in _SENT.items() for state in ("SENT", "ACCEPTED")),
    *((reason, state, 0, seen) for reason, seen in _SENT.items() for state in ("FORWARDED", "ENDED")),
    ("REFERRAL_SENT", "RETURNED", None, OWN),
    ("REFERRAL_SENT", "COMPLETED", 90, OWN),
    ("REFERRAL_RECEIVED", "RETURNED", 0, WHOLE),
    ("REFERRAL_RECEIVED", "COMPLETED", 90, WHOLE),
    ("ESCALATION", "RETURNED", 0, WHOLE),
    ("ESCALATION", "COMPLETED", 0, WHOLE),
    *(("OWN_RECORD", state, 365, OWN) for state in ("APPROVED", "PAID", "DELIVERED", "ENDED")),
    ("OWN_RECORD", "REVOKED", 30, OWN),
    ("CONFERENCE", "CALLED", None, WHOLE),
    ("CONFERENCE", "HELD", 90, WHOLE),
    *(("ALERT", state, None, WHOLE) for state in ("OPEN", "VISITED", "DISPOSED")),
    ("ALERT", "CLOSED", 0, WHOLE),
)
"""docs/adr/0010: the reason, the state of the row that gave it, the number of days until it ends after the last act (None: it
does not end), and the rows that it opens."""
LITTLE, DAY, LONG = timedelta(minutes=30), timedelta(days=1), timedelta(days=3650)
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Case:
    """One household: the reason for its sight, the time after the last act, and what must be visible."""

    reason: str
    state: str
    after: timedelta
    seen: str


def cases() -> Iterator[Case]:
    """Each line just before and just after its last instant; a line that does not end, ten years later."""
    for reason, state, days, seen in CASES:
        if days is None:
            yield Case(reason, state, LONG, seen)
            continue
        last = timedelta(days=days)
        # A conference was held at some time of its day: the days count from the end of that day.
        before, after = (last, last + DAY) if reason == "CONFERENCE" else (last - LITTLE, last + LITTLE)
        if days:
            yield Case(reason, state, before, seen)
        yield Case(reason, state, after, NOTHING)


def put(on: Stage, case: Case, number: int, now: datetime) -> UUID:
    """Make the household of a case, with a member, aid of its own office, and the row that shows it."""
    household: UUID = on.put("household", code=f"C{number}", region=HOME)
    on.put("person", household_id=household)
    _aid(on, household, OFFICE, "PAID", now - LONG)
    act, long_ago = now - case.after, now - LONG
    ended: Mapping[str, Any] = {"closed_at": act} if case.state not in ("SENT", "ACCEPTED") else {}
    more: Mapping[str, Any] = {
        "RETURNED": {"return_reason": "无此业务"},
        "ENDED": {"end_reason": "已不需要"},
        "COMPLETED": {"outcome": "已办结"},
    }.get(case.state, {})
    match case.reason:
        case "REFERRAL_SENT" | "REFERRAL_RECEIVED" | "ESCALATION":
            parties: Mapping[str, Mapping[str, Any]] = {
                "REFERRAL_SENT": {"from_agency": AGENCY, "to_agency": OFFICE},
                "REFERRAL_RECEIVED": {"from_agency": OFFICE, "to_agency": AGENCY},
                "ESCALATION": {
                    "from_agency": OFFICE,
                    "to_agency": OFFICE,
                    "escalated_to": AGENCY,
                    "escalated_at": long_ago,
                },
            }
            on.put(
                "referral",
                household_id=household,
                status=case.state,
                sent_at=long_ago,
                **parties[case.reason],
                **ended,
                **more,
            )
        case "OWN_RECORD":
            _aid(on, household, AGENCY, case.state, act)
        case "CONFERENCE":
            held_on = now.astimezone(_CHINA).date() - case.after
            of_state: Mapping[str, Any] = (
                {"held_on": held_on, "minutes": "已议定", "decision": "分类救助"}
                if case.state == "HELD"
                else {}
            )
            conference = on.put(
                "conference",
                household_id=household,
                called_by=OFFICE,
                called_at=long_ago,
                status=case.state,
                **of_state,
            )
            on.put(
                "conference_participant",
                household_id=household,
                conference_id=conference,
                agency_id=AGENCY,
            )
        case "ALERT":
            closed = {"closed_at": act, "closed_because": "FACT_GONE"} if case.state == "CLOSED" else {}
            on.put(
                "alert",
                household_id=household,
                finding="FOUND_ON_THE_SPOT",
                to_agency=AGENCY,
                raised_at=long_ago,
                status=case.state,
                **closed,
            )
    return household


def _aid(on: Stage, household: UUID, agency: str, status: str, at: datetime) -> None:
    revoked = {"revoked_because": "MISTAKE"} if status == "REVOKED" else {}
    record = on.put(
        "aid_record",
        household_id=household,
        kind="TEMPORARY",
        agency_id=agency,
        status=status,
        recorded_at=at,
        **revoked,
    )
    on.put("temporary_detail", household_id=household, id=record)


@pytest.fixture(scope="module")
def households(
    cluster: TestCluster, template: str, settings: Settings
) -> Iterator[tuple[str, dict[UUID, Case]]]:
    """The URL of a database with these households, and the case of each household."""
    name = f"{template}_sight_ends"
    url, now = cluster.create(name, template), datetime.now(UTC)
    with psycopg.connect(url) as connection:
        on = Stage(connection)
        made = {put(on, case, number, now): case for number, case in enumerate(cases())}
    asyncio.run(reckon(url, settings))
    yield url, made
    cluster.drop(name)


@pytest.fixture
async def database(households: tuple[str, dict[UUID, Case]], settings: Settings) -> AsyncIterator[Database]:
    """The pools on this database."""
    opened = Database(households[0], settings)
    yield opened
    await opened.close()


async def seen(database: Database, table: str, **of: str) -> set[UUID]:
    """The households of the rows of a table that the agency reads; if values are passed, of the rows with these values."""
    source = metadata.tables[table].alias()
    column = source.c["id" if table == "household" else "household_id"]
    where = [source.c[name] == value for name, value in of.items()]
    statement = ForGrants(lambda grant: sa.select(column).where(visible(source, grant), *where)).rendered(
        READER
    )
    async with database.read() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        rows = await driver.fetch(statement.text, *statement.values(grant_parameters(READER)))
    return {row[0] for row in rows}


@pytest.mark.anyio
async def test_each_reason_opens_what_it_should_until_its_last_day(
    database: Database, households: tuple[str, dict[UUID, Case]]
) -> None:
    opened = await seen(database, "household")
    assert await seen(database, "person") == opened
    own = await seen(database, "aid_record", agency_id=AGENCY) | await seen(
        database, "referral", from_agency=AGENCY
    )
    others = await seen(database, "aid_record", agency_id=OFFICE)
    assert others == opened
    found = {id: WHOLE if id in opened else OWN if id in own else NOTHING for id in households[1]}
    different = [(case, found[id]) for id, case in households[1].items() if found[id] != case.seen]
    assert different == []
