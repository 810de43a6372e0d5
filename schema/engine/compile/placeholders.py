"""Marks: the statement leaves them for values that only the hub can make (decrypted values, encrypted cursors), and the hub
fills them in. The nulls of forbidden fields are marked too, so that each error gets its path (`compile.forbidden_nulls`), and
so are values that cannot be decrypted (`compile.unreadable_values`).

A mark begins with a random word that is new for each statement, so stored text cannot imitate one.
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
    """A word that nobody can guess."""
    return secrets.token_hex(16)


def forbidden_mark(word: str) -> str:
    """The beginning of the mark for a forbidden field's null."""
    return f"{word}{_FORBIDDEN}"


def unreadable_mark(word: str) -> str:
    """The mark for a value that could not be decrypted."""
    return f"{word}{_UNREADABLE}"


@dataclass
class Marks:
    """The marks of one statement that must be filled in: the places of encrypted values, and the pages of cursors, by number."""

    places: list[str] = field(default_factory=list)
    pages: list[PageRequest] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.places or self.pages)

    @staticmethod
    def forbidden(offset: str, type_name: ColumnElement[str]) -> ColumnElement[str]:
        """The mark for a forbidden field's null: `f<offset in the document>:<type>`."""
        return _joined(f"{_FORBIDDEN}{offset}:", type_name)

    def secret(
        self, sealed: ColumnElement[bytes], row_id: ColumnElement[UUID], place: str
    ) -> ColumnElement[str]:
        """The mark for an encrypted value: `s<place>:<row id>:<encrypted, hex>`; null for no value."""
        self.places.append(place)
        return _joined(f"s{len(self.places) - 1}:", sa.cast(row_id, sa.Text), ":", _hex(sealed))

    def cursor(self, values: Sequence[ColumnElement[Any]], page: PageRequest) -> ColumnElement[str]:
        """The mark for a cursor: `c<page>:<JSON list of plain values, hex>`."""
        if page not in self.pages:
            self.pages.append(page)
        listed = sa.func.convert_to(sa.cast(sa.func.json_build_array(*values), sa.Text), "UTF8")
        return _joined(f"c{self.pages.index(page)}:", _hex(listed))

    def fill(self, text: bytes, word: str, secrecy: Secrecy, agency: str) -> bytes:
        """The JSON with its marks filled in. Marks of forbidden fields stay, and a value that cannot be decrypted gets its
        own mark."""
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
