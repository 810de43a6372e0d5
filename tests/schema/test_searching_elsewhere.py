"""46-3.3: "取消户籍地、居住地申请限制,在急难发生地". A person in urgent trouble is found wherever registered. An input that
is refused anyway searches for nobody. Every search is counted and recorded, whether it finds a person or not."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from hub.foundation.calendar import today
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import RECORD_AID, urgent_payment
from tests.journeys.overlaps import MEDIATE
from tests.schema.test_naming_by_number import nobody

TOWNSHIP = "civil_affairs@410105001"
A_DAY = 50
RECORDS = "{ accessRecords(first: 1) { nodes { outcome codes kept refused householdCount numbersNamed } } }"


def detail(**changes: str) -> dict[str, Any]:
    """The detail of urgent aid."""
    return {
        "temporary": {"form": "PAY_FIRST", "trouble": "突发火灾", "happenedAtRegion": "410105001"} | changes
    }


REFUSED_ANYWAY: Mapping[str, tuple[str, dict[str, Any]]] = {
    "amount": ("PAY_FIRST_LIMIT_EXCEEDED", {"amount": "99999.00"}),
    "region": ("NOT_FOUND", {"detail": detail(happenedAtRegion="410105999")}),
    "no conference": ("CONFERENCE_REQUIRED", {"detail": detail(form="CASE_CONFERENCE")}),
    "conference": ("NOT_FOUND", {"detail": detail(form="CASE_CONFERENCE", conference="会-404")}),
}


def told(served: Served, number: str, **changes: Any) -> list[dict[str, Any]]:
    """The errors of urgent aid for a person who is named by number."""
    given = urgent_payment({"idNumber": number}, **changes)
    errors: list[dict[str, Any]] = served.ask(TOWNSHIP, RECORD_AID, {"input": given}).data["recordAid"][
        "errors"
    ]
    return errors


def searches(served: Served) -> int:
    """The number of searches of the township's client today."""
    return int(served.rows("select coalesce(sum(searches), 0) from elsewhere_searches")[0][0])


def latest(served: Served) -> dict[str, Any]:
    """The last access record, as an auditor sees it."""
    (record,) = served.ask("audit@4101", RECORDS).data["accessRecords"]["nodes"]
    return dict(record)


@pytest.mark.parametrize("why", REFUSED_ANYWAY)
def test_what_is_refused_anyway_answers_alike_for_whoever_it_names(
    writable_hub: Served, of_erqi: list[Somebody], why: str
) -> None:
    code, changes = REFUSED_ANYWAY[why]
    elsewhere, nowhere = (
        told(writable_hub, number, **changes) for number in (of_erqi[0].id_number, nobody())
    )
    assert elsewhere == nowhere
    assert [error["code"] for error in nowhere] == [code]
    assert searches(writable_hub) == 0, "nobody was looked for out of sight"


def test_who_is_decided_for_tomorrow_is_looked_for_nowhere(
    writable_hub: Served, of_erqi: list[Somebody]
) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat()
    changes = {"decidedOn": tomorrow, "paidOn": tomorrow}
    elsewhere, nowhere = (
        told(writable_hub, number, **changes) for number in (of_erqi[0].id_number, nobody())
    )
    assert elsewhere == nowhere != []
    assert searches(writable_hub) == 0


def test_who_is_found_elsewhere_and_who_is_not_are_counted_and_recorded(
    writable_hub: Served, of_jinshui: list[Somebody], of_erqi: list[Somebody]
) -> None:
    assert told(writable_hub, of_jinshui[0].id_number, externalId="U-0") == []
    assert searches(writable_hub) == 0, "whoever is in sight is no search"
    assert told(writable_hub, of_erqi[0].id_number) == []
    found = latest(writable_hub)
    assert (found["outcome"], found["kept"], found["householdCount"]) == ("ANSWERED", 1, 1)
    assert len(found["numbersNamed"]) == 1, "the search stands in the record"
    assert [error["code"] for error in told(writable_hub, nobody(), externalId="U-2")] == ["NOT_FOUND"]
    missed = latest(writable_hub)
    assert (missed["outcome"], missed["codes"], missed["householdCount"]) == (
        "WRITE_REFUSED",
        ["NOT_FOUND"],
        0,
    )
    assert len(missed["numbersNamed"]) == 1
    assert searches(writable_hub) == 2
    assert told(writable_hub, of_erqi[0].id_number) == []
    assert searches(writable_hub) == 2, "sent again it is answered by its receipt, and looks for nobody"


def test_a_client_looks_for_so_many_a_day_and_no_more(
    writable_hub: Served, of_jinshui: list[Somebody], of_erqi: list[Somebody]
) -> None:
    for _ in range(A_DAY):
        assert [error["code"] for error in told(writable_hub, nobody())] == ["NOT_FOUND"]
    elsewhere, nowhere = (told(writable_hub, number) for number in (of_erqi[0].id_number, nobody()))
    assert elsewhere == nowhere
    assert [(error["code"], error["path"]) for error in nowhere] == [
        ("SEARCH_LIMIT_REACHED", ["input", "subject", "idNumber"])
    ]
    assert len(latest(writable_hub)["numbersNamed"]) == 1
    assert told(writable_hub, of_jinshui[0].id_number) == [], "whoever is in sight is helped all the same"


def test_a_contact_is_mediated_for_nobody_who_meets_nothing_out_of_sight(
    writable_hub: Served, of_erqi: list[Somebody]
) -> None:
    def mediated(number: str) -> Any:
        given = {"outcome": urgent_payment({"idNumber": number}), "said": "请核实"}
        return writable_hub.ask(TOWNSHIP, MEDIATE, {"input": given}).data["mediateOverlap"]["errors"]

    elsewhere, nowhere = mediated(of_erqi[0].id_number), mediated(nobody())
    assert elsewhere == nowhere
    assert [error["code"] for error in nowhere] == ["NOT_FOUND"]
