"""Every argument of every read, from the schema, with values that it must refuse."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_composite_type,
)

from schema.hub_schema import build

LONG = "长" * 100_000
TEXTS: dict[str, Any] = {
    "empty": "", "blank": " \u3000 ", "too long": LONG, "NUL": "a\x00b", "control": "a\x1bb", "zero width": "W\u200b1",
    "bidi": "\u202eW1", "private use": "\ue000", "half a character": "\ud800", "two lines": "a\nb", "no text": 7,
    "null": None,
}  # fmt: skip
OF_KIND: dict[str, dict[str, Any]] = {
    "String": TEXTS,
    "ID": {"empty": "", "nonsense": "nonsense", "no ASCII": "编号", "NUL": "\x00", "half a character": "\ud800",
           "too long": "A" * 100_000, "a fraction": 1.5, "null": None},
    "Int": {"negative": -1, "over the most": 1001, "too big": 2**31, "far too big": 10**40, "a fraction": 1.5,
            "a text": "5", "no number": "many", "yes": True},
    "Boolean": {"a word": "maybe", "a number": 1, "null": None},
    "Date": {"compact": "20260101", "a week": "2026-W01-1", "an ordinal": "2026-001", "full-width": "２０２６-01-01",
             "no day": "2026-02-30", "an instant": "2026-01-01T00:00:00Z", "spaces": " 2026-01-01", "year 0": "0000-01-01",
             "year 1": "0001-01-01", "year 9999": "9999-12-31", "a number": 20260101, "null": None},
    "DateTime": {"a day": "2026-01-01", "without a zone": "2026-01-01T00:00:00", "a word": "today",
                 "no hour": "2026-01-01T25:00:00Z", "no day": "2026-02-30T00:00:00Z", "year 0": "0000-01-01T00:00:00Z",
                 "year 1": "0001-01-01T00:00:00Z", "year 9999": "9999-12-31T00:00:00Z",
                 "full-width": "２０２６-01-01T00:00:00Z", "a number": 20260101, "null": None},
    "Decimal": {"too big": 10_000_000_000, "far too big": "1e400", "unquoted and far too big": 10**400, "infinite": "Infinity",
                "no number": "NaN", "signalling": "sNaN", "underscores": "1_500", "full-width": "１５００",
                "other digits": "५००", "an exponent": "1e3", "a plus": "+5", "spaces": " 5 ", "separators": "1,500",
                "half": ".5", "no digits after": "5.", "leading zero": "05", "a part of a cent": "1.005", "negative": "-1",
                "many digits": "1." + "3" * 5000, "a fraction in binary": 0.1, "yes": True, "empty": "", "null": None},
}  # fmt: skip
BY_NAME: dict[str, dict[str, Any]] = {
    "region": {"no region": "999999", "no region's form": "4", "letters": "郑州"},
    **{name: {"no agency": "education@999999", "no agency's form": "education"}
       for name in ("agency", "toAgency", "fromAgency", "calledBy")},
    "month": {"month 13": "2026-13", "another day": "2026-11-15", "compact": "202611", "a week": "2026-W1",
              "year 0": "0000-01", "year 9999": "9999-12",
              "full-width": "２０２６-１１-1"},
    "number": {"no digest": "410105199001010011", "capitals": "A" * 64},
    "after": {"no cursor": "nonsense"}, "before": {"no cursor": "nonsense"},
}  # fmt: skip
"""Values that a name must refuse besides those of its type, such as `region` of a filter."""
ALLOWED = {
    ("household.code", "two lines"), ("households.filter.code", "two lines inside"),  # white space is ignored in it
    ("person.idNumber", "two lines"),
    ("accessRecords.filter.minRows", "over the most"),  # a number of rows, not the size of a page
    *((root, "null") for root in ("aidRecords.orderBy", "referrals.orderBy", "alerts.orderBy", "households.orderBy",
                                  "accessRecords.orderBy")),  # as if it were omitted
    *((f"unusualAccess.{end}", f"year {year}") for end in ("from", "until") for year in (1, 9999)),  # the span is refused
}  # fmt: skip
"""Arguments and values that are accepted although they are on the list."""


NEEDED = {
    "region": "410105",
    "code": "1",
    "idNumber": "1",
    "from": "2026-01-01T00:00:00Z",
    "until": "2026-01-02T00:00:00Z",
}
"""The values of required arguments while another argument is tested."""


@dataclass(frozen=True)
class Argument:
    """An argument or a part of one: its root field, its path and its type."""

    root: str
    path: tuple[str, ...]
    kind: Any

    @property
    def told(self) -> str:
        """Its name in messages of tests."""
        return f"{self.root}.{'.'.join(self.path)}"

    def values(self) -> dict[str, Any]:
        """The values that it must refuse."""
        return {label: value for label, value in self._values().items() if not self._may_be(label)}

    def _values(self) -> dict[str, Any]:
        kind = self.kind.of_type if isinstance(self.kind, GraphQLNonNull) else self.kind
        name = self.path[-1]
        if isinstance(kind, GraphQLList):
            return {"empty": [], "null inside": [None], "null": None} | {
                f"{label} inside": [value]
                for label, value in Argument(self.root, self.path, kind.of_type)._values().items()
                if label != "null"
            }
        if isinstance(kind, GraphQLEnumType):
            return {"no such word": "NO_SUCH_WORD", "a number": 1, "null": None}
        if isinstance(kind, GraphQLInputObjectType):
            return {"no object": "text", "unknown field": {"unknown": 1}, "null": None} | _of_spans(kind)
        return OF_KIND[kind.name] | BY_NAME.get(name, {})

    def _may_be(self, label: str) -> bool:
        """Whether the value is allowed here. Null of an argument of a page, or of a month, is as if it were omitted."""
        optional = not isinstance(self.kind, GraphQLNonNull) and self.path != ("filter",)
        return (self.told, label) in ALLOWED or (label == "null" and len(self.path) == 1 and optional)


def _of_spans(kind: GraphQLInputObjectType) -> dict[str, Any]:
    ends = {"DateRange": ("2026-06-30", "2026-01-01"), "YuanRange": ("500", "10.00")}.get(kind.name)
    return {"no end": {}, "turned around": dict(zip(("gte", "lte"), ends, strict=True))} if ends else {}


def arguments() -> Iterator[Argument]:
    """Every argument of every root field, and every field of the inputs in them."""
    query = build().graphql.query_type
    assert query is not None
    for name, field in query.fields.items():
        for argument, one in field.args.items():
            yield from _within(Argument(name, (argument,), one.type))


def _within(argument: Argument) -> Iterator[Argument]:
    yield argument
    kind = get_named_type(argument.kind)
    if isinstance(kind, GraphQLInputObjectType):
        for name, field in kind.fields.items():
            yield from _within(Argument(argument.root, (*argument.path, name), field.type))


class Way(Enum):
    """How a value is sent: in the document; in a variable for the whole argument; or in a variable for a part of the argument
    that the document writes."""

    LITERAL = "literal"
    WHOLE = "whole"
    INNER = "inner"


def asked(one: Argument, value: Any, way: Way, beside: str = "") -> tuple[str, dict[str, Any]]:
    """A document that passes a value to an argument in one of the ways, and its variables. The document also selects
    `beside`."""
    query = build().graphql.query_type
    assert query is not None
    field = query.fields[one.root]
    given: Any = _Variable() if way is Way.INNER else value
    for name in reversed(one.path[1:]):
        given = {name: given}
    top = one.path[0]
    needed = {
        name: NEEDED[name]
        for name, argument in field.args.items()
        if isinstance(argument.type, GraphQLNonNull) and name != top
    }
    if one.path[0] == "orderBy" and one.path[1:] == ("direction",):
        order: Any = get_named_type(field.args["orderBy"].type)
        given = {"field": next(iter(order.fields["field"].type.of_type.values)), **given}
    others = [f"{name}: {json.dumps(each)}" for name, each in needed.items()]
    if way is Way.WHOLE:
        written = ", ".join([f"{top}: $v", *others])
        return (
            f"query ($v: {field.args[top].type}) {{ {one.root}({written}) {_selection(field.type)} {beside} }}",
            {"v": given},
        )
    written = ", ".join([f"{top}: {_literal(given, field.args[top].type)}", *others])
    head, variables = (f"query ($v: {one.kind}) ", {"v": value}) if way is Way.INNER else ("", {})
    return f"{head}{{ {one.root}({written}) {_selection(field.type)} {beside} }}", variables


class _Variable:
    """The place of the variable in the argument that the document writes."""


def _selection(kind: Any) -> str:
    named = get_named_type(kind)
    if not is_composite_type(named):
        return ""
    if isinstance(named, GraphQLObjectType) and "totalCount" in named.fields:
        return "{ totalCount nodes { __typename } }"
    return "{ __typename }"


def _literal(value: Any, kind: Any) -> str:
    """A value as a document writes it; an enum value without quotes."""
    if isinstance(value, _Variable):
        return "$v"
    if isinstance(kind, GraphQLNonNull):
        return _literal(value, kind.of_type)
    if isinstance(value, dict):
        fields = getattr(get_named_type(kind), "fields", {})
        inner = (
            f"{name}: {_literal(each, fields[name].type if name in fields else None)}"
            for name, each in value.items()
        )
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(each, getattr(kind, "of_type", None)) for each in value) + "]"
    if isinstance(kind, GraphQLEnumType) and isinstance(value, str):
        return value
    return json.dumps(value)
