"""The sentence of an event, as SQL: its template with the values that the reader's scopes open."""

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant, ScopeSets
from hub.agencies.english_names import english_name_sql
from hub.foundation.database import table_of
from hub.model.agencies import AgencyRow
from schema.chain.sentences import SENTENCES, Sentence, SentencePart

_agency = table_of(AgencyRow)
_SEGMENTS = re.compile(r"\[([^\]]*)\]|([^\[]+)")
_PARTS = re.compile(r"\{(\w+)\}")
_ENGLISH, _CHINESE = 0, 1
"""The places of the languages in the words of a part."""


def summary(event: FromClause, grant: Grant) -> ColumnElement[str]:
    """The sentence in English."""
    return _summary(event, grant, lambda sentence: sentence.en, _ENGLISH)


def summary_zh(event: FromClause, grant: Grant) -> ColumnElement[str]:
    """The sentence in Chinese."""
    return _summary(event, grant, lambda sentence: sentence.zh, _CHINESE)


SUMMARY_VALUES: tuple[tuple[str, ScopeSets], ...] = tuple(
    opened
    for sentence in SENTENCES.values()
    for part in sentence.parts.values()
    for opened in part.coordinates.items()
)
"""The coordinates whose values sentences contain, each with the scopes that open it."""


def _summary(
    event: FromClause, grant: Grant, template: Callable[[Sentence], str], language: int
) -> ColumnElement[str]:
    sentences = {
        type_.value: _sentence(event, grant, sentence, template(sentence), language)
        for type_, sentence in SENTENCES.items()
    }
    return sa.case(sentences, value=event.c.type)


def _sentence(
    event: FromClause, grant: Grant, sentence: Sentence, template: str, language: int
) -> ColumnElement[str]:
    """The segments of a template in order; an optional segment with a missing value is its other text, or empty."""

    def value(name: str) -> ColumnElement[str]:
        if name == "agency":
            return _name(event.c.agency_id, language, first=template.startswith("{agency}"))
        return _value(event, grant, sentence.parts[name], language)

    written: ColumnElement[str] = sa.literal("")
    for optional, always in _SEGMENTS.findall(template):
        if optional:
            preferred, _, otherwise = optional.partition("|")
            written = written + sa.func.coalesce(_filled(preferred, value), otherwise)
        else:
            written = written + _filled(always, value)
    return written


def _filled(template: str, value: Callable[[str], ColumnElement[str]]) -> ColumnElement[str]:
    """A template with its values; null if one of them is null."""
    pieces = _PARTS.split(template)
    filled: ColumnElement[str] = sa.literal(pieces[0])
    for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
        filled = filled + value(name) + text
    return filled


def _value(event: FromClause, grant: Grant, part: SentencePart, language: int) -> ColumnElement[Any]:
    """A value as text; null if the grant does not open it."""
    written = event.c.body[part.key].astext
    if part.words:
        written = sa.case({word.value: both[language] for word, both in part.words.items()}, value=written)
    if part.agency:
        written = _name(written, language)
    if part.by is None:
        opened = all(map(grant.covers, part.coordinates.values()))
        return written if opened else sa.null()
    key, by = part.by
    open_to = [value for value, scopes in by.items() if grant.covers(scopes)]
    return sa.case((event.c.body[key].astext.in_(open_to), written)) if open_to else sa.null()


def _name(code: ColumnElement[str], language: int, *, first: bool = False) -> ColumnElement[str]:
    """The name of an agency. `first`: it begins the sentence."""
    if language == _ENGLISH:
        return english_name_sql(code, first=first)
    agency = _agency.alias()
    named = sa.select(agency.c.name).where(agency.c.id == code)
    return named.correlate_except(agency).scalar_subquery()
