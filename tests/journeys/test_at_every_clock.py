"""A day is the day in China, at every clock, in Python and in the database; also at night, when it is still yesterday in UTC."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.foundation.calendar import CHINA, is_workday
from tests.fixtures.days import day, this_month, tomorrow
from tests.fixtures.served import Served
from tests.journeys.alerts import OPEN, RAISE, VISIT, conference, found_on_the_spot, visit
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import CERTIFY, certification
from tests.journeys.test_alerts import done
from tests.journeys.test_charity_offers import OFFER, OFFERS, wheelchairs
from tests.journeys.test_shares import reported, shares
from tests.schema.test_writing import refused

pytestmark = pytest.mark.usefixtures("every_clock")
CHARITY, COUNTY = "charity@410105", "civil_affairs@410105"


def test_a_visit_is_of_the_day_of_its_alert_at_the_earliest_and_of_today_at_the_latest(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    subject = {"householdId": of_jinshui[0].household_id}
    given = visit(subject, alertId=done(writable_hub, COUNTY, RAISE, found_on_the_spot(subject))["id"])
    assert refused(writable_hub, COUNTY, VISIT, given | {"visitedOn": day(-1)}) == (
        "INVALID_INPUT",
        ["input", "visitedOn"],
    )
    assert refused(writable_hub, COUNTY, VISIT, given | {"visitedOn": tomorrow()})[0] == "VISIT_IN_FUTURE"
    assert done(writable_hub, COUNTY, VISIT, given | {"visitedOn": day()})["visitedOn"] == day()


def test_a_deadline_ends_at_midnight_in_china_after_its_working_days(
    writable_hub: Served, of_jinshui: list[Somebody], every_clock: datetime
) -> None:
    alert = done(writable_hub, COUNTY, RAISE, found_on_the_spot({"householdId": of_jinshui[0].household_id}))
    due = datetime.fromisoformat(alert["dueAt"]).astimezone(CHINA)
    begun = every_clock.astimezone(CHINA).date()
    between = [begun + timedelta(days=place) for place in range(1, (due.date() - begun).days)]
    assert (due.hour, due.minute, is_workday(between[-1]), alert["overdue"]) == (0, 0, True, False)
    ((within,),) = writable_hub.rows(
        "select count(*) from alert where raised_at > %s", every_clock.astimezone(UTC)
    )
    assert within == 1


def test_a_conference_may_meet_today_and_not_yesterday(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    given = conference({"householdId": of_jinshui[0].household_id})
    assert refused(writable_hub, COUNTY, OPEN, given | {"meetsOn": day(-1)})[1] == ["input", "meetsOn"]
    assert done(writable_hub, COUNTY, OPEN, given | {"meetsOn": day()})["meetsOn"] == day()


def test_a_certification_may_begin_today_and_not_tomorrow(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    subject = {"householdId": of_jinshui[0].household_id}
    later = certification(subject, validFrom=tomorrow(), validUntil=None)
    assert refused(writable_hub, COUNTY, CERTIFY, later) == ("DATE_IN_FUTURE", ["input", "validFrom"])
    given = certification(subject, validFrom=day(), validUntil=day())
    assert done(writable_hub, COUNTY, CERTIFY, given)["validFrom"] == day()


def test_what_is_offered_until_today_is_open_today_and_closed_tomorrow(writable_hub: Served) -> None:
    def is_open() -> bool:
        (one,) = writable_hub.ask(CHARITY, OFFERS, {"filter": {}}).data["charityOffers"]["nodes"]
        return bool(one["open"])

    assert done(writable_hub, CHARITY, OFFER, wheelchairs(until=day()))["open"]
    assert is_open()
    writable_hub.rows("update charity_offer set until = until - 1 returning 1")
    assert not is_open()


def test_a_list_is_of_the_month_it_is_in_china_and_none_of_the_next(writable_hub: Served) -> None:
    assert reported(writable_hub, "education@410105", this_month())["errors"] == []
    (found,) = shares(
        writable_hub,
        "education@410105",
        registry=["EDUCATION"],
        month=f"{this_month()}-01",
        region="410105",
        kind=["HARDSHIP_STUDENT"],
    )
    assert found["month"].startswith(this_month())
    (error,) = reported(writable_hub, "education@410105", this_month(-1))["errors"]
    assert error["code"] == "INVALID_INPUT"
