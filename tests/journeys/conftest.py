"""Persons and households of the sample for the journeys."""

from dataclasses import dataclass

import pytest

from tests.fixtures.served import Served

HOUSEHOLDS = """
query ($region: String!) {
  households(filter: {region: $region}, first: 40) { nodes { id code members { id idNumber } } }
}
"""


@dataclass(frozen=True)
class Somebody:
    """A member of a household, with the names by which each can be addressed."""

    household_id: str
    household_code: str
    person_id: str
    id_number: str


def in_region(served: Served, region: str) -> list[Somebody]:
    """The first member of each household of a region, as civil affairs sees them."""
    nodes = served.ask("civil_affairs@4101", HOUSEHOLDS, {"region": region}).data["households"]["nodes"]
    return [
        Somebody(node["id"], node["code"], node["members"][0]["id"], node["members"][0]["idNumber"])
        for node in nodes
    ]


@pytest.fixture
def of_jinshui(writable_hub: Served) -> list[Somebody]:
    """Residents of 金水区, 410105."""
    return in_region(writable_hub, "410105")


@pytest.fixture
def of_erqi(writable_hub: Served) -> list[Somebody]:
    """Residents of 二七区, 410103."""
    return in_region(writable_hub, "410103")


@pytest.fixture
def of_sample(hub: Served) -> list[Somebody]:
    """Residents of 金水区, in the sample that no test writes to."""
    return in_region(hub, "410105")
