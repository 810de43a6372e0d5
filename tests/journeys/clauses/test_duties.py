"""46-2, row by row: what the platform does for a family, from its registration to the four dispositions of an alert."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from hub.foundation.calendar import today
from tests.fixtures.days import this_month
from tests.journeys.alerts import CLOSE, DISPOSE, RAISE, VISIT, conference, found_on_the_spot, minutes, visit
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import EMPLOYED, child, head, parent, spouse
from tests.journeys.clauses.story import CITY, JINSHUI, PLATFORM, Story, answering
from tests.journeys.outcomes import REVOKE_AID
from tests.journeys.overlaps import DECIDE, RECORD
from tests.journeys.test_circumstances import REPORT, fact
from tests.journeys.test_monitoring_runs import runs
from tests.journeys.test_provenance import HEAD as ANYBODY
from tests.journeys.test_provenance import UPSERT, fields, origins
from tests.journeys.test_shares import shares
from tests.journeys.test_visit_list import listed

REGISTERED = ("HOUSEHOLD_REGISTERED", f"civil_affairs@{JINSHUI}", "46-2.2")
CERTIFIED = ("CERTIFIED", f"civil_affairs@{JINSHUI}", "46-1.2.1")
OF_ALERTS = ("ALERT_RAISED", "ALERT_DISPOSED", "ALERT_CLOSED")
"""Visible only to agencies that may read the facts behind the alert."""


def visited(story: Story, alert: str, recommendation: str = "INCLUDE") -> None:
    """The township checks an alert at home."""
    number = f"{story.code}-{uuid4()}"
    given = visit(story.whole, externalId=number, alertId=alert, recommendation=recommendation)
    story.write(story.office, VISIT, given)


def disposal(alert: str, disposition: str, version: int = 2, **leads_to: Any) -> dict[str, Any]:
    """An office's disposal of an alert."""
    given = {"id": alert, "expectedVersion": version, "disposition": disposition, "reason": "经入户核查属实"}
    return given | leads_to


def disposed(
    story: Story, alert: str, disposition: str, by: str | None = None, version: int = 2, **leads_to: Any
) -> Any:
    """The township, or another office, disposes of an alert; returns the payload."""
    payload = story.write(by or story.office, DISPOSE, disposal(alert, disposition, version, **leads_to))
    assert payload["alert"]["disposition"] == disposition
    return payload


def pushed(story: Story, department: str, kind: str, reason: str = "救助未落实") -> dict[str, str]:
    """A need that follows from a disposition."""
    return {"toAgency": story.at(department), "need": kind, "reason": reason}


def accepted(story: Story, by: str, kind: str) -> Any:
    """The agency finds the need that was pushed to it, and accepts it."""
    asked = """query ($id: ID!) { node(id: $id) { ... on Household { referrals(first: 20) { nodes {
      id version status need to { code } } } } } }"""
    nodes = story.hub.ask(story.at(by), asked, {"id": story.household}).data["node"]["referrals"]["nodes"]
    (mine,) = [
        node
        for node in nodes
        if (node["to"]["code"], node["need"], node["status"]) == (story.at(by), kind, "SENT")
    ]
    return story.accept(mine, by)


def test_46_2_1_a_pupil_is_entered_shared_found_pushed_and_helped_once_and_nobody_is_missed_or_helped_twice(
    tell: Tell,
) -> None:
    story = tell(head(**EMPLOYED), child(9))
    schools, city = "education", "education@4101"
    story.certify("SUBSISTENCE_ALLOWANCE")
    story.report(schools, "HARDSHIP_STUDENT", "CHILD")
    story.monitor("STUDENT_WITHOUT_AID")
    latest = runs(story.hub, CITY)[0]["results"]
    assert {alert["finding"]: alert["raised"] for alert in latest}["STUDENT_WITHOUT_AID"] >= 1, (
        "digital supervision"
    )
    found = story.alerts(story.office)["STUDENT_WITHOUT_AID"]
    visited(story, found["id"])
    assert story.entitled("EDUCATION_AID", "CHILD", schools)["status"] == "MISSING", (
        "a query of the department"
    )
    disposed(story, found["id"], "CARRY_OUT", referrals=[pushed(story, schools, "EDUCATION")])
    need = accepted(story, schools, "EDUCATION")
    window = story.entitled("EDUCATION_AID", "CHILD")
    year: dict[str, Any] = {
        "program": "困难学生助学金",
        "periodFrom": window["windowFrom"],
        "periodUntil": window["windowUntil"],
    }
    grant = {"education": {"form": "GRANT", "schoolYear": today().year, "stage": "PRIMARY"}}
    first = story.give(schools, "GRANT", "CHILD", grant, **year)["aidRecord"]
    story.complete(need, schools, first["id"])
    assert story.entitled("EDUCATION_AID", "CHILD")["status"] == "RECEIVED"

    second = story.write(city, RECORD, story.aid("AGAIN", "CHILD", grant, **year))
    (warning,) = second["warnings"]
    assert warning["code"] == "DUPLICATE_AID"
    assert story.entitled("EDUCATION_AID", "CHILD")["status"] == "DUPLICATED"
    decision = {
        "id": warning["overlap"]["caseId"],
        "expectedVersion": 1,
        "disposition": "CORRECT",
        "withdrawn": "SECOND",
        "reason": "同一学年重复",
    }
    story.write("civil_affairs", DECIDE, decision)
    gone = {
        "id": second["aidRecord"]["id"],
        "expectedVersion": 1,
        "because": "DUPLICATE",
        "reason": "同一学年重复",
    }
    story.write(city, REVOKE_AID, gone)
    assert story.entitled("EDUCATION_AID", "CHILD")["status"] == "RECEIVED"
    story.monitor("STUDENT_WITHOUT_AID")
    assert story.alerts()["STUDENT_WITHOUT_AID"]["closedBecause"] == "FACT_GONE"
    sent, *answered = answering(schools, "46-3.2.2", story.office)
    story.told(
        REGISTERED,
        CERTIFIED,
        ("CIRCUMSTANCE_REPORTED", schools, "46-2.3"),
        ("ALERT_RAISED", PLATFORM, "46-3.2.2"),
        ("VISITED", story.office, "46-2.4"),
        ("ALERT_DISPOSED", story.office, "46-2.4"),
        sent,
        *answered,
        ("AID_RECORDED", city, "46-3.2.2"),
        ("OVERLAP_FOUND", PLATFORM, "46-2.1"),
        ("OVERLAP_DECIDED", "civil_affairs", "46-4.3"),
        ("AID_REVOKED", city, "46-2.1"),
        ("ALERT_CLOSED", PLATFORM, "46-3.2.2"),
    )
    story.skeleton("finance", hidden=("CIRCUMSTANCE_REPORTED", *OF_ALERTS))


AFTER_DEATH = ("DECEASED_RECIPIENT", "DECEASED_CERTIFIED", "HOUSEHOLD_WITHOUT_MEMBERS", "PREMIUM_NOT_IN_FULL")


def test_46_2_2_townships_upload_agriculture_shares_and_the_funeral_records_end_what_the_dead_are_paid(
    tell: Tell,
) -> None:
    story = tell(head(66, **EMPLOYED), parent(88), township="410122101", residence="RURAL")
    wrong = {"idNumber": story.numbers["HEAD"][:-1] + "*", "name": "赵误", "relation": "OTHER"}
    with story.nothing_written():
        upload = {"households": [{"code": story.code, "members": [wrong]}]}
        (outcome,) = story.write(story.office, UPSERT, upload)["outcomes"]
        assert [error["path"] for error in outcome["errors"]] == [
            ["input", "households", "0", "members", "0", "idNumber"]
        ]
        assert ANYBODY not in str(outcome)
    registered = (story.office, "REQUEST", "HOUSEHOLD_REGISTERED", None)
    told = fields(origins(story.hub, CITY, story.code)["provenance"])
    assert set(told.values()) == {registered}, "each field says where it comes from"

    def shared(registry: str, kind: str, whom: dict[str, str], **said: Any) -> Any:
        report = fact(kind, whom, externalId=f"{story.code}-{kind}", **said)
        story.write(registry, REPORT, {"reports": [report], "month": this_month()})
        wanted: dict[str, Any] = {"registry": [registry.upper()], "kind": [kind], "region": story.county}
        (found,) = [
            share for share in shares(story.hub, CITY, **wanted) if share["month"].startswith(this_month())
        ]
        assert (found["agency"]["code"], found["late"], found["policyBasis"]) == (
            story.at(registry),
            False,
            "46-2.2",
        )
        return found

    assert shared("agriculture", "MONITORED", story.whole)["rows"] >= 1
    monitored = {"by": "agriculture", "subtype": "MARGINAL"}
    story.certify("POVERTY_RELAPSE_MONITORED", **monitored)
    hardship = story.certify("EXTREME_HARDSHIP", "PARENT", support="DISPERSED")
    month = date.fromisoformat(story.entitled("EXTREME_HARDSHIP_SUPPORT", "PARENT")["windowFrom"])
    support = {"basicLiving": {"form": "EXTREME_HARDSHIP_SUPPORT", "payee": "PERSON"}}
    days = {"periodFrom": str(month), "periodUntil": str(month + timedelta(days=27)), "decidedOn": str(month)}
    paid = story.give(
        "civil_affairs", "SUPPORT", "PARENT", support, paidOn=str(month + timedelta(days=6)), **days
    )
    shared("civil_affairs", "DEATH", story.one("PARENT"), since=str(month - timedelta(days=9)))
    story.monitor(*AFTER_DEATH)
    found = story.alerts(story.office)["DECEASED_RECIPIENT"]
    ending = {"id": hardship["id"], "expectedVersion": 1, "because": "DECEASED"}
    disposed(story, found["id"], "TERMINATE", version=1, termination=ending)
    gone = {
        "id": paid["aidRecord"]["id"],
        "expectedVersion": 1,
        "because": "DECEASED",
        "reason": "殡葬信息比对",
    }
    story.write("civil_affairs", REVOKE_AID, gone)
    story.monitor(*AFTER_DEATH)
    assert {alert["closedBecause"] for alert in story.alerts().values()} == {"FACT_GONE"}
    story.told(
        ("HOUSEHOLD_REGISTERED", story.office, "46-2.2"),
        ("CIRCUMSTANCE_REPORTED", "agriculture", "46-2.2"),
        ("CERTIFIED", "agriculture", "46-1.2.2"),
        ("CERTIFIED", story.office, "46-1.2.1"),
        ("AID_RECORDED", "civil_affairs", "46-3.1"),
        ("CIRCUMSTANCE_REPORTED", "civil_affairs", "46-2.2"),
        *[("ALERT_RAISED", PLATFORM, "46-2.2")] * 2,
        ("ALERT_DISPOSED", story.office, "46-2.4"),
        ("CERTIFICATION_ENDED", story.office, "46-2.2"),
        ("AID_REVOKED", "civil_affairs", "46-2.2"),
        *[("ALERT_CLOSED", PLATFORM, "46-2.2")] * 2,
    )


def test_46_2_3_four_registries_are_matched_and_who_has_every_reason_is_visited_first(tell: Tell) -> None:
    story = tell(
        head(50, labour="WEAK"), spouse(48, labour="NONE"), child(12, educationStage="PRIMARY", labour="NONE")
    )
    reports = (
        ("disabled_federation", "DISABILITY", "HEAD"),
        ("health", "SERIOUS_ILLNESS", "HEAD"),
        ("education", "HARDSHIP_STUDENT", "CHILD"),
        ("human_resources", "REGISTERED_UNEMPLOYED", "SPOUSE"),
    )
    for registry, kind, of in reports:
        story.report(registry, kind, of)
    story.monitor()
    outside = {"SEVERE_DISABILITY_OUTSIDE", "ILLNESS_OUTSIDE", "WITHOUT_LABOUR", "INCOME_BELOW_LINE"}
    unmet = {"STUDENT_WITHOUT_AID", "UNEMPLOYED_WITHOUT_AID", "ZERO_EMPLOYMENT"}
    assert story.alerts().keys() == outside | unmet
    story.certify("SUBSISTENCE_ALLOWANCE", "SPOUSE")
    story.monitor()
    found = story.alerts()
    closed = {finding for finding, one in found.items() if one["closedBecause"] == "FACT_GONE"}
    assert closed == {"ILLNESS_OUTSIDE", "WITHOUT_LABOUR", "INCOME_BELOW_LINE"}, "what changed is followed"
    assert found["PARTLY_COVERED"]["status"] == "OPEN"
    seen = found_on_the_spot(story.whole, externalId=story.code)
    spotted = story.write("civil_affairs", RAISE, seen)["alert"]
    every = ["DISABILITY_OUTSIDE", "PARTLY_COVERED", "LITTLE_LABOUR", "ILLNESS", "URGENT_TROUBLE"]
    nodes = [edge["node"] for edge in listed(story.hub, story.office, story.township)["edges"]]
    (family,) = [node for node in nodes if node["household"]["code"] == story.code]
    assert family["reasons"] == every
    assert all(node["rank"] >= family["rank"] for node in nodes if node["reasons"] != every)
    visited(story, spotted["id"])
    nodes = [edge["node"] for edge in listed(story.hub, story.office, story.township)["edges"]]
    (family,) = [node for node in nodes if node["household"]["code"] == story.code]
    assert family["lastVisit"]["visitedOn"] == str(today())

    chain = story.chain()
    assert [(event.type, event.agency, event.clause) for event in chain if event.type != "ALERT_RAISED"] == [
        REGISTERED,
        *[("CIRCUMSTANCE_REPORTED", story.at(registry), "46-2.3") for registry, *_ in reports],
        CERTIFIED,
        *[("ALERT_CLOSED", PLATFORM, "46-2.3")] * 3,
        ("VISITED", story.office, "46-2.4"),
    ]
    raised = [event.clause for event in chain if event.type == "ALERT_RAISED"]
    assert sorted(set(raised)) == ["46-2.3", "46-3.1", "46-3.2.1", "46-3.2.2", "46-3.2.4", "46-3.5"]
    for registry, *_ in reports:
        mine = [event for event in story.chain(registry) if event.type == "CIRCUMSTANCE_REPORTED"]
        assert [event.agency for event in mine] == [story.at(registry)], "no registry reads another's"


@pytest.fixture
def spotted(tell: Tell) -> tuple[Story, str]:
    """A certified family whose alert was checked at home, and the alert."""
    story = tell(head(**EMPLOYED), child(9))
    story.certify("SUBSISTENCE_ALLOWANCE")
    raised = found_on_the_spot(story.whole, externalId=story.code)
    alert = story.write("civil_affairs", RAISE, raised)["alert"]
    visited(story, alert["id"])
    return story, alert["id"]


UP_TO_VISIT = [
    REGISTERED, CERTIFIED, ("ALERT_RAISED", "civil_affairs", "46-2.3"), ("VISITED", f"civil_affairs@{JINSHUI}", "46-2.4"),
]  # fmt: skip
DISPOSED = ("ALERT_DISPOSED", f"civil_affairs@{JINSHUI}", "46-2.4")
SENT = ("REFERRAL_SENT", f"civil_affairs@{JINSHUI}", "46-2.1")


def test_46_2_4_a_a_policy_not_carried_out_is_pushed_to_the_agency_at_fault_or_carried_out_by_ones_own(
    spotted: tuple[Story, str],
) -> None:
    story, alert = spotted
    at_fault = disposed(story, alert, "CARRY_OUT", referrals=[pushed(story, "education", "EDUCATION")])
    assert [(referral["to"]["code"], referral["need"]) for referral in at_fault["alert"]["referrals"]] == [
        (story.at("education"), "EDUCATION")
    ]
    need = accepted(story, "education", "EDUCATION")
    waiver = {"education": {"form": "FEE_WAIVER", "schoolYear": today().year, "stage": "PRIMARY"}}
    given = story.give("education", "WAIVER", "CHILD", waiver)["aidRecord"]
    story.complete(need, "education", given["id"])
    again = found_on_the_spot(story.whole, externalId=f"{story.code}-2", reason="取暖补贴未发放")
    own = story.write("civil_affairs", RAISE, again)["alert"]
    visited(story, own["id"])
    assert disposed(story, own["id"], "CARRY_OUT")["alert"]["referrals"] == []
    chain = story.told(
        *UP_TO_VISIT, DISPOSED, *answering("education", "46-3.2.2", story.office), *UP_TO_VISIT[2:], DISPOSED
    )
    assert "救助政策落实不到位,尽快落实" in chain[4].summary_zh


def test_46_2_4_b_who_is_not_included_is_referred_by_kind_of_need(spotted: tuple[Story, str]) -> None:
    story, alert = spotted
    needs = [
        pushed(story, "housing_security", "HOUSING"),
        pushed(story, "medical_insurance", "MEDICAL"),
        pushed(story, "charity", "CHARITY"),
    ]
    included = disposed(story, alert, "INCLUDE", referrals=needs)["alert"]
    assert {
        (referral["to"]["code"], referral["need"], referral["status"]) for referral in included["referrals"]
    } == {(need["toAgency"], need["need"], "SENT") for need in needs}
    for department, kind in (("housing_security", "HOUSING"), ("charity", "CHARITY")):
        accepted(story, department, kind)
    chain = story.told(
        *UP_TO_VISIT,
        DISPOSED,
        *[SENT] * 3,
        ("REFERRAL_ACCEPTED", "housing_security", "46-2.1"),
        ("REFERRAL_ACCEPTED", "charity", "46-2.1"),
    )
    assert "处置:未纳入但可能符合条件,分类推送" in chain[4].summary_zh
    story.skeleton("charity")


def test_46_2_4_c_what_is_complex_is_taken_to_a_conference_whose_measures_become_referrals(
    spotted: tuple[Story, str],
) -> None:
    story, alert = spotted
    given, county = conference({}), "civil_affairs"
    called = {name: given[name] for name in ("participants", "meetsOn")}
    with story.nothing_written():
        by_township = disposal(alert, "CONFERENCE", conference=called)
        assert story.refused(story.office, DISPOSE, by_township) == ("NOT_YOUR_CONFERENCE", "conference")
    meets = disposed(story, alert, "CONFERENCE", by=county, conference=called)["alert"]["conference"]
    assert (meets["status"], meets["matter"]) == ("CALLED", "经入户核查属实")
    assert {participant["agency"]["code"] for participant in meets["participants"]} == {
        story.at(county),
        *called["participants"],
    }
    held = story.write(county, CLOSE, minutes(meets["id"]))["conference"]
    assert [(measure["agency"]["code"], measure["amount"]) for measure in held["measures"]] == [
        ("housing_security@410105", None),
        (story.at(county), "9000.00"),
    ]
    of_others = [measure["referral"] and measure["referral"]["to"]["code"] for measure in held["measures"]]
    assert of_others == ["housing_security@410105", None], "what its own agency does needs no push"
    accepted(story, "housing_security", "HOUSING")
    chain = story.told(
        *UP_TO_VISIT,
        ("ALERT_DISPOSED", county, "46-2.4"),
        ("CONFERENCE_CALLED", county, "46-2.4"),
        ("CONFERENCE_HELD", county, "46-2.4"),
        ("REFERRAL_SENT", county, "46-2.1"),
        ("REFERRAL_ACCEPTED", "housing_security", "46-2.1"),
    )
    assert "一事一议" in chain[4].summary_zh
    story.skeleton("housing_security")


def test_46_2_4_d_who_is_no_longer_eligible_is_terminated_and_the_aid_that_runs_on_is_flagged(
    spotted: tuple[Story, str],
) -> None:
    story, alert = spotted
    allowance = {
        "basicLiving": {"form": "SUBSISTENCE_ALLOWANCE", "payee": "PERSON", "monthSupplement": "100.00"}
    }
    running = {
        "periodFrom": str(today() - timedelta(days=5)),
        "periodUntil": str(today() + timedelta(days=20)),
    }
    story.give("civil_affairs", "ALLOWANCE", None, allowance, **running)
    asked = "query ($id: ID!) { node(id: $id) { ... on Household { certifications { id } } } }"
    ((certification,),) = [
        [
            one["id"]
            for one in story.hub.ask(CITY, asked, {"id": story.household}).data["node"]["certifications"]
        ]
    ]
    ending = {"id": certification, "expectedVersion": 1, "because": "NO_LONGER_ELIGIBLE"}
    payload = disposed(story, alert, "TERMINATE", termination=ending)
    assert payload["alert"]["certification"] == {"id": certification, "endedOn": str(today())}
    (warning,) = payload["warnings"]
    assert (warning["code"], warning["path"]) == ("RUNNING_AID", ["input", "termination", "id"])
    assert "46-2.4" in warning["message"]
    assert "BASIC_LIVING" in warning["messageZh"]
    chain = story.told(
        *UP_TO_VISIT,
        ("AID_RECORDED", "civil_affairs", "46-3.1"),
        DISPOSED,
        ("CERTIFICATION_ENDED", story.office, "46-2.4"),
    )
    assert "不再符合救助条件" in chain[-1].summary_zh
