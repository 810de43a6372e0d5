"""Whom an input names, whatever becomes of it: what the access record keeps of a write that was refused (46-4.3)."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from graphql import GraphQLID, GraphQLInputObjectType, GraphQLInputType, get_named_type

from hub.foundation.encryption import Secrecy
from hub.ledger.named_subjects import MOST_NUMBERS, NamedSubjects
from hub.persons.subjects import blind_index_of
from schema.engine.declare import ids

_NUMBER = "idNumber"
"""The field of every input that holds an identity number."""
_OF_A_HOUSEHOLD = 2
"""Parts of the key of what belongs to a household; the first is the household's."""


def note_named(kind: GraphQLInputType, value: Any, named: NamedSubjects, secrecy: Secrecy) -> None:
    """Note the households that the ids in a coerced value lead to, and the identity numbers in it; of each at most
    `MOST_NUMBERS`. Nothing is looked up."""
    for text in islice(_texts(kind, value, ids_alone=True), MOST_NUMBERS):
        try:
            noun, key = ids.decode(text)
        except ids.InvalidId:
            continue
        if noun == "Person" and len(key) == _OF_A_HOUSEHOLD:
            named.person(key[0], key[1])
        elif noun == "Household" or len(key) == _OF_A_HOUSEHOLD:
            named.households.add(key[0])
    for text in islice(_texts(kind, value, ids_alone=False), MOST_NUMBERS):
        if isinstance(index := blind_index_of(secrecy, text), bytes):
            named.number(index)


def _texts(kind: GraphQLInputType, value: Any, *, ids_alone: bool) -> Iterator[str]:
    """The ids in a value, or the identity numbers."""
    of = get_named_type(kind)
    if not isinstance(of, GraphQLInputObjectType):
        return
    for one in value if isinstance(value, list) else [value]:
        for name, part in one.items() if isinstance(one, Mapping) else ():
            inner = of.fields[name].type
            if get_named_type(inner) is GraphQLID if ids_alone else name == _NUMBER:
                yield from (text for text in (part if isinstance(part, list) else [part]) if text)
            else:
                yield from _texts(inner, part, ids_alone=ids_alone)
