"""Who uses the server of one folder: processes that share it, of which one at a time starts or stops it.

Two files and the kernel's locks on them (flock), which end with the process that holds them, however it ends:

- `lock` is held alone, for a moment: its holder may start the server, stop it, and look who uses it;
- `users` is shared by all who use the server, from before it is started until after it is left. Whoever can have it alone
  is the only one there.
"""

import fcntl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from hub.foundation.operating import OperatorError

PATIENCE = 120.0
"""Seconds to wait for another process that starts or stops the server: it may make a cluster, or recover one."""
_SOON = 1.0
"""Seconds of waiting that nobody is told of."""


class FolderBusy(OperatorError):
    """Another process has held {file} for {seconds} seconds; try again, or see what it does.
    另一进程占用 {file} 已达 {seconds} 秒,请稍后重试,或查看该进程在做什么。
    """


@contextmanager
def held_alone(file: Path, waiting: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a file's lock alone. Where another holds it, `waiting` is told on stderr, and it is waited for; raises FolderBusy
    after `patience` seconds."""
    with file.open("a+") as lock:
        began, told = time.monotonic(), False
        while not _locked(lock, fcntl.LOCK_EX):
            waited = time.monotonic() - began
            if waited > patience:
                raise FolderBusy(file=file, seconds=round(waited))
            if waited > _SOON and not told:
                print(waiting, file=sys.stderr, flush=True)
                told = True
            time.sleep(0.05)
        yield


class FolderUse:
    """One user of the server of a folder. `join` and `leave` are called within a `turn`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._users: IO[str] | None = None

    @property
    def files(self) -> tuple[Path, Path]:
        """The two files of the locks."""
        return self._folder / "lock", self._folder / "users"

    @property
    def joined(self) -> bool:
        """Whether this is a user of the server."""
        return self._users is not None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Until its end nobody else starts or stops the server, or comes or goes; raises FolderBusy."""
        waiting = (
            f"Another hub is starting or stopping the database in {self._folder}; waiting for it.\n"
            f"另一平台进程正在启动或停止 {self._folder} 中的数据库,请稍候。"
        )
        with held_alone(self.files[0], waiting):
            yield

    def join(self) -> bool:
        """Be a user; answers whether there is no other."""
        users = self.files[1].open("a+")
        alone = _locked(users, fcntl.LOCK_EX)
        _locked(users, fcntl.LOCK_SH)
        self._users = users
        return alone

    def leave(self, last: Callable[[], None]) -> None:
        """Be no user any more; who was the last does `last` before."""
        if self._users is None:
            return
        with self._users as users:
            self._users = None
            if _locked(users, fcntl.LOCK_EX):
                last()


def _locked(file: IO[str], how: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, how | fcntl.LOCK_NB)
        return True
    return False
