"""W3: outcomes to write back. `@@` in an external id becomes a different text in every request, so each outcome is new."""

from typing import Any
from uuid import UUID

import orjson

from bench.database import BenchDatabase
from bench.systems import CannotMeasure
from schema.engine.declare.ids import encode

BATCH = 500
_BATCHES = 20

_ONE = "mutation W3($input: RecordAidInput!) { recordAid(input: $input) { created aidRecord { id } refused: errors { code } } }"
_MANY = """
mutation W3($input: RecordAidsInput!) {
  recordAids(input: $input) {
    outcomes { created aidRecord { id } refused: errors { code } }
    refused: errors { code }
  }
}
"""
_PEER_ONE = "mutation W3($input: RecordAidInput!) { recordAid(input: $input) { created aidRecord { id } } }"
_PEER_MANY = """
mutation W3($input: RecordAidsInput!) { recordAids(input: $input) { outcomes { created aidRecord { id } } } }
"""


def single(system: str, on: BenchDatabase) -> list[str]:
    """Bodies with one outcome each."""
    document = _PEER_ONE if system == "strawberry" else _ONE
    return [_body(document, _outcome(system, *person, place)) for place, person in enumerate(_persons(on))]


def batches(system: str, on: BenchDatabase) -> list[str]:
    """Bodies with 500 outcomes each; the households differ between bodies if there are enough."""
    document = _PEER_MANY if system == "strawberry" else _MANY
    outcomes = [_outcome(system, *person, place) for place, person in enumerate(_persons(on))]
    starts = range(0, len(outcomes) - BATCH + 1, BATCH)
    return [_body(document, {"outcomes": outcomes[start : start + BATCH]}) for start in starts]


def _persons(on: BenchDatabase) -> list[tuple[UUID, UUID]]:
    """One member of each of many households."""
    statement = """
    select distinct on (household_id) household_id, id from person
    where left_on is null order by household_id, id limit %s
    """
    found = on.rows(statement, BATCH * _BATCHES)
    if len(found) < BATCH:
        raise CannotMeasure(f"W3 needs {BATCH} households with members; give HOUSEHOLDS=1000 or more.")
    return [(household, person) for household, person in found]


def _outcome(system: str, household: UUID, person: UUID, place: int) -> dict[str, Any]:
    """An education grant (46-3.2.2) of one month."""
    subject = (
        {"householdId": str(household), "personId": str(person)}
        if system == "strawberry"
        else {"personId": encode("Person", (household, person))}
    )
    return {
        "externalId": f"@@{place}",
        "subject": subject,
        "program": "困难学生助学金",
        "periodFrom": "2026-09-01",
        "periodUntil": "2026-09-30",
        "status": "PAID",
        "decidedOn": "2026-09-20",
        "paidOn": "2026-10-08",
        "amount": "250.00",
        "outcome": "已发放到一卡通",
        "detail": {
            "education": {"form": "GRANT", "schoolYear": 2026, "stage": "PRIMARY", "school": "文化路小学"}
        },
    }


def _body(document: str, variables: dict[str, Any]) -> str:
    return orjson.dumps({"query": document, "variables": {"input": variables}}).decode()
