"""The executors on the furnished sample with the rows of `rows`, and its tables."""

from collections.abc import Iterator

import pytest

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.encryption import Secrecy
from hub.foundation.settings import Settings
from tests.conftest import TestCluster
from tests.hub.policy.permissions.sight import Everything
from tests.schema.fuzz.conftest import Both, executors
from tests.schema.fuzz.further.rows import vary

WHOLE = Grant("civil_affairs@410105", "fuzz", frozenset(Scope), ("410105",), "test")
GRANTS = {
    "all scopes in a county": WHOLE,
    "no audit in the city": Grant(
        "civil_affairs@4101", "fuzz", frozenset(Scope) - {Scope.AUDIT_READ}, ("4101",), "test"
    ),
    "temporary aid and charity alone": Grant(
        "civil_affairs@410105",
        "fuzz",
        frozenset(one for one in Scope if not one.startswith(("aid.", "audit:", "circumstance.")))
        | {Scope.AID_TEMPORARY_READ, Scope.AID_CHARITY_READ},
        ("410105",),
        "test",
    ),
}


@pytest.fixture(scope="session")
def varied_template(cluster: TestCluster, furnished_template: str) -> Iterator[str]:
    """The furnished sample with further rows."""
    name = f"{furnished_template}_varied"
    vary(cluster.create(name, furnished_template))
    yield name
    cluster.drop(name)


@pytest.fixture(scope="session")
def executor(
    cluster: TestCluster, varied_template: str, settings: Settings, secrecy: Secrecy
) -> Iterator[Both]:
    """The executors on it."""
    with executors(cluster, varied_template, settings, secrecy) as found:
        yield found


@pytest.fixture(scope="session")
def everything(cluster: TestCluster, varied_template: str, executor: Both) -> Everything:
    """The rows that the executors read, dumped."""
    assert executor.executor
    return Everything.of(cluster.url(f"{varied_template}_read"))
