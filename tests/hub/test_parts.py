"""Jobs that work in parts have the same result for every size of a part: one, seven, or everything."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from rich.console import Console

from auth.grant import Grant
from hub.evaluation.coverage import refreshing
from hub.evaluation.coverage.refreshing import refresh_coverage
from hub.evaluation.live.refreshing import refresh_stale
from hub.evaluation.monitoring import run
from hub.foundation.database import Database
from hub.foundation.encryption import Keys, Secrecy
from hub.foundation.settings import Settings
from hub.imports import imports, undo
from hub.ledger import sealing, verify
from hub.ledger.checkpoints import LogKey
from hub.model.import_runs import ImportKind
from hub.model.installation import InstallationRow
from hub.referrals import reminders
from hub.sample import make
from tests.conftest import TestCluster
from tests.hub.imports.conftest import (
    AGRICULTURE,
    COUNTY_OFFICE,
    EDUCATION,
    TOWNSHIP_OFFICE,
    Office,
    refusals,
)
from tests.hub.imports.office import many_families

pytestmark = pytest.mark.anyio

PARTS = (1, 7, 1_000_000)
AS_OF = date(2026, 11, 20)
HOUSEHOLDS = 21
"""Exactly three parts of seven, so that the last part is full; the planted cases are among them."""


def quiet(_done: int, _total: int = 0) -> None:
    """Shows no progress."""


class Made:
    """A database for each size of a part."""

    def __init__(self, cluster: TestCluster, settings: Settings) -> None:
        self.cluster, self.settings = cluster, settings
        self.names: list[str] = []

    def of(self, template: str) -> Database:
        """The pools on a copy of a database."""
        self.names.append(f"hub_parts_{uuid4().hex[:8]}")
        return Database(self.cluster.create(self.names[-1], template), self.settings)

    async def of_a_sample(self, template: str) -> Database:
        """The pools on a copy of a database that accepts identity numbers of sample data."""
        database = self.of(template)
        async with database.write() as session:
            session.add(InstallationRow(sample=True))
        return database


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
    """The rows of a query in a database."""
    with psycopg.connect(cluster.url(name)) as connection:
        return connection.execute(query.encode()).fetchall()


def all_equal(found: list[Any]) -> None:
    """Asserts that every result equals the result of everything in one part, and is not empty."""
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
        written = [
            [(finding, result.found, result.raised, result.closed) for finding, result in each.items()]
            for each in (first, second)
        ]
        events = "select type, count(*) from chain_event group by 1 order by 1"
        found.append((written, rows(cluster, made.names[-1], alerts), rows(cluster, made.names[-1], events)))
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
        database = await made.of_a_sample(template)
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
    """Fourteen referrals, of which seven are due soon and seven are overdue: the last part is full in both cases."""

    def due(when: str) -> str:
        return (
            "insert into referral (household_id, id, from_agency, to_agency, need, reason, status, sent_at, due_at, external_id,"
            " version) select id, gen_random_uuid(), 'civil_affairs@410105', 'education@410105', 'EDUCATION', '需核实', 'SENT',"
            f" now() - interval '30 days', now() + interval '{when}', 'part {when} ' || code, 1 from"
            " (select id, code from household order by code limit 7) h"
        )

    written = (
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
        found.append(rows(cluster, made.names[-1], written))
        await database.close()
    all_equal(found)


async def test_sealing_makes_the_same_log(
    cluster: TestCluster, made: Made, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty-one entries, so that the last part is full with parts of one and of seven."""
    key = LogKey.of(Keys.create(), "https://hub.example.gov.cn")
    newest = "select size, root, peaks, sealed_until from log_checkpoint order by size desc limit 1"
    found = []
    for part in PARTS:
        database = made.of(small)
        with psycopg.connect(cluster.url(made.names[-1])) as owner:
            owner.execute("set session_replication_role = replica")
            owner.execute(
                "delete from record_event where id not in (select id from record_event order by id limit 21)"
            )
        monkeypatch.setattr(sealing, "_AT_ONCE", part)
        sealed = [await sealing.seal(database, key) for _ in range(2)]
        sizes = [None if one is None else (one.size, one.new) for one in sealed]
        assert sizes == [(21, 21), (21, 0)]
        found.append(rows(cluster, made.names[-1], newest))
        await database.close()
    all_equal(found)


async def test_what_holds_now_is_evaluated_the_same(cluster: TestCluster, made: Made, small: str) -> None:
    lives = "select household_id, next_change_on, visit_rank, visit_reasons, partly_covered from live_household order by 1"
    entitled = "select household_id, rule, subject_id, status, to_check, since from live_entitlement order by 1, 2, 3"
    found = []
    for part in PARTS:
        database = made.of(small)
        with psycopg.connect(cluster.url(made.names[-1])) as owner:
            owner.execute("update live_household set evaluation = ''")
        counted = [await refresh_stale(database, households_in_part=part) for _ in range(2)]
        assert counted == [HOUSEHOLDS, 0]
        found.append([rows(cluster, made.names[-1], query) for query in (lives, entitled)])
        await database.close()
    all_equal(found)


async def test_coverage_is_counted_the_same(
    cluster: TestCluster, made: Made, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = [
        "select region, month, parent, day from coverage order by 1",
        "select * from coverage_category order by 1, 2, 3",
        "select * from coverage_kind order by 1, 2, 3, 4",
    ]
    found = []
    for part in PARTS[1:]:
        database = made.of(small)
        monkeypatch.setattr(refreshing, "_AT_ONCE", part)
        counties = await refresh_coverage(database, date(2026, 10, 1), quiet)
        found.append((counties, *(rows(cluster, made.names[-1], query) for query in tables)))
        await database.close()
    assert all(found[-1])
    assert found[0] == found[1]


async def test_undoing_leaves_the_same(
    cluster: TestCluster,
    made: Made,
    template: str,
    secrecy: Secrecy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = (
        "select h.code, p.id_number_index, p.left_on is null, p.health, c.category, c.ended_because from household h"
        " join person p on p.household_id = h.id left join certification c on c.household_id = h.id"
        " and coalesce(c.person_id, p.id) = p.id"
        " order by 1, 2, 5"
    )
    file = list(many_families(35))
    found = []
    for part in PARTS:
        database = await made.of_a_sample(template)
        office = Office(database, secrecy, tmp_path)
        await office.imports(file[:20])
        run = (await office.imports([row | {"健康状况": "重病"} for row in file])).run
        assert run is not None
        monkeypatch.setattr(undo, "_AT_ONCE", part)
        undone = await undo.undo_import(database, secrecy, run, TOWNSHIP_OFFICE)
        assert await office.chains_are_whole()
        events = "select type, count(*) from chain_event group by 1 order by 1"
        found.append((undone, *(rows(cluster, made.names[-1], query) for query in (left, events))))
        await database.close()
    all_equal(found)


def lists() -> dict[ImportKind, tuple[Grant, list[dict[str, Any]], str]]:
    """A list of twenty-one rows of each kind except households, three of them refused, and a query of the resulting rows."""
    people = [row for row in many_families(21) if row]
    numbered = [{"身份证号": row["身份证号"], "姓名": row["姓名"]} for row in people]
    for place in (6, 7, 20):
        numbered[place] = numbered[place] | {"姓名": "李四"}
    facts = [one | {"起始日期": "2026-03-01", "学段": "大学", "学校": "郑州大学"} for one in numbered]
    outcome = {
        "救助类型": "教育救助", "救助项目": "国家助学金", "起始日期": "2026-03-01", "截止日期": "2026-07-31", "金额": "500",
        "状态": "已发放", "决定日期": "2026-02-20", "发放日期": "2026-03-10", "救助形式": "助学金", "学年": "2025",
        "就学阶段": "大学",
    }  # fmt: skip
    watched = [
        {"户编号": row["户编号"], "监测对象类别": "脱贫不稳定户", "认定日期": "2026-03-01"} for row in people
    ]
    months = [(year, number) for year in (2025, 2026) for number in range(1, 13)][:21]
    line = {"区县": "金水区", "城乡": "城市", "救助类别": "低保", "月标准": "800", "文号": "民〔2026〕7号"}
    return {
        ImportKind.CIRCUMSTANCES: (
            EDUCATION,
            facts,
            "select person_id is null, since, school from circumstance order by 1, 2, 3",
        ),
        ImportKind.AID: (
            EDUCATION,
            [one | outcome | {"外部编号": f"Z-{place}"} for place, one in enumerate(numbered)],
            "select external_id, amount from aid_record order by 1",
        ),
        ImportKind.MONITORED: (
            AGRICULTURE,
            [*watched[:-1], watched[-1] | {"户编号": "JS9"}],
            "select h.code, c.subtype, c.valid_from from certification c join household h on h.id = c.household_id"
            " where c.subtype is not null order by 1",
        ),
        ImportKind.LINES: (
            COUNTY_OFFICE,
            [line | {"执行月份": f"{year}-{number:02}"} for year, number in [*months[:-1], months[0]]],
            "select from_month, yuan, version from poverty_line where source = '民〔2026〕7号' order by 1",
        ),
    }


@pytest.mark.parametrize("kind", [kind for kind in ImportKind if kind is not ImportKind.HOUSEHOLDS])
async def test_every_list_leaves_and_reports_the_same(
    cluster: TestCluster,
    made: Made,
    template: str,
    secrecy: Secrecy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: ImportKind,
) -> None:
    grant, file, query = lists()[kind]
    headers = list(dict.fromkeys(header for row in file for header in row))
    found = []
    for part in PARTS:
        database = await made.of_a_sample(template)
        office = Office(database, secrecy, tmp_path)
        await office.imports(list(many_families(21)))
        monkeypatch.setitem(imports.IMPORTS, kind, replace(imports.IMPORTS[kind], rows_in_batch=part))
        reports = [await office.imports(file, grant, kind, headers) for _ in range(2)]
        counted = [(report.rows, report.accepted, report.changed, refusals(report)) for report in reports]
        assert counted[0][3]
        assert counted[0][2] > 7 - 2 * (kind is ImportKind.MONITORED)
        found.append((counted, rows(cluster, made.names[-1], query), await office.counts()))
        await database.close()
    all_equal(found)
