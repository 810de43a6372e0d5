"""Files with secrets, or with what is written of persons: nobody but their owner may read them, at no moment."""

import os
import stat
from pathlib import Path

from hub.foundation.operating import OperatorError


class FileOpenToOthers(OperatorError):
    """Others than its owner can read or change {file}; run chmod 600 {file}, and replace what it holds if they may have read it.
    {file} 可被其所有者以外的用户读取或修改;请执行 chmod 600 {file},如内容可能已被读取,请更换其中的密钥。
    """


def new_private(file: Path, text: str) -> None:
    """Write a file that its owner alone may read, from its first byte on; one that a killed process left there is replaced.
    Raises OSError."""
    file.unlink(missing_ok=True)
    with os.fdopen(
        os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as opened:
        opened.write(text)


def owners_alone(path: str, flags: int) -> int:
    """An `opener` (see `open`) by which a new file is its owner's alone. Raises OSError."""
    return os.open(path, flags, 0o600)


def read_private(file: Path) -> str:
    """The text of a file that its owner alone may read; root's may be read by its group as well, as libpq has it for its keys,
    since secrets are handed to services so. Raises FileOpenToOthers, OSError, UnicodeDecodeError."""
    with file.open(encoding="utf-8") as opened:
        status = os.fstat(opened.fileno())
        if status.st_mode & (0o037 if status.st_uid == 0 else 0o077) and stat.S_ISREG(status.st_mode):
            raise FileOpenToOthers(file=file)
        return opened.read()
