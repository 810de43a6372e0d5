"""An alert reveals a fact. A caller who may not read the fact learns nothing of the alert, in no list, count or chain."""

from typing import Any

import anyio
import pytest

from hub.evaluation.monitoring.run import run_monitoring
from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from hub.sample.planted import Planted, planted_codes
from tests.fixtures.served import Served

OFFICE = "civil_affairs@410102"
ASKED = """query ($code: String!) { alerts(first: 100) { totalCount nodes { finding } }
  household(code: $code) { alerts { totalCount } chain { events(first: 1000) { totalCount nodes { type } } } } }"""


@pytest.fixture
def monitored(writable_hub: Served, settings: Settings) -> Served:
    """The hub after a run of monitoring."""

    async def look() -> None:
        database = Database(writable_hub.database_url, settings)
        await run_monitoring(database, today())
        await database.close()

    anyio.run(look)
    return writable_hub


def asked(hub: Served, but: str = "") -> Any:
    """What the district's civil affairs reads without some scopes."""
    (code,) = planted_codes()[Planted.STUDENT_WITHOUT_AID]
    scopes = hub.grant(OFFICE).scopes - set(but.split())
    return hub.ask(OFFICE, ASKED, {"code": code}, scopes=scopes).data


def test_who_reads_the_registry_learns_of_the_alert_and_its_event(monitored: Served) -> None:
    told = asked(monitored)
    assert {"finding": "STUDENT_WITHOUT_AID"} in told["alerts"]["nodes"]
    assert told["household"]["alerts"]["totalCount"] == 1
    assert {"type": "ALERT_RAISED"} in told["household"]["chain"]["events"]["nodes"]


def test_who_does_not_read_the_registry_learns_of_neither(monitored: Served) -> None:
    told = asked(monitored, but="circumstance.education:read")
    assert {"finding": "STUDENT_WITHOUT_AID"} not in told["alerts"]["nodes"]
    assert told["alerts"]["totalCount"] == len(told["alerts"]["nodes"])
    assert told["household"]["alerts"]["totalCount"] == 0
    chain = told["household"]["chain"]["events"]
    assert {"type": "ALERT_RAISED"} not in chain["nodes"]
    assert (
        chain["totalCount"]
        == len(chain["nodes"])
        < asked(monitored)["household"]["chain"]["events"]["totalCount"]
    )


def test_an_auditor_reads_every_alert_whatever_it_tells(monitored: Served) -> None:
    told = monitored.ask("audit@4101", "{ alerts(first: 100) { nodes { finding } } }").data["alerts"]["nodes"]
    assert {"finding": "STUDENT_WITHOUT_AID"} in told
    assert {"finding": "DECEASED_RECIPIENT"} in told


def test_who_has_no_scope_for_alerts_is_told_of_the_scope_and_nothing_else(monitored: Served) -> None:
    reply = monitored.ask("education@410102", "{ alerts(first: 100) { nodes { finding } } }")
    assert reply.body["data"] == {"alerts": None}
    assert reply.forbidden == {"Query.alerts"}


VISITED = (
    """mutation ($input: RecordVisitInput!) { recordVisit(input: $input) { visit { id } errors { code } } }"""
)
LINKED = """query ($code: String!) { household(code: $code) { id alerts { nodes { id finding } }
  chain { events(last: 1) { nodes { type answers { type } } } } } }"""


def test_who_does_not_read_the_registry_does_not_learn_that_an_alert_was_checked(monitored: Served) -> None:
    (code,) = planted_codes()[Planted.STUDENT_WITHOUT_AID]
    household = monitored.ask(OFFICE, LINKED, {"code": code}).data["household"]
    alert = next(node for node in household["alerts"]["nodes"] if node["finding"] == "STUDENT_WITHOUT_AID")
    given = {
        "externalId": "V-1",
        "subject": {"householdId": household["id"]},
        "visitedOn": str(today()),
        "visitors": "李娜",
        "found": "孩子在读,尚未获助学金",
        "recommendation": "CARRY_OUT",
        "alertId": alert["id"],
    }
    assert monitored.ask(OFFICE, VISITED, {"input": given}).data["recordVisit"]["errors"] == []

    def last(but: str = "") -> Any:
        scopes = monitored.grant(OFFICE).scopes - set(but.split())
        found = monitored.ask(OFFICE, LINKED, {"code": code}, scopes=scopes).data["household"]
        return found["chain"]["events"]["nodes"]

    assert last() == [{"type": "VISITED", "answers": [{"type": "ALERT_RAISED"}]}]
    (before,) = last("circumstance.education:read")
    assert before["type"] != "VISITED", "the visit would say that there was something to check"
