"""Each bound of a request at its documented value: one below it and the value itself are accepted, one above it is refused."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from schema.engine.declare import ids
from tests.conftest import TestCluster
from tests.fixtures.served import Served, serve
from tests.schema.desk import OFFICE, STREET, ArgumentValue, Desk, errors_in
from tests.schema.inputs_that_are_kept import SCHOOLS, aid, fact

CITY = "civil_affairs@4101"


@pytest.fixture(scope="module")
def bare(cluster: TestCluster, template: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub without households."""
    name = f"hub_bounds_{uuid4().hex[:8]}"
    with serve(cluster.create(name, template), settings, keys) as running:
        yield running
    cluster.drop(name)


def aliases(count: int) -> str:
    """One field under this many aliases."""
    return '{ household(code: "1") { ' + " ".join(f"a{place}: code" for place in range(count)) + " } }"


def costing(objects: int) -> str:
    """A request that may return this many objects: README counts a page as one, and each row that it may have as one."""
    wide = "wide: households(first: 1000) { nodes { code aidRecords(first: 97) { nodes { id } } } }"
    rest = objects - (1 + 1000 * (1 + 1 + 97)) - 1
    return f"{{ {wide} rest: households(first: {rest}) {{ nodes {{ code }} }} }}"


@pytest.mark.parametrize(
    ("made", "most", "code"),
    [(aliases, 200, "TOO_MANY_ALIASES"), (costing, 100_000, "TOO_COSTLY")],
    ids=["aliases", "HUB_MAX_COST"],
)
def test_a_query_of_the_largest_size_is_answered_and_one_more_is_refused(
    bare: Served, made: Callable[[int], str], most: int, code: str
) -> None:
    below, most_, above = (bare.ask(CITY, made(size)) for size in (most - 1, most, most + 1))
    assert (below.codes, most_.codes, set(above.codes)) == ([], [], {code})
    assert str(most) in above.body["errors"][0]["message"]
    if code == "TOO_COSTLY":
        assert (below.body["extensions"]["cost"], most_.body["extensions"]["cost"]) == (most - 1, most)


NOBODY: ArgumentValue = {"personId": ids.encode("Person", (UUID(int=1), UUID(int=2)))}


@pytest.mark.parametrize(
    ("mutation", "agency", "list_name", "one", "most", "code"),
    [
        ("recordAids", SCHOOLS, "outcomes", {
            "externalId": "A", "subject": NOBODY, "program": "p", "periodFrom": "2026-01-01", "periodUntil": "2026-01-01",
            "status": "APPROVED", "decidedOn": "2026-01-01", "detail": {"education": {
                "form": "GRANT", "schoolYear": 2025, "stage": "PRIMARY"}},
        }, 1000, "BATCH_TOO_LARGE"),
        ("reportCircumstances", SCHOOLS, "reports", {
            "externalId": "A", "subject": NOBODY, "kind": "HARDSHIP_STUDENT", "since": "2026-01-01"}, 1000, "BATCH_TOO_LARGE"),
        ("upsertHouseholds", STREET, "households", {"code": "", "members": []}, 500, "TOO_MANY_HOUSEHOLDS"),
    ],
    ids=["recordAids", "reportCircumstances", "upsertHouseholds"],
)  # fmt: skip
def test_a_batch_of_the_largest_size_is_answered_row_by_row_and_one_more_is_refused(
    bare: Served, mutation: str, agency: str, list_name: str, one: ArgumentValue, most: int, code: str
) -> None:
    desk = Desk(bare)
    for size, refused in ((most - 1, False), (most, False), (most + 1, True)):
        payload = desk.send(agency, mutation, {list_name: [one] * size}).data[mutation]
        told = {error["code"] for error in errors_in(payload)}
        assert (code in told) is refused, (size, told)
        assert told, "none of them is anybody's"


LONGEST: list[tuple[str, str, Callable[[Desk], ArgumentValue], tuple[str | int, ...], int]] = [
    ("recordAid", SCHOOLS, lambda desk: aid(desk, "education"), ("externalId",), 64),
    (
        "reportCircumstances",
        SCHOOLS,
        fact("HARDSHIP_STUDENT", educationStage="PRIMARY", school="小学"),
        ("reports", 0, "externalId"),
        64,
    ),
]


def put(given: Any, at: tuple[str | int, ...], value: Any) -> Any:
    """The input with a value at a path."""
    head, *rest = at
    inner = put(given[head], tuple(rest), value) if rest else value
    if isinstance(given, list):
        return [inner if place == head else one for place, one in enumerate(given)]
    return given | {head: inner}


@pytest.mark.parametrize(
    ("mutation", "agency", "good", "at", "most"), LONGEST, ids=[one[0] for one in LONGEST]
)
@pytest.mark.parametrize(("more", "taken"), [(-1, True), (0, True), (1, False)])
def test_a_text_has_at_most_its_documented_length(
    desk: Desk,
    mutation: str,
    agency: str,
    good: Callable[[Desk], ArgumentValue],
    at: tuple[str | int, ...],
    most: int,
    more: int,
    taken: bool,
) -> None:
    text = f"{desk.number()}-".ljust(most + more, "长")
    payload = desk.send(agency, mutation, put(good(desk), at, text)).data[mutation]
    assert (errors_in(payload) == []) is taken, payload


@pytest.mark.parametrize(
    ("yuan", "taken"),
    [("-0.01", False), ("0", True), ("0.01", True), ("0.001", False), ("9999999999.98", True), ("9999999999.99", True),
     ("10000000000.00", False), ("9999999999.991", False)],
)  # fmt: skip
def test_an_amount_is_from_0_to_9999999999_99_with_two_decimals(desk: Desk, yuan: str, taken: bool) -> None:
    reply = desk.send(OFFICE, "recordAid", aid(desk, "other", amount=yuan))
    refused = bool(reply.codes) or errors_in(reply.body["data"]["recordAid"]) != []
    assert refused is not taken, reply.body
