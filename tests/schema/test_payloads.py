"""The objects in a mutation's payload: planned before the write, and read by the compiled plan after it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.settings import Settings
from hub.ledger.access import AccessLog
from schema.engine.declare import ids
from schema.engine.execute.executor import Executor
from schema.engine.execute.request import Request
from schema.hub_schema import build
from tests.journeys.outcomes import grant_of_a_pupil

pytestmark = pytest.mark.anyio

ALL_OF_IT = """
mutation Keep($input: RecordAidsInput!, $name: Boolean!, $of: Int!) {
  __typename
  kept: recordAids(input: $input) {
    __typename
    errors { code }
    outcomes {
      created
      errors { code messageZh path }
      aidRecord { ...What }
      again: aidRecord {
        id
        household {
          code
          members { relation name @include(if: $name) idNumber }
          aidRecords(first: $of) {
            totalCount
            edges { cursor node { kind ... on MedicalAid { amount } } }
            pageInfo { endCursor hasNextPage }
          }
        }
      }
      warnings { code }
    }
  }
}
fragment What on AidRecord {
  __typename id kind amount recordedAt period { start end }
  ... on EducationAid { school stage }
  ... on MedicalAid { totalCost }
  history { version }
}
"""
AMENDED = """
mutation Amend($input: AmendAidInput!) {
  kept: amendAid(input: $input) {
    __typename
    aidRecord { __typename id amount history { version } }
    errors { code messageZh path numbers { name value } }
    warnings { code path }
  }
}
"""
EDUCATION = Grant(
    "education@410105",
    "test",
    DEPARTMENTS["education"].scopes,
    ("410105",),
    DEPARTMENTS["education"].purposes[0],
)


@dataclass
class Hub:
    """One executor over a copy of the sample."""

    executor: Executor
    database: Database

    async def ask(
        self, query: str, variables: dict[str, Any], grant: Grant, *, reference: bool = False
    ) -> Any:
        """The response, as JSON."""
        answer = await self.executor.answer(Request(query, variables), grant, reference=reference)
        return orjson.loads(answer.content)

    async def subjects(self, region: str, most: int) -> list[dict[str, str]]:
        """The subjects of adult residents of a region."""
        async with self.database.read() as connection:
            rows = await connection.exec_driver_sql(
                f"select p.household_id, p.id from person p join household h on h.id = p.household_id"
                f" where h.region like '{region}%' and p.left_on is null and p.birth_date < '2005-01-01'"
                f" order by p.id limit {most}"
            )
            return [{"personId": ids.encode("Person", tuple(row))} for row in rows]


@pytest.fixture
async def hub(sample_copy_url: str, settings: Settings, secrecy: Secrecy) -> AsyncIterator[Hub]:
    """The executor."""
    database = Database(sample_copy_url, settings)
    async with AccessLog(database) as access:
        yield Hub(Executor(build(), database, secrecy, access, settings), database)
    await database.close()


async def batch(hub: Hub) -> dict[str, Any]:
    """Outcomes of which the last is refused, and one occurs twice."""
    outcomes = [
        grant_of_a_pupil(subject, externalId=f"P-{place}")
        for place, subject in enumerate(await hub.subjects("410105", 6))
    ]
    return {
        "input": {"outcomes": [*outcomes, outcomes[0], {**outcomes[1], "amount": "-1"}]},
        "name": True,
        "of": 2,
    }


@pytest.mark.parametrize(
    "scopes",
    [
        EDUCATION.scopes,
        EDUCATION.scopes - {Scope.PERSON_READ},
        EDUCATION.scopes - {Scope.AID_READ},
        EDUCATION.scopes - {Scope.HOUSEHOLD_READ},
        EDUCATION.scopes | {Scope.AID_MEDICAL_READ},
    ],
    ids=["whole", "no-persons", "no-aid", "no-households", "medical-too"],
)
async def test_the_compiled_plan_answers_a_payload_as_the_reference_does(
    hub: Hub, scopes: frozenset[Scope]
) -> None:
    given, grant = await batch(hub), replace(EDUCATION, scopes=scopes)
    first = await hub.ask(ALL_OF_IT, given, grant)
    assert "data" in first, first
    assert [outcome["created"] for outcome in first["data"]["kept"]["outcomes"]] == [True] * 6 + [False] * 2
    again = await hub.ask(ALL_OF_IT, given, grant)
    reference = await hub.ask(ALL_OF_IT, given, grant, reference=True)
    assert again == reference
    assert orjson.dumps(again["data"]) == orjson.dumps(reference["data"])
    for outcome in first["data"]["kept"]["outcomes"]:
        outcome["created"] = False
    assert first == again


async def test_both_executors_answer_a_command_that_keeps_one_record_or_refuses(hub: Hub) -> None:
    recorded = await hub.ask(ALL_OF_IT, await batch(hub), EDUCATION)
    id = recorded["data"]["kept"]["outcomes"][0]["aidRecord"]["id"]
    change = {"id": id, "expectedVersion": 1, "reason": "金额有误", "amount": "1000.00"}
    answers = []
    for given in (
        change,
        {**change, "amount": "900.00"},
        {**change, "id": "nothing"},
        {**change, "amount": "-1"},
    ):
        await hub.ask(AMENDED, {"input": given}, EDUCATION)
        compiled = await hub.ask(AMENDED, {"input": given}, EDUCATION)
        assert compiled == await hub.ask(AMENDED, {"input": given}, EDUCATION, reference=True)
        answers.append(compiled["data"]["kept"])
    kept, *refused = answers
    assert kept["aidRecord"]["amount"] == "1000.00"
    assert kept["aidRecord"]["history"] == [{"version": 1}, {"version": 2}]
    assert (kept["errors"], kept["warnings"]) == ([], [])
    assert {answer["__typename"] for answer in answers} == {"AmendAidPayload"}
    assert [one["aidRecord"] for one in refused] == [None] * 3
    assert [(error["code"], error["path"]) for one in refused for error in one["errors"]] == [
        ("STALE_VERSION", ["input", "expectedVersion"]),
        ("INVALID_ID", ["input", "id"]),
        ("INVALID_INPUT", ["input", "amount"]),
    ]


async def test_a_payload_that_could_not_be_read_is_refused_before_anything_is_written(hub: Hub) -> None:
    given = await batch(hub)
    refused = await hub.ask(ALL_OF_IT, {**given, "of": 1001}, EDUCATION)
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["INVALID_PAGE"]
    assert "data" not in refused
    kept = await hub.ask(ALL_OF_IT, given, EDUCATION)
    assert kept["data"]["kept"]["outcomes"][0]["created"], "the refused request wrote"


async def test_each_root_field_of_a_mutation_reads_what_stands_after_it(hub: Hub) -> None:
    (subject,) = await hub.subjects("410105", 1)
    record = "mutation ($input: RecordAidInput!) { recordAid(input: $input) { aidRecord { id version } } }"
    one = (await hub.ask(record, {"input": grant_of_a_pupil(subject)}, EDUCATION))["data"]["recordAid"]
    amend = """
    mutation ($id: ID!) {
      first: amendAid(input: {id: $id, expectedVersion: 1, reason: "更正", amount: "900"}) { ...Kept }
      stale: amendAid(input: {id: $id, expectedVersion: 1, reason: "更正", amount: "800"}) { ...Kept }
      second: amendAid(input: {id: $id, expectedVersion: 2, reason: "再更正", amount: "700"}) { ...Kept }
    }
    fragment Kept on AmendAidPayload { aidRecord { version amount } errors { code path } }
    """
    answered = (await hub.ask(amend, {"id": one["aidRecord"]["id"]}, EDUCATION))["data"]
    assert list(answered) == ["first", "stale", "second"]
    assert answered["first"] == {"aidRecord": {"version": 2, "amount": "900.00"}, "errors": []}
    assert answered["stale"]["aidRecord"] is None
    assert answered["stale"]["errors"][0]["code"] == "STALE_VERSION"
    assert answered["second"] == {"aidRecord": {"version": 3, "amount": "700.00"}, "errors": []}


async def test_a_batch_costs_what_a_thousand_outcomes_would(hub: Hub) -> None:
    given = await batch(hub)
    bare = "mutation ($input: RecordAidsInput!) { recordAids(input: $input) { outcomes { %s } } }"
    costs = [
        (await hub.ask(bare % asked, {"input": given["input"]}, EDUCATION))["extensions"]["cost"]
        for asked in ("created errors { code }", "aidRecord { id agency { name } }")
    ]
    entries = 8  # of the lists in the input: the outcomes and their contents
    assert costs == [1 + entries, 1 + entries + 1000 * 2]


#: Fields that no statement can return, with the reason.
BY_REFERENCE = {
    "Query.viewer": "it reads no table: the token's own contents",
    "Query.permissionMatrix": "it reads no table: the departments' published permissions",
    "Query.codeTables": "it reads no table: the glossary's words",
    "Query.policyClauses": "it reads no table: the policy's words",
    "Query.feedStatus": "a cursor of the feed is sealed in Python",
    **dict.fromkeys(
        (f"FeedStatus.{name}" for name in ("newest", "newestAt", "waiting", "waitingSince")),
        "part of Query.feedStatus",
    ),
    "Query.unusualAccess": "it reads the access ledger by a statement of its own",
    **dict.fromkeys(
        (
            f"UnusualAccess.{name}"
            for name in (
                "agency",
                "bound",
                "client",
                "count",
                "day",
                "household",
                "kind",
                "person",
                "words",
                "wordsZh",
            )
        ),
        "part of Query.unusualAccess",
    ),
    "AccessNotice.matters": "words of the table of scopes, for the coordinates of a record",
    "AccessNotice.mattersZh": "words of the table of scopes, for the coordinates of a record",
    "Chain.verified": "SHA-256 over RFC 8785 text, made in Python for link after link",
    "ChainVerdict.whole": "part of Chain.verified",
    "ChainVerdict.length": "part of Chain.verified",
    "ChainVerdict.brokenAt": "part of Chain.verified",
    "ChainVerdict.reason": "part of Chain.verified",
}


def test_every_coordinate_but_a_short_list_is_compiled() -> None:
    guards = build().guards
    left_out = {name for name, read in guards.reads.items() if type(read).__name__ == "Computed"}
    assert left_out == set(BY_REFERENCE)
