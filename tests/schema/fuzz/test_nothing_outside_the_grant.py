"""No value of a field or row outside the grant is in any response.

The test does not use the hub's own plan and predicates. In a copy of the sample, marks replace the free texts: a mark names
its column and its household. Identity numbers, household codes and node ids are known. Plain Python decides by the words of
the permissions which of them a grant may see.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy, place_of
from hub.foundation.settings import Settings
from hub.ledger.access import AccessLog
from schema.engine.declare import ids
from schema.engine.execute.executor import Executor
from schema.hub_schema import build
from tests.conftest import TestCluster
from tests.hub.policy.permissions.reasons import LASTING, ON_DUTY
from tests.schema.fuzz.conftest import Both
from tests.schema.fuzz.operations import Operation, Words, operations
from tests.schema.fuzz.test_executors_agree import EXAMPLES, PHASES, grants

MARKED = {
    "household": {"address": "household.address:read"},
    "person": {"name": "person:read", "id_number_masked": "person:read", "school": "person.education:read"},
    "referral": dict.fromkeys(("reason", "return_reason", "outcome"), "referral:read"),
    "sent_household": {"address": "household.address:read"},
    "sent_member": {"name": "person:read", "school": "person.education:read"},
    "sent_circumstance": dict.fromkeys(("note", "school"), "circumstance.{source_registry}:read"),
    "certification": {"end_reason": "certification:read"},
    "circumstance": dict.fromkeys(("note", "school"), "circumstance.{source_registry}:read"),
    "aid_record": dict.fromkeys(("outcome", "amendment_reason"), "aid.{kind}:read"),
    "recovery": dict.fromkeys(("reason", "waive_reason", "goods"), "aid.{kind}:read"),
    "alert": dict.fromkeys(("reason", "disposition_reason", "evidence"), "alert:read&{needs}"),
    "visit": dict.fromkeys(("visitors", "found"), "visit:read"),
    "conference": dict.fromkeys(("matter", "minutes", "decision"), "conference:read&{participants}"),
    "conference_measure": {"what": "conference:read&{participants}"},
    "disclosure_objection": {"ground": "alert:read"},
    "liability_decision": dict.fromkeys(("reason", "measure"), "liability:read"),
    "near_relative": dict.fromkeys(("office", "post", "end_reason"), "certification.near_relative:read"),
    "disclosure_entry": {"masked_name": "disclosure:read"},
    "medical_detail": {"hospital": "aid.medical:read"},
    "education_detail": {"school": "aid.education:read"},
    "employment_detail": dict.fromkeys(("employer", "post"), "aid.employment:read"),
    "disaster_detail": {"disaster": "aid.disaster:read"},
    "temporary_detail": {"trouble": "aid.temporary:read"},
    "relapse_prevention_detail": {"measure": "aid.relapse_prevention:read"},
    "service_detail": {"provider": "aid.service:read"},
    "charity_detail": dict.fromkeys(("organisation", "project"), "aid.charity:read"),
}
"""Free texts, and the scopes that open each (`&` all, `/` one of them). Braces contain a column of the row, in lower case."""
_SPECIAL = {
    "needs": "array_to_string(array(select one || '/audit:read' from unnest(array_prepend('alert:read', t.needs)) one), '&')",
    "participants": "(select 'conference:write/audit:read/' || string_agg('@' || c.agency_id, '/') from conference_participant c"
    " where c.household_id = t.household_id and c.conference_id = {conference})",
}
"""SQL of further conditions of a row: auditors may read alerts without the scopes in `needs`, and participants may read their
conference."""
NODES = {
    "Household": "household:read", "Person": "person:read", "AidRecord": "aid:read",
    "Referral": "referral:read", "Certification": "certification:read", "Application": "referral:read", "Alert": "alert:read",
    "Visit": "visit:read", "Conference": "conference:read", "DisclosureObjection": "alert:read",
    "LiabilityDecision": "liability:read", "NearRelative": "certification.near_relative:read",
}  # fmt: skip
MARK = re.compile(r"⟪([^|⟫]+)\|([^|⟫]+)\|([^|⟫]+)⟫")


@dataclass
class World:
    """The region and the agencies of each household, which agency wrote about which household, and the household of each code
    and number."""

    both: Both
    words: Words
    regions: Mapping[UUID, str]
    shown: Mapping[UUID, set[str]]
    wrote: Set[tuple[UUID, str]]
    codes: Mapping[str, UUID]
    numbers: Mapping[str, set[UUID]]

    def in_sight(self, household: UUID, grant: Grant) -> bool:
        """46-4.2: an agency sees its own jurisdiction, and the households that were shown to it."""
        return self.regions[household].startswith(grant.regions) or grant.agency in self.shown.get(
            household, ()
        )

    def wrong(self, value: str, grant: Grant) -> str | None:
        """Why a grant may not see a value; None if it may, or if the value reveals nothing."""
        needed: list[tuple[str, UUID]] = [
            (scope, UUID(household)) for _, scope, household in MARK.findall(value)
        ]
        if value in self.codes:
            needed.append(("household:read", self.codes[value]))
        if value in self.numbers:
            # A person may be registered in two households; each of them opens the number.
            either = sorted(self.numbers[value], key=lambda one: not self.in_sight(one, grant))
            needed.append(("person.identity:read", either[0]))
        if (node := _node(value)) is not None:
            needed.append(node)
        for scope, household in needed:
            if not _opens(scope, grant):
                return f"{value!r} needs {scope}"
            own = (household, grant.agency) in self.wrote and scope.startswith(("aid", "referral"))
            if not own and not self.in_sight(household, grant):
                return f"{value!r} is of a household out of sight, in {self.regions[household]}"
        return None


def _opens(scopes: str, grant: Grant) -> bool:
    """`&` joins scopes that are all needed, `/` separates alternatives, `@` marks an agency."""
    held = {*grant.scopes, f"@{grant.agency}"}
    return all(held & set(either.split("/")) for either in scopes.split("&"))


def _node(value: str) -> tuple[str, UUID] | None:
    try:
        name, key = ids.decode(value)
    except ids.InvalidId:
        return None
    return (NODES[name], key[0]) if name in NODES else None


def _mark(connection: "psycopg.Connection[Any]") -> None:
    """Replace every free text by its mark. The evidence of an alert stays behind the mark, because it distinguishes alerts."""
    for table, columns in MARKED.items():
        household = "id" if table == "household" else "household_id"
        for column, scope in columns.items():
            opened = re.sub(r"\{(\w+)\}", rf"' || {_opened_by(table, scope)} || '", scope)
            kept = f" || {column}" if column == "evidence" else ""
            connection.execute(
                f"update {table} t set {column} = '⟪{table}.{column}|{opened}|' || {household} || '⟫'{kept}"
                f" where {column} is not null".encode()
            )


def _opened_by(table: str, scope: str) -> str:
    """The SQL for an expression in braces."""
    name = scope.partition("{")[2].partition("}")[0]
    conference = "t.id" if table == "conference" else "t.conference_id"
    return _SPECIAL.get(name, f"lower({name})").replace("{conference}", conference)


@pytest.fixture(scope="session")
def world(
    cluster: TestCluster, furnished_template: str, settings: Settings, secrecy: Secrecy, words: Words
) -> Iterator[World]:
    """The marked copy, and an executor on it."""
    generous = settings.model_copy(update={"cost_per_minute": 10**12})
    loop = asyncio.new_event_loop()
    name = f"{furnished_template}_marked"
    url = cluster.create(name, furnished_template)
    with psycopg.connect(url) as connection:
        _mark(connection)
        regions: dict[UUID, str] = dict(connection.execute("select id, region from household").fetchall())
        codes: dict[str, UUID] = dict(connection.execute("select code, id from household").fetchall())
        shown: dict[UUID, set[str]] = {}
        for household, agency in connection.execute(ON_DUTY.encode()):
            shown.setdefault(household, set()).add(agency)
        wrote: set[tuple[UUID, str]] = set(
            connection.execute(
                f"select household_id, agency_id from shown_household where {LASTING}".encode()
            )
        )
        numbers: dict[str, set[UUID]] = {}
        for person, household, sealed in connection.execute(
            "select id, household_id, id_number_sealed from person"
        ):
            number = secrecy.open(sealed, place_of("person.id_number", person.bytes))
            numbers.setdefault(number, set()).add(household)

    async def start() -> tuple[Database, AccessLog]:
        database = Database(url, settings)
        return database, await AccessLog(database).__aenter__()

    database, access = loop.run_until_complete(start())
    another = partial(Executor, build(), database, secrecy, access, generous)
    both = Both(loop, another(), another)
    yield World(both, words, regions, shown, wrote, codes, numbers)
    loop.run_until_complete(access.__aexit__(None, None, None))
    loop.run_until_complete(database.close())
    loop.close()
    cluster.drop(name)


def values(answer: Any) -> Iterator[str]:
    """Every text in a response, at any depth."""
    match answer:
        case str():
            yield answer
        case dict():
            for inner in answer.values():
                yield from values(inner)
        case list():
            for inner in answer:
                yield from values(inner)
        case _:
            pass


@settings(
    max_examples=EXAMPLES, deadline=None, print_blob=True, database=None, phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)  # fmt: skip
@given(data=st.data())
def test_no_answer_holds_a_value_outside_the_grant(world: World, data: st.DataObject) -> None:
    operation: Operation = data.draw(operations(build().graphql, world.words), "operation")
    grant = data.draw(grants(), "grant")
    answer = world.both.ask(operation, grant, reference=False)
    assert not [wrong for value in values(answer.get("data")) if (wrong := world.wrong(value, grant))]
    told = orjson.dumps(answer.get("errors", [])).decode()
    assert not MARK.search(told), "an error tells a value"


def test_the_whole_grant_of_the_city_does_see_marks_of_every_table(world: World) -> None:
    whole = Grant("civil_affairs@4101", "fuzz", frozenset(Scope), ("4101",), "test")
    query = """{ households(first: 300) { nodes { code address
      members { name idNumber school } referrals(first: 5) { nodes { reason } }
      alerts(first: 9) { nodes { evidence dispositionReason conference { matter measures { what } } } }
      visits(first: 9) { nodes { found } }
      recoveries(first: 5) { nodes { reason } } certifications { nearRelatives { post } } circumstances { __typename }
      aidRecords(first: 20) { nodes { id ...on EducationAid { school } ...on CharityAid { organisation }
        ...on MedicalAid { outcome hospital } } } } }
      disclosures(first: 50) { nodes { objections { ground } } } }"""
    answer = world.both.ask(Operation(query, {}), whole, reference=False)
    assert "errors" not in answer
    seen = {mark[0].split(".")[0] for value in values(answer) for mark in MARK.findall(value)}
    assert {
        "household",
        "person",
        "referral",
        "education_detail",
        "charity_detail",
        "recovery",
        "near_relative",
        "alert",
        "visit",
        "conference",
        "conference_measure",
        "disclosure_objection",
    } <= seen
    assert not [wrong for value in values(answer["data"]) if (wrong := world.wrong(value, whole))]
