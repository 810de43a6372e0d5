"""A value that cannot be decrypted, because it is damaged or its key is missing, makes only that value null."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from hub.foundation.encryption import Secrecy, place_of
from schema.engine.declare.field_sources import TYPES, Sealed
from schema.hub_schema import build
from tests.fixtures.served import Reply, Served

OFFICE = "civil_affairs@410105"
MEMBERS = "{ households(first: 20) { nodes { code members { name number: idNumber phone } } } }"
MATRIX = "{ permissionMatrix { department } " + MEMBERS[2:]  # only the reference executor can resolve it
WAYS = {"compiled": MEMBERS, "by the reference executor": MATRIX}
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "one bit": lambda sealed: sealed[:20] + bytes([sealed[20] ^ 1]) + sealed[21:],
    "its end": lambda sealed: sealed[:9],
    "a key that is not there": lambda sealed: sealed[:1] + b"\x00\x09" + sealed[3:],
    "a cipher that there is not": lambda sealed: b"\x07" + sealed[1:],
}


@pytest.fixture
def damaged(writable_hub: Served) -> dict[str, bytes]:
    """Damages the phone numbers of four visible persons, each in another way; returns them by the person's name."""
    rows = writable_hub.rows(
        "select p.household_id, p.id, p.name, p.phone_sealed from person p join household h on h.id = p.household_id"
        " where h.region like '410105%%' and p.phone_sealed is not null and p.left_on is null"
        " order by h.code, p.id limit 4"
    )
    with psycopg.connect(writable_hub.database_url) as connection:
        for (household, person, _, sealed), damage in zip(rows, DAMAGES.values(), strict=True):
            connection.execute(
                "update person set phone_sealed = %s where (household_id, id) = (%s, %s)",
                (damage(bytes(sealed)), household, person),
            )
    return {name: sealed for _, _, name, sealed in rows}


def unreadable(reply: Reply) -> list[tuple[Any, ...]]:
    """The paths of the errors of values that cannot be decrypted."""
    found = [one for one in reply.body.get("errors", []) if one["extensions"]["code"] == "VALUE_UNREADABLE"]
    assert all(one["locations"] and one["message"] and one["extensions"]["messageZh"] for one in found)
    return [tuple(one["path"]) for one in found]


def at(data: Any, path: tuple[Any, ...]) -> Any:
    """The value at a path of a response."""
    for step in path:
        data = data[step]
    return data


@pytest.mark.parametrize("query", WAYS.values(), ids=WAYS)
def test_a_damaged_value_is_null_with_its_error_and_everything_else_is_answered(
    writable_hub: Served, damaged: dict[str, bytes], query: str
) -> None:
    before = writable_hub.ask(OFFICE, query.replace("phone", "relation"))
    reply = writable_hub.ask(OFFICE, query)
    paths = unreadable(reply)
    assert reply.status == 200
    assert len(paths) == len(damaged) == len(DAMAGES)
    assert set(reply.codes) == {"VALUE_UNREADABLE"}
    for path in paths:
        assert path[-1] == "phone"
        assert at(reply.body["data"], path) is None
        assert at(reply.body["data"], path[:-1])["name"] in damaged
    households = reply.body["data"]["households"]["nodes"]
    phones = [one["phone"] for home in households for one in home["members"]]
    assert sum(phone is not None for phone in phones) > 10
    assert [home["code"] for home in households] == [
        home["code"] for home in before.data["households"]["nodes"]
    ]


def test_both_executors_tell_it_alike(writable_hub: Served, damaged: dict[str, bytes]) -> None:
    compiled, other = (writable_hub.ask(OFFICE, query).body for query in WAYS.values())
    told = [[{**one, "locations": None} for one in body["errors"]] for body in (compiled, other)]
    assert told[0] == told[1]
    assert compiled["data"]["households"] == other["data"]["households"]


def test_the_record_of_the_read_says_so(writable_hub: Served, damaged: dict[str, bytes]) -> None:
    writable_hub.ask(OFFICE, MEMBERS)
    ((outcome, codes),) = writable_hub.rows(
        "select outcome, codes from access_record order by at desc, id desc limit 1"
    )
    assert (outcome, codes) == ("FAILED", ["VALUE_UNREADABLE"])


def test_a_household_with_a_damaged_value_takes_another_by_request(
    writable_hub: Served, damaged: dict[str, bytes], secrecy: Secrecy
) -> None:
    name = next(iter(damaged))
    ((code, household, person, region),) = writable_hub.rows(
        "select h.code, p.household_id, p.id, left(h.region, 9) from person p"
        " join household h on h.id = p.household_id where p.name = %s and p.left_on is null limit 1",
        name,
    )
    members = writable_hub.rows(
        "select id_number_sealed, id, name, relation from person where household_id = %s and left_on is null",
        household,
    )
    given = [
        {
            "idNumber": secrecy.open(sealed, place_of("person.id_number", id.bytes)),
            "name": called,
            "relation": relation,
            **({"phone": "13900001234"} if id == person else {}),
        }
        for sealed, id, called, relation in members
    ]
    upsert = """
    mutation Upsert($input: UpsertHouseholdsInput!) { upsertHouseholds(input: $input) {
      errors { code } outcomes { errors { code path } household { members { name phone } } } } }"""
    street = f"civil_affairs@{region}"
    reply = writable_hub.ask(street, upsert, {"input": {"households": [{"code": code, "members": given}]}})
    (outcome,) = reply.body["data"]["upsertHouseholds"]["outcomes"]
    assert outcome["errors"] == []
    assert {"name": name, "phone": "13900001234"} in outcome["household"]["members"]
    told = [one["path"][-1] for one in reply.body.get("errors", [])]
    assert set(told) <= {"phone"}


def test_no_sealed_field_is_promised_to_be_there() -> None:
    built = build()
    sealed = [coordinate for coordinate, read in built.guards.reads.items() if isinstance(read, Sealed)]
    assert {"Person.idNumber", "Person.phone", "Person.account"} <= set(sealed)
    for coordinate in sealed:
        type_name, _, name = coordinate.partition(".")
        assert type_name in TYPES
        assert not str(built.graphql.type_map[type_name].fields[name].type).endswith("!")  # type: ignore[attr-defined]
