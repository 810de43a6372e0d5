"""Non-interference: data that a grant may not see changes nothing in any response.

Two databases that differ only outside a grant, in fields and in rows, give byte-identical responses to every drawn operation:
data, errors, cursors, counts and cost. `outside.py` has a table of the scope that opens each column, and `altered.py` alters
a copy; neither uses the hub's plan or predicates. Status and headers of a response follow from the values that are compared
here (`GraphQLResponse`: its bytes, whether it was executed, the codes of its errors). Cursors are compared as they are: they
are encrypted without a nonce (AES-SIV), so the same place has the same cursor.

Drawn operations find cases that nobody thought of. There are a quarter as many as in the comparison of the executors, since
each runs on databases that are made for it. Every page, order, guarded filter and field is also tested one by one.
"""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg
import pytest
from graphql import GraphQLEnumType, GraphQLInterfaceType, GraphQLObjectType, get_named_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.settings import Settings
from hub.ledger.access import AccessLog
from hub.model.aid import AidKind
from hub.model.alerts import Disposition, Finding
from hub.model.certifications import Category
from hub.model.circumstances import CircumstanceKind
from hub.model.every_table import metadata
from hub.policy.permissions.row_policies import RULES
from schema.engine.execute.executor import Executor, GraphQLResponse
from schema.engine.execute.request import Request
from schema.hub_schema import build
from tests.conftest import TestCluster
from tests.hub.policy.permissions.reasons import LASTING
from tests.policy import REGISTRIES
from tests.schema.fuzz.altered import OF_REGION, Alteration
from tests.schema.fuzz.operations import Operation, Words, operations
from tests.schema.fuzz.other_values import NEEDS
from tests.schema.fuzz.outside import COLUMNS, GRANTS, KEPT, NOTHING, ROWS, opened
from tests.schema.fuzz.test_executors_agree import EXAMPLES, PHASES


@dataclass(repr=False)
class Pairs:
    """The original database, and for each grant a copy that is altered in everything that the grant may not see."""

    cluster: TestCluster
    template: str
    secrecy: Secrecy
    settings: Settings
    loop: asyncio.AbstractEventLoop
    access: AccessLog
    standing: Executor
    opened: list[Database]
    made: list[str] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)
    altered: dict[str, Executor] = field(default_factory=dict)

    def altered_for(self, name: str) -> Executor:
        """The executor on the copy that is altered for a grant; made at its first use."""
        if name not in self.altered:
            self.made.append(f"{self.template}_{len(self.made)}")
            self.urls[name] = url = self.cluster.create(self.made[-1], self.template)
            with psycopg.connect(url) as connection:
                Alteration(connection, GRANTS[name], self.secrecy).whole()
            self.opened.append(Database(url, self.settings))
            self.altered[name] = Executor(build(), self.opened[-1], self.secrecy, self.access, self.settings)
        return self.altered[name]

    def ask(self, executor: Executor, operation: Operation, grant: Grant) -> GraphQLResponse:
        """The response, as it would be sent."""
        request = Request(operation.query, operation.variables)
        return self.loop.run_until_complete(executor.answer(request, grant))

    def both(self, operation: Operation, name: str) -> tuple[GraphQLResponse, GraphQLResponse]:
        """The responses of both databases."""
        grant = GRANTS[name]
        return self.ask(self.standing, operation, grant), self.ask(self.altered_for(name), operation, grant)


@pytest.fixture(scope="session")
def pairs(
    cluster: TestCluster, furnished_template: str, settings: Settings, secrecy: Secrecy
) -> Iterator[Pairs]:
    """The databases. The access records of these requests go to another database, so that these do not change."""
    generous = settings.model_copy(update={"cost_per_minute": 10**12})
    loop = asyncio.new_event_loop()
    template = f"{furnished_template}_apart"
    names = [template, f"{template}_standing", f"{template}_access"]
    cluster.create(template, furnished_template)
    standing, elsewhere = (Database(cluster.create(name, template), generous) for name in names[1:])

    async def start() -> AccessLog:
        return await AccessLog(elsewhere).__aenter__()

    access = loop.run_until_complete(start())
    executor = Executor(build(), standing, secrecy, access, generous)
    made = Pairs(cluster, template, secrecy, generous, loop, access, executor, [standing, elsewhere])
    yield made
    loop.run_until_complete(access.__aexit__(None, None, None))
    for database in made.opened:
        loop.run_until_complete(database.close())
    loop.close()
    for name in [*names, *made.made]:
        cluster.drop(name)


@settings(
    max_examples=EXAMPLES // 4, deadline=None, print_blob=True, database=None, phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)  # fmt: skip
@given(data=st.data())
def test_databases_that_differ_outside_the_grant_give_the_same_bytes(
    pairs: Pairs, words: Words, data: st.DataObject
) -> None:
    operation: Operation = data.draw(operations(build().graphql, words), "operation")
    name = data.draw(st.sampled_from(sorted(GRANTS)), "grant")
    standing, altered = pairs.both(operation, name)
    assert standing.content.decode() == altered.content.decode()
    assert standing == altered
    assert "INTERNAL" not in standing.codes


PAGES = {
    "households": "code", "aidRecords": "id kind amount", "referrals": "id", "applications": "id", "chainEvents": "number type",
    "accessRecords": "at", "overlapCases": "id status", "visitList": "rank reasons",
    "recoveries": "id kind status outstanding", "nearRelatives": "id kinship post",
    "disclosures": "id region { code } month entries(first: 3) { totalCount }",
    "alerts": "id finding status", "visits": "id found", "conferences": "id status", "monitoringRuns": "asOf",
}  # fmt: skip


@pytest.mark.parametrize("name", GRANTS)
def test_the_same_cursors_lead_through_the_same_pages(pairs: Pairs, name: str) -> None:
    for connection, selection in PAGES.items():
        for size, beyond, turn, more in (
            ("first", "after", "endCursor", "hasNextPage"),
            ("last", "before", "startCursor", "hasPreviousPage"),
        ):
            query = (
                f"query ($at: String) {{ {connection}({size}: 30, {beyond}: $at) {{ totalCount"
                f" edges {{ cursor node {{ {selection} }} }} pageInfo {{ {turn} {more} }} }} }}"
            )
            at = None
            for _ in range(3):
                standing, altered = pairs.both(Operation(query, {"at": at}), name)
                assert standing == altered
                page = (orjson.loads(standing.content).get("data") or {}).get(connection)
                if page is None or not page["pageInfo"][more]:
                    break
                at = page["pageInfo"][turn]


def every_field(kind: GraphQLObjectType | GraphQLInterfaceType, levels: int) -> str:
    """A selection of every field of a type, and of the objects of its fields, to this depth."""
    return "{ " + " ".join(every_part(kind, levels)) + " }"


def every_part(kind: GraphQLObjectType | GraphQLInterfaceType, levels: int) -> list[str]:
    """The parts of such a selection, one by one."""
    parts = ["__typename"]
    for name, one in kind.fields.items():
        answered, size = get_named_type(one.type), "(first: 8)" if "first" in one.args else ""
        if not isinstance(answered, GraphQLObjectType | GraphQLInterfaceType):
            parts.append(name)
        elif size and levels:
            node = answered.fields["nodes"].type
            parts.append(
                f"{name}{size} {{ totalCount nodes {every_field(get_named_type(node), levels - 1)} }}"
            )
        elif levels:
            parts.append(f"{name} {every_field(answered, levels - 1)}")
    for concrete in (
        build().graphql.get_possible_types(kind) if isinstance(kind, GraphQLInterfaceType) else ()
    ):
        own = (f"{concrete.name}_{name}: {name}" for name in concrete.fields if name not in kind.fields)
        parts.append(f"... on {concrete.name} {{ __typename {' '.join(own)} }}")
    return parts


AT_A_TIME = 2
"""The number of parts of a wide type in one operation; all of them would cost too much to plan."""


def node_of(connection: str) -> GraphQLObjectType | GraphQLInterfaceType:
    """The type of the nodes of a root connection."""
    root = build().graphql.query_type
    assert root is not None
    node = get_named_type(get_named_type(root.fields[connection].type).fields["nodes"].type)
    assert isinstance(node, GraphQLObjectType | GraphQLInterfaceType)
    return node


TRIED = [*GRANTS] if os.environ.get("HUB_FUZZ_EXAMPLES") else [*GRANTS][::2]
"""Each run tests every field for half of the grants, `make fuzz` for all."""


@pytest.mark.parametrize("name", TRIED)
def test_every_field_of_what_is_in_sight_stands_as_it_was(pairs: Pairs, name: str) -> None:
    for connection in PAGES:
        parts = every_part(node_of(connection), 1)
        for first in range(0, len(parts), AT_A_TIME):
            some = " ".join(parts[first : first + AT_A_TIME])
            query = f"{{ {connection}(first: 60) {{ totalCount nodes {{ {some} }} }} }}"
            standing, altered = pairs.both(Operation(query, {}), name)
            assert standing == altered
            assert standing.codes <= {"FORBIDDEN_FIELD"}


def arguments() -> Iterator[tuple[str, str]]:
    """Every order, and filters on data that a grant often may not see, one by one; as connection and arguments."""
    kinds = build().graphql.type_map
    for connection, of in {
        "households": "Household",
        "aidRecords": "AidRecord",
        "referrals": "Referral",
        "alerts": "Alert",
    }.items():
        order = kinds[f"{of}OrderField"]
        assert isinstance(order, GraphQLEnumType)
        for value in order.values:
            for direction in ("ASC", "DESC"):
                yield connection, f"first: 30, orderBy: {{field: {value}, direction: {direction}}}"
    for yuan in (0, 300, 650, 1000):
        yield "households", f"first: 30, filter: {{incomePerCapita: {{gte: {yuan}}}}}"
    for name, words in {"circumstance": CircumstanceKind, "category": Category}.items():
        for word in words:
            yield "households", f"first: 30, filter: {{{name}: [{word}]}}"
    for finding in Finding:
        yield "alerts", f"first: 30, filter: {{finding: [{finding}]}}"
    for way in Disposition:
        yield "alerts", f"first: 30, filter: {{disposition: [{way}]}}"


@pytest.mark.parametrize("name", GRANTS)
def test_no_order_and_no_filter_tells_of_what_is_outside(pairs: Pairs, name: str) -> None:
    for connection, given_here in arguments():
        query = f"{{ {connection}({given_here}) {{ totalCount edges {{ cursor node {{ id }} }} }} }}"
        standing, altered = pairs.both(Operation(query, {}), name)
        assert standing == altered, given_here


ENOUGH = 20
"""The number of closed rows from which it is not by chance that none of them has changed."""
Rows = dict[tuple[Any, ...], dict[str, Any]]


def of_rows(table: str) -> str | None:
    """The scope that the rows of a table need; those of details are visible if their record is."""
    return ROWS.get("aid_record" if table.endswith("_detail") else table)


def stands(table: str, grant: Grant, row: dict[str, Any]) -> bool:
    """Whether a row in sight is visible to the grant."""
    needed, told = of_rows(table), row.get("needs", ())
    if table.startswith("conference") and not grant.scopes & {Scope.CONFERENCE_WRITE, Scope.AUDIT_READ}:
        return grant.agency in row["participants"] and Scope.CONFERENCE_READ in grant.scopes
    return (needed is None or opened(needed, grant, row)) and (
        Scope.AUDIT_READ in grant.scopes or grant.scopes >= set(told)
    )


def in_sight(connection: "psycopg.Connection[dict[str, Any]]", table: str, grant: Grant) -> Rows:
    """The rows of a table whose household a grant has in sight (for access records, whose agency), by their key."""
    jurisdiction = f"^({'|'.join(grant.regions)})"
    key = [column.name for column in metadata.tables[table].primary_key]
    if table == "chain_event":
        key = ["household_id", "position"]  # a number changes if an event before it is missing
    if table == "access_record":
        query, values = f"select * from {table} where split_part(agency_id, '@', 2) ~ %s", [jurisdiction]
    elif table in OF_REGION or table == "monitoring_run":
        query, values = f"select * from {table} where region ~ %s", [jurisdiction]
    elif table == "monitoring_result":
        among = "select id from monitoring_run where region ~ %s"
        query, values = f"select * from {table} where run_id in ({among})", [jurisdiction]
    else:
        query = (
            f"select * from {table} where {'id' if table == 'household' else 'household_id'} in (select id from household"
            f" where region ~ %s union select household_id from shown_household where agency_id = %s and {LASTING})"
        )
        values = [jurisdiction, grant.agency]
    if table.startswith("conference"):
        of = "id" if table == "conference" else "conference_id"
        parts = f"select agency_id from conference_participant p where p.conference_id = t.{of}"
        query = f"select t.*, array({parts}) as participants from ({query}) t"
    rows = connection.execute(query.encode(), values).fetchall()
    return {tuple(row[name] for name in key): row for row in rows}


@pytest.mark.parametrize("name", GRANTS)
def test_a_copy_differs_in_what_is_outside_and_in_nothing_else(pairs: Pairs, name: str) -> None:
    """In the data in sight, every open row and column is unchanged, and every closed column has changed in some row."""
    grant = GRANTS[name]
    pairs.altered_for(name)
    with (
        psycopg.connect(pairs.cluster.url(f"{pairs.template}_standing"), row_factory=dict_row) as standing,
        psycopg.connect(pairs.urls[name], row_factory=dict_row) as copy,
    ):
        for table in (*COLUMNS, "referral_aid"):
            before, after = in_sight(standing, table, grant), in_sight(copy, table, grant)
            if of_rows(table) is not None:
                was, now = (
                    {key for key, row in rows.items() if stands(table, grant, row)}
                    for rows in (before, after)
                )
                assert was == now, table
                assert len(before) - len(was) < ENOUGH or before.keys() != after.keys(), table
            for column, scope in COLUMNS.get(table, {}).items():
                needs = NEEDS.get((table, column))
                both = [
                    (row, after[key])
                    for key, row in before.items()
                    if key in after and (needs is None or row[needs])
                ]
                closed = [one[column] != two[column] for one, two in both if not opened(scope, grant, one)]
                assert len(closed) < ENOUGH or any(closed), f"{table}.{column} was not altered"
                assert not [
                    (one[column], two[column])
                    for one, two in both
                    if opened(scope, grant, one) and stands(table, grant, one) and one[column] != two[column]
                ], f"{table}.{column} was altered, and is open"


def test_every_column_is_opened_by_a_scope_or_by_none_or_says_where_its_row_belongs() -> None:
    public = {"region", "agency", "poverty_line", "charity_offer", "county_option"}
    # Words of the schema, and documents without values, by hash; only the record, which has its own rule, names them.
    public |= {"coordinate_set", "operation_text"}
    made_of_other_rows = {"access_notice", "entitlement", "household_to_visit", "provenance", "change"}
    for table in {*RULES, "shown_household"} - public - made_of_other_rows:
        columns = {column.name for column in metadata.tables[table].columns}
        decided = COLUMNS.get(table, {}).keys()
        assert decided <= columns, table
        assert not decided & KEPT[table], table
        assert columns - decided <= KEPT[table], table


def test_each_scope_is_missing_from_one_grant_and_held_by_another() -> None:
    scopes = {scope for columns in COLUMNS.values() for scope in columns.values()} | set(ROWS.values())
    for scope in scopes - {NOTHING}:
        rows: list[dict[str, Any]] = [
            {"kind": kind, "source_registry": registry, "field": "incomePerCapita"}
            for kind in AidKind
            for registry in REGISTRIES
        ]
        for row in rows:
            assert {opened(scope, grant, row) for grant in GRANTS.values()} == {True, False}, (scope, row)


def test_each_column_is_closed_to_one_grant_that_reads_its_household_and_its_row() -> None:
    for table, columns in COLUMNS.items():
        row = {"kind": "education", "source_registry": "education", "field": "incomePerCapita"}
        needed = of_rows(table)
        for column, scope in columns.items():
            if scope not in {NOTHING, needed, "household:read"}:
                assert [
                    grant
                    for grant in GRANTS.values()
                    if "household:read" in grant.scopes
                    and (needed is None or opened(needed, grant, row))
                    and not opened(scope, grant, row)
                ], (table, column)
