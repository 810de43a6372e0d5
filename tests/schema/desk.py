"""Sends mutations, and creates the rows that a good input needs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from graphql import GraphQLObjectType, get_named_type, is_object_type

from hub.persons.identity_number import check_digit
from schema.hub_schema import build
from tests.fixtures.served import Reply, Served

OFFICE, STREET = "civil_affairs@410105", "civil_affairs@410105001"
NAME = "王五"
"""The name of every person whom a desk registers."""
ArgumentValue = dict[str, Any]
FRESH = {"access_record", "coordinate_set", "monthly_share", "operation_text", "record_event"}
"""Tables that a repeated input may change: the access ledger, the time at which a list of a month was last received, and the
database's record events of both."""


def document(mutation: str) -> str:
    """A mutation that selects the ids of the saved rows, and all errors."""
    of = build().graphql.mutation_type
    assert of is not None
    field_ = of.fields[mutation]
    input = str(field_.args["input"].type)
    return f"mutation ($input: {input}) {{ {mutation}(input: $input) {_asked(get_named_type(field_.type))} }}"


def _asked(payload: Any) -> str:
    asked = []
    for name, one in payload.fields.items():
        named: Any = get_named_type(one.type)
        if name == "errors":
            asked.append("errors { code message messageZh path }")
        elif is_object_type(named) and "errors" in named.fields:
            asked.append(f"{name} {_asked(named)}")
        elif "id" in getattr(named, "fields", {}) and isinstance(named, GraphQLObjectType):
            asked.append(f"{name} {{ id }}")
        elif name == "aidRecord":
            asked.append("aidRecord { id }")
    return "{ " + " ".join(asked) + " }"


def errors_in(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The errors of a payload and of the outcomes in it."""
    found = list(payload["errors"])
    for value in payload.values():
        for one in value if isinstance(value, list) else []:
            found += one.get("errors", [])
    return found


@dataclass
class Desk:
    """Creates the rows that a good input needs, each time with a household and a number of its own."""

    served: Served
    _numbers: int = 0
    _documents: dict[str, str] = field(default_factory=dict)

    def number(self) -> str:
        """An unused external id."""
        self._numbers += 1
        return f"GOOD-{self._numbers}"

    def send(self, agency: str, mutation: str, given: ArgumentValue) -> Reply:
        """Send one input."""
        asked = self._documents.setdefault(mutation, document(mutation))
        body = json.dumps({"query": asked, "variables": {"input": given}})
        headers = {"authorization": f"Bearer {self._token(agency)}", "content-type": "application/json"}
        answered = self.served.http.post("/graphql", content=body, headers=headers)
        return Reply(answered.status_code, answered.json())

    def _token(self, agency: str) -> str:
        return self.served.token(agency)

    def write(self, agency: str, mutation: str, given: ArgumentValue) -> str:
        """The id of the row that a good input created."""
        payload = self.send(agency, mutation, given).data[mutation]
        assert errors_in(payload) == [], (mutation, given, payload)
        (made,) = (one["id"] for one in payload.values() if isinstance(one, dict))
        return str(made)

    def family(self) -> tuple[dict[str, str], dict[str, str]]:
        """A newly registered household of 经八路街道: the subject of the whole household, and the subject of its only member."""
        given = registered(self)
        payload = self.send(STREET, "upsertHouseholds", {"households": [given]}).data["upsertHouseholds"]
        (outcome,) = payload["outcomes"]
        assert outcome["errors"] == [], outcome
        found = "query ($id: ID!) { node(id: $id) { ... on Household { members { id } } } }"
        members = self.served.ask(OFFICE, found, {"id": outcome["household"]["id"]}).data["node"]["members"]
        return {"householdId": outcome["household"]["id"]}, {"personId": members[0]["id"]}

    def household(self) -> dict[str, str]:
        """The subject of a new household."""
        return self.family()[0]

    def person(self) -> dict[str, str]:
        """The subject of a new person."""
        return self.family()[1]


def registered(desk: Desk, **changes: Any) -> ArgumentValue:
    """An input for a household with a value in every field (46-2.2)."""
    number = desk.number()
    serial = int(number.removeprefix("GOOD-"))
    first17 = f"410105{1950 + serial // 300}{serial % 12 + 1:02}{serial % 25 + 1:02}{serial % 1000:03}"
    return {
        "code": number,
        "region": "410105001",
        "residence": "URBAN",
        "address": "经八路3号",
        "incomePerCapita": "650.00",
        "members": [
            {
                "idNumber": first17 + check_digit(first17),
                "name": NAME,
                "relation": "HEAD",
                "phone": "13800001111",
                "account": "6228480000000000001",
                "health": "SERIOUS",
                "disabilityType": "PHYSICAL",
                "disabilityGrade": 2,
                "educationStage": "PRIMARY",
                "school": "文化路小学",
                "employment": "UNEMPLOYED",
                "labour": "WEAK",
            }
        ],
    } | changes


def answered(desk: Desk, agency: str, mutation: str, given: ArgumentValue) -> dict[str, Any]:
    """The payload of a mutation: ids, versions and errors."""
    payload = desk.send(agency, mutation, given).data[mutation]
    assert isinstance(payload, dict)
    return payload


CHECKSUMS: dict[tuple[str, int, int], int | None] = {}
"""A checksum of a table's rows, by table, number of rows and the sum of the ids of the transactions that wrote them. In a
copy of a database the rows keep their transaction ids, and no other transaction of the server has the same ids."""


def contents(desk: Desk) -> dict[str, tuple[Any, ...]]:
    """For every table the number of rows and a checksum of them. A table that has not changed since is not read again."""
    with psycopg.connect(desk.served.database_url) as connection:
        connection.execute("set transaction isolation level repeatable read")
        tables = connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        ).fetchall()
        written = [
            f"select '{name}', count(*), coalesce(sum(xmin::text::bigint), 0)::bigint from {name}"
            for (name,) in tables
            if name not in FRESH
        ]
        states = connection.execute(" union all ".join(written).encode()).fetchall()
        sums = [
            f"select '{state[0]}', {state[1]}, {state[2]}, sum(hashtextextended(t::text, 0)) from {state[0]} t"
            for state in states
            if state not in CHECKSUMS
        ]
        if sums:
            for *state, checksum in connection.execute(" union all ".join(sums).encode()).fetchall():
                CHECKSUMS[state[0], state[1], state[2]] = checksum
    return {name: (rows, CHECKSUMS[name, rows, by]) for name, rows, by in states}


def differing(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The tables that were changed."""
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}
