"""The compiled executor returns what plain Python reads from the tables: data, nulls, order, counts, forbidden paths.

The number of pairs is a tenth of `HUB_FUZZ_EXAMPLES`, and 60 if it is not set.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.calendar import today
from hub.foundation.encryption import Secrecy
from schema.engine.declare import ids
from tests.conftest import TestCluster
from tests.schema.fuzz.conftest import Both
from tests.schema.fuzz.operations import Operation, Words, operations
from tests.schema.fuzz.plain.answer import LISTS, TABLE_OF, Answer, Plain
from tests.schema.fuzz.plain.contract import COVERED, NOT_COVERED, covered_schema, printed
from tests.schema.fuzz.plain.lists import ORDERS
from tests.schema.fuzz.plain.objects import Opaque
from tests.schema.fuzz.plain.tables import Row, dump
from tests.schema.fuzz.test_executors_agree import PHASES, grants

EXAMPLES = int(os.environ.get("HUB_FUZZ_EXAMPLES") or "600") // 10
FLOOR = 0.4
"""Plain Python must be able to run at least this share of the drawn operations."""
MOST_PATHS = 100
"""README: up to this number of nulls of one field of a document have their paths in the errors; further ones are counted."""


def key_of(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("household_id", "id") if name in row)


@pytest.fixture(scope="session")
def plain(cluster: TestCluster, furnished_template: str, both: Both, secrecy: Secrecy) -> Plain:
    """The tables that the executors read."""
    tables = dump(cluster.url(f"{furnished_template}_read"), secrecy)
    known = {
        ids.encode(word, key_of(row)): (word, *key_of(row))
        for word, table in TABLE_OF.items()
        for row in tables.rows[table]
    }
    return Plain(tables, known, today(), datetime.now(UTC))


@pytest.fixture(scope="session")
def covered_words(words: Words, plain: Plain) -> Words:
    """The words of the other fuzz tests, without ids of types that are not covered."""
    found = [one for one in words.ids if one in plain.known]
    return Words(words.codes, found, words.numbers, words.regions, words.agencies, words.programs)


class Opaques:
    """The texts of ids and cursors: one text for each thing, and never the same for two things. A cursor belongs to an
    agency."""

    def __init__(self) -> None:
        self._texts: dict[Opaque, str] = {}
        self._things: dict[str, Any] = {}

    def stands_for(self, text: Any, thing: Opaque) -> bool:
        is_cursor = thing.of[0] == "cursor"
        row = (*thing.of[1:3], *thing.of[5:]) if is_cursor else thing.of
        return (
            isinstance(text, str)
            and self._texts.setdefault(thing, text) == text
            and self._things.setdefault(text, row) == row
        )


OPAQUES = Opaques()


def differences(answered: Any, expected: Any, at: tuple[Any, ...] = ()) -> Iterator[str]:
    """The differences between a response and the expected one."""
    if isinstance(expected, Opaque):
        if not OPAQUES.stands_for(answered, expected):
            yield f"{at}: {answered!r} does not stand for {expected.of}"
    elif isinstance(expected, dict) and isinstance(answered, dict):
        if list(answered) != list(expected):
            yield f"{at}: the fields {list(answered)}, not {list(expected)}"
        for name in expected:
            yield from differences(answered.get(name), expected[name], (*at, name))
    elif isinstance(expected, list) and isinstance(answered, list):
        if len(answered) != len(expected):
            yield f"{at}: {len(answered)} rows, not {len(expected)}"
        for place, (one, other) in enumerate(zip(answered, expected, strict=False)):
            yield from differences(one, other, (*at, place))
    elif answered != expected:
        yield f"{at}: {answered!r}, not {expected!r}"


def forbidden(compiled: Mapping[str, Any]) -> dict[tuple[Any, ...], str]:
    return {
        tuple(error["path"]): error["extensions"]["coordinate"]
        for error in compiled.get("errors", ())
        if error["extensions"]["code"] == "FORBIDDEN_FIELD" and "path" in error
    }


def codes_of(answered: Mapping[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answered.get("errors", ())}


def check(compiled: Mapping[str, Any], expected: Answer) -> None:
    codes = codes_of(compiled)
    if expected.refused:
        assert compiled.get("data") is None
        assert codes <= {"FORBIDDEN_FILTER", "FORBIDDEN_FIELD"}, codes
        assert codes
        return
    assert codes <= {"FORBIDDEN_FIELD"}, codes
    assert list(differences(compiled["data"], expected.data)) == []
    told = forbidden(compiled)
    assert told.items() <= expected.forbidden.items()
    if len(expected.forbidden) <= MOST_PATHS:
        assert told.keys() == expected.forbidden.keys()


def asked(plain: Plain, query: str, variables: Mapping[str, Any], grant: Grant) -> Answer:
    return plain.answer(query, variables, grant.agency, grant.regions, frozenset(map(str, grant.scopes)))


def agrees(both: Both, plain: Plain, query: str, grant: Grant) -> Answer:
    """The response of plain Python, if the hub returns the same."""
    expected = asked(plain, query, {}, grant)
    assert expected.skipped is None, expected.skipped
    check(both.ask(Operation(query, {}), grant, reference=False), expected)
    return expected


def test_plain_python_gives_the_same_answer(both: Both, plain: Plain, covered_words: Words) -> None:
    counted: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        print_blob=True,
        database=None,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.nested_given],
    )
    @given(data=st.data())
    def answers_agree(data: st.DataObject) -> None:
        operation: Operation = data.draw(operations(covered_schema(), covered_words), "operation")
        grant = data.draw(grants(), "grant")
        expected = asked(plain, operation.query, operation.variables, grant)
        answered = {} if expected.skipped else both.ask(operation, grant, reference=False)
        refused = expected.skipped or ("TOO_COSTLY" if codes_of(answered) == {"TOO_COSTLY"} else None)
        counted[refused or "covered"] += 1
        if refused is None:
            check(answered, expected)

    answers_agree()
    assert counted["covered"] >= FLOOR * counted.total(), counted


WHOLE = Grant("civil_affairs@410105", "fuzz", frozenset(Scope), ("410105",), "test")
GRANTS = {
    "all scopes in a county": WHOLE,
    "education of a county": Grant(
        "education@410105", "fuzz", DEPARTMENTS["education"].scopes, ("410105",), "test"
    ),
    "civil affairs of a township": Grant(
        "civil_affairs@410105001", "fuzz", DEPARTMENTS["civil_affairs"].scopes, ("410105001",), "test"
    ),
    "audit of the city": Grant("audit@4101", "fuzz", DEPARTMENTS["audit"].scopes, ("4101",), "test"),
}


def whole(name: str, levels: int) -> str:
    """Every covered field of a type, and of the types of these fields."""
    return "{ " + " ".join(every_part(name, levels)) + " }"


def every_part(name: str, levels: int) -> list[str]:
    """The parts of the selection of every covered field, one by one."""
    kind = covered_schema().type_map[name]
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    parts = ["__typename"]
    for field, definition in kind.fields.items():
        to = get_named_type(definition.type)
        if not isinstance(to, GraphQLObjectType | GraphQLInterfaceType):
            parts.append(field)
        elif levels and to.name.endswith("Connection"):
            inner = whole(to.name.removesuffix("Connection"), 0)
            parts.append(
                f"{field}(first: 3) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {inner} }}"
            )
        elif levels:
            parts.append(f"{field} {whole(to.name, levels - 1)}")
    for concrete in (
        covered_schema().get_possible_types(kind) if isinstance(kind, GraphQLInterfaceType) else ()
    ):
        own = [one for one in concrete.fields if one not in kind.fields]
        parts.append(
            f"... on {concrete.name} {{ __typename {' '.join(f'{concrete.name}_{one}: {one}' for one in own)} }}"
        )
    return parts


AT_A_TIME = 5
"""The number of parts of a wide type in one operation; all of them would cost too much to plan."""


@pytest.mark.parametrize("grant", GRANTS)
@pytest.mark.parametrize("connection", LISTS)
def test_every_covered_field_of_every_list_is_answered_alike(
    both: Both, plain: Plain, connection: str, grant: str
) -> None:
    parts = every_part(LISTS[connection], 1)
    for first in range(0, len(parts), AT_A_TIME):
        some = " ".join(parts[first : first + AT_A_TIME])
        agrees(
            both, plain, f"{{ {connection}(first: 12) {{ totalCount nodes {{ {some} }} }} }}", GRANTS[grant]
        )


AT_ONCE = 6
"""The number of filters in one operation."""


def filters(plain: Plain, of: str) -> Iterator[tuple[str, str]]:
    """Each field of a filter with values: each enum value, values that occur, and values that do not."""
    rows = plain.tables.rows
    kind = covered_schema().type_map[f"{of}Filter"]
    assert isinstance(kind, GraphQLInputObjectType)
    spans = {
        "YuanRange": ['gte: "300"', 'lte: "650.00"', 'gte: "300", lte: "800.5"'],
        "DateRange": ['gte: "2026-03-01"', 'lte: "2026-06-30"', 'gte: "2026-02-01", lte: "2026-10-31"'],
    }
    texts = {
        "code": [f'["{row["code"]}"]' for row in rows["household"][:2]],
        "program": ['"低保金"', '"没有"'],
        "region": ['"410105"', '"410105001"', '"4101"', '"410102"'],
    }
    for name, field in kind.fields.items():
        to = get_named_type(field.type)
        if isinstance(to, GraphQLEnumType):
            listed = isinstance(field.type, GraphQLList)
            yield from ((name, f"[{word}]" if listed else word) for word in to.values)
        elif to.name in spans:
            yield from ((name, f"{{{span}}}") for span in spans[to.name])
        elif to.name == "Boolean":
            yield from ((name, word) for word in ("true", "false"))
        else:
            yield from (
                (name, text) for text in texts.get(name, ['"civil_affairs@410105"', '"education@410105"'])
            )


def in_parts(values: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """A refusal refuses the whole operation, so a field whose value can be refused is in an operation of its own."""
    size = 1 if values[0][0] == "circumstance" else AT_ONCE
    for start in range(0, len(values), size):
        yield values[start : start + size]


@pytest.mark.parametrize("grant", GRANTS)
@pytest.mark.parametrize("connection", LISTS)
def test_every_filter_keeps_what_it_says_or_refuses_the_operation(
    both: Both, plain: Plain, connection: str, grant: str
) -> None:
    kept = 0
    for name, values in groupby(filters(plain, LISTS[connection]), lambda one: one[0]):
        for some in in_parts(list(values)):
            asked_here = " ".join(
                f"a{place}: {connection}(first: 40, filter: {{{name}: {value}}}) {{ totalCount nodes {{ id }} }}"
                for place, (_, value) in enumerate(some)
            )
            answer = agrees(both, plain, f"{{ {asked_here} }}", GRANTS[grant])
            kept += sum(page["totalCount"] for page in (answer.data or {}).values() if page)
    assert kept or grant != "all scopes in a county"


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize(("of", "field"), [(of, field) for of, fields in ORDERS.items() for field in fields])
def test_pages_of_every_order_walked_either_way_are_the_whole_list(
    both: Both, plain: Plain, of: str, field: str, direction: str
) -> None:
    connection = next(name for name, one in LISTS.items() if one == of)
    order = f"orderBy: {{field: {field}, direction: {direction}}}"
    expected = agrees(both, plain, f"{{ {connection}(first: 1000, {order}) {{ nodes {{ id }} }} }}", WHOLE)
    length = len(expected.data[connection]["nodes"])
    assert length > 1
    size = max(length // 4, 1)
    everything = walked(both, connection, order, 1000, "first")
    assert len(everything) == len(set(everything)) == length
    for way in ("first", "last"):
        assert walked(both, connection, order, size, way) == everything


def walked(both: Both, connection: str, order: str, size: int, way: str) -> list[str]:
    """The ids of all pages of a size, from the beginning or from the end."""
    found: list[str] = []
    cursor, end, more = None, *(("after", "hasNextPage") if way == "first" else ("before", "hasPreviousPage"))
    while True:
        at = "" if cursor is None else f', {end}: "{cursor}"'
        query = f"""{{ {connection}({way}: {size}, {order}{at}) {{
          totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} nodes {{ id }} }} }}"""
        page = both.ask(Operation(query, {}), WHOLE, reference=False)["data"][connection]
        nodes = [one["id"] for one in page["nodes"]]
        found = [*found, *nodes] if way == "first" else [*nodes, *found]
        told = page["pageInfo"]
        if not told[more]:
            assert len(found) == page["totalCount"]
            return found
        cursor = told["endCursor" if way == "first" else "startCursor"]


def test_what_is_not_covered_is_there_and_is_few() -> None:
    """A new field is implemented as the column of its name, or must be named here."""
    kinds: list[Any] = [one for one in printed().definitions if hasattr(one, "fields")]
    fields = {kind.name.value: {one.name.value for one in kind.fields or ()} for kind in kinds}
    for name, left_out in NOT_COVERED.items():
        assert set(left_out) <= fields[name], name
    covered = sum(len(fields[name] - set(NOT_COVERED.get(name, ()))) for name in COVERED - {"Query"})
    assert covered > 5 * sum(len(left_out) for left_out in NOT_COVERED.values())
