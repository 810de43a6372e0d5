"""Bytes as lower-case hexadecimal digits, as clients read them."""

import re

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from hub.foundation.texts import InvalidValue

_DIGEST = re.compile(r"[0-9a-f]{64}")


def hex_of(column: ColumnElement[bytes]) -> ColumnElement[str]:
    """The digits of a column of bytes."""
    return sa.func.encode(column, sa.literal_column("'hex'"))


def hex_of_elements(column: ColumnElement[list[bytes]]) -> ColumnElement[list[str]]:
    """The digits of each element of a column of arrays."""
    element = sa.func.unnest(column).column_valued("one")
    return sa.func.array(sa.select(hex_of(element)).scalar_subquery())


def digest_of_hex(text: str) -> bytes:
    """The 32 bytes of a digest in 64 digits; raises InvalidValue."""
    if not _DIGEST.fullmatch(text):
        raise InvalidValue("a digest has 64 digits, 0-9 and a-f", "摘要为 64 位十六进制小写字符")
    return bytes.fromhex(text)
