"""Relay ids: opaque, stable, and holding nothing but the type's name and the row's key."""

import base64
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from hub.errors import HubError

_BASE64 = sa.literal_column("'base64'", sa.Text)
_STANDARD = sa.literal_column(r"E'+/=\n'", sa.Text)
_URL_SAFE = sa.literal_column("'-_'", sa.Text)


class InvalidId(HubError):
    """This is not an id of the hub, or not the id of a {noun}.
    这不是本平台的 id,或不是{noun}的 id。
    """


def encode(name: str, key: Sequence[UUID]) -> str:
    """The id of a row: URL-safe base64, without padding, of `name:` and the key's bytes."""
    raw = name.encode() + b":" + b"".join(part.bytes for part in key)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def encode_sql(name: str, key: Sequence[ColumnElement[Any]]) -> ColumnElement[str]:
    """The same id, made by the database."""
    raw: ColumnElement[Any] = sa.literal_column(f"'{name}:'::bytea", sa.LargeBinary)
    for part in key:
        raw = raw.concat(sa.func.uuid_send(part, type_=sa.LargeBinary))
    return sa.func.translate(sa.func.encode(raw, _BASE64), _STANDARD, _URL_SAFE, type_=sa.Text())


def decode(text: str) -> tuple[str, tuple[UUID, ...]]:
    """The name and key in an id, whatever spaces are around it; raises InvalidId."""
    text = text.strip()
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        name, _, key = raw.partition(b":")
        if not key or len(key) % 16:
            raise InvalidId(noun="node")
        return name.decode("ascii"), tuple(
            UUID(bytes=key[start : start + 16]) for start in range(0, len(key), 16)
        )
    except ValueError as error:
        raise InvalidId(noun="node") from error


def key_of(text: str, name: str, parts: int = 2, at: tuple[str | int, ...] = ("id",)) -> tuple[UUID, ...]:
    """The key in the id of a row of one type; raises InvalidId, with where in the input it stands."""
    try:
        found, key = decode(text)
    except InvalidId:
        found, key = "", ()
    if found != name or len(key) != parts:
        raise InvalidId(path=at, noun=name)
    return key
