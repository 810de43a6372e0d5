"""A request reads from one snapshot, over one connection, even if Python computes several of its fields."""

from datetime import UTC, datetime, timedelta

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.fixtures.served import Served, serve

NOW = datetime(2026, 3, 11, 4, tzinfo=UTC)
DAYS_OF_FIELDS = (40, 3, 50, 2, 0, 1)
"""The length of each field's span in days. A span of more than 31 days, or of none, is refused."""


def test_fields_that_python_computes_share_one_connection(
    sample_url: str, settings: Settings, keys: Keys
) -> None:
    fields = [
        f'f{place}: unusualAccess(from: "{NOW.isoformat()}", until: "{(NOW + timedelta(days=days)).isoformat()}") {{ kind }}'
        for place, days in enumerate(DAYS_OF_FIELDS)
    ]
    with serve(sample_url, settings.model_copy(update={"pool_size": 1}), keys) as hub:
        for _ in range(5):
            answer = hub.ask("audit@4101", "{" + " ".join(fields) + "}")
            assert answer.body["data"] == {"f0": None, "f1": [], "f2": None, "f3": [], "f4": None, "f5": []}
            assert [error["path"] for error in answer.body["errors"]] == [["f0"], ["f2"], ["f4"]]


def test_verdicts_on_chains_share_the_connection_of_what_is_read_beside_them(hub: Served) -> None:
    query = (
        "{ households(first: 10) { nodes { code members { gender } chain { verified { whole length } } } } }"
    )
    households = hub.ask("audit@4101", query).data["households"]["nodes"]
    verdicts = [household["chain"]["verified"] for household in households]
    assert len(verdicts) == 10
    assert all(verdict["whole"] and verdict["length"] > 0 for verdict in verdicts)
