"""一户(人)一条救助链 (46-2.1): what each event follows from, from a payment back to the finding."""

from typing import Any

import psycopg

from schema.engine.declare.ids import encode
from tests.fixtures.days import day
from tests.fixtures.served import Served
from tests.journeys.alerts import CLOSE, DISPOSE, RAISE, VISIT, conference, found_on_the_spot, minutes, visit
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import (
    AMEND_AID,
    CERTIFY,
    RECORD_AID,
    SUBMIT,
    TERMINATE,
    application,
    certification,
    grant_of_a_pupil,
    step,
)
from tests.journeys.overlaps import DECIDE, RECORD, outcome, schooling
from tests.journeys.test_alerts import COUNTY, disposal, done
from tests.journeys.test_circumstances import LAST_WEEK, fact, reported
from tests.journeys.test_disclosures import OBJECT, published, township

SCHOOLS = "education@410105"
LINKS = """query ($code: String!, $last: Int!) { household(code: $code) { chain { verified { whole }
  events(last: $last) { nodes { type answers { type } } } } } }"""
BACK = """query ($code: String!) { household(code: $code) { chain { events(last: 1) { nodes { ...E followsFrom { ...E
  followsFrom { ...E followsFrom { ...E followsFrom { ...E followsFrom { ...E followsFrom { ...E followsFrom { ...E
  followsFrom { ...E } } } } } } } } } } } } }
fragment E on ChainEvent { type agency { code } }"""
FORTH = """query ($code: String!) { household(code: $code) { chain {
  events(last: 8) { nodes { type answeredBy { type } } } } } }"""


def links(served: Served, code: str, last: int, agency: str = COUNTY) -> list[tuple[str, list[str]]]:
    """For each of the last events, the types of the events that it follows from."""
    chain = served.ask(agency, LINKS, {"code": code, "last": last}).data["household"]["chain"]
    assert chain["verified"]["whole"]
    nodes = chain["events"]["nodes"]
    return [(node["type"], [other["type"] for other in node["answers"]]) for node in nodes]


def path(event: dict[str, Any]) -> list[tuple[str, str]]:
    """The path back from an event, each time along the last event that it follows from."""
    at, found = event, [(event["type"], event["agency"]["code"])]
    while at := at["followsFrom"]:
        found.append((at["type"], at["agency"]["code"]))
    return found


def test_46_2_1_the_chain_leads_from_a_payment_back_to_the_finding(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody = of_jinshui[0]
    subject = {"householdId": somebody.household_id}
    alert = done(writable_hub, COUNTY, RAISE, found_on_the_spot(subject))
    done(writable_hub, COUNTY, VISIT, visit(subject, alertId=alert["id"]))
    needs = [{"toAgency": SCHOOLS, "need": "EDUCATION", "reason": "孩子就学困难"}]
    done(writable_hub, COUNTY, DISPOSE, disposal(alert, "INCLUDE", referrals=needs))
    asked = "query ($code: String!) { household(code: $code) { referrals(first: 1) { nodes { id } } } }"
    household = writable_hub.ask(SCHOOLS, asked, {"code": somebody.household_code}).data["household"]
    (referral,) = household["referrals"]["nodes"]
    taken = {"id": referral["id"], "expectedVersion": 1}
    done(writable_hub, SCHOOLS, step("accept"), taken)
    approved = grant_of_a_pupil({"personId": somebody.person_id}, status="APPROVED", paidOn=None)
    aid = done(writable_hub, SCHOOLS, RECORD_AID, approved)
    completed = taken | {"expectedVersion": 2, "outcome": "已发放助学金", "aidRecordIds": [aid["id"]]}
    done(writable_hub, SCHOOLS, step("complete"), completed)
    paid = {
        "id": aid["id"],
        "expectedVersion": 1,
        "reason": "已发放",
        "status": "PAID",
        "paidOn": "2026-10-08",
    }
    done(writable_hub, SCHOOLS, AMEND_AID, paid)
    assert links(writable_hub, somebody.household_code, 8) == [
        ("ALERT_RAISED", []),
        ("VISITED", ["ALERT_RAISED"]),
        ("ALERT_DISPOSED", ["ALERT_RAISED", "VISITED"]),
        ("REFERRAL_SENT", ["ALERT_DISPOSED"]),
        ("REFERRAL_ACCEPTED", ["REFERRAL_SENT"]),
        ("AID_RECORDED", ["REFERRAL_ACCEPTED"]),
        ("REFERRAL_COMPLETED", ["REFERRAL_ACCEPTED", "AID_RECORDED"]),
        ("AID_AMENDED", ["AID_RECORDED", "REFERRAL_COMPLETED"]),
    ]
    given = {"code": somebody.household_code}
    forth = writable_hub.ask(COUNTY, FORTH, given).data["household"]["chain"]["events"]["nodes"]
    assert [[one["type"] for one in event["answeredBy"]] for event in forth[2:6]] == [
        ["REFERRAL_SENT"],
        ["REFERRAL_ACCEPTED"],
        ["AID_RECORDED", "REFERRAL_COMPLETED"],
        ["REFERRAL_COMPLETED", "AID_AMENDED"],
    ]
    for agency, last in {
        SCHOOLS: 5,
        COUNTY: 8,
        "audit@410105": 8,
    }.items():  # schools see no alert and no visit
        chain = writable_hub.ask(agency, BACK, given).body["data"]["household"]["chain"]
        assert (
            path(chain["events"]["nodes"][0])
            == [
                ("AID_AMENDED", SCHOOLS),
                ("REFERRAL_COMPLETED", SCHOOLS),
                ("AID_RECORDED", SCHOOLS),
                ("REFERRAL_ACCEPTED", SCHOOLS),
                ("REFERRAL_SENT", COUNTY),
                ("ALERT_DISPOSED", COUNTY),
                ("VISITED", COUNTY),
                ("ALERT_RAISED", COUNTY),
            ][:last]
        )
    (unseen,) = writable_hub.ask("charity@410105", BACK, given).data["household"]["chain"]["events"]["nodes"]
    assert unseen["type"] not in ("AID_AMENDED", "REFERRAL_COMPLETED"), (
        "it reads neither school aid nor who gets it"
    )


def test_46_2_4_conferences_terminations_and_applications_say_what_they_follow_from(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody = of_jinshui[0]
    subject, code = {"householdId": somebody.household_id}, somebody.household_code
    given = conference({})
    for number, disposition in enumerate(("CONFERENCE", "TERMINATE")):
        alert = done(writable_hub, COUNTY, RAISE, found_on_the_spot(subject, externalId=f"A-{number}"))
        done(writable_hub, COUNTY, VISIT, visit(subject, externalId=f"V-{number}", alertId=alert["id"]))
        if disposition == "CONFERENCE":
            leads_to: dict[str, Any] = {
                "conference": {name: given[name] for name in ("participants", "meetsOn")}
            }
        else:
            certified = done(writable_hub, COUNTY, CERTIFY, certification(subject))
            ending = {"id": certified["id"], "expectedVersion": 1, "because": "NO_LONGER_ELIGIBLE"}
            leads_to = {"termination": ending}
        disposed = done(writable_hub, COUNTY, DISPOSE, disposal(alert, disposition, **leads_to))
        if disposition == "CONFERENCE":
            done(writable_hub, COUNTY, CLOSE, minutes(disposed["conference"]["id"]))
            assert links(writable_hub, code, 4) == [
                ("ALERT_DISPOSED", ["ALERT_RAISED", "VISITED"]),
                ("CONFERENCE_CALLED", ["ALERT_DISPOSED"]),
                ("CONFERENCE_HELD", ["CONFERENCE_CALLED"]),
                ("REFERRAL_SENT", ["CONFERENCE_HELD"]),
            ]
    assert links(writable_hub, code, 3) == [
        ("CERTIFIED", []),
        ("ALERT_DISPOSED", ["ALERT_RAISED", "VISITED"]),
        ("CERTIFICATION_ENDED", ["CERTIFIED", "ALERT_DISPOSED"]),
    ]
    submitted = done(writable_hub, COUNTY, SUBMIT, application(subject, "EDUCATION"))
    (asked,) = submitted["answers"]
    returned = {"id": asked["id"], "expectedVersion": 1, "reason": "非本单位职责"}
    done(writable_hub, asked["to"]["code"], step("return"), returned)
    forwarded = {
        "id": asked["id"],
        "expectedVersion": 2,
        "externalId": "F-1",
        "toAgency": "education@410103",
        "reason": "学籍在二七区",
    }
    done(writable_hub, COUNTY, step("forward"), forwarded)
    passed_on = [
        ("APPLICATION_SUBMITTED", []),
        ("REFERRAL_SENT", ["APPLICATION_SUBMITTED"]),
        ("REFERRAL_RETURNED", ["REFERRAL_SENT"]),
        ("REFERRAL_FORWARDED", ["REFERRAL_RETURNED"]),
        ("REFERRAL_SENT", ["REFERRAL_FORWARDED"]),
    ]
    assert links(writable_hub, code, 6) == [*passed_on, ("SIGHT_GIVEN", [])]
    assert links(writable_hub, code, 5, SCHOOLS) == passed_on, "who sees the needs sees what they follow from"


def test_46_2_1_a_case_follows_from_the_record_that_made_it_and_its_decision_from_the_case(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody = of_jinshui[3]
    subject = {"personId": somebody.person_id}
    done(writable_hub, SCHOOLS, RECORD, outcome(subject, schooling()))
    done(writable_hub, "education@4101", RECORD, outcome(subject, schooling(), externalId="MEETS-2"))
    ((household, case),) = writable_hub.rows(
        "select c.household_id, c.id from overlap_case c join household h on h.id = c.household_id where h.code = %s",
        somebody.household_code,
    )
    decision = {
        "id": encode("OverlapCase", (household, case)),
        "expectedVersion": 1,
        "disposition": "BOTH_STAND",
        "reason": "经核实分属不同学期",
    }
    done(writable_hub, COUNTY, DECIDE, decision)
    assert links(writable_hub, somebody.household_code, 4) == [
        ("AID_RECORDED", []),
        ("AID_RECORDED", []),
        ("OVERLAP_FOUND", ["AID_RECORDED"]),
        ("OVERLAP_DECIDED", ["OVERLAP_FOUND"]),
    ]
    found = writable_hub.rows(
        "select number, answers from chain_event where type = 'OVERLAP_FOUND' and subject_id = %s", case
    )
    assert [answers for _, answers in found] == [[number - 1] for number, _ in found], "the second, which met"


def test_46_2_3_what_a_registry_corrects_or_ends_follows_from_what_it_reported(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody = of_jinshui[0]
    illness = fact("CHRONIC_ILLNESS", {"personId": somebody.person_id})
    reported(writable_hub, "health@410105", illness)
    reported(writable_hub, "health@410105", illness | {"note": "糖尿病", "expectedVersion": 1})
    reported(writable_hub, "health@410105", illness | {"note": "糖尿病", "until": day(LAST_WEEK)})
    assert links(writable_hub, somebody.household_code, 3) == [
        ("CIRCUMSTANCE_REPORTED", []),
        ("CIRCUMSTANCE_REPORTED", ["CIRCUMSTANCE_REPORTED"]),
        ("CIRCUMSTANCE_ENDED", ["CIRCUMSTANCE_REPORTED"]),
    ]
    told = "circumstances { provenance { field replaced event { type } } }"
    asked = f"query ($code: String!) {{ household(code: $code) {{ members {{ {told} }} }} }}"
    given = {"code": somebody.household_code}
    members = writable_hub.ask("health@410105", asked, given).body["data"]["household"]["members"]
    (said,) = [
        {one["field"]: (one["replaced"], one["event"]["type"]) for one in circumstance["provenance"]}
        for member in members
        for circumstance in member["circumstances"] or []
        if any(one["event"]["type"] == "CIRCUMSTANCE_ENDED" for one in circumstance["provenance"])
    ]
    assert said["note"] == ("高血压", "CIRCUMSTANCE_REPORTED")
    assert said["until"] == (None, "CIRCUMSTANCE_ENDED")
    assert said["since"] == (None, "CIRCUMSTANCE_REPORTED")


def test_46_4_3_the_alert_of_an_objection_follows_from_what_was_disclosed(writable_hub: Served) -> None:
    region = township(writable_hub)
    office = f"civil_affairs@{region}"
    made = published(writable_hub, office, region)
    objection = {"externalId": "异-1", "disclosureId": made["id"], "number": 1, "ground": "其有商铺出租"}
    assert writable_hub.ask(office, OBJECT, {"input": objection}).data["objectToDisclosure"]["errors"] == []
    ((code,),) = writable_hub.rows(
        "select h.code from disclosure_objection o join household h on h.id = o.household_id"
    )
    assert links(writable_hub, code, 2) == [("DISCLOSED", []), ("ALERT_RAISED", ["DISCLOSED"])]


def test_46_4_3_a_link_that_was_changed_afterwards_shows(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody = of_jinshui[0]
    certified = done(writable_hub, COUNTY, CERTIFY, certification({"householdId": somebody.household_id}))
    ended = {"id": certified["id"], "expectedVersion": 1, "because": "MISTAKE"}
    done(writable_hub, COUNTY, TERMINATE, ended)
    asked = "query ($code: String!) { household(code: $code) { chain { verified { whole } } } }"
    given = {"code": somebody.household_code}
    assert writable_hub.ask(COUNTY, asked, given).data["household"]["chain"]["verified"]["whole"]
    with psycopg.connect(writable_hub.database_url) as connection:
        changed = connection.execute(
            "update chain_event set answers = '{1}' where type = 'CERTIFICATION_ENDED' and household_id ="
            " (select id from household where code = %s) returning number",
            [somebody.household_code],
        ).fetchall()
    assert changed
    assert not writable_hub.ask(COUNTY, asked, given).data["household"]["chain"]["verified"]["whole"]
