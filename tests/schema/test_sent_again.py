"""Every mutation that is sent again, at any time, returns the first result and writes nothing."""

import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest

import hub.foundation.calendar
import hub.foundation.database
from schema.hub_schema import build
from tests.schema.desk import ArgumentValue, Desk, answered, contents, differing, document, errors_in
from tests.schema.inputs_that_are_kept import KEPT
from tests.schema.what_follows import FOLLOWS, NOTHING_FOLLOWS, id_in

LATER = timedelta(days=60)
"""By then every deadline and day in the inputs has passed."""
SAID_ANEW = {"upsertHouseholds"}
"""Without a version it states how a household is now, whatever was written in between. It has no external id by which it
could be recognised."""


EARLIER = -2 * LATER
"""By then nothing in the inputs has happened yet."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Moves the hub's clock."""
    now, today = hub.foundation.database.now, hub.foundation.calendar.today
    by = timedelta()

    def then() -> datetime:
        return now() + by

    def that_day() -> date:
        return today() + by

    def move(more: timedelta) -> None:
        nonlocal by
        by += more
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] in {"hub", "schema"}:
                for attribute, real, moved in (("now", now, then), ("today", today, that_day)):
                    if getattr(module, attribute, None) is real:
                        monkeypatch.setattr(module, attribute, moved)

    return move


def from_elsewhere(desk: Desk, agency: str, mutation: str, given: ArgumentValue) -> dict[str, Any]:
    """The result for the same agency after its jurisdiction changed to another county, without any household that was shown
    to it."""
    with psycopg.connect(desk.served.database_url) as connection:
        connection.execute("delete from shown_household")
    body = {"query": document(mutation), "variables": {"input": given}}
    token = desk.served.token(agency, regions=("410181",))
    answer = desk.served.http.post("/graphql", json=body, headers={"authorization": f"Bearer {token}"}).json()
    payload = answer["data"][mutation]
    assert isinstance(payload, dict)
    return payload


def test_every_mutation_is_sent_again() -> None:
    mutations = set(build().graphql.type_map["Mutation"].fields)  # type: ignore[attr-defined]
    assert {name for name, _, _ in KEPT} == mutations == FOLLOWS.keys() | NOTHING_FOLLOWS


@pytest.mark.parametrize(
    "place", range(len(KEPT)), ids=[f"{name}-{at}" for at, (name, _, _) in enumerate(KEPT)]
)
def test_what_is_sent_again_is_answered_as_before_and_writes_nothing(
    desk: Desk, clock: Callable[[timedelta], None], place: int
) -> None:
    mutation, agency, make = KEPT[place]
    given = make(desk)
    first = answered(desk, agency, mutation, given)
    assert errors_in(first) == []
    before = contents(desk)
    assert answered(desk, agency, mutation, given) == first
    assert differing(before, contents(desk)) == {}
    follow = FOLLOWS.get(mutation)
    if follow and not (mutation in SAID_ANEW and "expectedVersion" not in str(given)):
        other, then, said = follow(desk, given, id_in(first))
        assert errors_in(answered(desk, other, then, said)) == [], "another user changed the record"
    before = contents(desk)
    assert answered(desk, agency, mutation, given) == first, "the record was changed since"
    for by, told in ((LATER, "time passed"), (EARLIER, "the clock was set back")):
        clock(by)
        assert answered(desk, agency, mutation, given) == first, told
    after = contents(desk)
    assert differing(before, after) == {}
    clock(LATER)  # the clock of the first request
    if mutation not in SAID_ANEW:
        assert errors_in(from_elsewhere(desk, agency, mutation, given)) == [], "it went out of sight"
        assert differing(after, contents(desk)).keys() <= {"shown_household"}


def test_a_certification_sent_again_with_another_certified_amount_conflicts(desk: Desk) -> None:
    mutation, agency, make = next(
        (mutation, agency, make)
        for mutation, agency, make in KEPT
        if mutation == "certify" and "certifiedAmount" in make(desk)
    )
    certification = make(desk)
    assert errors_in(answered(desk, agency, mutation, certification)) == []
    without = {name: value for name, value in certification.items() if name != "certifiedAmount"}
    for other in ({**certification, "certifiedAmount": "989.00"}, without):
        errors = errors_in(answered(desk, agency, mutation, other))
        assert [error["code"] for error in errors] == ["CONFLICT"]
