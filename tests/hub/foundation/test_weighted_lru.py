"""The cache holds the most recently used entries, and never more than its bounds allow."""

from hypothesis import given
from hypothesis import strategies as st

from hub.foundation.weighted_lru import WeightedLru

MOST, HEAVIEST = 3, 10
STEPS = st.lists(
    st.tuples(st.sampled_from(["keep", "find", "forget"]), st.integers(0, 5), st.integers(0, 12))
)


@given(STEPS)
def test_it_keeps_the_last_used_that_fit_and_forgets_the_others_first(
    steps: list[tuple[str, int, int]],
) -> None:
    recent: WeightedLru[int, str] = WeightedLru(MOST, HEAVIEST)
    model: list[tuple[int, int, str]] = []
    for number, (step, key, weight) in enumerate(steps):
        held = next((one for one in model if one[0] == key), None)
        rest = [one for one in model if one[0] != key]
        match step:
            case "find":
                assert recent.find(key) == (held[2] if held else None)
                model = [*rest, held] if held else rest
            case "forget":
                recent.forget(key)
                model = rest
            case _:
                assert recent.store(key, f"{number}", weight) == f"{number}"
                model = [*rest, (key, weight, f"{number}")] if weight <= HEAVIEST else rest
                while len(model) > MOST or sum(one[1] for one in model) > HEAVIEST:
                    model.pop(0)
    assert {key: recent.find(key) for key in range(6)} == {
        key: next((one[2] for one in model if one[0] == key), None) for key in range(6)
    }
