"""Jobs that work in parts leave the same whatever the size of a part: one, seven, or everything at once."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from rich.console import Console

from hub.evaluation.monitoring import run
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.settings import Settings
from hub.imports import imports
from hub.ledger import verify
from hub.model.import_runs import ImportKind
from hub.model.installation import InstallationRow
from hub.referrals import reminders
from hub.sample import make
from tests.conftest import TestCluster
from tests.hub.imports.conftest import Office, refusals
from tests.hub.imports.office import many_families

pytestmark = pytest.mark.anyio

PARTS = (1, 7, 1_000_000)
AS_OF = date(2026, 11, 20)
HOUSEHOLDS = 21
"""Three parts of seven, exactly, so that the last part is full; the planted cases are among them."""


def quiet(_done: int, _total: int = 0) -> None:
    """Nobody looks."""


class Made:
    """A database of its own for each size of a part."""

    def __init__(self, cluster: TestCluster, settings: Settings) -> None:
        self.cluster, self.settings = cluster, settings
        self.names: list[str] = []

    def of(self, template: str) -> Database:
        """Pools on a copy of a database."""
        self.names.append(f"hub_parts_{uuid4().hex[:8]}")
        return Database(self.cluster.create(self.names[-1], template), self.settings)


@pytest.fixture
def made(cluster: TestCluster, settings: Settings) -> Any:
    """Databases that are dropped afterwards."""
    databases = Made(cluster, settings)
    yield databases
    for name in databases.names:
        cluster.drop(name)


@pytest.fixture(scope="module")
async def small(cluster: TestCluster, template: str, settings: Settings, secrecy: Secrecy) -> Any:
    """A sample of few households, to be cloned."""
    name = f"hub_small_{uuid4().hex[:8]}"
    database = Database(cluster.create(name, template), settings)
    await make.make_sample(database, secrecy, HOUSEHOLDS, 1, AS_OF, quiet)
    await database.close()
    yield name
    cluster.drop(name)


def rows(cluster: TestCluster, name: str, query: str) -> list[tuple[Any, ...]]:
    """What a database holds."""
    with psycopg.connect(cluster.url(name)) as connection:
        return connection.execute(query.encode()).fetchall()


def all_equal(found: list[Any]) -> None:
    """Each is what the one of everything at once is, and that is something."""
    assert found[-1]
    for part, one in zip(PARTS, found, strict=True):
        assert one == found[-1], part


async def test_monitoring_raises_and_closes_the_same(
    cluster: TestCluster, made: Made, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts = (
        "select h.code, a.finding, a.evidence, a.status, a.to_agency from alert a join household h on h.id = a.household_id"
        " where a.finding <> 'DUPLICATE_AID' order by 1, 2, 3, 4"
    )
    found = []
    for part in PARTS:
        database = made.of(small)
        monkeypatch.setattr(run, "_LARGEST_WRITE", part)
        first = await run.run_monitoring(database, AS_OF, households_in_part=part)
        with psycopg.connect(cluster.url(made.names[-1])) as owner:
            owner.execute("update aid_record set paid_on = period_from where paid_on is not null")
        second = await run.run_monitoring(database, AS_OF, households_in_part=part)
        told = [
            [(finding, result.found, result.raised, result.closed) for finding, result in each.items()]
            for each in (first, second)
        ]
        events = "select type, count(*) from chain_event group by 1 order by 1"
        found.append((told, rows(cluster, made.names[-1], alerts), rows(cluster, made.names[-1], events)))
        await database.close()
    all_equal(found)


async def test_a_sample_is_the_same(
    cluster: TestCluster, made: Made, template: str, secrecy: Secrecy, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (
        "select h.code, h.region, p.name, p.birth_date, p.relation, (select count(*) from aid_record a where a.household_id ="
        " h.id), (select count(*) from chain_event e where e.household_id = h.id) from household h join person p on"
        " p.household_id = h.id order by h.code, p.id_number_masked, p.name, p.birth_date"
    )
    found = []
    for part in PARTS:
        database = made.of(template)
        monkeypatch.setattr(make, "HOUSEHOLDS_A_TRANSACTION", part)
        steps: list[int] = []

        def note(done: int, _total: int, steps: list[int] = steps) -> None:
            steps.append(done)

        await make.make_sample(database, secrecy, HOUSEHOLDS, 1, AS_OF, note)
        assert steps == [*range(min(part, HOUSEHOLDS), HOUSEHOLDS + 1, min(part, HOUSEHOLDS))]
        found.append((rows(cluster, made.names[-1], whole), await make.sample_state(database)))
        await database.close()
    all_equal(found)


async def test_an_import_leaves_and_reports_the_same(
    cluster: TestCluster,
    made: Made,
    template: str,
    secrecy: Secrecy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = list(many_families(35))
    file[6]["身份证号"] = file[20]["身份证号"] = "410105195001010000"
    found = []
    for part in PARTS:
        database = made.of(template)
        async with database.write() as session:
            session.add(InstallationRow(sample=True))
        kind = ImportKind.HOUSEHOLDS
        monkeypatch.setitem(imports.IMPORTS, kind, replace(imports.IMPORTS[kind], rows_in_batch=part))
        office = Office(database, secrecy, tmp_path)
        reports = [await office.imports(file), await office.imports(file)]
        assert await office.chains_are_whole()
        counted = [(report.rows, report.accepted, report.changed, refusals(report)) for report in reports]
        found.append((counted, await office.state(), await office.counts()))
        await database.close()
    all_equal(found)


@pytest.mark.parametrize("broken", [0, 6, 7, 20])
async def test_verifying_finds_the_same_links_and_the_same_break(
    cluster: TestCluster, made: Made, small: str, monkeypatch: pytest.MonkeyPatch, broken: int
) -> None:
    database = made.of(small)
    ((household,),) = rows(
        cluster, made.names[-1], f"select id from household order by id offset {broken} limit 1"
    )
    with psycopg.connect(cluster.url(made.names[-1])) as owner:
        owner.execute(
            "update chain_event set body = '{}' where household_id = %s and number = 1", [household]
        )
    found = []
    for part in PARTS:
        monkeypatch.setattr(verify, "_HOUSEHOLDS_AT_ONCE", part)
        found.append(await verify.verify_all(database, Console(quiet=True)))
    await database.close()
    assert (found[-1].chains, [one for one, _ in found[-1].broken]) == (HOUSEHOLDS, [household])
    all_equal(found)


async def test_reminders_are_told_once_each(
    cluster: TestCluster, made: Made, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fourteen referrals of which seven are due soon, and seven are overdue: the last part is full in either."""

    def due(when: str) -> str:
        return (
            "insert into referral (household_id, id, from_agency, to_agency, need, reason, status, sent_at, due_at, external_id,"
            " version) select id, gen_random_uuid(), 'civil_affairs@410105', 'education@410105', 'EDUCATION', '需核实', 'SENT',"
            f" now() - interval '30 days', now() + interval '{when}', 'part {when} ' || code, 1 from"
            " (select id, code from household order by code limit 7) h"
        )

    told = (
        "select count(*) filter (where reminded_at is not null), count(*) filter (where escalated_at is not null)"
        " from referral where external_id like 'part %'"
    )
    found = []
    for part in PARTS:
        database = made.of(small)
        with psycopg.connect(cluster.url(made.names[-1])) as owner:
            owner.execute("update referral set reminded_at = now(), escalated_at = now()")
            owner.execute(due("1 hour").encode())
            owner.execute(due("-1 hour").encode())
        monkeypatch.setattr(reminders, "_BATCH", part)
        first, again = await reminders.remind_all(database), await reminders.remind_all(database)
        assert (first, again) == (reminders.ReminderCounts(7, 7), reminders.ReminderCounts(0, 0))
        found.append(rows(cluster, made.names[-1], told))
        await database.close()
    all_equal(found)
