"""A family's right to know who read its data (个人信息保护法 44, 45): civil affairs of its own county shows it."""

from typing import Any

from auth.departments import DEPARTMENTS
from auth.purposes import PURPOSES
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody

NOTICE = "agency { code } purpose purposeWords purposeWordsZh matters mattersZh wrote"
OF_HOUSEHOLD = (
    f"query ($code: String!) {{ household(code: $code) {{ accessNotices {{ nodes {{ {NOTICE} }} }} }} }}"
)
OF_PERSON = (
    f"query ($id: ID!) {{ node(id: $id) {{ ... on Person {{ accessNotices {{ nodes {{ {NOTICE} }} }} }} }} }}"
)
LOOK = "query Look($code: String!) { household(code: $code) { address members { name health } } }"
NAME = "query Name($id: ID!) { node(id: $id) { ... on Person { name } } }"


def notices(served: Served, agency: str, query: str, **variables: Any) -> list[dict[str, Any]]:
    """The notices for a family, the oldest first, without those of the city's civil affairs."""
    (found,) = served.ask(agency, query, variables).data.values()
    return [
        one
        for one in reversed(found["accessNotices"]["nodes"])
        if one["agency"]["code"] != "civil_affairs@4101"
    ]


def test_civil_affairs_of_the_county_tells_a_family_who_looked_and_what_for(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody = of_jinshui[0]
    own = "civil_affairs@410105"
    writable_hub.ask(
        "health@410105", LOOK, {"code": somebody.household_code}, headers={"hub-purpose": "monitoring"}
    )
    writable_hub.ask("education@410105", NAME, {"id": somebody.person_id})
    writable_hub.ask("audit@410105", LOOK, {"code": somebody.household_code})
    of_health, of_education = notices(writable_hub, own, OF_HOUSEHOLD, code=somebody.household_code)
    assert of_health["agency"] == {"code": "health@410105"}
    assert (of_health["purpose"], of_health["purposeWordsZh"]) == ("monitoring", "动态监测预警")
    assert "健康状况" in of_health["mattersZh"]
    assert "state of health" in of_health["matters"]
    assert "家庭住址" not in of_education["mattersZh"]
    assert "姓名、出生日期、性别、关系" in of_education["mattersZh"]
    assert not of_health["wrote"]

    of_member = notices(writable_hub, own, OF_PERSON, id=somebody.person_id)
    assert {one["agency"]["code"] for one in of_member} == {"health@410105", "education@410105"}


def test_of_a_household_elsewhere_and_to_other_departments_nothing_is_told(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody = of_jinshui[0]
    ((household,),) = writable_hub.rows("select id from household where code = %s", somebody.household_code)
    writable_hub.ask("health@410105", LOOK, {"code": somebody.household_code})
    writable_hub.owner.rows(
        "insert into shown_household (household_id, agency_id, because, since) values (%s, 'civil_affairs@410103',"
        " 'REFERRAL_RECEIVED', now()) returning 1",
        [household],
    )
    given = {"code": somebody.household_code}
    shown = writable_hub.ask("civil_affairs@410103", OF_HOUSEHOLD, given).data["household"]
    assert shown == {"accessNotices": {"nodes": []}}
    for agency in ("education@410105", "audit@4101"):
        assert writable_hub.ask(agency, OF_HOUSEHOLD, given).forbidden == {"Household.accessNotices"}


def test_every_purpose_has_words() -> None:
    purposes = {purpose for department in DEPARTMENTS.values() for purpose in department.purposes}
    assert purposes == set(PURPOSES)
