"""One city for all stories. Each story has a family of its own, so that stories do not affect each other."""

from collections.abc import Callable, Iterator
from itertools import count
from uuid import uuid4

import pytest

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.conftest import TestCluster
from tests.fixtures.served import Served, serve
from tests.journeys.clauses.family import Member
from tests.journeys.clauses.story import JINSHUI, Story, begin

SERIAL = count(1)
"""Serial numbers of families. None is used twice in a process, even if pytest ends the package and starts it again."""
Tell = Callable[..., Story]
"""Registers a family of these members in a township; returns its story."""


@pytest.fixture(scope="package")
def city(cluster: TestCluster, sample_template: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub, served over HTTP on a copy of the sample that all stories share."""
    name = f"hub_city_{uuid4().hex[:12]}"
    with serve(cluster.create(name, sample_template), settings, keys) as served:
        yield served
    cluster.drop(name)


@pytest.fixture
def tell(city: Served, settings: Settings) -> Tell:
    """Begins a story."""

    def register(*members: Member, township: str = JINSHUI, residence: str = "URBAN") -> Story:
        return begin(city, settings, next(SERIAL), township, residence, members)

    return register
