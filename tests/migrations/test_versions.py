"""Versions of the hub: one history, and which versions may run on which schema."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from auth.departments import DEPARTMENTS
from auth.scope_splits import SPLITS, Split, grant_split_scopes
from auth.scopes import Scope
from hub.service.migrate import Migrating, migrate
from hub.service.versions import MIGRATIONS, History, history
from tests.conftest import TestCluster
from tests.migrations.test_migrations import empty_database, upgrade

ROOT = Path(__file__).parents[2]
RELEASED = (ROOT / "schema/released.graphql").read_text()
ADMINISTRATION = {Scope.HUB_ADMIN}
"""This scope opens no field."""


@pytest.fixture
def fresh(cluster: TestCluster) -> Iterator[sa.Engine]:
    """An empty database."""
    with empty_database(cluster) as engine:
        yield engine


def url_of(engine: sa.Engine) -> str:
    """The owner's URL of a database."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def test_the_migrations_are_one_history_with_one_head() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    followed = Counter(script.down_revision for script in scripts.walk_revisions())
    assert {revision: count for revision, count in followed.items() if count > 1} == {}
    assert scripts.get_heads() == [history().newest]


def test_every_migration_says_whether_the_version_before_may_go_on_running() -> None:
    assert {type(one) for one in history().previous_code_runs.values()} == {bool}
    files = {file.stem for file in (MIGRATIONS / "versions").glob("2*.py")}
    assert files == set(history().revisions)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ({"a": False, "b": False, "c": False}, ("c",)),
        ({"a": False, "b": False, "c": True}, ("c", "b")),
        ({"a": False, "b": True, "c": True}, ("c", "b", "a")),
        ({"a": True, "b": False, "c": True}, ("c", "b")),
    ],
)
def test_a_version_runs_on_what_later_migrations_leave_it_as_far_as_each_of_them_does(
    runs: dict[str, bool], expected: tuple[str, ...]
) -> None:
    assert History(tuple(runs), runs).that_run == expected


def test_a_migrated_database_tells_which_versions_may_run_on_it(fresh: sa.Engine) -> None:
    steps: list[tuple[int, int, str]] = []
    migrate(url_of(fresh), Migrating(lambda *step: steps.append(step)))
    every = len(history().revisions)
    assert [(applied, of) for applied, of, _ in steps] == [(place, every) for place in range(1, every + 1)]
    assert all(expected for _, _, expected in steps)
    with fresh.connect() as connection:
        rows = connection.execute(sa.text("select revision, newest, xmin::text from schema_version")).all()
        assert history().compare(connection) is None
    assert {row.revision for row in rows} == set(history().that_run)
    assert [row.revision for row in rows if row.newest] == [history().newest]
    again = Migrating()
    migrate(url_of(fresh), again)
    assert again.applied == []
    with fresh.connect() as connection:
        query = sa.text("select revision, newest, xmin::text from schema_version")
        assert connection.execute(query).all() == rows, "again changes nothing"


def test_a_migration_that_met_a_deadlock_is_tried_again(fresh: sa.Engine) -> None:
    upgrade(fresh)
    waited: list[float] = []
    held, done = threading.Event(), threading.Event()

    def other() -> None:
        """Another session holds a table that the migration writes, and waits for one that the migration holds."""
        with psycopg.connect(url_of(fresh)) as connection:
            connection.execute("set deadlock_timeout = '1h'")  # the migration detects it, and gives way
            connection.execute("lock table region in share mode")
            held.set()
            connection.execute("select pg_advisory_xact_lock(4600004)")
        done.set()

    thread = threading.Thread(target=other)
    with fresh.begin() as first:  # both wait for it, so that the other is the second in line
        first.execute(sa.text("select pg_advisory_xact_lock(4600004)"))
        running = threading.Thread(
            target=migrate, args=(url_of(fresh), Migrating(wait=waited.append)), daemon=True
        )
        running.start()
        waiting = sa.text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        while not first.execute(waiting).scalar_one():
            pass
        thread.start()
        held.wait(10)
    running.join(60)
    thread.join(10)
    assert done.is_set()
    assert waited == [1.0]
    with fresh.connect() as connection:
        assert history().compare(connection) is None


def test_a_server_that_takes_the_connection_and_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://hub_owner@127.0.0.1:{silent.getsockname()[1]}/hub"
        with pytest.raises(OperationalError, match="timeout"):
            migrate(url)


def test_every_scope_since_the_release_is_new_or_split_from_another_and_clients_are_told() -> None:
    since = {scope for scope in Scope if f'"{scope.value}"' not in RELEASED} - ADMINISTRATION
    split = {scope for one in SPLITS for scope in one.into}
    unreleased = (ROOT / "CHANGELOG.md").read_text().partition("## [0.1.0]")[0]
    added, _, changed = unreleased.partition("### Added")[2].partition("### Changed")
    assert {scope for scope in since - split if f"`{scope.value}`" not in added} == set()
    assert {scope for scope in split if f"`{scope.value}`" not in changed} == set()
    assert split <= since
    assert {one.revision for one in SPLITS} <= set(history().revisions)


def test_clients_are_granted_once_what_a_scope_that_they_hold_was_split_into(fresh: sa.Engine) -> None:
    migrate(url_of(fresh))
    register = sa.text(
        "insert into oauth_client (client_id, client_name, secret_hash, agency_id, scopes, purposes, reject_forbidden,"
        " trusted_documents_only, created_at) values (:id, cast(:id as text), '', 'education@410105', :scopes, '{}', false,"
        " false, now())"
    )
    split = Split("now", Scope.REFERRAL_READ, (Scope.CONFERENCE_READ, Scope.OVERLAP_READ))
    held = {
        "one": ["person:read", "referral:read"],
        "other": ["person:read"],
        "all": ["overlap:read", "conference:read", "referral:read"],
    }
    with fresh.begin() as connection:
        for client, scopes in held.items():
            connection.execute(register, {"id": client, "scopes": scopes})
        grant_split_scopes(connection, ["before"], [split])
        assert _held(connection) == held
        grant_split_scopes(connection, ["before", "now"], [split])
        granted = _held(connection)
    assert granted == held | {"one": [*held["one"], "conference:read", "overlap:read"]}
    assert "referral:read" in DEPARTMENTS["education"].scopes


def _held(connection: sa.Connection) -> dict[str, list[str]]:
    rows = connection.execute(sa.text("select client_id, scopes from oauth_client")).all()
    return {row.client_id: row.scopes for row in rows}
