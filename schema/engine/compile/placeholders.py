"""Marks: what only the hub can make (opened secrets, sealed cursors), left by the statement and filled in afterwards.
The nulls of forbidden fields are marked too, so that each error finds its place (`compile.forbidden_nulls`), and so are the
secrets that cannot be opened (`compile.unreadable_values`).

A mark begins with a random word that is new for each statement, so no stored text can pass for one.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy import ColumnElement

from hub.foundation.encryption import Secrecy, Unreadable, place_of
from schema.engine.declare.paging import PageRequest

WORD = "mark"
"""The parameter that holds the random word."""
_FORBIDDEN, _UNREADABLE = "f", "u"


def new_word() -> str:
    """A word that nobody could have known."""
    return secrets.token_hex(16)


def forbidden_mark(word: str) -> str:
    """How the mark of a forbidden field's null begins."""
    return f"{word}{_FORBIDDEN}"


def unreadable_mark(word: str) -> str:
    """The mark of a secret that could not be opened."""
    return f"{word}{_UNREADABLE}"


@dataclass
class Marks:
    """The marks that one statement leaves to be filled: the places of secrets, and the pages of cursors, by number."""

    places: list[str] = field(default_factory=list)
    pages: list[PageRequest] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.places or self.pages)

    @staticmethod
    def forbidden(offset: str, type_name: ColumnElement[str]) -> ColumnElement[str]:
        """The mark of a forbidden field's null: `f<offset in the document>:<type>`."""
        return _joined(f"{_FORBIDDEN}{offset}:", type_name)

    def secret(
        self, sealed: ColumnElement[bytes], row_id: ColumnElement[UUID], place: str
    ) -> ColumnElement[str]:
        """The mark of a sealed value: `s<place>:<row id>:<sealed, hex>`; null where there is none."""
        self.places.append(place)
        return _joined(f"s{len(self.places) - 1}:", sa.cast(row_id, sa.Text), ":", _hex(sealed))

    def cursor(self, values: Sequence[ColumnElement[Any]], page: PageRequest) -> ColumnElement[str]:
        """The mark of a cursor: `c<page>:<JSON list of plain values, hex>`."""
        if page not in self.pages:
            self.pages.append(page)
        listed = sa.func.convert_to(sa.cast(sa.func.json_build_array(*values), sa.Text), "UTF8")
        return _joined(f"c{self.pages.index(page)}:", _hex(listed))

    def fill(self, text: bytes, word: str, secrecy: Secrecy, agency: str) -> bytes:
        """The JSON with each mark replaced by what it stands for; those of forbidden fields stay, and a secret that cannot be
        opened gets one of its own."""
        quoted = b'"' + word.encode()
        first, *marked = text.split(quoted)
        cursors = [page.cursors(secrecy, agency) for page in self.pages]
        filled = [first]
        for piece in marked:
            mark, _, rest = piece.partition(b'"')
            if mark.startswith(_FORBIDDEN.encode()):
                filled += [quoted, piece]
                continue
            number, _, body = mark[1:].decode().partition(":")
            if mark.startswith(b"s"):
                row_id, _, sealed = body.partition(":")
                place = place_of(self.places[int(number)], UUID(row_id).bytes)
                try:
                    value = secrecy.open(bytes.fromhex(sealed), place)
                except Unreadable:
                    value = unreadable_mark(word)
            else:
                value = cursors[int(number)].seal(orjson.loads(bytes.fromhex(body)))
            filled += [orjson.dumps(value), rest]
        return b"".join(filled)


def _hex(value: ColumnElement[Any]) -> ColumnElement[str]:
    return sa.func.encode(value, "hex")


def _joined(*parts: str | ColumnElement[str]) -> ColumnElement[str]:
    joined: ColumnElement[str] = sa.bindparam(WORD, "", type_=sa.Text)
    for part in parts:
        joined = joined.concat(part)
    return joined
