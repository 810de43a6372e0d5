"""The sentence of an event, as SQL: its template with the values that the reader's scopes open."""

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant, ScopeSets
from hub.agencies.english_names import english_name_sql
from hub.foundation.database import table_of
from hub.foundation.prepared_sql import SqlTemplate
from hub.foundation.weighted_lru import WeightedLru
from hub.model.agencies import AgencyRow
from hub.model.ledger import ChainEventRow
from schema.chain.sentences import SENTENCES, Sentence, SentencePart

_agency, _EVENT = table_of(AgencyRow), table_of(ChainEventRow).alias("event_of_the_sentence")
_SEGMENTS = re.compile(r"\[([^\]]*)\]|([^\[]+)")
_PARTS = re.compile(r"\{(\w+)\}")
_ENGLISH, _CHINESE = 0, 1
"""The places of the languages in the words of a part."""


_REQUIREMENTS = tuple(
    dict.fromkeys(
        scopes
        for sentence in SENTENCES.values()
        for part in sentence.parts.values()
        for scopes in (*part.coordinates.values(), *(part.by[1].values() if part.by else ()))
    )
)
"""What a grant needs for the values of sentences. Two grants that cover the same of these read the same sentences."""
_TEMPLATES = WeightedLru[tuple[int, tuple[bool, ...]], SqlTemplate](most=100, heaviest=4_000_000)
"""The SQL of the sentences, by language and what a grant covers; the weight is in characters."""


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
    key = language, tuple(map(grant.covers, _REQUIREMENTS))
    made = _TEMPLATES.find(key)
    if made is None:
        made = SqlTemplate.of(_any_sentence(grant, template, language), _EVENT)
        _TEMPLATES.store(key, made, sum(map(len, made.texts)))
    return made.over(event)


def _any_sentence(grant: Grant, template: Callable[[Sentence], str], language: int) -> ColumnElement[str]:
    """The sentence of an event of any type. The Chinese name of its agency is read once, not once for each type: PostgreSQL
    plans each subquery."""
    agency = _agency.alias()
    author = agency.c.name if language == _CHINESE else None
    sentences = {
        type_.value: _sentence(grant, sentence, template(sentence), language, author)
        for type_, sentence in SENTENCES.items()
    }
    written = sa.case(sentences, value=_EVENT.c.type)
    if author is None:
        return written
    return (
        sa.select(written).where(agency.c.id == _EVENT.c.agency_id).correlate_except(agency).scalar_subquery()
    )


def _sentence(
    grant: Grant, sentence: Sentence, template: str, language: int, author: ColumnElement[str] | None
) -> ColumnElement[str]:
    """The segments of a template in order; an optional segment with a missing value is its other text, or empty. `author`: the
    name of the event's agency, if the language does not make it from the code."""

    def value(name: str) -> ColumnElement[str]:
        if name != "agency":
            return _value(grant, sentence.parts[name], language)
        if author is not None:
            return author
        return english_name_sql(_EVENT.c.agency_id, first=template.startswith("{agency}"))

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


def _value(grant: Grant, part: SentencePart, language: int) -> ColumnElement[Any]:
    """A value as text; null if the grant does not open it."""
    written = _EVENT.c.body[part.key].astext
    if part.words:
        written = sa.case({word.value: both[language] for word, both in part.words.items()}, value=written)
    if part.agency:
        written = _name(written, language)
    if part.by is None:
        opened = all(map(grant.covers, part.coordinates.values()))
        return written if opened else sa.null()
    key, by = part.by
    open_to = [value for value, scopes in by.items() if grant.covers(scopes)]
    return sa.case((_EVENT.c.body[key].astext.in_(open_to), written)) if open_to else sa.null()


def _name(code: ColumnElement[str], language: int) -> ColumnElement[str]:
    """The name of an agency within a sentence."""
    if language == _ENGLISH:
        return english_name_sql(code)
    agency = _agency.alias()
    named = sa.select(agency.c.name).where(agency.c.id == code)
    return named.correlate_except(agency).scalar_subquery()
