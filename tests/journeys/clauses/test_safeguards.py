"""46-4, row by row: one application for all needs, each department within its duty, and money that can be traced and
recovered."""

from datetime import timedelta
from typing import Any

from auth.departments import DEPARTMENTS
from hub.foundation.calendar import today
from tests.fixtures.days import dated, day, this_month, this_year
from tests.journeys.alerts import CLOSE, OPEN, VISIT, conference, minutes, visit
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import EMPLOYED, child, head, parent, spouse
from tests.journeys.clauses.test_duties import REGISTERED, disposed
from tests.journeys.outcomes import (
    AMEND_AID,
    OPEN_RECOVERY,
    RECORD_REPAYMENT,
    REVOKE_AID,
    SUBMIT,
    application,
    step,
)
from tests.journeys.test_disclosures import OBJECT, PUBLISH, lines
from tests.journeys.test_revocation_and_recovery import recovery_of, repayment
from tests.policy import READS_KINDS
from tests.stateful.model import IN_CHARGE


def test_46_4_1_one_application_is_answered_need_by_need_and_what_is_complex_is_conferred_on(
    tell: Tell,
) -> None:
    story = tell(head(**EMPLOYED), child(9))
    county = "civil_affairs"
    given = application(story.whole, "EDUCATION", "HOUSING", "TEMPORARY", externalId=story.code)
    submitted = story.write(county, SUBMIT, given)["application"]
    answers = {answer["need"]: answer for answer in submitted["answers"]}
    assert {need: answer["to"]["code"] for need, answer in answers.items()} == {
        "EDUCATION": "education@410105",
        "HOUSING": "housing_security@410105",
        "TEMPORARY": story.office,
    }

    def status() -> str:
        asked = "query ($id: ID!) { node(id: $id) { ... on Application { status } } }"
        found: str = story.hub.ask(story.at(county), asked, {"id": submitted["id"]}).data["node"]["status"]
        return found

    assert status() == submitted["status"] == "IN_PROGRESS"
    school = {"education": {"form": "GRANT", "schoolYear": today().year, "stage": "PRIMARY"}}
    grant = story.give("education", "GRANT", None, school)["aidRecord"]
    story.complete(story.accept(answers["EDUCATION"], "education"), "education", grant["id"])
    assert status() == "PARTLY_ANSWERED"
    trouble = {"form": "PAY_FIRST", "trouble": "房屋倒塌", "happenedAtRegion": story.township}
    urgent = story.give(story.office, "URGENT", None, {"temporary": trouble})["aidRecord"]
    story.complete(story.accept(answers["TEMPORARY"], story.office), story.office, urgent["id"])

    back = {"id": answers["HOUSING"]["id"], "expectedVersion": 1, "reason": "属农村危房改造"}
    story.write("housing_security", step("return"), back)
    called = conference(story.whole, externalId=story.code, participants=["urban_construction@410105"])
    meets = story.write(county, OPEN, called)["conference"]
    story.write(county, CLOSE, minutes(meets["id"], measures=[], decision="由城建部门纳入危房改造"))
    onward = {
        "id": back["id"],
        "expectedVersion": 2,
        "externalId": f"{story.code}-改转",
        "reason": "按会议议定",
        "toAgency": "urban_construction@410105",
    }
    need = story.write(county, step("forward"), onward)["referral"]
    assert status() == "PARTLY_ANSWERED"
    house = {"housing": {"form": "HOUSE_RENOVATION", "dangerGrade": "D"}}
    rebuilt = story.give("urban_construction", "HOUSE", None, house)["aidRecord"]
    story.complete(story.accept(need, "urban_construction"), "urban_construction", rebuilt["id"])
    assert status() == "ANSWERED"

    def fed_back(by: str, clause: str) -> list[tuple[str, str, str]]:
        return [
            ("AID_RECORDED", by, clause),
            ("REFERRAL_ACCEPTED", by, "46-2.1"),
            ("REFERRAL_COMPLETED", by, "46-2.1"),
        ]

    story.told(
        REGISTERED,
        ("APPLICATION_SUBMITTED", county, "46-4.1"),
        *[("REFERRAL_SENT", county, "46-4.1")] * 3,
        *fed_back("education", "46-3.2.2"),
        *fed_back(story.office, "46-3.3"),
        ("REFERRAL_RETURNED", "housing_security", "46-2.1"),
        ("CONFERENCE_CALLED", county, "46-2.4"),
        ("CONFERENCE_HELD", county, "46-2.4"),
        ("REFERRAL_FORWARDED", county, "46-2.1"),
        ("REFERRAL_SENT", county, "46-2.1"),
        *fed_back("urban_construction", "46-3.2.3"),
    )
    story.skeleton("education", opened=("education",))


OPEN_TO = {
    "incomePerCapita": {"civil_affairs", "finance", "audit"},
    "health": {"civil_affairs", "health"},
    "disabilityGrade": {"civil_affairs", "disabled_federation"},
    "educationStage": {"civil_affairs", "education"},
    "employment": {"civil_affairs", "human_resources"},
    "idNumber": set(DEPARTMENTS) - {"finance", "development_reform", "charity", "audit"},
}
"""The departments that need a fact of a family for their duty."""
SEEN = """query ($id: ID!) { node(id: $id) { ... on Household { incomePerCapita
  members { idNumber health disabilityGrade educationStage employment }
  aidRecords(first: 20) { nodes { kind agency { code } outcome } } } } }"""
FORMS: dict[str, dict[str, Any]] = {
    "basicLiving": {"form": "SUBSISTENCE_ALLOWANCE", "payee": "PERSON", "monthSupplement": "0.00"},
    "medical": {"form": "COST_AID"},
    "education": {"form": "GRANT", "schoolYear": this_year, "stage": "PRIMARY"},
    "housing": {"form": "RENT_SUBSIDY"},
    "employment": {"form": "TRAINING_SUBSIDY"},
    "disaster": {"form": "EMERGENCY", "disaster": "暴雨洪涝", "struckOn": day},
    "temporary": {"form": "PAY_FIRST", "trouble": "失火", "happenedAtRegion": "410105001"},
    "service": {"form": "CARE", "provider": "阳光社工", "times": 2},
    "other": {"form": "HEATING"},
    "charity": {"form": "DONATION", "organisation": "金水区慈善总会"},
    "relapsePrevention": {"form": "SKILLS", "measure": "参加种植技能培训"},
}
"""For each kind, a form that the first department in charge gives."""


def test_46_4_2_each_department_reads_its_own_kinds_and_facts_and_learns_of_no_other(
    tell: Tell,
) -> None:
    story = tell(
        head(
            health="CHRONIC",
            disabilityType="PHYSICAL",
            disabilityGrade=3,
            educationStage="COLLEGE",
            employment="STUDYING",
        )
    )
    without_money: dict[str, Any] = {"status": "DELIVERED", "amount": None, "paidOn": None}
    for (kind, departments), (name, detail) in zip(IN_CHARGE.items(), dated(FORMS).items(), strict=True):
        changes = without_money if kind in {"SERVICE", "RELAPSE_PREVENTION"} else {}
        given = story.give(departments[0], kind, None, {name: detail}, outcome=f"{kind}已办理", **changes)
        assert given["aidRecord"]["kind"] == kind

    for department in DEPARTMENTS:
        seen = story.hub.ask(story.at(department), SEEN, {"id": story.household}).body["data"]["node"]
        facts = {"incomePerCapita": seen["incomePerCapita"], **(seen["members"] or [{}])[0]}
        assert {name for name, value in facts.items() if value is not None} == {
            name for name, departments in OPEN_TO.items() if department in departments
        }, department
        records = seen["aidRecords"]["nodes"]
        assert {record["kind"] for record in records} == READS_KINDS[department], department
        assert {record["kind"] for record in records if record["outcome"] is not None} == {
            kind
            for kind, in_charge in IN_CHARGE.items()
            if department in (*in_charge, "civil_affairs", "audit")
        }, department
    chain = story.told(
        REGISTERED,
        *[
            ("AID_RECORDED", in_charge[0], clause)
            for in_charge, clause in zip(
                IN_CHARGE.values(),
                (
                    "46-3.1",
                    "46-3.2.1",
                    "46-3.2.2",
                    "46-3.2.3",
                    "46-3.2.4",
                    "46-3.2.5",
                    "46-3.3",
                    "46-3.4",
                    "46-3.5",
                    "46-3.6",
                    "46-3",
                ),
                strict=True,
            )
        ],
    )
    assert len({event.summary for event in chain}) == len(chain)
    for department in ("education", "medical_insurance", "emergency_management", "human_resources"):
        story.skeleton(department, opened=(department,))
    story.skeleton("agriculture", opened=("agriculture",))
    assert story.chain("audit@4101") == chain


def test_46_4_3_money_is_traced_a_mistake_amended_a_list_published_masked_and_a_false_claim_recovered(
    tell: Tell,
) -> None:
    story = tell(head(**EMPLOYED), spouse(**EMPLOYED), parent(76), township="410105002")
    office, county, audit = story.office, "civil_affairs", "audit@4101"
    certified = story.certify("SUBSISTENCE_ALLOWANCE")
    month = today().replace(day=1)
    allowance = {
        "basicLiving": {"form": "SUBSISTENCE_ALLOWANCE", "payee": "PERSON", "monthSupplement": "100.00"}
    }
    days = {
        "periodFrom": str(month),
        "periodUntil": str(today() + timedelta(days=20)),
        "decidedOn": str(month),
    }
    paid = story.give(county, "ALLOWANCE", None, allowance, amount="1900.00", paidOn=str(today()), **days)[
        "aidRecord"
    ]
    slip = {"id": paid["id"], "expectedVersion": 1, "reason": "录入金额有误", "amount": "1090.00"}
    story.write(county, AMEND_AID, slip)

    asked = {"externalId": story.code, "region": story.township, "month": this_month(), "listOf": "CERTIFIED"}
    public = story.write(office, PUBLISH, asked)["disclosure"]
    listed = [line for line in lines(story.hub, office, public["id"]) if line["maskedName"] == "赵*国"]
    assert [(certification["category"], certification["since"]) for certification in listed] == [
        ("SUBSISTENCE_ALLOWANCE", certified["validFrom"])
    ]
    ground = {
        "externalId": story.code,
        "disclosureId": public["id"],
        "number": listed[0]["number"],
        "ground": "隐瞒房产和车辆",
    }
    alert = story.write(office, OBJECT, ground)["objection"]["alert"]["id"]
    checked = visit(
        story.whole, externalId=story.code, alertId=alert, recommendation="TERMINATE", found="名下有两处房产"
    )
    story.write(office, VISIT, checked)
    ending = {"id": certified["id"], "expectedVersion": 1, "because": "FALSE_CLAIM"}
    running = disposed(story, alert, "TERMINATE", termination=ending)["warnings"]
    assert [error["code"] for error in running] == ["RUNNING_AID"]
    gone = {"id": paid["id"], "expectedVersion": 2, "because": "FALSE_CLAIM", "reason": "瞒报财产"}
    assert [warning["code"] for warning in story.write(county, REVOKE_AID, gone)["warnings"]] == [
        "RECOVERY_DUE"
    ]
    owed = recovery_of(paid["id"], externalId=story.code, amount="1090.00")
    recovery = story.write(county, OPEN_RECOVERY, owed)["recovery"]
    back = repayment(recovery["id"], "1090.00", number=story.code)
    with story.nothing_written():
        assert story.refused("finance", RECORD_REPAYMENT, back) == ("NOT_YOUR_RECOVERY", "recoveryId")
    assert story.write(county, RECORD_REPAYMENT, back)["recovery"]["status"] == "REPAID"

    traced = """query ($id: ID!, $record: ID!) { node(id: $id) { ... on Household { recoveries(first: 5) { nodes {
      because amount repaid outstanding } } } } record: node(id: $record) { ... on BasicLivingAid { period { start end }
      payee revokedBecause history { status ... on BasicLivingAid { amount amendmentReason } } } } }"""
    seen = story.hub.ask(audit, traced, {"id": story.household, "record": paid["id"]}).data
    assert seen["record"]["period"] == {"start": days["periodFrom"], "end": days["periodUntil"]}
    assert (seen["record"]["payee"], seen["record"]["revokedBecause"]) == ("PERSON", "FALSE_CLAIM")
    assert [(one["status"], one["amount"]) for one in seen["record"]["history"]] == [
        ("PAID", "1900.00"),
        ("PAID", "1090.00"),
        ("REVOKED", "1090.00"),
    ]
    assert seen["record"]["history"][1]["amendmentReason"] == "录入金额有误"
    assert seen["node"]["recoveries"]["nodes"] == [
        {"because": "FALSE_CLAIM", "amount": "1090.00", "repaid": "1090.00", "outstanding": "0.00"}
    ]
    chain = story.told(
        ("HOUSEHOLD_REGISTERED", office, "46-2.2"),
        ("CERTIFIED", office, "46-1.2.1"),
        ("AID_RECORDED", county, "46-3.1"),
        ("AID_AMENDED", county, "46-3.1"),
        ("DISCLOSED", office, "46-4.3"),
        ("ALERT_RAISED", office, "46-2.3"),
        ("VISITED", office, "46-2.4"),
        ("ALERT_DISPOSED", office, "46-2.4"),
        ("CERTIFICATION_ENDED", office, "46-4.3"),
        ("AID_REVOKED", county, "46-4.3"),
        ("RECOVERY_OPENED", county, "46-4.3"),
        ("RECOVERY_REPAID", county, "46-4.3"),
    )
    assert chain[9].summary_zh.endswith("原因:骗取、套取救助资金。")
    story.skeleton("education", hidden=("RECOVERY_OPENED", "RECOVERY_REPAID"))
