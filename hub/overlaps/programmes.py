"""The catalogue of programmes (`programmes.toml`): one aid under the names that agencies give it (46-2.1).

A name is that of a programme of its kind, or one of its aliases, whatever the width of its brackets; any other is free text,
which equals only itself. Nothing of it is stored with a record, so that a line that is added holds for all of them.
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
    """A line of the catalogue. `form` None: of any form of its kind. `excludes`: the codes of programmes that one subject does
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
        """Its name, and what offices write for it."""
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
    """A name with its brackets as Chinese writes them and as keyboards do."""
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
    """The programme that a name of a kind stands for; None: free text."""
    return _by_name().get((kind, name.strip()))


def names_beside(kind: AidKind, name: str) -> list[str]:
    """Every name under which records of the same kind are of the same programme as one."""
    programme = programme_of(kind, name)
    if programme is None:
        return [name.strip()]
    return [spelling for (_, spelling), other in _by_name().items() if other is programme]


def identity_of(kind: AidKind, name: str) -> str:
    """What two records of one programme have in common: its code, or the free text without spaces around it."""
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
