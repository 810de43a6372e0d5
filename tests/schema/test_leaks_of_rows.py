"""A row out of sight leaves no trace: in cursors, ids, counts and plans, and on the paths that lead to it from other rows."""

import base64
import itertools
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from hub.foundation.encryption import Keys, Secrecy
from hub.foundation.settings import Settings
from schema.engine.declare import ids
from schema.engine.execute.plans import Plans
from schema.engine.execute.request import Request
from schema.hub_schema import build
from tests.conftest import TestCluster
from tests.fixtures.served import Served, serve
from tests.hub.policy.permissions.reasons import ON_DUTY
from tests.journeys.outcomes import CREATE_REFERRAL, need

HERE, ELSEWHERE = "410105", "410103"
EDUCATION = f"education@{HERE}"
PAGE = """query ($a: String) { it: %s(first: 2, after: $a) { edges { cursor } pageInfo { endCursor } } }"""
NODE = """query ($id: ID!) { node(id: $id) { __typename id
    ... on Household { code region { code } members { name } } ... on Person { name household { code } }
    ... on AidRecord { kind program household { code } } ... on Referral { reason household { code } }
    ... on Certification { category } ... on Circumstance { fact: kind } } }"""
TABLES = {
    "Household": "household",
    "Person": "person",
    "AidRecord": "aid_record",
    "Referral": "referral",
    "Certification": "certification",
    "Circumstance": "circumstance",
}


@pytest.fixture(scope="module")
def hub(cluster: TestCluster, sample_template: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub on a sample in which the schools of the district have a referral, whatever the clock of the tests."""
    name = f"hub_rows_{uuid4().hex[:12]}"
    with serve(cluster.create(name, sample_template), settings, keys) as served:
        query = f'{{ households(first: 1, filter: {{region: "{HERE}"}}) {{ nodes {{ id }} }} }}'
        office = f"civil_affairs@{HERE}"
        (household,) = served.ask(office, query).data["households"]["nodes"]
        asked = {"input": need({"householdId": household["id"]}, EDUCATION, "EDUCATION")}
        assert served.ask(office, CREATE_REFERRAL, asked).data["createReferral"]["errors"] == []
        yield served
    cluster.drop(name)


def raw(hub: Served, query: str, variables: dict[str, Any], agency: str = EDUCATION, **grant: Any) -> bytes:
    """The bytes of the response."""
    headers = {"authorization": f"Bearer {hub.token(agency, **grant)}"}
    answered = hub.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    return answered.content


def a_cursor(hub: Served, connection: str, agency: str = EDUCATION) -> str:
    """The last cursor of a connection's first page."""
    end: str = orjson.loads(raw(hub, PAGE % connection, {}, agency))["data"]["it"]["pageInfo"]["endCursor"]
    return end


CONNECTIONS = ["households", "aidRecords", "chainEvents", "referrals"]


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_cursor_holds_nothing_that_can_be_read(hub: Served, connection: str) -> None:
    cursor = a_cursor(hub, connection)
    sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for code, region, number in hub.rows("select code, region, id from household"):
        for value in (
            code.encode(),
            region.encode(),
            str(number).encode(),
            number.bytes,
            number.hex.encode(),
        ):
            assert value not in sealed
            assert value not in cursor.encode()
    assert not any(word in sealed for word in (b"202", b'["', b'",', b"null", connection.encode()))


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_cursor_with_any_one_bit_changed_is_refused(hub: Served, connection: str) -> None:
    cursor = a_cursor(hub, connection)
    sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert orjson.loads(raw(hub, PAGE % connection, {"a": cursor}))["data"]
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1 << place % 8
        forged = base64.urlsafe_b64encode(changed).decode().rstrip("=")
        answer = orjson.loads(raw(hub, PAGE % connection, {"a": forged}))
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_CURSOR"]


def test_a_cursor_of_another_agency_is_refused_as_any_garbage_is(hub: Served) -> None:
    cursor = a_cursor(hub, "households")
    garbage = raw(hub, PAGE % "households", {"a": "AAAA"}, "education@4101")
    assert b"INVALID_CURSOR" in garbage
    assert raw(hub, PAGE % "households", {"a": cursor}, "education@4101") == garbage
    assert b"INVALID_CURSOR" not in raw(
        hub, PAGE % "households", {"a": cursor}, client="another of the agency"
    )
    assert raw(hub, PAGE % "chainEvents", {"a": cursor}) == raw(hub, PAGE % "chainEvents", {"a": "AAAA"})


def test_a_cursor_of_an_order_is_of_no_use_once_its_scope_is_gone(hub: Served) -> None:
    query = """query ($a: String) { households(first: 1, after: $a, orderBy: {field: INCOME_PER_CAPITA}) {
        pageInfo { endCursor } } }"""
    rich = DEPARTMENTS["education"].scopes | {Scope.HOUSEHOLD_FINANCE_READ}
    cursor = hub.ask(EDUCATION, query, scopes=rich).data["households"]["pageInfo"]["endCursor"]
    refused = hub.ask(EDUCATION, query, {"a": cursor})
    assert (refused.codes, "data" in refused.body) == (["FORBIDDEN_FILTER"], False)
    without = query.replace(", orderBy: {field: INCOME_PER_CAPITA}", "")
    assert hub.ask(EDUCATION, without, {"a": cursor}).codes == ["INVALID_CURSOR"]


def hidden_and_seen(hub: Served, kind: str) -> tuple[tuple[UUID, UUID], tuple[UUID, UUID]]:
    """The keys of a row that the office cannot see, and of one that it can."""
    row = "h.id, h.id" if kind == "Household" else "r.household_id, r.id"
    join = "" if kind == "Household" else f"join {TABLES[kind]} r on r.household_id = h.id"
    seen = f"""(h.region like %s or exists (select from {ON_DUTY} s
        where s.household_id = h.id and s.agency_id = %s))"""
    open_to_schools = {
        "Circumstance": "and r.source_registry = 'education'",
        "AidRecord": "and r.kind = 'EDUCATION'",
        "Referral": "and r.need = 'EDUCATION'",
    }.get(kind, "")
    found = []
    for sign in ("not", ""):
        text = (
            f"select {row} from household h {join} where {sign} {seen} {open_to_schools} order by 2 limit 1"
        )
        found += hub.rows(text, f"{HERE}%", EDUCATION)
    (hidden, shown) = found
    return (hidden[0], hidden[1]), (shown[0], shown[1])


def id_of(hub: Served, kind: str, key: tuple[UUID, UUID]) -> str:
    """The id of a row; ids of aid records have the name of the interface."""
    return ids.encode(kind, key[:1] if kind == "Household" else key)


@pytest.mark.parametrize("kind", TABLES)
def test_an_id_of_a_hidden_row_answers_byte_for_byte_as_one_of_no_row(hub: Served, kind: str) -> None:
    hidden, seen = hidden_and_seen(hub, kind)
    assert orjson.loads(raw(hub, NODE, {"id": id_of(hub, kind, seen)}))["data"]["node"], (
        "the form of the id is right"
    )
    missing = raw(hub, NODE, {"id": id_of(hub, kind, (uuid4(), uuid4()))})
    assert orjson.loads(missing)["data"] == {"node": None}
    forged = [hidden, (seen[0], hidden[1]), (hidden[0], seen[1]), (hidden[1], hidden[0])]
    if kind == "Household":
        forged = [hidden]
    for key in forged:
        assert raw(hub, NODE, {"id": id_of(hub, kind, key)}) == missing


def test_the_key_of_a_hidden_row_under_another_types_name_finds_nothing(hub: Served) -> None:
    hidden = {kind: hidden_and_seen(hub, kind)[0] for kind in TABLES if kind != "Household"}
    for (kind, key), name in itertools.product(hidden.items(), hidden):
        answer = orjson.loads(raw(hub, NODE, {"id": id_of(hub, name, key)}))
        assert answer["data"] == {"node": None}, f"the key of a {kind} as {name}"
        assert "errors" not in answer


def test_a_fact_of_a_closed_registry_answers_by_id_as_one_that_does_not_exist(hub: Served) -> None:
    (key,) = hub.rows(
        "select c.household_id, c.id from circumstance c join household h on h.id = c.household_id"
        " where h.region like %s and c.source_registry <> 'education' limit 1",
        f"{HERE}%",
    )
    closed, missing = (
        raw(hub, NODE, {"id": ids.encode("Circumstance", one)}) for one in (key, (key[0], uuid4()))
    )
    assert closed == missing


@pytest.mark.parametrize(("kind", "column"), [("AidRecord", "kind"), ("Referral", "need")])
def test_aid_of_a_closed_kind_answers_by_id_as_aid_that_does_not_exist(
    hub: Served, kind: str, column: str
) -> None:
    """Medical aid would reveal an illness (46-3.2.1), which schools may not read."""
    (key,) = hub.rows(
        f"select r.household_id, r.id from {TABLES[kind]} r join household h on h.id = r.household_id"
        f" where h.region like %s and r.{column} = 'MEDICAL' limit 1",
        f"{HERE}%",
    )
    closed, missing = (raw(hub, NODE, {"id": ids.encode(kind, one)}) for one in (key, (key[0], uuid4())))
    assert closed == missing


SEEN = f"""exists (select from household h where h.id = r.household_id and (h.region like %s
    or exists (select from {ON_DUTY} s where s.household_id = h.id and s.agency_id = %s)))"""


def test_every_count_is_of_the_rows_in_sight_whatever_the_filter(hub: Served) -> None:
    query = """query ($agency: String, $c: [String!], $r: String, $k: [CircumstanceKind!]) {
        households(filter: {region: $r, code: $c}) { totalCount }
        known: households(filter: {circumstance: $k}) { totalCount }
        aidRecords(filter: {agency: $agency}) { totalCount }
        referrals(filter: {fromAgency: $agency}) { totalCount } all: referrals { totalCount } aid: aidRecords { totalCount } }"""
    ((hidden, _), _) = hidden_and_seen(hub, "Household")
    ((code, region),) = hub.rows("select code, region from household where id = %s", hidden)
    ((agency,),) = hub.rows(
        "select agency_id from aid_record where agency_id like %s group by 1 order by count(*) desc limit 1",
        f"%@{ELSEWHERE}",
    )
    counted = hub.ask(
        EDUCATION, query, {"agency": agency, "c": [code], "r": region, "k": ["HARDSHIP_STUDENT"]}
    ).data

    def count(table: str, where: str = "true", *values: Any) -> int:
        text = f"select count(*) from {table} r where {SEEN} and {where}"
        return int(hub.rows(text, f"{HERE}%", EDUCATION, *values)[0][0])

    kinds = "in ('BASIC_LIVING', 'EDUCATION')"  # by certification (46-3.1), and by the schools' scope
    current = f"r.superseded_at is null and r.kind {kinds}"
    known_need = f"(r.need {kinds} or '{EDUCATION}' in (r.from_agency, r.to_agency))"
    expected = {
        "households": 0,
        "known": hub.rows(
            "select count(distinct r.household_id) from circumstance r where r.source_registry = 'education'"
            f" and r.kind = 'HARDSHIP_STUDENT' and {SEEN}",
            f"{HERE}%",
            EDUCATION,
        )[0][0],
        "aidRecords": count("aid_record", f"{current} and r.agency_id = %s", agency),
        "referrals": count("referral", f"{known_need} and r.from_agency = %s", agency),
        "all": count("referral", known_need),
        "aid": count("aid_record", current),
    }
    assert {name: one["totalCount"] for name, one in counted.items()} == expected
    ((everything,),) = hub.rows("select count(*) from aid_record r where r.superseded_at is null")
    assert 0 < expected["aid"] < everything


def _shape(plan: Any) -> Any:
    """The steps of a plan, without its estimates."""
    steps = [_shape(one) for one in plan.get("Plans", ())]
    return (plan["Node Type"], plan.get("Index Name"), plan.get("Relation Name"), plan.get("Filter"), steps)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("query", "name"),
    [
        (
            "query ($v: String!) { household(code: $v) { code members { name } aidRecords { totalCount } } }",
            "code",
        ),
        ("query ($v: ID!) { node(id: $v) { id ... on Household { code aidRecords { totalCount } } } }", "id"),
        ("query ($v: String!) { person(idNumber: $v) { name household { code } } }", "number"),
        ("query ($v: [String!]) { households(filter: {code: $v}) { totalCount nodes { code } } }", "code"),
    ],
)
async def test_a_hidden_row_takes_the_same_statement_and_the_same_plan_as_a_missing_one(
    hub: Served, keys: Keys, query: str, name: str
) -> None:
    """The test asserts structure instead of time: the same plan, the same text, the same number of parameters, the same
    execution."""
    (hidden, _), _ = hidden_and_seen(hub, "Household")
    ((code,),) = hub.rows("select code from household where id = %s", hidden)
    member = "query ($c: String!) { household(code: $c) { members { idNumber } } }"
    number = hub.ask("civil_affairs@4101", member, {"c": code}).data["household"]["members"][0]["idNumber"]
    values = {
        "code": (code, "4101990010019999999"),
        "id": (ids.encode("Household", [hidden]), ids.encode("Household", [uuid4()])),
        "number": (number, "410199190001010010"),
    }[name]
    plans, grant = Plans(build(), Secrecy(keys), 10**9), hub.grant(EDUCATION)
    asked = [plans.understand(Request(query, {"v": value}), grant.client) for value in values]
    prepared = [plans.prepare(one, grant) for one in asked]
    assert prepared[0] is prepared[1]
    statement = prepared[0].statement
    assert statement is not None
    parameters = [plan.bind(each, grant).values for plan, each in zip(prepared, asked, strict=True)]
    assert len(parameters[0]) == len(parameters[1])
    connection = await asyncpg.connect(hub.database_url, server_settings={"role": "hub_reader"})
    try:
        explained = [
            await connection.fetchval(f"explain (format json) {statement.text}", *parameter)
            for parameter in parameters
        ]
    finally:
        await connection.close()
    shapes = [_shape(orjson.loads(one)[0]["Plan"]) for one in explained]
    assert str(shapes[0]).replace(str(values[0]), "?") == str(shapes[1]).replace(str(values[1]), "?")
