"""Relay ids: opaque, stable, with only the type's name and the row's key in them."""

import base64
from collections.abc import Sequence
from typing import Any, Literal, overload
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from hub.foundation.errors import HubError

_BASE64 = sa.literal_column("'base64'", sa.Text)
_STANDARD = sa.literal_column(r"E'+/=\n'", sa.Text)
_URL_SAFE = sa.literal_column("'-_'", sa.Text)


class InvalidId(HubError):
    """This is not an id of the hub, or not the id of {noun}.
    该编号无效,或不是{noun_zh}的编号。
    """


NOUNS = {
    "AccessRecord": ("an access record", "访问记录"),
    "AidRecord": ("an aid record", "救助记录"),
    "Alert": ("an alert", "预警"),
    "Application": ("an application", "申请"),
    "ChainEvent": ("an event", "救助链事件"),
    "Certification": ("a certification", "认定"),
    "CharityOffer": ("an offer", "慈善帮扶资源"),
    "Circumstance": ("a circumstance", "困难情形"),
    "Conference": ("a case conference", "联席会议"),
    "CountyOption": ("a county option", "延伸事项"),
    "Disclosure": ("a public list", "公示名单"),
    "DisclosureObjection": ("an objection", "公示异议"),
    "Household": ("a household", "家庭"),
    "LiabilityDecision": ("a decision on liability", "责任认定"),
    "NearRelative": ("a declaration", "近亲属备案"),
    "OverlapCase": ("a case of overlapping aid", "重复救助核实单"),
    "Person": ("a person", "人员"),
    "Recovery": ("a recovery", "追回"),
    "Referral": ("a referral", "转办单"),
    "Visit": ("a visit", "走访"),
}
"""The noun for a type of node in messages, in English and Chinese; a test checks that none is missing."""


def no_node() -> InvalidId:
    """The error for a text that is no id."""
    return InvalidId(path=("id",), noun="an object", noun_zh="可查询对象")


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
    """The name and key in an id, without surrounding spaces; raises InvalidId."""
    text = text.strip()
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        name, _, key = raw.partition(b":")
        if not key or len(key) % 16:
            raise no_node()
        return name.decode("ascii"), tuple(
            UUID(bytes=key[start : start + 16]) for start in range(0, len(key), 16)
        )
    except ValueError as error:
        raise no_node() from error


@overload
def key_of(
    text: str, name: str, parts: Literal[2] = 2, at: tuple[str | int, ...] = ("id",)
) -> tuple[UUID, UUID]: ...


@overload
def key_of(text: str, name: str, parts: Literal[1], at: tuple[str | int, ...] = ("id",)) -> tuple[UUID]: ...


@overload
def key_of(text: str, name: str, parts: int, at: tuple[str | int, ...] = ("id",)) -> tuple[UUID, ...]: ...


def key_of(text: str, name: str, parts: int = 2, at: tuple[str | int, ...] = ("id",)) -> tuple[UUID, ...]:
    """The key in the id of a row of one type; raises InvalidId with its path in the input."""
    try:
        found, key = decode(text)
    except InvalidId:
        found, key = "", ()
    if found != name or len(key) != parts:
        noun, noun_zh = NOUNS[name]
        raise InvalidId(path=at, noun=noun, noun_zh=noun_zh)
    return key
