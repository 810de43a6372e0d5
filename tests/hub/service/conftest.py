"""A hub without a sample, for tests of the jobs that clients start: shared by all of them, and empty of jobs at the start of
each."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.conftest import TestCluster
from tests.fixtures.served import Served, serve

NO_JOBS = """
with parts as (delete from sealed_part), exports as (delete from export_job), imports as (delete from import_job) select 1
"""


@pytest.fixture(scope="session")
def _hub_of_jobs(cluster: TestCluster, template: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """A hub with regions and agencies only, which accepts identity numbers of a sample."""
    name = f"hub_jobs_{uuid4().hex[:12]}"
    with serve(cluster.create(name, template), settings, keys) as served:
        served.rows("insert into installation (id, sample, created_at) values (1, true, now()) returning 1")
        yield served
    cluster.drop(name)


@pytest.fixture
def hub_of_jobs(_hub_of_jobs: Served) -> Served:
    """The hub without a sample, and without any import or export."""
    _hub_of_jobs.rows(NO_JOBS)
    return _hub_of_jobs
