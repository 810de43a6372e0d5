"""Texts that people write: said, not too long, and storable."""

import re

from hub.errors import InvalidInput

LONGEST_EXTERNAL_ID = 64
UNSTORABLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]")
"""NUL, which PostgreSQL cannot keep, and the control characters that are no text: all but tab and the ends of lines."""


def said(name: str, value: str | None, most: int) -> str:
    """A text without the spaces around it; raises InvalidInput where nothing is said, or more than `most` characters, or
    a control character. `name` is the field's, in the input."""
    if value is None or not value.strip() or len(value) > most or UNSTORABLE.search(value):
        raise InvalidInput(
            path=(name,), field=name, reason=f"1 to {most} characters, without control characters",
            reason_zh=f"须为 1 至 {most} 个字符,不含控制字符",
        )  # fmt: skip
    return value.strip()
