"""Files with secrets or personal data: from the first moment, only their owner may read them."""

import os
import stat
from pathlib import Path

from hub.foundation.operating import OperatorError


class FilePermissionsTooOpen(OperatorError):
    """Others than its owner can read or change {file}; run chmod 600 {file}, and replace what it holds if they may have read it.
    {file} 可被其所有者以外的用户读取或修改;请执行 chmod 600 {file},如内容可能已被读取,请更换其中的密钥。
    """


def new_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on; replaces one that a killed process left. Raises
    OSError."""
    file.unlink(missing_ok=True)
    with os.fdopen(
        os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as opened:
        opened.write(text)


def owners_alone(path: str, flags: int) -> int:
    """An `opener` (see `open`) that makes new files readable by their owner only. Raises OSError."""
    return os.open(path, flags, 0o600)


def read_private(file: Path) -> str:
    """The text of a file that only its owner may read. A file of root may also be readable by its group, as libpq allows for
    its keys, since services get secrets in this way. Raises FilePermissionsTooOpen, OSError, UnicodeDecodeError."""
    with file.open(encoding="utf-8") as opened:
        status = os.fstat(opened.fileno())
        if status.st_mode & (0o037 if status.st_uid == 0 else 0o077) and stat.S_ISREG(status.st_mode):
            raise FilePermissionsTooOpen(file=file)
        return opened.read()
