"""Operations drawn at random from the schema itself: fragments, aliases, variables, directives, arguments."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from hypothesis import strategies as st

NOT_DRAWN = {"permissionMatrix", "codeTables", "policyClauses"}
LEVELS = 5


@dataclass(frozen=True)
class Words:
    """Values that occur in the database, so that look-ups and filters find something."""

    codes: Sequence[str]
    ids: Sequence[str]
    numbers: Sequence[str]
    regions: Sequence[str]
    agencies: Sequence[str]
    programs: Sequence[str]


@dataclass(frozen=True)
class Operation:
    """A document and its variables."""

    query: str
    variables: Mapping[str, Any]


@dataclass
class Writer:
    """An operation while it is drawn."""

    schema: GraphQLSchema
    words: Words
    draw: Callable[[Any], Any]
    variables: dict[str, Any] = field(default_factory=dict)
    declarations: list[str] = field(default_factory=list)
    fragments: list[str] = field(default_factory=list)
    count: int = 0

    def fresh(self, prefix: str) -> str:
        """An unused name."""
        self.count += 1
        return f"{prefix}{self.count}"

    def chance(self, percent: int) -> bool:
        """True in this percentage of the draws."""
        return bool(self.draw(st.integers(0, 99)) < percent)

    def one_of(self, values: Sequence[Any]) -> Any:
        """One of some values."""
        return self.draw(st.sampled_from(list(values)))

    def operation(self) -> Operation:
        """The whole document."""
        assert self.schema.query_type is not None
        body = self.selection(self.schema.query_type, LEVELS, 3)
        head = f"query Q({', '.join(self.declarations)})" if self.declarations else "query Q"
        return Operation("\n".join([f"{head} {body}", *self.fragments]), self.variables)

    def selection(self, parent: GraphQLObjectType | GraphQLInterfaceType, levels: int, most: int) -> str:
        """A selection set."""
        fields = {name: one for name, one in parent.fields.items() if name not in NOT_DRAWN}
        if levels <= 1:
            fields = {
                name: one for name, one in fields.items() if not is_composite_type(get_named_type(one.type))
            }
        chosen = self.draw(
            st.lists(st.sampled_from(sorted(fields) or ["__typename"]), min_size=1, max_size=most)
        )
        used: set[str] = set()
        parts = []
        for name in chosen:
            if name == "__typename" or self.chance(5):
                parts.append("__typename")
                continue
            key = name if name not in used and not self.chance(25) else f"{self.fresh('a')}: {name}"
            used.add(name)
            parts.append(self.field(key, fields[name], levels))
        if is_abstract_type(parent) and self.chance(70):
            parts.append(self.fragment(self.one_of(self.schema.get_possible_types(parent)), levels))
        elif self.chance(10):
            parts.append(self.fragment(parent, levels))
        return "{ " + " ".join(parts) + " }"

    def fragment(self, kind: Any, levels: int) -> str:
        """Fields of a type in a fragment, under names of their own so that they never clash."""
        fields = [
            name
            for name, one in kind.fields.items()
            if name not in NOT_DRAWN and (levels > 1 or not is_composite_type(get_named_type(one.type)))
        ]
        names = self.draw(st.lists(st.sampled_from(fields), min_size=1, max_size=3)) if fields else []
        asked = [self.field(f"{self.fresh('f')}: {name}", kind.fields[name], levels) for name in names]
        body = "{ " + " ".join(asked or ["__typename"]) + " }"
        if self.chance(50):
            return f"... on {kind.name}{self.directive()} {body}"
        fragment = self.fresh("F")
        self.fragments.append(f"fragment {fragment} on {kind.name} {body}")
        return f"...{fragment}{self.directive()}"

    def field(self, written: str, definition: GraphQLField, levels: int) -> str:
        """A field with its arguments and its selection."""
        arguments = self.arguments(definition.args)
        answered = get_named_type(definition.type)
        inner = ""
        if isinstance(answered, GraphQLObjectType | GraphQLInterfaceType):
            inner = " " + self.selection(answered, levels - 1, 4)
        return f"{written}{arguments}{self.directive()}{inner}"

    def directive(self) -> str:
        """Sometimes @skip or @include."""
        if not self.chance(8):
            return ""
        name, value = self.one_of(["skip", "include"]), self.draw(st.booleans())
        if self.chance(50):
            return f" @{name}(if: {str(value).lower()})"
        return f" @{name}(if: {self.variable('Boolean!', value)})"

    def variable(self, kind: str, value: Any) -> str:
        """A variable that holds a value."""
        name = self.fresh("v")
        self.declarations.append(f"${name}: {kind}")
        self.variables[name] = value
        return f"${name}"

    def arguments(self, arguments: Mapping[str, GraphQLArgument]) -> str:
        """Arguments: those required, and some of the others."""
        given = {}
        for name, argument in arguments.items():
            required = isinstance(argument.type, GraphQLNonNull)
            if required or self.chance({"first": 60, "filter": 40, "orderBy": 30}.get(name, 2)):
                value = self.value(name, argument.type)
                given[name] = (
                    self.variable(str(argument.type), value)
                    if self.chance(50)
                    else literal(value, argument.type)
                )
        return "(" + ", ".join(f"{name}: {value}" for name, value in given.items()) + ")" if given else ""

    def value(self, name: str, kind: GraphQLInputType) -> Any:
        """A value of an input type; sometimes a wrong one."""
        if isinstance(kind, GraphQLNonNull):
            return self.value(name, kind.of_type)
        if isinstance(kind, GraphQLList):
            least = 0 if self.chance(5) else 1
            return [self.value(name, kind.of_type) for _ in range(self.draw(st.integers(least, 3)))]
        if isinstance(kind, GraphQLInputObjectType):
            required = [one for one, inner in kind.fields.items() if isinstance(inner.type, GraphQLNonNull)]
            others = [one for one in kind.fields if one not in required]
            chosen = self.draw(st.lists(st.sampled_from(others), max_size=2, unique=True)) if others else []
            values = {one: self.value(one, kind.fields[one].type) for one in [*required, *chosen]}
            if {"gte", "lte"} == set(values) and not self.chance(5):
                first, last = sorted(values.values(), key=lambda end: (len(end.partition(".")[0]), end))
                return {"gte": first, "lte": last}
            return values
        if isinstance(kind, GraphQLEnumType):
            return self.one_of(sorted(kind.values))
        match kind.name:
            case "Int":
                return self.one_of([0, 1, 2, 3, 5, 20, 1000] if not self.chance(3) else [-1, 1001])
            case "Boolean":
                return self.draw(st.booleans())
            case "Decimal":
                return self.one_of(["0", "300", "650.00", "800.5"])
            case "Date":
                return self.one_of(["2026-01-01", "2026-06-30", "2025-09-01"])
            case "DateTime":
                return self.one_of(["2026-01-01T00:00:00+08:00", "2026-06-30T23:59:59.5Z"])
            case _:
                return self.text(name)

    def text(self, name: str) -> str:
        """A text that is likely to be found in a field of this name."""
        if self.chance(8):
            return str(self.one_of(["", "x", "' or 1=1 --", "\x00", "😀", "999999"]))
        pools = {
            "code": self.words.codes,
            **dict.fromkeys(("id", "household", "person"), self.words.ids),
            "idNumber": self.words.numbers,
            "region": self.words.regions,
            "program": self.words.programs,
        }
        return str(self.one_of(pools.get(name, self.words.agencies)))


def literal(value: Any, kind: GraphQLInputType) -> str:
    """A value as GraphQL writes it."""
    if isinstance(kind, GraphQLNonNull):
        return literal(value, kind.of_type)
    if value is None:
        return "null"
    if isinstance(kind, GraphQLList):
        return "[" + ", ".join(literal(one, kind.of_type) for one in value) + "]"
    if isinstance(kind, GraphQLInputObjectType):
        return (
            "{"
            + ", ".join(f"{name}: {literal(one, kind.fields[name].type)}" for name, one in value.items())
            + "}"
        )
    if isinstance(kind, GraphQLEnumType):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04X}" for c in value) + '"'


def operations(schema: GraphQLSchema, words: Words) -> st.SearchStrategy[Operation]:
    """Operations, most of them valid against the schema."""

    @st.composite
    def drawn(draw: Any) -> Operation:
        return Writer(schema, words, draw).operation()

    return drawn()
