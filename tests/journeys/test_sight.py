"""Access to households outside an agency's jurisdiction has a reason, a limit, a beginning and an end, and no agency can
extend it (46-4.2)."""

from typing import Any

import psycopg
import pytest

from tests.fixtures.days import day
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import CREATE_REFERRAL, RECORD_AID, REVOKE_AID, need, step, urgent_payment

HERE, ELSEWHERE = "410105", "410103"
OFFICE, OWN = f"civil_affairs@{HERE}", f"civil_affairs@{ELSEWHERE}"
SCHOOLS_HERE, SCHOOLS = f"education@{HERE}", f"education@{ELSEWHERE}"
HOUSEHOLD = "query ($c: String!) { household(code: $c) { code } }"
BY_NUMBER = "query ($n: String!) { person(idNumber: $n) { name } }"
OWN_AID = """
{ aidRecords(first: 1000) { nodes {
    id household { code address members { id } } person { name household { code } }
    ... on TemporaryAid { amount } } } }
"""
SIGHT = """
query ($c: String!) {
  household(code: $c) {
    chain { events(first: 200, filter: {type: [SIGHT_GIVEN, SIGHT_ENDED]}) { nodes { type summary policyBasis } } }
  }
}
"""


@pytest.fixture
def somebody(writable_hub: Served, of_erqi: list[Somebody]) -> Somebody:
    """A resident of 二七区 whom no office of 金水区 may see."""
    knows = {
        code
        for (code,) in writable_hub.rows(
            "select h.code from household h join shown_household s on s.household_id = h.id where s.agency_id like %s",
            f"%@{HERE}",
        )
    }
    return next(one for one in of_erqi if one.household_code not in knows)


def write(hub: Served, agency: str, document: str, **given: Any) -> dict[str, Any]:
    """The payload of a mutation."""
    (payload,) = hub.ask(agency, document, {"input": given}).data.values()
    assert isinstance(payload, dict)
    return payload


def sees(hub: Served, agency: str, somebody: Somebody) -> bool:
    """Whether an agency finds the person's household."""
    return hub.ask(agency, HOUSEHOLD, {"c": somebody.household_code}).data["household"] is not None


def pay(hub: Served, somebody: Somebody, **changes: Any) -> dict[str, Any]:
    """An office of 金水区 pays where the trouble happened (46-3.3)."""
    given = urgent_payment({"idNumber": somebody.id_number}, region=f"{HERE}001", **changes)
    payload = write(hub, OFFICE, RECORD_AID, **given)
    assert payload["errors"] == []
    record: dict[str, Any] = payload["aidRecord"]
    return record


def push(hub: Served, somebody: Somebody, to: str = SCHOOLS_HERE, sender: str = OWN, **changes: Any) -> str:
    """Civil affairs of the household's county pushes a need; returns the referral's id."""
    payload = write(hub, sender, CREATE_REFERRAL, **need({"personId": somebody.person_id}, to, **changes))
    assert payload["errors"] == []
    id: str = payload["referral"]["id"]
    return id


def told(hub: Served, somebody: Somebody) -> list[tuple[str, str]]:
    """The type and clause of each event by which the household's own county sees who got access to it."""
    reply = hub.ask(OWN, SIGHT, {"c": somebody.household_code})
    nodes = reply.data["household"]["chain"]["events"]["nodes"]
    return [(node["type"], node["policyBasis"]) for node in nodes]


def later(hub: Served, somebody: Somebody, days: int) -> None:
    """Move everything that gives access to a household this many days back."""
    of_it = "household_id = (select id from household where code = %s)"
    with psycopg.connect(hub.database_url) as connection:
        for table, columns in {
            "shown_household": ("since", "until"),
            "referral": ("sent_at", "closed_at"),
            "aid_record": ("recorded_at",),
        }.items():
            moved = ", ".join(f"{name} = {name} - {days} * interval '1 day'" for name in columns)
            connection.execute(
                f"update {table} set {moved} where {of_it}".encode(), (somebody.household_code,)
            )


def test_who_gives_aid_elsewhere_sees_its_record_and_nothing_of_the_household(
    writable_hub: Served, somebody: Somebody
) -> None:
    record = pay(writable_hub, somebody)
    assert not sees(writable_hub, OFFICE, somebody)
    assert writable_hub.ask(OFFICE, BY_NUMBER, {"n": somebody.id_number}).data == {"person": None}
    nodes = writable_hub.ask(OFFICE, OWN_AID).data["aidRecords"]["nodes"]
    assert next(node for node in nodes if node["id"] == record["id"]) == {
        "id": record["id"],
        "household": None,
        "person": None,
        "amount": "1500.00",
    }


def test_what_others_gave_the_household_stays_out_of_sight_of_who_gives_aid_elsewhere(
    writable_hub: Served, somebody: Somebody
) -> None:
    def seen() -> int:
        count: int = writable_hub.ask(OFFICE, "{ aidRecords { totalCount } }").data["aidRecords"][
            "totalCount"
        ]
        return count

    before = seen()
    pay(writable_hub, somebody)
    assert seen() == before + 1


def test_revoked_aid_is_seen_for_thirty_days_more(writable_hub: Served, somebody: Somebody) -> None:
    record = pay(writable_hub, somebody)
    given = {"id": record["id"], "expectedVersion": 1, "because": "MISTAKE", "reason": "误登记"}
    assert write(writable_hub, OFFICE, REVOKE_AID, **given)["errors"] == []
    assert not sees(writable_hub, OFFICE, somebody)
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert writable_hub.ask(OFFICE, node, {"id": record["id"]}).data["node"] == {"id": record["id"]}
    later(writable_hub, somebody, 30)
    assert writable_hub.ask(OFFICE, node, {"id": record["id"]}).data["node"] is None


def test_a_referral_shows_the_household_to_its_receiver_until_it_is_returned(
    writable_hub: Served, somebody: Somebody
) -> None:
    referral = push(writable_hub, somebody)
    assert sees(writable_hub, SCHOOLS_HERE, somebody)
    given = {"id": referral, "expectedVersion": 1, "reason": "学籍不在本区"}
    assert write(writable_hub, SCHOOLS_HERE, step("return"), **given) == {"referral": None, "errors": []}
    assert not sees(writable_hub, SCHOOLS_HERE, somebody)
    given = {"id": referral, "expectedVersion": 2, "reason": "已另行解决"}
    assert write(writable_hub, OWN, step("end"), **given)["errors"] == []
    assert not sees(writable_hub, SCHOOLS_HERE, somebody)


def test_another_referral_keeps_the_household_in_sight_when_one_is_returned(
    writable_hub: Served, somebody: Somebody
) -> None:
    first = push(writable_hub, somebody)
    push(writable_hub, somebody, externalId="NEED-2")
    given = {"id": first, "expectedVersion": 1, "reason": "重复推送"}
    assert write(writable_hub, SCHOOLS_HERE, step("return"), **given)["errors"] == []
    assert sees(writable_hub, SCHOOLS_HERE, somebody)


def test_sight_ends_ninety_days_after_a_need_was_answered(writable_hub: Served, somebody: Somebody) -> None:
    referral = push(writable_hub, somebody)
    given = {"id": referral, "expectedVersion": 1}
    assert write(writable_hub, SCHOOLS_HERE, step("accept"), **given)["errors"] == []
    given = {"id": referral, "expectedVersion": 2, "outcome": "已纳入资助", "aidRecordIds": []}
    assert write(writable_hub, SCHOOLS_HERE, step("complete"), **given)["errors"] == []
    later(writable_hub, somebody, 89)
    assert sees(writable_hub, SCHOOLS_HERE, somebody)
    later(writable_hub, somebody, 1)
    assert not sees(writable_hub, SCHOOLS_HERE, somebody)


def test_the_households_own_county_reads_in_its_chain_who_has_it_in_sight_and_who_no_longer(
    writable_hub: Served, somebody: Somebody
) -> None:
    assert told(writable_hub, somebody) == []
    referral = push(writable_hub, somebody)
    assert told(writable_hub, somebody) == [("SIGHT_GIVEN", "46-2.1")]
    given = {"id": referral, "expectedVersion": 1, "reason": "学籍不在本区"}
    assert write(writable_hub, SCHOOLS_HERE, step("return"), **given)["errors"] == []
    pay(writable_hub, somebody)
    assert told(writable_hub, somebody) == [
        ("SIGHT_GIVEN", "46-2.1"),
        ("SIGHT_ENDED", "46-2.1"),
        ("SIGHT_GIVEN", "46-3.3"),
    ]


def test_a_need_within_the_households_county_gives_no_one_sight_that_they_had_not(
    writable_hub: Served, somebody: Somebody
) -> None:
    push(writable_hub, somebody, SCHOOLS)
    assert told(writable_hub, somebody) == []


@pytest.mark.parametrize(
    ("sender", "to", "kind"),
    [
        ("charity@4101", f"medical_insurance@{HERE}", "MEDICAL"),
        ("charity@4101", SCHOOLS_HERE, "EDUCATION"),
        (SCHOOLS, f"health@{HERE}", "MEDICAL"),
        (SCHOOLS, OFFICE, "TEMPORARY"),
    ],
)
def test_nobody_but_the_households_civil_affairs_shows_it_to_an_office_elsewhere(
    writable_hub: Served, somebody: Somebody, sender: str, to: str, kind: str
) -> None:
    given = need({"householdId": somebody.household_id}, to, kind)
    (error,) = write(writable_hub, sender, CREATE_REFERRAL, **given)["errors"]
    assert (error["code"], error["path"]) == ("AGENCY_OUTSIDE_REGION", ["input", "toAgency"])
    assert not sees(writable_hub, to, somebody)


def test_who_was_pushed_a_need_cannot_pass_the_household_on_to_an_office_of_its_own_county(
    writable_hub: Served, somebody: Somebody
) -> None:
    push(writable_hub, somebody)
    given = need({"householdId": somebody.household_id}, f"health@{HERE}", "MEDICAL")
    (error,) = write(writable_hub, SCHOOLS_HERE, CREATE_REFERRAL, **given)["errors"]
    assert error["code"] == "AGENCY_OUTSIDE_REGION"
    given = need({"householdId": somebody.household_id}, f"health@{ELSEWHERE}", "MEDICAL")
    assert write(writable_hub, SCHOOLS_HERE, CREATE_REFERRAL, **given)["errors"] == []


def test_only_the_households_civil_affairs_calls_an_office_from_elsewhere_to_a_conference(
    writable_hub: Served, somebody: Somebody
) -> None:
    push(writable_hub, somebody, OFFICE, kind="TEMPORARY")
    given = {
        "externalId": "CONFERENCE-1",
        "subject": {"householdId": somebody.household_id},
        "matter": "一事一议",
        "participants": [f"health@{HERE}"],
        "meetsOn": day(1),
    }
    call = (
        "mutation ($input: OpenConferenceInput!) { openConference(input: $input) { errors { code path } } }"
    )
    (error,) = write(writable_hub, OFFICE, call, **given)["errors"]
    assert (error["code"], error["path"]) == ("AGENCY_OUTSIDE_REGION", ["input", "participants", "0"])
    assert write(writable_hub, OWN, call, **given)["errors"] == []
    assert sees(writable_hub, f"health@{HERE}", somebody)


def test_a_sender_from_elsewhere_keeps_its_referral_and_loses_the_household(
    writable_hub: Served, somebody: Somebody
) -> None:
    came = push(writable_hub, somebody)
    sent = push(
        writable_hub, somebody, f"health@{ELSEWHERE}", SCHOOLS_HERE, kind="MEDICAL", externalId="NEED-9"
    )
    given = {"id": came, "expectedVersion": 1, "reason": "学籍不在本区"}
    assert write(writable_hub, SCHOOLS_HERE, step("return"), **given)["errors"] == []
    assert not sees(writable_hub, SCHOOLS_HERE, somebody)
    query = "{ referrals(first: 200) { nodes { id household { code } person { name } } } }"
    nodes = {node["id"]: node for node in writable_hub.ask(SCHOOLS_HERE, query).data["referrals"]["nodes"]}
    assert nodes[sent] == {"id": sent, "household": None, "person": None}
    assert came not in nodes
