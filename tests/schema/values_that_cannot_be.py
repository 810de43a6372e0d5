"""Values that no input field accepts, by its type and its name, and their places in an input."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from graphql import GraphQLInputObjectType, GraphQLList, GraphQLNonNull, is_enum_type, is_input_object_type

from schema.engine.declare.ids import decode, encode
from tests.fixtures.days import dated, tomorrow

UNKNOWN = UUID(bytes=bytes(range(16)))
LONG = "长" * 2_001
TEXTS: dict[str, Any] = {
    "empty": "",
    "blank": " ",
    "too long": LONG,
    "NUL": "a\x00b",
    "control": "a\x1bb",
    "no text": 7,
    "null": None,
}
DATES: dict[str, Any] = {
    "year 0": "0000-01-01",
    "year 1": "0001-01-01",
    "year 9999": "9999-12-31",
    "no day": "2026-02-30",
    "no date": "soon",
    "tomorrow": tomorrow,
    "null": None,
}
INSTANTS: dict[str, Any] = {
    "year 1": "0001-01-01T00:00:00Z",
    "year 9999": "9999-12-31T23:59:59Z",
    "without zone": "2026-11-23T00:00:00",
    "null": None,
}
YUAN: dict[str, Any] = {
    "negative": "-1.00", "a part of a cent": "1.005", "too big": "10000000000.00", "far too big": "1E+400",
    "far too small": "1E-400", "NaN": "NaN", "signalling NaN": "sNaN", "infinite": "Infinity", "no number": "much",
    "null": None,
}  # fmt: skip
NUMBERS: dict[str, Any] = {
    "negative": -1,
    "big": 2**31 - 1,
    "too big": 2**31,
    "a fraction": 1.5,
    "no number": "many",
    "null": None,
}
BY_NAME: dict[str, dict[str, Any]] = {
    "region": {"no region": "999999"}, "happenedAtRegion": {"no region": "999999"},
    "toAgency": {"no agency": "nobody@41"}, "agency": {"no agency": "nobody@41"}, "participants": {"no agency": "nobody@41"},
    "month": {"month 13": "2026-13", "another day": "2026-11-15", "year 0": "0000-01", "year 9999": "9999-12"},
    "idNumber": {"nobody": "410199190001010011", "no number": "1234"},
    "expectedVersion": {"another": 77}, "phone": {"letters": "phone"}, "account": {"letters": "account"},
    "conference": {"unknown": "没有"}, "offer": {"unknown": "没有"},
}  # fmt: skip
"""Values that a field refuses because of its name."""


@dataclass(frozen=True)
class Place:
    """A field of an input: its path, its coordinate, and whether its type is oneOf."""

    path: tuple[str | int, ...]
    coordinate: str
    type: Any
    value: Any
    one_of: bool = False

    @property
    def name(self) -> str:
        """The field's name."""
        return self.coordinate.rpartition(".")[2].removesuffix("[]")

    def values(self) -> dict[str, Any]:
        """The values that it must refuse, by their fault."""
        kind = self.type.of_type if isinstance(self.type, GraphQLNonNull) else self.type
        if isinstance(kind, GraphQLList):
            return {"empty": [], "too long": self.value * 1001, "null inside": [None], "null": None}
        if is_input_object_type(kind):
            return {"no object": "text", "empty": {}, "unknown field": {"unknown": 1}, "null": None}
        if is_enum_type(kind):
            return {"no such word": "NO_SUCH_WORD", "null": None}
        of_kind: dict[str, dict[str, Any]] = {
            "String": TEXTS,
            "Date": DATES,
            "DateTime": INSTANTS,
            "Decimal": YUAN,
            "Int": NUMBERS,
            "Boolean": {"no yes or no": "maybe", "null": None},
        }
        if kind.name == "ID":
            return ids_but(self.value)
        values: dict[str, Any] = dated(of_kind[kind.name] | BY_NAME.get(self.name, {}))
        return values

    def given(self, input: dict[str, Any], value: Any) -> dict[str, Any]:
        """The input with another value at this place."""
        changed: dict[str, Any] = _with(input, self.path, value)
        return changed


def ids_but(good: Any) -> dict[str, Any]:
    """Ids that are malformed, of another type, or unknown; the unknown one has the type of the good one."""
    name, key = decode(good)
    nothing = [UNKNOWN] * len(key)
    return {
        "empty": "",
        "nonsense": "nonsense",
        "no ASCII": "编号",
        "NUL": "\x00",
        "another type's": encode("Region", nothing),
        "unknown": encode(name, nothing),
        "too long": "A" * 100_000,
        "null": None,
    }


def _with(into: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    if isinstance(into, list):
        return [_with(one, path[1:], value) if at == path[0] else one for at, one in enumerate(into)]
    return {**into, path[0]: _with(into.get(path[0]), path[1:], value)}


def places(
    kind: GraphQLInputObjectType, input: dict[str, Any], at: tuple[str | int, ...] = ()
) -> Iterator[Place]:
    """Every field with a value in an input, including nested fields and fields in lists."""
    for name, value in input.items():
        yield from _place((*at, name), f"{kind.name}.{name}", kind.fields[name].type, value, kind.is_one_of)


def _place(
    path: tuple[str | int, ...], coordinate: str, of: Any, value: Any, one_of: bool
) -> Iterator[Place]:
    yield Place(path, coordinate, of, value, one_of)
    kind = of.of_type if isinstance(of, GraphQLNonNull) else of
    if isinstance(kind, GraphQLList):
        for number, one in enumerate(value):
            yield from _place((*path, number), f"{coordinate}[]", kind.of_type, one, False)
    elif is_input_object_type(kind) and value is not None:
        yield from places(kind, value, path)
