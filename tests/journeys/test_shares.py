"""46-2.2, 46-2.3: every registry shares its list monthly. Everybody concerned sees which lists were received, how recent they
are, and which are missing."""

from datetime import date
from typing import Any

from auth.scopes import Scope
from hub.foundation.calendar import today
from hub.sample.calendar import months_before
from hub.sample.planted import LATE_LIST
from tests.fixtures.days import day, this_month
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.test_circumstances import BEGAN, fact

SHARES = """
query ($filter: MonthlyShareFilter) {
  shares(filter: $filter, first: 200) {
    totalCount
    nodes { registry kind month region { code } rows agency { code } firstSharedAt sharedAt dueOn late policyBasis
      foundLateAt lateClosedAt }
  }
}
"""
REPORT = """
mutation ($input: ReportCircumstancesInput!) {
  reportCircumstances(input: $input) { reports { created errors { code } } errors { code message messageZh path } }
}
"""


def month(before: int = 0) -> date:
    """The first day of the current month, or of a month this many months ago."""
    return months_before(today().replace(day=1), before)


def shares(served: Served, agency: str, scopes: frozenset[Scope] | None = None, **wanted: Any) -> list[Any]:
    """The shares that an agency sees."""
    found = served.ask(agency, SHARES, {"filter": wanted}, scopes=scopes).data["shares"]
    assert found["totalCount"] == len(found["nodes"])
    nodes: list[Any] = found["nodes"]
    return nodes


def share_of(served: Served, agency: str, month: date, region: str = "410105") -> Any:
    """An agency's own list of a county and month."""
    registry = agency.partition("@")[0].upper()
    (found,) = shares(
        served, agency, registry=[registry], month=str(month), region=region, kind=["HARDSHIP_STUDENT"]
    )
    return found


def reported(served: Served, agency: str, month: str | None, *facts: dict[str, Any]) -> Any:
    """The payload of a batch that is shared for a month."""
    given = {"input": {"reports": facts, "month": month}}
    return served.ask(agency, REPORT, given).data["reportCircumstances"]


def test_46_2_2_the_list_that_did_not_come_is_late_for_all_who_watch_and_for_its_registry_alone(
    hub: Served,
) -> None:
    registry, county = LATE_LIST.registry, LATE_LIST.county
    late: dict[str, Any] = {"late": True, "region": county}
    for watcher in (
        f"civil_affairs@{county}",
        "finance@4101",
        "audit@41",
        f"{registry}@{county}",
        f"{registry}@4101",
    ):
        (found,) = shares(hub, watcher, **late)
        assert (found["registry"], found["kind"], found["month"]) == (
            "AGRICULTURE",
            "MONITORED",
            str(month(1)),
        )
        assert (found["sharedAt"], found["rows"], found["policyBasis"]) == (None, None, "46-2.2")
        assert found["dueOn"] < str(today())
    for other in (f"education@{county}", "agriculture@410105", "civil_affairs@410105"):
        assert shares(hub, other, **late) == []
    assert hub.ask(f"charity@{county}", SHARES).forbidden == {"Query.shares"}
    assert {share["registry"] for share in shares(hub, "education@410105")} == {"EDUCATION"}
    assert {share["registry"] for share in shares(hub, "medical_insurance@410105")} == {
        "HEALTH",
        "MEDICAL_INSURANCE",
    }
    everywhere = shares(hub, "audit@4101", month=str(month(1)))
    assert len(everywhere) == 15 * 7
    assert [one["late"] for one in everywhere].count(True) == 1


def test_46_4_2_numbers_under_five_are_for_those_who_read_the_registry(hub: Served) -> None:
    whole = {
        (share["registry"], share["region"]["code"]): share
        for share in shares(hub, "civil_affairs@4101", month=str(month(1)))
    }
    told = {
        (share["registry"], share["region"]["code"]): share
        for share in shares(hub, "finance@4101", month=str(month(1)))
    }
    assert whole.keys() == told.keys()
    assert any(one["rows"] is not None and one["rows"] < 5 for one in whole.values())
    for key, one in whole.items():
        few = one["rows"] is not None and one["rows"] < 5
        assert told[key] == (one | {"rows": None} if few else one)


def test_46_2_3_a_batch_for_a_month_is_counted_once_however_often_it_comes(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    office = "education@410105"
    writable_hub.rows("delete from share_entry returning 1")
    writable_hub.rows("delete from monthly_share returning 1")
    first, second, third = (
        fact("HARDSHIP_STUDENT", {"personId": somebody.person_id}, externalId=somebody.person_id)
        for somebody in of_jinshui[:3]
    )
    assert reported(writable_hub, office, None, first)["errors"] == []
    assert shares(writable_hub, office) == []
    nothing = first | {"school": None}
    assert (
        reported(writable_hub, office, this_month(), nothing)["reports"][0]["errors"][0]["code"]
        == "INVALID_INPUT"
    )
    assert shares(writable_hub, office) == [], "a list of which nothing was kept has not come"
    for batch, rows in (
        ((first, second), 2),
        ((second, first), 2),
        ((third, second), 3),
        ((first | {"until": day(BEGAN)},), 3),
    ):
        assert reported(writable_hub, office, this_month(), *batch)["errors"] == []
        assert share_of(writable_hub, office, month())["rows"] == rows
    found = share_of(writable_hub, office, month())
    assert (found["late"], found["agency"], found["policyBasis"]) == (False, {"code": office}, "46-2.3")
    assert found["firstSharedAt"] < found["sharedAt"]

    assert reported(writable_hub, office, this_month(1))["errors"] == []
    late = share_of(writable_hub, office, month(1))
    assert (late["rows"], late["late"]) == (0, True), (
        "an empty list is a list, and this one came after its last day"
    )

    assert (
        reported(writable_hub, "education@4101", this_month(), first | {"externalId": "of the city"})[
            "errors"
        ]
        == []
    )
    counties = shares(writable_hub, "education@4101", month=str(month()))
    assert len(counties) == 15
    assert {county["region"]["code"]: county["rows"] for county in counties if county["rows"]} == {
        "410105": 4
    }
    assert {county["agency"]["code"] for county in counties} == {"education@4101"}


def test_46_2_2_a_share_that_cannot_be_is_refused_whole(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    pupil = fact("HARDSHIP_STUDENT", {"personId": of_jinshui[0].person_id})
    death = fact("DEATH", {"personId": of_jinshui[0].person_id})
    next_month = this_month(-1)
    before = writable_hub.everything_written()
    for agency, month, given, code in (
        ("education@410105", next_month, pupil, "INVALID_INPUT"),
        ("education@410105", "2026-13", pupil, "INVALID_INPUT"),
        ("education@410105", "今年十一月", pupil, "INVALID_INPUT"),
        ("civil_affairs@410105001", this_month(), death, "COUNTY_OFFICE_REQUIRED"),
    ):
        answered = reported(writable_hub, agency, month, given)
        assert [(error["code"], error["path"]) for error in answered["errors"]] == [
            (code, ["input", "month"])
        ]
        assert all(error["message"] and error["messageZh"] for error in answered["errors"])
        assert answered["reports"] == []
    assert writable_hub.everything_written() == before
