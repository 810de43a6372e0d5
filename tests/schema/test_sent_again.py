"""Whatever is sent again, at any time, is answered as it was the first time, and writes nothing: every mutation there is."""

import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

import hub.foundation.calendar
import hub.foundation.database
from schema.built import build
from tests.schema.desk import Desk, answered, contents, differing, errors_in
from tests.schema.inputs_that_are_kept import KEPT
from tests.schema.what_follows import FOLLOWS, NOTHING_FOLLOWS, id_in

LATER = timedelta(days=60)
"""Every deadline and day in the inputs has passed by then."""
SAID_ANEW = {"upsertHouseholds"}
"""Without a version it says how a household is now, whatever was said in between; there is no number to know it again by."""


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Moves the hub's clock."""
    now, today = hub.foundation.database.now, hub.foundation.calendar.today

    def then() -> datetime:
        return now() + LATER

    def that_day() -> date:
        return today() + LATER

    def move() -> None:
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] in {"hub", "schema"}:
                for told, replaced, by in (("now", now, then), ("today", today, that_day)):
                    if getattr(module, told, None) is replaced:
                        monkeypatch.setattr(module, told, by)

    return move


def test_every_mutation_is_sent_again() -> None:
    mutations = set(build().graphql.type_map["Mutation"].fields)  # type: ignore[attr-defined]
    assert {name for name, _, _ in KEPT} == mutations == FOLLOWS.keys() | NOTHING_FOLLOWS


@pytest.mark.parametrize(
    "place", range(len(KEPT)), ids=[f"{name}-{at}" for at, (name, _, _) in enumerate(KEPT)]
)
def test_what_is_sent_again_is_answered_as_before_and_writes_nothing(
    desk: Desk, later: Callable[[], None], place: int
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
    assert differing(before, contents(desk)) == {}
    later()
    assert answered(desk, agency, mutation, given) == first, "time passed"
    assert differing(before, contents(desk)) == {}
