"""The hub's own PostgreSQL: one cluster in one folder, restarted, shared, and stopped by the last user without leaving
anything."""

import json
import os
import shutil
import signal
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from hub.foundation.embedded import EmbeddedPostgres, Urls
from hub.foundation.folder_use import FolderBusy, locked_alone
from hub.foundation.private_files import FilePermissionsTooOpen, new_private
from hub.service.migrate import migrate
from tests.fixtures.folders import server_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="PostgreSQL runs as another user only under root")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that PostgreSQL's own user can enter if the tests run as root."""
    with server_folder() as made:
        yield made / "data"


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedPostgres]:
    """A cluster for tests that only read."""
    with server_folder() as made, EmbeddedPostgres(made) as postgres:
        yield postgres


def server_of(postgres: EmbeddedPostgres) -> int:
    """The pid of a cluster's server; fails if the pid belongs to another process."""
    pid = int((postgres.cluster / "postmaster.pid").read_text().splitlines()[0])
    assert str(postgres.cluster).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    return pid


def ask(url: str, query: str) -> object:
    """The single value of a query."""
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row and row[0]


def test_a_second_start_finds_what_the_first_left(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres, psycopg.connect(postgres.urls("hub").owner) as connection:
        connection.execute("create table kept as select 'still here' as word")
        first = postgres.urls("hub")
    again = EmbeddedPostgres(folder)
    urls = again.start()
    try:
        assert ask(urls.owner, "select word from kept") == "still here"
        assert sa.make_url(urls.owner).password == sa.make_url(first.owner).password
    finally:
        again.stop()


def test_a_second_user_finds_the_server_of_the_first(running: EmbeddedPostgres) -> None:
    pid = server_of(running)
    with EmbeddedPostgres(running.cluster.parents[1]) as second:
        assert second.urls("hub") == running.urls("hub")
        assert server_of(second) == pid
    assert server_of(running) == pid, "who comes later does not stop it for the first"
    assert ask(running.urls("hub").owner, "select 1") == 1


def test_the_last_user_stops_the_server_whoever_came_first(folder: Path) -> None:
    first, second, third = (EmbeddedPostgres(folder) for _ in range(3))
    urls = first.start()
    pid = server_of(first)
    second.start()
    first.stop()
    assert ask(urls.owner, "select 1") == 1
    assert third.start() == urls
    second.stop()
    assert server_of(third) == pid
    third.stop()
    assert not runs(pid, third.cluster)
    first.stop()  # a second call does no harm


def test_many_that_start_and_stop_at_once_all_find_a_server_and_leave_none(folder: Path) -> None:
    def use(number: int) -> object:
        with EmbeddedPostgres(folder) as postgres:
            time.sleep(0.1 * (number % 3))
            return ask(postgres.urls("hub").service, "select current_user")

    with ThreadPoolExecutor(6) as several:
        assert set(several.map(use, range(24))) == {"hub_service"}
    assert not (EmbeddedPostgres(folder).cluster / "postmaster.pid").exists()


def test_a_server_that_died_while_it_was_used_is_started_again_where_its_users_look_for_it(
    folder: Path,
) -> None:
    with EmbeddedPostgres(folder) as first:
        urls = first.urls("hub")
        os.kill(server_of(first), signal.SIGKILL)
        with EmbeddedPostgres(folder) as second:
            assert second.urls("hub") == urls
            assert ask(urls.owner, "select 1") == 1
        assert ask(urls.owner, "select 1") == 1


def test_a_start_that_fails_leaves_nobody_who_counts_as_a_user(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    with postgres:
        pass
    passwords = postgres.cluster / "hub-access.json"
    passwords.rename(passwords.with_suffix(".away"))
    with pytest.raises(OSError, match=r"hub-access\.json"):
        EmbeddedPostgres(folder).start()
    passwords.with_suffix(".away").rename(passwords)
    with EmbeddedPostgres(folder):
        pass
    assert not (postgres.cluster / "postmaster.pid").exists()


def test_who_waits_for_another_s_start_is_told_and_waits_no_longer_than_it_may(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.mkdir()
    file = folder / "lock"
    with (
        locked_alone(file, "first"),
        pytest.raises(FolderBusy, match=str(file)),
        locked_alone(file, "waits 等待", patience=1.2),
    ):
        pass
    assert capsys.readouterr().err == "waits 等待\n"
    with locked_alone(file, "second", patience=0):
        pass


def test_stop_leaves_no_process_and_no_pid_file_and_frees_the_folder(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    urls = postgres.start()
    pid = server_of(postgres)
    session = psycopg.connect(urls.owner)
    postgres.stop()  # although a session is open
    session.close()
    assert not (postgres.cluster / "postmaster.pid").exists()
    assert not runs(pid, postgres.cluster)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(urls.owner, connect_timeout=2)
    with EmbeddedPostgres(folder):
        pass
    postgres.stop()  # a second call does no harm


def runs(pid: int, cluster: Path) -> bool:
    """Whether a process still runs on a cluster; a process that ended but was not reaped has no command line."""
    try:
        return str(cluster).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_a_pid_file_with_another_process_s_number_stops_nobody(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    with postgres:
        pass
    (postgres.cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.cluster}\n")
    assert (
        ask_once(postgres) == "hub_service"
    )  # a signal to this process would end the run with KeyboardInterrupt


def ask_once(postgres: EmbeddedPostgres) -> object:
    """Start, run one query, stop."""
    with postgres:
        return ask(postgres.urls("hub").service, "select current_user")


def secrets_in(folder: Path, urls: Urls) -> set[str]:
    """The names of the files that contain a password in plain text."""
    passwords = [str(sa.make_url(url).password).encode() for url in (urls.owner, urls.service, urls.query)]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name for path in files if any(password in path.read_bytes() for password in passwords)}


def test_the_passwords_stand_in_one_file_that_its_owner_alone_reads(running: EmbeddedPostgres) -> None:
    passwords_file = running.cluster / "hub-access.json"
    assert stat.S_IMODE(passwords_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(running.cluster.stat().st_mode) == 0o700
    assert passwords_file.stat().st_uid == running.cluster.stat().st_uid
    assert secrets_in(running.cluster.parent, running.urls("hub")) == {passwords_file.name}


def test_a_file_with_a_secret_is_its_owner_s_alone_from_its_beginning(tmp_path: Path) -> None:
    left = tmp_path / "password.making"
    left.write_text("of a start that was killed, longer than the next")
    left.chmod(0o644)
    seen = os.open(left, os.O_RDONLY)
    before = os.umask(0)
    try:
        new_private(left, "Geheim")
    finally:
        os.umask(before)
    assert (stat.S_IMODE(left.stat().st_mode), left.read_text()) == (0o600, "Geheim")
    assert b"Geheim" not in os.read(seen, 100), "who had the old file open reads nothing of the new one"
    os.close(seen)


@pytest.mark.parametrize("wrong", ["wrong", ""])
def test_a_wrong_password_is_refused(running: EmbeddedPostgres, wrong: str) -> None:
    urls = running.urls("hub")
    for url in (urls.owner, urls.service, urls.query):
        altered = sa.make_url(url).set(password=wrong).render_as_string(hide_password=False)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(altered)


def test_passwords_are_kept_as_scram_and_the_server_listens_on_loopback_alone(
    running: EmbeddedPostgres,
) -> None:
    owner = running.urls("hub").owner
    assert ask(owner, "select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'") == 0
    all_are_scram = (
        "select bool_and(rolpassword like 'SCRAM-SHA-256$%') from pg_authid where rolpassword is not null"
    )
    assert ask(owner, all_are_scram) is True
    assert ask(owner, "show listen_addresses") == "127.0.0.1"
    assert ask(owner, "show unix_socket_directories") == ""


@pytest.mark.parametrize("login", ["hub_service", "hub_query"])
def test_the_service_s_logins_are_no_administrators_and_have_no_right_unasked(
    running: EmbeddedPostgres, login: str
) -> None:
    with psycopg.connect(running.urls("hub").owner) as connection:
        row = connection.execute(
            "select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolinherit from pg_roles where rolname = %s",
            [login],
        ).fetchone()
    assert row == (False,) * 5


@pytest.mark.parametrize(
    ("login", "own", "others"),
    [
        ("query", "hub_reader", ("hub_writer", "hub_service", "hub_owner")),
        ("service", "hub_writer", ("hub_reader", "hub_query", "hub_owner")),
    ],
)
def test_what_reads_can_become_nothing_that_writes(
    running: EmbeddedPostgres, login: str, own: str, others: tuple[str, ...]
) -> None:
    urls = running.urls("hub")
    migrate(urls.owner)
    with psycopg.connect(getattr(urls, login), autocommit=True, options=f"-c role={own}") as connection:
        assert connection.execute("select current_user").fetchone() == (own,)
        for other in others:
            for statement in (f"set role {other}", f"set session authorization {other}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create temporary table extra (id int)")
        connection.execute("set role none")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select from public.household")


def test_the_service_enters_no_database_but_the_hub_s(running: EmbeddedPostgres) -> None:
    for database in ("postgres", "template1"):
        urls = running.urls(database)
        for url in (urls.service, urls.query):
            with pytest.raises(psycopg.OperationalError, match="permission denied"):
                psycopg.connect(url)


def test_a_cluster_of_an_earlier_version_gets_the_login_that_reads(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        with psycopg.connect(postgres.urls("hub").owner, autocommit=True) as connection:
            connection.execute("drop role hub_query")
        passwords = postgres.cluster / "hub-access.json"
        held = {
            name: value
            for name, value in json.loads(passwords.read_text()).items()
            if name != "query_password"
        }
        passwords.write_text(json.dumps(held))
        service = postgres.urls("hub").service
    with EmbeddedPostgres(folder) as postgres:
        urls = postgres.urls("hub")
        migrate(urls.owner)
        assert (ask(urls.query, "select current_user"), urls.service) == ("hub_query", service)


def test_passwords_that_others_may_read_are_not_used(folder: Path) -> None:
    with EmbeddedPostgres(folder) as postgres:
        passwords = postgres.cluster / "hub-access.json"
    passwords.chmod(0o644)
    with pytest.raises(FilePermissionsTooOpen, match=r"chmod 600 .*hub-access\.json"), postgres:
        pass


def test_the_server_s_log_holds_no_value_of_a_statement(running: EmbeddedPostgres) -> None:
    urls, number = running.urls("hub"), "41010519491231002X"
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute("create table marked (number text primary key, amount int check (amount > 0))")
        connection.execute("insert into marked values (%s, 1)", [number])
        for statement in (
            f"insert into marked values ('{number}', 1)",
            f"insert into marked values ('{number}x', -1)",
            f"select '{number}'::int",
            f"select '{number}' from nowhere",
            f"select '{number}",
            f"do $$ begin raise warning '{number}'; raise exception '{number}'; end $$",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement)
        with pytest.raises(psycopg.Error):
            connection.execute("insert into marked values (%s, %s)", [number, 1])
        connection.execute("set log_min_messages = 'log'")
        connection.execute("checkpoint")
        connection.execute("drop table marked")
    log = (running.cluster.parent / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert number not in log


@as_root
def test_a_folder_that_postgresql_cannot_enter_is_left_closed_and_the_cluster_lies_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    postgres = EmbeddedPostgres(closed / "data")
    elsewhere = postgres.cluster.parent
    assert str(elsewhere) in capsys.readouterr().err
    assert not elsewhere.is_relative_to(tmp_path)
    assert EmbeddedPostgres(closed / "data").cluster == postgres.cluster, "the same folder, the same place"
    assert EmbeddedPostgres(closed / "other").cluster != postgres.cluster
    try:
        with postgres:
            assert ask(postgres.urls("hub").service, "select current_user") == "hub_service"
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(elsewhere, ignore_errors=True)
