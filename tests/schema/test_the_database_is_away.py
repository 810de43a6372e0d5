"""While the database is not reachable, every address of the hub reports it, and when to try again."""

from collections.abc import Iterator

import pytest

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.fixtures.served import Served, free_port, serve

AGENCY = "education@410105"
WRITE = "mutation ($input: RecordAidInput!) { recordAid(input: $input) { errors { code } } }"
INPUT = {
    "externalId": "A-1",
    "subject": {"personId": "x"},
    "program": "助学金",
    "status": "APPROVED",
    "decidedOn": "2026-09-20",
    "periodFrom": "2026-09-01",
    "periodUntil": "2027-07-15",
    "detail": {"education": {"form": "GRANT", "schoolYear": 2026, "stage": "PRIMARY"}},
}
WAYS = {
    "a compiled read": ('{ household(code: "1") { code } }', {}),
    "the reference executor": ('{ viewer { agency { code name } } household(code: "1") { code } }', {}),
    "a code to look up": ('{ households(filter: {region: "410105"}) { totalCount } }', {}),
    "nothing of the database": ("{ __typename }", {}),
    "a write": (WRITE, {"input": INPUT}),
}


@pytest.fixture(scope="module")
def deserted(settings: Settings, keys: Keys) -> Iterator[Served]:
    """A hub with a database address where nothing listens."""
    with serve(f"postgresql://hub@127.0.0.1:{free_port()}/hub", settings, keys) as running:
        yield running


@pytest.mark.parametrize(("query", "variables"), WAYS.values(), ids=WAYS)
def test_a_request_is_answered_with_when_to_try_again(
    deserted: Served, query: str, variables: dict[str, object]
) -> None:
    answered = deserted.http.post(
        "/graphql",
        json={"query": query, "variables": variables},
        headers={"authorization": f"Bearer {deserted.token(AGENCY)}"},
    )
    (error,) = answered.json()["errors"]
    assert (answered.status_code, answered.headers["retry-after"]) == (503, "5")
    assert (error["extensions"]["code"], error["extensions"]["retryAfterSeconds"]) == (
        "DATABASE_UNAVAILABLE",
        5,
    )
    assert "数据库" in error["extensions"]["messageZh"]
