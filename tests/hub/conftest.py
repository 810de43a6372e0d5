"""The desk at which cases about money are tested."""

import asyncio
from collections.abc import Iterator

import pytest

from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.settings import Settings
from tests.conftest import TestCluster
from tests.hub.money import Desk


@pytest.fixture(scope="session")
def desk(cluster: TestCluster, template: str, settings: Settings, secrecy: Secrecy) -> Iterator[Desk]:
    """One database for all cases: each case is rolled back."""
    name = f"{template}_money"
    loop = asyncio.new_event_loop()
    database = Database(cluster.create(name, template), settings)
    yield Desk(database, secrecy, loop)
    loop.run_until_complete(database.close())
    loop.close()
    cluster.drop(name)
