"""The nulls of forbidden fields in an answer, and the error for each of them.

A field error has the path of its null (GraphQL spec 7.1.2); clients use it to tell forbidden from empty. The places of the
nulls are known only with the rows. So an executor writes a mark for each null: a JSON string with the request's random word,
the field of the document and the type. `ForbiddenNulls.take` replaces the marks with nulls and returns their errors.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLError

from schema.engine.compile.authorize import AuthorizedOperation
from schema.engine.compile.collect import SelectedField
from schema.engine.compile.placeholders import forbidden_mark

MOST_PATHS = 100
"""The limit of nulls with a path for one field of a document; further ones are counted."""
MOST_ERRORS = 1_000
"""The limit of nulls with a path in one answer."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class ForbiddenNulls:
    """The fields of an operation that may be null. `errors` are by place in the document (`place_of`), in the order of the
    selection. `keys` are the response keys of forbidden fields and of the fields above them. `answered_in_part` are the places
    of fields that are forbidden on every selected type: if the answer has no such null, their error has no path."""

    errors: Mapping[str, Mapping[str, Any]]
    keys: frozenset[str]
    answered_in_part: frozenset[str]

    @classmethod
    def of(cls, authorized: AuthorizedOperation, errors: Sequence[GraphQLError]) -> "ForbiddenNulls":
        """The nulls of an authorised operation; `errors` has one for each of `authorized.forbidden`."""
        places = [place_of(forbidden.selected) for forbidden in authorized.forbidden]
        by_place = {place: error.formatted for place, error in zip(places, errors, strict=True)}
        keys, partly = _keys(authorized)
        answered_in_part = frozenset(place for place in places if _offset(place) not in partly)
        return cls(by_place, keys, answered_in_part)

    def replace_marks(self, data: bytes, word: str) -> tuple[bytes, list[Mapping[str, Any]]]:
        """An answer with its marks replaced by nulls, and the errors, each with the path of its null."""
        if not self.errors:
            return data, []
        first, *marked = data.split(b'"' + forbidden_mark(word).encode())
        pieces = [first]
        counted: Counter[str] = Counter()
        for piece in marked:
            place, _, rest = piece.partition(b'"')
            counted[place.decode()] += 1
            pieces += [b"null", rest]
        paths = self._paths(orjson.loads(data), word, counted) if counted else {}
        return b"".join(pieces), list(self._errors(paths, counted))

    def _paths(self, data: Any, word: str, counted: Mapping[str, int]) -> dict[str, list[Path]]:
        """The paths of the marks, by place, in the order of the answer and up to the limits."""
        paths: dict[str, list[Path]] = {place: [] for place in counted}
        left = min(sum(min(count, MOST_PATHS) for count in counted.values()), MOST_ERRORS)
        for place, path in marks_in(data, forbidden_mark(word), self.keys):
            if len(paths[place]) < MOST_PATHS:
                paths[place].append(path)
                left -= 1
            if not left:
                break
        return paths

    def _errors(
        self, paths: Mapping[str, list[Path]], counted: Mapping[str, int]
    ) -> Iterator[Mapping[str, Any]]:
        found = {_offset(place) for place in counted}
        for place, error in self.errors.items():
            for path in paths.get(place, ()):
                yield {
                    "message": error["message"],
                    "locations": error["locations"],
                    "path": path,
                    "extensions": error["extensions"],
                }
            if further := counted.get(place, 0) - len(paths.get(place, ())):
                yield _counted(error, further)
            if place in self.answered_in_part and _offset(place) not in found:
                yield error


def place_of(field: SelectedField) -> str:
    """A field of a document in a mark: its offset and its type."""
    coordinate, offset = field.at
    return f"{offset}:{coordinate.partition('.')[0]}"


def put_marks(data: Any, nulls: Iterable[tuple[Path, str]], word: str) -> None:
    """Put a mark for each null of a forbidden field that the reference executor noted: (path, place). A null that is missing
    from the answer, because a field above it became null, gets no mark."""
    for path, place in nulls:
        holder = data
        for step in path[:-1]:
            holder = None if holder is None else holder[step]
        if holder is not None:
            holder[path[-1]] = forbidden_mark(word) + place


def _offset(place: str) -> str:
    return place.partition(":")[0]


def _counted(error: Mapping[str, Any], further: int) -> Mapping[str, Any]:
    """The error for the nulls without a path of their own."""
    extensions = error["extensions"]
    message_zh = f"{extensions['messageZh']}另有 {further} 处未逐一列出。"
    return {
        "message": f"{error['message']} {further} further places are not listed.",
        "locations": error["locations"],
        "extensions": {**extensions, "messageZh": message_zh, "furtherPlaces": further},
    }


def marks_in(data: Any, mark: str, keys: frozenset[str] | None = None) -> Iterator[tuple[str, Path]]:
    """The marks in an answer, each with the text that follows it and its path, in the order of the answer; `keys`: the
    response keys that lead to marks, if known."""
    waiting: list[tuple[Any, Path]] = [(data, ())]
    while waiting:
        value, path = waiting.pop()
        if isinstance(value, dict):
            inner = [
                (inner_value, (*path, key))
                for key, inner_value in value.items()
                if keys is None or key in keys
            ]
            waiting += reversed(inner)
        elif isinstance(value, list):
            waiting += [(value[index], (*path, index)) for index in range(len(value) - 1, -1, -1)]
        elif isinstance(value, str) and value.startswith(mark):
            yield value.removeprefix(mark), path


def _keys(authorized: AuthorizedOperation) -> tuple[frozenset[str], frozenset[str]]:
    """The response keys of forbidden fields and of the fields above them, and the offsets of fields that are answered on some
    type."""
    forbidden = {refusal.selected.coordinate for refusal in authorized.forbidden if not refusal.as_filter}
    keys: set[str] = set()
    answered: set[str] = set()
    leads: dict[int, bool] = {}

    def lead(selected: SelectedField) -> bool:
        if id(selected) not in leads:
            below = [lead(child) for children in selected.children.values() for child in children]
            leads[id(selected)] = selected.coordinate in forbidden or any(below)
            if leads[id(selected)]:
                keys.add(selected.response_key)
            if selected.coordinate not in forbidden:
                answered.add(_offset(place_of(selected)))
        return leads[id(selected)]

    for field in authorized.fields:
        lead(field)
    return frozenset(keys), frozenset(answered)
