"""The results of each run of monitoring, for callers who are responsible for all that it covered and may read its facts
(46-2.3)."""

from typing import Any

import anyio
import pytest

from hub.evaluation.monitoring.run import run_monitoring
from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from tests.fixtures.served import Served
from tests.policy import FACTS_OF_FINDINGS

RUNS = """
{ monitoringRuns(first: 100) { totalCount nodes {
    region { code } asOf startedAt finishedAt results { finding found raised closed milliseconds } } } }
"""


@pytest.fixture
def monitored(writable_hub: Served, settings: Settings) -> Served:
    """Two runs in sequence."""

    async def run() -> None:
        database = Database(writable_hub.database_url, settings)
        await run_monitoring(database, today())
        await run_monitoring(database, today())
        await database.close()

    anyio.run(run)
    return writable_hub


def runs(served: Served, agency: str, **changes: Any) -> list[dict[str, Any]]:
    """The runs as an agency sees them, the newest first."""
    told = served.ask(agency, RUNS, **changes).data["monitoringRuns"]
    assert told["totalCount"] == len(told["nodes"])
    nodes: list[dict[str, Any]] = told["nodes"]
    return nodes


def test_the_city_sees_its_runs_and_only_what_it_may_know_of_their_results(monitored: Served) -> None:
    second, first = runs(monitored, "civil_affairs@4101")
    assert (first["region"]["code"], first["asOf"]) == ("4101", today().isoformat())
    assert first["startedAt"] < first["finishedAt"] < second["startedAt"]
    of = {result["finding"]: result for result in first["results"]}
    assert of["PARTLY_COVERED"]["raised"] == of["PARTLY_COVERED"]["found"] == 1
    assert {(result["raised"], result["closed"]) for result in second["results"]} == {(0, 0)}
    scopes = monitored.grant("civil_affairs@4101").scopes
    assert of.keys() == {finding for finding, facts in FACTS_OF_FINDINGS.items() if facts <= scopes}

    fewer = scopes - FACTS_OF_FINDINGS["DECEASED_RECIPIENT"]
    told = runs(monitored, "civil_affairs@4101", scopes=fewer)[0]["results"]
    assert {alert["finding"] for alert in told} == {
        finding for finding, facts in FACTS_OF_FINDINGS.items() if facts <= fewer
    }


def test_the_audit_of_the_city_sees_every_result(monitored: Served) -> None:
    for run in runs(monitored, "audit@4101"):
        assert {result["finding"] for result in run["results"]} == FACTS_OF_FINDINGS.keys()


@pytest.mark.parametrize("agency", ["civil_affairs@410105", "civil_affairs@410105001", "audit@410105"])
def test_who_answers_for_a_part_alone_is_not_told_what_was_found_in_the_whole(
    monitored: Served, agency: str
) -> None:
    assert runs(monitored, agency) == []


def test_who_reads_no_alerts_reads_no_runs(monitored: Served) -> None:
    refused = monitored.ask("education@4101", RUNS)
    assert refused.forbidden == {"Query.monitoringRuns"}
    assert refused.body["data"] == {"monitoringRuns": None}
