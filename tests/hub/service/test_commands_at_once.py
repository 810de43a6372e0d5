"""The same command by two processes at the same time: what it does is done once, and both say so."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from hub.service.versions import history
from tests.conftest import TestCluster
from tests.fixtures.commands import Ran
from tests.fixtures.folders import server_folder
from tests.fixtures.installation import Installation, installation

LOCK_OF_FILES, LOCK_OF_MIGRATIONS = 4_600_001, 4_600_004
"""The advisory locks of those who write households by files, and of those who migrate."""
OFFICE = "civil_affairs@410105001"
FILE = """户编号,姓名,身份证号,与户主关系,所属区划,城乡,地址,家庭人均月收入,救助类别
K-1,张三,410105195001010013,户主,410105001,城镇,经八路1号,650,低保对象
K-2,李四,410105195502020025,户主,410105001,城镇,经八路2号,640,低保对象
"""
LONGEST = 60.0
WAITING = """select count(*) from pg_locks where locktype = 'advisory' and not granted
 and database = (select oid from pg_database where datname = current_database())"""


@pytest.fixture
def installed(cluster: TestCluster, template: str) -> Iterator[Installation]:
    """An installation of the test's own."""
    with installation(cluster, template) as made:
        yield made


def two_at_once(hub: Installation, lock: int, *command: str) -> list[Ran]:
    """What two processes answer of which neither went on before both had come to the lock."""
    with psycopg.connect(hub.database_url) as holder, ThreadPoolExecutor(2) as pool:
        holder.execute("select pg_advisory_xact_lock(%s)", [lock])
        running = [pool.submit(hub.run, *command) for _ in range(2)]
        until = time.monotonic() + LONGEST
        while holder.execute(WAITING).fetchall() != [(2,)]:
            assert time.monotonic() < until, "they do not come to the lock"
            assert not any(one.done() for one in running), running[0].result()
            time.sleep(0.02)
        holder.rollback()
        return [one.result() for one in running]


def rows(hub: Installation, query: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    with psycopg.connect(hub.database_url) as connection:
        return connection.execute(query.encode()).fetchall()


def codes(answers: Sequence[Ran]) -> list[int]:
    """The exit codes."""
    return [one.returncode for one in answers]


def test_an_import_that_two_processes_undo_is_undone_once(installed: Installation, tmp_path: Path) -> None:
    file = tmp_path / "户籍.csv"
    file.write_text(FILE, encoding="utf-8")
    installed.well("import", "households", str(file), "--agency", OFFICE)
    ((run,),) = rows(installed, "select id::text from import_run")
    events = installed.count("chain_event")
    answers = two_at_once(installed, LOCK_OF_FILES, "import", "undo", str(run))
    assert codes(answers) == [0, 0], [one.stderr for one in answers]
    said = sorted(one.stdout.partition(" ")[2].split()[0] for one in answers)
    assert said == ["2", "before"]
    ended = "select household_id, type from chain_event where client_id like 'hub-undo:%' order by 1, 2"
    households = [one for (one,) in rows(installed, "select id from household order by 1")]
    types = ["CERTIFICATION_ENDED", "HOUSEHOLD_UPDATED"]
    assert rows(installed, ended) == [(one, type) for one in households for type in types]
    assert installed.count("chain_event") == events + 4
    records = "select outcome, code from access_record where operation_name = 'undo import'"
    assert rows(installed, records) == [("ANSWERED", None)]
    assert "0 broken" in installed.well("verify")


def test_a_file_that_two_processes_import_registers_each_household_once(
    installed: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "户籍.csv"
    file.write_text(FILE, encoding="utf-8")
    answers = two_at_once(installed, LOCK_OF_FILES, "import", "households", str(file), "--agency", OFFICE)
    assert codes(answers) == [0, 0], [one.stderr for one in answers]
    changed = sorted(
        number for number in (2, 0) for one in answers if f"({number} new or changed)" in one.stdout
    )
    assert changed == [0, 2]
    assert rows(installed, "select code from household order by 1") == [("K-1",), ("K-2",)]
    registered = "select count(*) from chain_event where type = 'HOUSEHOLD_REGISTERED'"
    assert rows(installed, registered) == [(2,)]
    assert "0 broken" in installed.well("verify")


@pytest.fixture
def unmigrated(cluster: TestCluster) -> Iterator[Installation]:
    """An installation whose database is empty."""
    name = f"hub_unmigrated_{uuid4().hex[:12]}"
    with server_folder() as folder:
        yield Installation(folder, cluster.create(name))
    cluster.drop(name)


def test_a_database_that_two_processes_migrate_is_migrated_once(
    unmigrated: Installation, template: str
) -> None:
    for _ in ("what is empty", "what is migrated already"):
        answers = two_at_once(unmigrated, LOCK_OF_MIGRATIONS, "migrate")
        assert [(one.returncode, one.stderr) for one in answers] == [(0, "")] * 2
        assert all("migrated" in one.stdout for one in answers)
        assert rows(unmigrated, "select version_num from alembic_version") == [(history().newest,)]
        assert rows(unmigrated, "select revision from schema_version where newest") == [(history().newest,)]
    other = sa.make_url(unmigrated.database_url).set(database=template).render_as_string(hide_password=False)
    once = Installation(unmigrated.folder, other)
    for table in ("region", "agency", "poverty_line", "schema_version", "record_event"):
        assert unmigrated.count(table) == once.count(table) > 0, table
