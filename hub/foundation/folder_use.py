"""The processes that share the server of one folder; one of them at a time starts or stops it.

There are two files with kernel locks (flock). A lock ends with its process, however that ends:

- `lock` is held exclusively, for a moment: its holder may start or stop the server, and check who uses it;
- `users` is held shared by all users of the server, from before the start until after the end of use. A process that gets
  it exclusively is the only user.
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
"""Seconds to wait for another process that starts or stops the server: it may be making a cluster, or recovering one."""
_SOON = 1.0
"""Seconds of waiting without a message."""


class FolderBusy(OperatorError):
    """Another process has held {file} for {seconds} seconds; try again, or see what it does.
    另一进程占用 {file} 已达 {seconds} 秒,请稍后重试,或查看该进程在做什么。
    """


@contextmanager
def locked_alone(file: Path, waiting: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a file's lock exclusively. If another process holds it, print `waiting` on stderr and wait; raises FolderBusy
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
    """One user of the server of a folder. Call `join` and `leave` within a `turn`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._users: IO[str] | None = None

    @property
    def files(self) -> tuple[Path, Path]:
        """The two lock files."""
        return self._folder / "lock", self._folder / "users"

    @property
    def joined(self) -> bool:
        """Whether this process is a user of the server."""
        return self._users is not None

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Until the block ends, no other process starts or stops the server, joins or leaves; raises FolderBusy."""
        waiting = (
            f"Another hub is starting or stopping the database in {self._folder}; waiting for it.\n"
            f"另一平台进程正在启动或停止 {self._folder} 中的数据库,请稍候。"
        )
        with locked_alone(self.files[0], waiting):
            yield

    def join(self) -> bool:
        """Become a user; returns whether it is the only one."""
        users = self.files[1].open("a+")
        alone = _locked(users, fcntl.LOCK_EX)
        _locked(users, fcntl.LOCK_SH)
        self._users = users
        return alone

    def leave(self, last: Callable[[], None]) -> None:
        """Stop being a user; the last user calls `last` first."""
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
