"""Replaces values that could not be decrypted by nulls, each with an error and its path.

They are rare: a value damaged in the database, or encrypted with a key that this process does not have. So nothing is
prepared for them; for a mark, its field is searched for in the selected fields.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from graphql import GraphQLError

from schema.engine.compile.collect import SelectedField
from schema.engine.compile.forbidden_nulls import MOST_ERRORS, Path, marks_in
from schema.engine.compile.placeholders import unreadable_mark
from schema.engine.refusals import FurtherValuesUnreadable, ValueUnreadable


@dataclass(frozen=True)
class ReadableAnswer:
    """An answer with nulls in place of its unreadable values, an error for each (those beyond `MOST_ERRORS` are counted in one
    without a path), and the coordinates of their fields."""

    data: bytes
    errors: Sequence[GraphQLError]
    coordinates: frozenset[str]


def has_unreadable(data: bytes, word: str) -> bool:
    """Whether an answer has a mark for a value that could not be decrypted."""
    return _quoted(word) in data


def without_unreadable(data: bytes, word: str, asked: Sequence[SelectedField]) -> ReadableAnswer:
    """Replace the marks in an answer to the selected fields by nulls."""
    paths = [path for _, path in marks_in(orjson.loads(data), unreadable_mark(word))]
    fields = [_field(asked, path) for path in paths]
    fault = ValueUnreadable()
    errors = [
        GraphQLError(fault.message, list(field.nodes), path=list(path), original_error=fault)
        for field, path in zip(fields[:MOST_ERRORS], paths, strict=False)
    ]
    if further := len(paths) - len(errors):
        more = FurtherValuesUnreadable(count=further)
        errors.append(GraphQLError(more.message, original_error=more))
    return ReadableAnswer(
        data.replace(_quoted(word), b"null"), errors, frozenset(field.coordinate for field in fields)
    )


def _quoted(word: str) -> bytes:
    return b'"%b"' % unreadable_mark(word).encode()


def _field(asked: Sequence[SelectedField], path: Path) -> SelectedField:
    """The field at a path of an answer; if several types select it by one key, the first."""
    here = list(asked)
    for step in path:
        if isinstance(step, str):
            found = [one for one in here if one.response_key == step]
            here = [child for one in found for children in one.children.values() for child in children]
    return found[0]
