"""For every mutation: the same input comes three times at the same time, twice to one process of the hub and once to another
process on the same database; and two different inputs, one to each process. All get a response, no caller sees a collision,
and the result is the same as if the inputs came in sequence."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from hub.foundation.database import Database
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from hub.ledger.chain import verify_links
from hub.ledger.checkpoints import LogKey
from hub.ledger.sealing import seal
from hub.ledger.verify import verify_all
from schema.hub_schema import build
from tests.fixtures.commands import environment
from tests.fixtures.served import free_port
from tests.schema.desk import ArgumentValue, Desk, errors_in
from tests.schema.inputs_that_are_kept import KEPT

MUTATIONS = build().graphql.type_map["Mutation"].fields  # type: ignore[attr-defined]
UNCOUNTED = (
    "access_record", "coordinate_set", "elsewhere_searches", "log_block", "log_checkpoint", "monthly_share", "operation_text",
    "record_event", "sent_household", "sent_member", "shown_household",
)  # fmt: skip
"""Tables that grow depending on earlier rows: the access ledger, texts of requests, which agencies already see a household,
how often a client searched that day, and the database's record of all changes."""


@pytest.fixture(scope="module")
def beside(desk: Desk, keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Another process of the hub on the same database, with the same keys."""
    folder: Path = tmp_path_factory.mktemp("beside")
    keys.save(folder / "keys.json")
    port = free_port()
    settings = {
        "HUB_DATABASE_URL": desk.served.database_url,
        "HUB_DATA_DIR": str(folder),
        "HUB_SCHEDULE": "off",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "hub.service.cli", "serve", "--port", str(port)],
        env=environment(**settings),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, timeout=30) as http:
            yield Desk(replace(desk.served, url=url, http=http))
        process.terminate()


Sent = tuple[Desk, ArgumentValue]


def at_once(agency: str, mutation: str, inputs: Sequence[Sent]) -> list[dict[str, Any]]:
    """Send inputs at the same time, each from a thread of its own; returns the payloads."""
    answered: list[Any] = [None] * len(inputs)
    together = threading.Barrier(len(inputs))

    def send(place: int) -> None:
        desk, input = inputs[place]
        together.wait()
        answered[place] = desk.send(agency, mutation, input).body

    threads = [threading.Thread(target=send, args=(place,)) for place in range(len(inputs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for body in answered:
        assert body is not None, "a caller was not answered"
        assert "errors" not in body, body
    return [body["data"][mutation] for body in answered]


def counts(desk: Desk) -> dict[str, int]:
    """The number of rows of each table."""
    tables = [
        name
        for (name,) in desk.served.rows(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        )
        if name not in UNCOUNTED
    ]
    union = " union all ".join(f"select '{name}', count(*) from {name}" for name in tables)
    return dict(desk.served.rows(union))


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """The tables that grew, and by how many rows."""
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def codes(payload: dict[str, Any]) -> list[str]:
    """The codes of the refusals of an input."""
    return sorted({error["code"] for error in errors_in(payload)})


def _chains(desk: Desk) -> Iterator[tuple[Any, bool]]:
    """Each chain of the database, and whether it is whole."""
    names = (
        "household_id",
        "number",
        "type",
        "person_id",
        "subject_id",
        "agency_id",
        "client_id",
        "occurred_at",
        "recorded_at",
        "policy_basis",
        "needs",
        "answers",
        "body",
        "previous_hash",
        "hash",
    )
    rows = desk.served.rows(f"select {', '.join(names)} from chain_event order by household_id, number")
    of: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        of.setdefault(row[0], []).append(dict(zip(names, row, strict=True)))
    for household, events in of.items():
        yield household, verify_links(events).whole


IDS = [f"{mutation} {place}" for place, (mutation, _, _) in enumerate(KEPT)]


@pytest.mark.parametrize(("mutation", "agency", "good"), KEPT, ids=IDS)
def test_the_same_input_at_once_is_kept_once_and_answered_to_all(
    desk: Desk, beside: Desk, mutation: str, agency: str, good: Callable[[Desk], ArgumentValue]
) -> None:
    alone = good(desk)
    before = counts(desk)
    assert codes(desk.send(agency, mutation, alone).data[mutation]) == []
    once = grown(before, counts(desk))
    given = good(desk)
    before = counts(desk)
    first, *others = at_once(agency, mutation, [(desk, given), (desk, given), (beside, given)])
    assert codes(first) == []
    assert others == [first] * 2
    assert grown(before, counts(desk)) == once, "three at once leave what one leaves"


def renamed(desk: Desk, given: ArgumentValue) -> ArgumentValue:
    """The same content under another external id."""
    return given | {"externalId": desk.number()}


def says(**other: Any) -> Callable[[Desk, ArgumentValue], ArgumentValue]:
    """The same input with the same version, but with another value of one field."""
    return lambda _desk, given: given | other


def inside(list_name: str, **other: Any) -> Callable[[Desk, ArgumentValue], ArgumentValue]:
    """The same batch with other content under its external ids."""
    return lambda _desk, given: given | {list_name: [given[list_name][0] | other]}


OTHER: dict[str, tuple[Callable[[Desk, ArgumentValue], ArgumentValue], list[str]]] = {
    # Under another external id it is another record, and both are saved ([]), unless only one may be in force.
    "recordVisit": (renamed, []),
    "raiseAlert": (renamed, []),
    "submitApplication": (renamed, []),
    "openConference": (renamed, []),
    "createReferral": (renamed, []),
    "offerCharity": (renamed, []),
    "recordRepayment": (renamed, []),
    "objectToDisclosure": (renamed, []),
    "declareNearRelative": (renamed, []),
    "recordLiability": (renamed, []),
    "certify": (renamed, ["ALREADY_CERTIFIED"]),
    "publishDisclosure": (renamed, ["ALREADY_DISCLOSED"]),
    "recordCountyOption": (renamed, ["ALREADY_EXTENDED"]),
    "openRecovery": (
        lambda desk, given: renamed(desk, given) | {"amount": "1000.00"},
        ["AMOUNT_EXCEEDS_PAID"],
    ),
    # Of two changes of one version, one is saved and the other is refused.
    "amendAid": (says(amount="98.00"), ["STALE_VERSION"]),
    "revokeAid": (says(reason="另有原因"), ["STALE_VERSION"]),
    "disposeAlert": (says(reason="另有原因"), ["STALE_VERSION"]),
    "terminateCertification": (says(reason="另有原因"), ["STALE_VERSION"]),
    "closeConference": (says(minutes="另一记录"), ["STALE_VERSION"]),
    "withdrawDisclosure": (says(reason="另有原因"), ["STALE_VERSION"]),
    "endNearRelative": (says(reason="另有原因"), ["STALE_VERSION"]),
    "endCountyOption": (says(reason="另有原因"), ["STALE_VERSION"]),
    "decideOverlap": (says(reason="另有原因"), ["STALE_VERSION"]),
    "waiveRecovery": (says(reason="另有原因"), ["STALE_VERSION"]),
    "returnReferral": (says(reason="另有原因"), ["STALE_VERSION"]),
    "completeReferral": (says(outcome="另有结果"), ["STALE_VERSION"]),
    "endReferral": (says(reason="另有原因"), ["STALE_VERSION"]),
    # Other content under one external id is a conflict.
    "recordAid": (says(outcome="另有结果"), ["CONFLICT"]),
    "recordUrgentAid": (says(amount="801.00"), ["CONFLICT"]),
    "forwardReferral": (says(reason="另有原因"), ["CONFLICT"]),
    "recordAids": (inside("outcomes", outcome="另有结果"), ["CONFLICT"]),
    "reportCircumstances": (inside("reports", since="2026-01-01"), ["CONFLICT"]),
    # Both inputs update the household.
    "upsertHouseholds": (inside("households", address="经八路4号"), []),
}
"""For each mutation, another input that collides with the first, and the codes for the one that comes second."""
ONE_STEP = {"acceptReferral", "withdrawOffer", "mediateOverlap", "supplyPapers"}
"""These have no other content: everybody who takes the step sends the same input. For mediation, see the tests of overlaps."""
DIFFERENT = [
    next((mutation, agency, good) for mutation, agency, good in KEPT if mutation == name) for name in OTHER
]


@pytest.mark.parametrize(("mutation", "agency", "good"), DIFFERENT, ids=list(OTHER))
def test_of_two_inputs_at_once_both_are_kept_or_one_wins_as_documented(
    desk: Desk, beside: Desk, mutation: str, agency: str, good: Callable[[Desk], ArgumentValue]
) -> None:
    made, told = OTHER[mutation]
    given = good(desk)
    payloads = at_once(agency, mutation, [(desk, given), (beside, made(desk, given))])
    assert sorted(map(codes, payloads)) == sorted([[], told])


def test_every_mutation_meets_itself() -> None:
    assert {mutation for mutation, _, _ in KEPT} == set(MUTATIONS)
    assert OTHER.keys() | ONE_STEP == set(MUTATIONS)


def test_every_chain_is_whole_after_all_that_came_at_once(desk: Desk) -> None:
    broken = [household for household, whole in _chains(desk) if not whole]
    assert broken == []
    assert desk.served.rows(
        "select count(*) from household h where not exists"
        " (select from chain_event e where e.household_id = h.id)"
    ) == [(0,)]


@pytest.mark.anyio
async def test_every_row_is_proven_and_the_log_whole_after_all_that_came_at_once(
    desk: Desk, beside: Desk, settings: Settings, keys: Keys
) -> None:
    database = Database(desk.served.database_url, settings)
    key = LogKey.of(keys, settings.issuer)
    await seal(database, key)
    found = await verify_all(database, Console(quiet=True), key)
    await database.close()
    assert (found.rows, found.broken, found.log.faults) == ([], [], [])
    assert found.log.size > 20_000
