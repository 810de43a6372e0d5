"""Drawn inputs of mutations: good ones (`inputs_that_are_kept`) with other people, households, external ids, versions, sums,
days and places: in sight, out of sight, or not existing."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from graphql import GraphQLObjectType, get_named_type, is_leaf_type
from hypothesis import strategies as st

from hub.foundation.encryption import Secrecy, place_of
from hub.persons.identity_number import check_digit
from schema.engine.declare.ids import InvalidId, decode, encode
from schema.hub_schema import build
from tests.fixtures.days import dated, day, tomorrow
from tests.schema.fuzz.conftest import NODES

ArgumentValue = dict[str, Any]
_FIRST_17 = "41010519870307101"
NOBODY = _FIRST_17 + check_digit(_FIRST_17)
"""A valid number that no person has."""
_NO_ROW = UUID(int=7)
EACH = 20
OF_NO_HOUSEHOLD = ("Disclosure", "CharityOffer", "CountyOption")
COUNTY = "select id from household where region like '410105%'"
"""The households that most of the writers can see."""
LISTS = {"recordAids": "outcomes", "reportCircumstances": "reports", "upsertHouseholds": "households"}
"""The mutations with a batch, and the field of the batch."""
LONG_AGO = partial(day, -400)
LEAVES: Mapping[str, Sequence[Any]] = {
    "expectedVersion": (0, 1, 2, 9),
    "amount": ("0.01", "99999.00", None),
    "validFrom": (tomorrow, day, LONG_AGO),
    "since": (tomorrow, LONG_AGO),
    "until": (tomorrow, LONG_AGO, None),
    "paidOn": (tomorrow, None),
    "decidedOn": (tomorrow, LONG_AGO),
    "meetsOn": (partial(day, -1),),
    "toAgency": ("education@410102", "housing_security@4101", "nobody@410105"),
    "happenedAtRegion": ("410102", "410105", "999999"),
    "region": ("410105001", "410105002", "410102001", "410102"),
    "month": ("2027-09", "2031-01"),
    "number": (1, 2, 400),
    "conference": ("GOOD-1", "of nothing"),
    "relation": ("SPOUSE",),
}
"""Other values of input fields, by the field's name."""


@dataclass(frozen=True)
class Named:
    """The values by which rows can be named in a database: ids by type name, identity numbers, codes, and external ids."""

    ids: Mapping[str, Sequence[str]]
    numbers: Sequence[str]
    codes: Sequence[str]
    given: Sequence[str]

    @classmethod
    def of(cls, connection: "psycopg.Connection[Any]", secrecy: Secrecy) -> "Named":
        """Some of each, from the county of most writers and from everywhere else."""

        def column(query: str) -> list[Any]:
            return [one for (one,) in connection.execute(query.encode())]

        def ids(name: str, query: str) -> list[str]:
            found, _, _ = query.partition(" order by ")
            order = f"order by md5(id::text) limit {EACH}"
            if name in OF_NO_HOUSEHOLD:
                return [encode(name, key) for key in connection.execute(f"{found} {order}".encode())]
            household = "id" if name == "Household" else "household_id"
            parts = (f"({found} where {household} {among} ({COUNTY}) {order})" for among in ("in", "not in"))
            return [encode(name, key) for key in connection.execute(" union all ".join(parts).encode())]

        persons = connection.execute(
            "select id, id_number_sealed from person order by household_id in"
            f" ({COUNTY}) and mod(abs(hashtext(id::text)), 2) = 0 desc, md5(id::text) limit {3 * EACH}".encode()
        )
        return cls(
            {name: ids(name, query) for name, query in NODES.items()},
            [secrecy.open(sealed, place_of("person.id_number", id.bytes)) for id, sealed in persons],
            column(f"select code from household order by md5(id::text) limit {EACH}"),
            column(f"select external_id from write_receipt order by md5(record_id::text) limit {EACH}"),
        )


def payload_document(mutation: str) -> str:
    """A mutation that selects its whole payload, and the visible fields of the saved object except instants."""
    of = build().graphql.mutation_type
    assert of is not None
    field = of.fields[mutation]
    asked = _asked(get_named_type(field.type), 2)
    return f"mutation ($input: {field.args['input'].type}) {{ {mutation}(input: $input) {asked} }}"


def _asked(kind: Any, deep: int) -> str:
    """The leaves of a type that need no argument, and those of its objects, to this depth."""
    parts = ["__typename"]
    for name, one in kind.fields.items():
        named: Any = get_named_type(one.type)
        if any(argument.default_value is None for argument in one.args.values()):
            continue
        if is_leaf_type(named):
            parts += [] if named.name == "DateTime" else [name]
        elif (
            deep
            and (isinstance(named, GraphQLObjectType) or name == "aidRecord")
            and "Connection" not in named.name
        ):
            parts.append(f"{name} {_asked(named, deep - 1 if 'id' not in named.fields else 0)}")
    return "{ " + " ".join(parts) + " }"


def places(given: Any, *path: str | int) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Each place in an input with its value, the outer ones first."""
    yield path, given
    inner = given.items() if isinstance(given, dict) else enumerate(given) if isinstance(given, list) else ()
    for key, value in inner:
        yield from places(value, *path, key)


def put(given: ArgumentValue, path: Sequence[str | int], value: Any) -> None:
    """Put another value at a place of an input."""
    holder: Any = given
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value


def _other(draw: st.DrawFn, name: str | int, value: Any, known: Named) -> Any:
    """Another value for a field; the same value if it says nothing about rows that may be out of sight."""
    if name == "subject":
        kind = draw(st.sampled_from(["idNumber", "personId", "householdId"]))
        if kind == "idNumber":
            return {kind: draw(st.sampled_from([*known.numbers, NOBODY]))}
        return {kind: _id(draw, "Person" if kind == "personId" else "Household", known)}
    if name == "idNumber":
        return draw(st.sampled_from([*known.numbers, NOBODY]))
    if name == "externalId":
        return draw(st.sampled_from([*known.given, f"DRAWN-{draw(st.integers(1, 10**9))}"]))
    if name == "code":
        return draw(st.sampled_from([*known.codes, f"DRAWN-{draw(st.integers(1, 10**9))}"]))
    if isinstance(name, str) and name in LEAVES:
        return dated(draw(st.sampled_from(LEAVES[name])))
    if isinstance(value, str) and (noun := _noun(value)) is not None:
        return _id(draw, noun, known)
    return value


def _noun(value: str) -> str | None:
    """The type name in an id; None if the text is no id."""
    try:
        return decode(value)[0]
    except InvalidId:
        return None


def _id(draw: st.DrawFn, noun: str, known: Named) -> str:
    nothing = encode(noun, [_NO_ROW] * (1 if noun in {"Household", *OF_NO_HOUSEHOLD} else 2))
    return draw(st.sampled_from([*known.ids.get(noun, ()), nothing]))


@st.composite
def inputs(draw: st.DrawFn, mutation: str, good: ArgumentValue, known: Named) -> ArgumentValue:
    """A good input with up to three values changed; of a batch, up to three items."""
    given = deepcopy(good)
    if mutation in LISTS and given[LISTS[mutation]]:
        given[LISTS[mutation]] = [deepcopy(given[LISTS[mutation]][0]) for _ in range(draw(st.integers(1, 3)))]
    changeable = [
        (path, value)
        for path, value in places(given)
        if path and (path[-1] in {"subject", "idNumber", "externalId", "code", *LEAVES} or _is_id(value))
    ]
    most = draw(st.sampled_from([0, 1, 1, 1, 2, 3]))
    for path, value in draw(
        st.lists(st.sampled_from(changeable), max_size=most, unique_by=lambda one: one[0])
    ):
        outer = path[: path.index("subject") + 1] if "subject" in path else path
        put(given, outer, _other(draw, outer[-1], value, known))
    return given


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _noun(value) is not None
