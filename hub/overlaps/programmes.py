"""The catalogue of programmes (`programmes.toml`): each programme with all the names that agencies use for it (46-2.1).

A record belongs to a programme of its kind if it has the programme's name or one of its aliases, with brackets of any width.
Any other name is free text, which equals only itself. The programme is not stored with a record, so a new line of the
catalogue applies to all records.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.model.aid import AidKind, forms_of
from hub.model.overlaps import ProgrammeLevel


@dataclass(frozen=True, slots=True)
class Programme:
    """A line of the catalogue. `form` None: any form of its kind. `excludes`: the codes of programmes that one subject may
    not have at the same time."""

    code: str
    zh: str
    en: str
    kind: AidKind
    form: StrEnum | None
    level: ProgrammeLevel
    clause: str
    excludes: tuple[str, ...]
    aliases: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The programme's name, and its other names in use."""
        return self.zh, *self.aliases


@cache
def programmes() -> Mapping[str, Programme]:
    """The catalogue by code, in the order of the file; raises ValueError for a name of two programmes of one kind."""
    table = tomllib.loads(files(__package__).joinpath("programmes.toml").read_text("utf-8"))
    found = {code: _programme(code, **line) for code, line in table.items()}
    taken: dict[tuple[AidKind, str], str] = {}
    for programme in found.values():
        for name in programme.names:
            if (other := taken.setdefault((programme.kind, name), programme.code)) != programme.code:
                raise ValueError(f"{name} stands for {other} and for {programme.code}")
    return MappingProxyType(found)


def _programme(
    code: str, zh: str, en: str, kind: str, level: str, clause: str, form: str | None = None, **lists: Any
) -> Programme:
    of = AidKind(kind)
    excludes, aliases = (tuple(lists.get(name, ())) for name in ("excludes", "aliases"))
    own_form = None if form is None else forms_of(of)(form)
    return Programme(code, zh, en, of, own_form, ProgrammeLevel(level), clause, excludes, aliases)


def _spellings(name: str) -> Iterator[str]:
    """A name as it is, with wide Chinese brackets, and with ASCII brackets."""
    yield name
    yield name.translate(_WIDE)
    yield name.translate(_NARROW)


_WIDE, _NARROW = str.maketrans("()", "\uff08\uff09"), str.maketrans("\uff08\uff09", "()")


@cache
def _by_name() -> Mapping[tuple[AidKind, str], Programme]:
    return {
        (programme.kind, spelling): programme
        for programme in programmes().values()
        for name in programme.names
        for spelling in _spellings(name)
    }


def programme_of(kind: AidKind, name: str) -> Programme | None:
    """The programme that has this name; None: the name is free text."""
    return _by_name().get((kind, name.strip()))


def names_beside(kind: AidKind, name: str) -> list[str]:
    """All names of the programme that has this name; only the name itself if it is free text."""
    programme = programme_of(kind, name)
    if programme is None:
        return [name.strip()]
    return [spelling for (_, spelling), other in _by_name().items() if other is programme]


def identity_of(kind: AidKind, name: str) -> str:
    """The identity of a programme, which its records share: its code, or the free text without spaces around it."""
    programme = programme_of(kind, name)
    return name.strip() if programme is None else programme.code


def programme_code(aid: FromClause) -> ColumnElement[Any]:
    """The code of the programme of a record, as SQL; null: free text."""
    kinds: dict[str, ColumnElement[Any]] = {}
    for kind in AidKind:
        codes = {name: programme.code for (of, name), programme in _by_name().items() if of is kind}
        if codes:
            kinds[kind.value] = sa.case(codes, value=aid.c.program, else_=sa.null())
    return sa.cast(sa.case(kinds, value=sa.cast(aid.c.kind, sa.Text), else_=sa.null()), sa.Text)


def programme_identity(aid: FromClause) -> ColumnElement[str]:
    """`identity_of` of a record, as SQL."""
    return sa.func.coalesce(programme_code(aid), aid.c.program)
