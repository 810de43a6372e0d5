"""Texts that people write: said, not too long, and storable."""

from hub.errors import InvalidInput

LONGEST_EXTERNAL_ID = 64


def said(name: str, value: str | None, most: int) -> str:
    """A text without the spaces around it; raises InvalidInput where nothing is said, or more than `most` characters, or
    a NUL, which PostgreSQL cannot keep. `name` is the field's, in the input."""
    if value is None or not value.strip() or len(value) > most or "\x00" in value:
        raise InvalidInput(
            path=(name,), field=name, reason=f"1 to {most} characters, without NUL",
            reason_zh=f"须为 1 至 {most} 个字符,不含空字符",
        )  # fmt: skip
    return value.strip()
