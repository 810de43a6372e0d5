"""46-2.1: a duplicate that ends and comes back, with its case and its alert."""

from typing import Any

import psycopg

from hub.foundation.settings import Settings
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.overlaps import RECORD, outcome, schooling
from tests.journeys.test_overlaps import HERE, monitor, write


def test_46_2_1_a_duplicate_that_comes_back_is_the_same_case_with_the_alert_that_is_open(
    writable_hub: Served, of_jinshui: list[Somebody], settings: Settings
) -> None:
    def given_twice(person: Somebody, one: str, other: str) -> str:
        said = {"personId": person.person_id}
        write(writable_hub, "education@410105", RECORD, outcome(said, schooling(), externalId=one))
        kept = write(writable_hub, "education@4101", RECORD, outcome(said, schooling(), externalId=other))
        (warning,) = kept["warnings"]
        case: str = warning["overlap"]["caseId"]
        return case

    case = given_twice(of_jinshui[3], "MEETS-1", "MEETS-2")
    of_case = "query ($id: ID!) { node(id: $id) { ... on OverlapCase { alert { id status } } } }"

    def alert() -> Any:
        monitor(writable_hub, settings)
        return writable_hub.ask(HERE, of_case, {"id": case}).data["node"]["alert"]

    def is_in_force(whether: str) -> None:
        with psycopg.connect(writable_hub.database_url) as connection:  # as a registry's list may state
            connection.execute("update aid_record set status = %s where external_id = 'MEETS-2'", (whether,))

    first = alert()
    is_in_force("REVOKED")
    assert alert() == {"id": first["id"], "status": "CLOSED"}
    is_in_force("APPROVED")
    again = alert()
    assert (again["status"], again["id"] == first["id"]) == ("OPEN", False)
    given_twice(of_jinshui[2], "MEETS-3", "MEETS-4")
    assert alert() == again, "another duplicate changes nothing of this one"
