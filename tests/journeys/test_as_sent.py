"""46-2.1: the household as it was when a referral was sent stays readable with the referral, for its sender and its receiver."""

from typing import Any

import psycopg

from auth.scopes import Scope
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import CERTIFY, CREATE_REFERRAL, certification, need
from tests.journeys.test_alerts import done

MEDICAL = "medical_insurance@4101"
AS_SENT = """query ($id: ID!) { node(id: $id) { ... on Referral { asSent { region { code } residence address incomePerCapita
  members { name idNumberMasked relation health disabilityGrade school employment person { id } }
  certifications { category validFrom authority { code } } circumstances { kind sourceRegistry note } } } } }"""
NOW = """query ($code: String!) { household(code: $code) { address incomePerCapita region { code } members { name id }
  certifications { category endedOn } } }"""


def as_sent(served: Served, agency: str, referral: str, but: str = "") -> tuple[dict[str, Any], set[str]]:
    """The household as it was sent, as an agency reads it, and the coordinates that it is refused."""
    scopes = served.grant(agency).scopes - set(but.split())
    reply = served.ask(agency, AS_SENT, {"id": referral}, scopes=scopes)
    return reply.body["data"]["node"]["asSent"], reply.forbidden


def test_46_2_1_the_household_stays_as_it_was_sent_whatever_changes(
    writable_hub: Served, of_erqi: list[Somebody]
) -> None:
    somebody, sender = of_erqi[0], "civil_affairs@410103"
    subject = {"householdId": somebody.household_id}
    given = need(subject, MEDICAL, "MEDICAL", reason="大额医疗支出")
    before = writable_hub.ask(sender, NOW, {"code": somebody.household_code}).data["household"]
    referral = done(writable_hub, sender, CREATE_REFERRAL, given)["id"]
    sent, refused = as_sent(writable_hub, sender, referral)
    assert refused == set()
    assert (sent["address"], sent["incomePerCapita"]) == (before["address"], before["incomePerCapita"])
    assert sorted(member["person"]["id"] for member in sent["members"]) == sorted(
        member["id"] for member in before["members"]
    )
    assert sorted(one["category"] for one in sent["certifications"]) == sorted(
        one["category"] for one in before["certifications"] if one["endedOn"] is None
    )
    received, _ = as_sent(writable_hub, MEDICAL, referral)
    with psycopg.connect(writable_hub.database_url) as connection:  # years later
        values = [somebody.household_code]
        household = "(select id from household where code = %s)"
        connection.execute(
            "update household set address = '别处', income_per_capita = 9999 where code = %s", values
        )
        connection.execute(
            "update person set name = '改名', health = null, school = '别校', left_on = current_date"
            f" where household_id = {household}".encode(),
            values,
        )
        connection.execute(f"delete from circumstance where household_id = {household}".encode(), values)
    done(writable_hub, sender, CERTIFY, certification(subject))
    assert as_sent(writable_hub, sender, referral)[0] == sent
    assert as_sent(writable_hub, MEDICAL, referral)[0] == received
    assert {member["name"] for member in sent["members"]} == {member["name"] for member in before["members"]}


def test_46_4_2_each_side_reads_of_it_what_its_scopes_open(
    writable_hub: Served, of_erqi: list[Somebody]
) -> None:
    somebody = of_erqi[1]
    with psycopg.connect(writable_hub.database_url) as connection:
        connection.execute(
            "insert into circumstance (household_id, id, kind, source_registry, since, agency_id, recorded_at, note)"
            " select id, gen_random_uuid(), kind, registry, current_date - 30, registry || '@410103', now(), registry"
            " from household, (values ('SERIOUS_ILLNESS', 'health'), ('HARDSHIP_STUDENT', 'education')) v(kind, registry)"
            " where code = %s",
            [somebody.household_code],
        )
    given = need({"householdId": somebody.household_id}, MEDICAL, "MEDICAL")
    referral = done(writable_hub, "civil_affairs@410103", CREATE_REFERRAL, given)["id"]
    whole, _ = as_sent(writable_hub, "civil_affairs@410103", referral)
    assert {"health", "education"} <= {circumstance["note"] for circumstance in whole["circumstances"]}
    received, refused = as_sent(writable_hub, MEDICAL, referral)
    told = {circumstance["sourceRegistry"] for circumstance in received["circumstances"]}
    of_medical = writable_hub.grant(MEDICAL).scopes
    assert told == {
        circumstance["sourceRegistry"]
        for circumstance in whole["circumstances"]
        if f"circumstance.{circumstance['sourceRegistry'].lower()}:read" in of_medical
    }
    for coordinate, scope in {
        "SentHousehold.incomePerCapita": Scope.HOUSEHOLD_FINANCE_READ,
        "SentHousehold.address": Scope.HOUSEHOLD_ADDRESS_READ,
        "SentMember.school": Scope.PERSON_EDUCATION_READ,
        "SentMember.employment": Scope.PERSON_EMPLOYMENT_READ,
        "SentMember.health": Scope.PERSON_HEALTH_READ,
    }.items():
        assert (coordinate in refused) == (scope not in of_medical)
    none, refused = as_sent(writable_hub, MEDICAL, referral, but="person:read certification:read")
    assert (none["members"], none["certifications"]) == (None, None)
    out_of_sight = writable_hub.ask("medical_insurance@410104", AS_SENT, {"id": referral}).body["data"][
        "node"
    ]
    assert out_of_sight is None
