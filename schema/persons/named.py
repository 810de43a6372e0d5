"""The households and people that an input names. The access record stores them for a refused write too (46-4.3)."""

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
"""The number of parts of a key inside a household; the first part is the household's id."""


def note_named(kind: GraphQLInputType, value: Any, named: NamedSubjects, secrecy: Secrecy) -> None:
    """Note the households of the ids in a coerced value, and the identity numbers in it, at most `MOST_NUMBERS` of each. The
    database is not read."""
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
    for item in value if isinstance(value, list) else [value]:
        for name, part in item.items() if isinstance(item, Mapping) else ():
            inner = of.fields[name].type
            if get_named_type(inner) is GraphQLID if ids_alone else name == _NUMBER:
                yield from (text for text in (part if isinstance(part, list) else [part]) if text)
            else:
                yield from _texts(inner, part, ids_alone=ids_alone)
