"""Every list of the root, with each of its filters, is answered a second time in plain Python, or is named here with a reason."""

import re
from collections.abc import Iterator

from graphql import GraphQLField, GraphQLInputObjectType, build_schema, get_named_type

from tests.schema.fuzz.further.lists import LISTS
from tests.schema.fuzz.plain.answer import LISTS as PLAIN_LISTS
from tests.schema.fuzz.plain.contract import NOT_COVERED, SDL
from tests.schema.fuzz.plain.lists import FILTERS as PLAIN_FILTERS

EXCEPTIONS = {
    "households.missing": "an evaluation: test_filters.py holds it against the entitlements of each household, which"
    " hub/evaluation/entitlements/oracle.py reckons in plain Python",
    "visitList.region": "a list that is reckoned: test_filters.py keeps the rows of the whole list by the dumped regions",
}
"""What no plain evaluation of rows answers, and what checks it."""
ORDER = re.compile("newest (month )?first|the most urgent first|by code|by county|in the order of commits")
"""How a description names the order of its list."""


def lists() -> Iterator[tuple[str, GraphQLField]]:
    """Every list of the root."""
    root = build_schema(SDL.read_text("utf-8"), assume_valid=True).query_type
    assert root is not None
    for name, field in root.fields.items():
        if get_named_type(field.type).name.endswith("Connection"):
            yield name, field


def filters() -> Iterator[str]:
    """Every field of every filter of every list of the root."""
    for name, field in lists():
        if "filter" in field.args:
            kind = get_named_type(field.args["filter"].type)
            assert isinstance(kind, GraphQLInputObjectType)
            yield from (f"{name}.{one}" for one in kind.fields)


def test_each_filter_of_each_list_is_checked_or_has_a_reason() -> None:
    plain = {
        f"{name}.{one}"
        for name, word in PLAIN_LISTS.items()
        for one in PLAIN_FILTERS[word].keys() - set(NOT_COVERED.get(f"{word}Filter", ()))
    }
    further = {f"{name}.{one}" for name, listed in LISTS.items() for one in listed.filters}
    everything = set(filters())
    assert len(everything) > 60
    assert plain | further | EXCEPTIONS.keys() == everything
    assert not EXCEPTIONS.keys() & (plain | further)


def test_the_description_of_each_list_names_its_order() -> None:
    nameless = {name for name, field in lists() if not ORDER.search(field.description or "")}
    assert nameless == set()


def test_each_list_takes_a_page_from_either_end() -> None:
    for name, field in lists():
        assert field.args.keys() >= {"first", "after", "last", "before"}, name
