"""Who belongs to the low-income population: certified by its authority, for a time, and ended for a reason (46-1.2)."""

from hub.sample.planted import Planted, planted_codes
from tests.fixtures.served import Served


def test_46_2_3_of_the_sample_only_the_planted_households_are_covered_in_part(hub: Served) -> None:
    asked = "{ households(filter: {partlyCovered: true}, first: 100) { nodes { code partlyCovered } } }"
    found = hub.ask("civil_affairs@4101", asked).data["households"]["nodes"]
    assert {one["code"] for one in found} == set(planted_codes()[Planted.PARTLY_COVERED])
    assert all(one["partlyCovered"] for one in found)
