"""Files with secrets: nobody but their owner may read them, at no moment."""

import os
from pathlib import Path


def new_private(file: Path, text: str) -> None:
    """Write a file that its owner alone may read, from its first byte on; one that a killed process left there is replaced.
    Raises OSError."""
    file.unlink(missing_ok=True)
    with os.fdopen(
        os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as opened:
        opened.write(text)
