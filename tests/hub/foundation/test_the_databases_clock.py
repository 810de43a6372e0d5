"""The hub's clock is the database's, however wrong the machine's own clock is."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.foundation.clock import Clock

SPANS = st.timedeltas(timedelta(days=-9), timedelta(days=9))
BRIEF = st.timedeltas(timedelta(), timedelta(seconds=3))
INSTANT = datetime(2026, 11, 30, 8, tzinfo=UTC)


@given(off=st.lists(SPANS, min_size=1, max_size=4), there=BRIEF, back=BRIEF)
def test_what_a_process_shows_is_the_databases_instant_as_exactly_as_an_answer_is_fast(
    off: list[timedelta], there: timedelta, back: timedelta
) -> None:
    clock = Clock()
    for difference in off:
        before = clock.now()
        instant = before + difference + there
        after = before + there + back
        earlier = clock.now()
        clock.learn(before, instant, after)
        moved = clock.now() - earlier
        shown_then = after + moved
        assert abs(shown_then - (instant + back)) <= there + back + timedelta(seconds=1)


@given(at=BRIEF, back=BRIEF)
def test_an_instant_that_fits_changes_nothing(at: timedelta, back: timedelta) -> None:
    clock = Clock()
    clock.learn(INSTANT, INSTANT + at, INSTANT + at + back)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
