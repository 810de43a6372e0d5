"""The residents that the journeys use, for tests of single refusals, and a hub with registered clients."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.conftest import TestCluster
from tests.fixtures.served import Served, serve
from tests.journeys.conftest import of_erqi, of_jinshui
from tests.schema.desk import Desk

__all__ = ["desk", "of_erqi", "of_jinshui", "registry_hub"]


@pytest.fixture(scope="package")
def registry_hub(cluster: TestCluster, template: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub on a database without households. Tests may register clients and documents in it."""
    name = f"hub_registry_{uuid4().hex[:8]}"
    with serve(cluster.create(name, template), settings, keys) as running:
        yield running
    cluster.drop(name)


@pytest.fixture(scope="module")
def desk(cluster: TestCluster, sample_template: str, settings: Settings, keys: Keys) -> Iterator[Desk]:
    """The hub on a copy of the sample, where good inputs find the rows that they need."""
    name = f"hub_copy_{uuid4().hex[:12]}"
    with serve(cluster.create(name, sample_template), settings, keys) as served:
        yield Desk(served)
    cluster.drop(name)
