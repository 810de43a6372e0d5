"""Relay ids: decoding an encoded id returns the same key, and every other text is refused."""

import base64
import re
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema.engine.declare.ids import NOUNS, InvalidId, decode, encode, key_of
from schema.engine.declare.row_types import NODES
from schema.hub_schema import build

assert build()  # the types that have ids are declared when the schema is built
names = st.sampled_from(sorted(NODES))
keys = st.lists(st.uuids(), min_size=1, max_size=3).map(tuple)


@given(names, keys)
def test_an_id_gives_back_the_name_and_the_key_it_was_made_of(name: str, key: tuple[UUID, ...]) -> None:
    text = encode(name, key)
    assert decode(text) == (name, key)
    assert key_of(text, name, parts=len(key)) == key
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text), "an id goes into a URL as it is"


@given(names, keys, names, keys)
def test_different_rows_have_different_ids(
    name: str, key: tuple[UUID, ...], other_name: str, other: tuple[UUID, ...]
) -> None:
    assert (encode(name, key) == encode(other_name, other)) is ((name, key) == (other_name, other))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@given(st.text() | st.binary().map(_text))
@example("")
@example("=")
@example("A")
@example("\ud800")
@example("户")
@example(_text(b"Household:"))
@example(_text(b"Household:" + bytes(15)))
@example(_text(b"Household" + bytes(16)))
@example(_text("户:".encode() + bytes(16)))
@example(_text(b"\xff:" + bytes(16)))
@example(_text(b"Household:" + bytes(17)))
def test_garbage_is_an_invalid_id_told_where_in_the_input_it_stands(garbage: str) -> None:
    with pytest.raises(InvalidId) as refused:
        key_of(garbage, "Household", parts=1, at=("input", "outcomes", 3, "id"))
    assert refused.value.path == ("input", "outcomes", 3, "id")
    assert "a household" in refused.value.message
    assert "家庭" in refused.value.message_zh


def test_every_type_of_node_has_a_name_in_both_languages() -> None:
    assert set(NOUNS) == set(NODES) | {
        "AccessRecord"
    }  # a filter takes its id; it is no node, so that only auditors learn of it


@given(names, keys)
def test_an_id_of_another_type_or_of_another_length_is_refused(name: str, key: tuple[UUID, ...]) -> None:
    text = encode(name, key)
    for wanted in set(NODES) - {name}:
        with pytest.raises(InvalidId):
            key_of(text, wanted, parts=len(key))
    with pytest.raises(InvalidId) as refused:
        key_of(text, name, parts=len(key) + 1)
    assert refused.value.path == ("id",)


@pytest.mark.parametrize("raw", [b"", b"no colon", b":", b"Household:", b"Household:" + bytes(31)])
def test_what_holds_no_whole_key_does_not_decode(raw: bytes) -> None:
    with pytest.raises(InvalidId):
        decode(_text(raw))
