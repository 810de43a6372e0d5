"""46-2.3, "及时主动发现需要救助的困难群众": each department reports the people it finds to civil affairs, and learns nothing
from the report."""

import pytest

from auth.departments import DEPARTMENTS
from hub.foundation.calendar import today
from tests.journeys.alerts import RAISE, VISIT, found_on_the_spot, visit
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import UNABLE, child, head
from tests.journeys.clauses.story import Story

FINDERS = sorted(set(DEPARTMENTS) - {"audit", "civil_affairs"})
TOLD = """mutation ($input: RaiseAlertInput!) { raiseAlert(input: $input) { errors { code path } } }"""
SEEN = """mutation ($input: RecordVisitInput!) { recordVisit(input: $input) { errors { code path } } }"""
ALERTS = """query ($id: ID!) { node(id: $id) { ... on Household { alerts(first: 9) { nodes {
  finding reason status raisedBy { code } to { code } } } } } }"""
VISITS = """query ($id: ID!) { node(id: $id) { ... on Household { visits(first: 9) { nodes {
  kind found agency { code } } } } } }"""


def everything_read(story: Story, department: str) -> list[object]:
    """Everything that a department reads of the family: its chain, its fields, and the number of households in the
    department's list."""
    whole = "query ($id: ID!) { node(id: $id) { ... on Household { id code region version alerts(first: 9) { totalCount } } } }"
    listed = "{ households(first: 100) { totalCount } }"
    agency = story.at(department)
    return [
        story.chain(agency),
        story.hub.ask(agency, whole, {"id": story.household}).body,
        story.hub.ask(agency, listed).body,
    ]


@pytest.mark.parametrize("department", FINDERS)
def test_46_2_3_each_department_tells_civil_affairs_whom_it_finds_and_learns_nothing_by_it(
    tell: Tell, department: str
) -> None:
    story = tell(head(66, **UNABLE), child(9))
    before = everything_read(story, department)
    given = found_on_the_spot(story.whole, externalId=story.code, reason="在工作中发现该户无人照料")
    answer = story.hub.ask(story.at(department), TOLD, {"input": given})
    assert answer.data == {"raiseAlert": {"errors": []}}
    assert everything_read(story, department) == before, "who tells of it reads no more than before"
    (alert,) = story.hub.ask(story.office, ALERTS, {"id": story.household}).data["node"]["alerts"]["nodes"]
    assert alert == {
        "finding": "FOUND_ON_THE_SPOT",
        "reason": given["reason"],
        "status": "OPEN",
        "raisedBy": {"code": story.at(department)},
        "to": {"code": story.office},
    }
    asked = story.hub.ask(story.at(department), RAISE, {"input": given})
    closed = {"Alert.status", "Alert.finding", "Alert.reason", "Alert.to", "Alert.dueAt", "Alert.raisedBy"}
    assert closed <= asked.forbidden, "what becomes of it is civil affairs' to read"
    assert (
        story.chain()[1:]
        == story.told(
            ("HOUSEHOLD_REGISTERED", story.office, "46-2.2"), ("ALERT_RAISED", department, "46-2.3")
        )[1:]
    )


@pytest.mark.parametrize("department", FINDERS)
def test_46_2_3_who_is_out_of_sight_is_nobody_to_a_department_that_finds_cases(
    tell: Tell, department: str
) -> None:
    story = tell(head(66, **UNABLE))
    elsewhere = f"{department}@410104"
    with story.nothing_written():
        for subject in (story.whole, {"householdId": story.household[:-3] + "AAA"}):
            answer = story.hub.ask(
                elsewhere, TOLD, {"input": found_on_the_spot(subject, externalId=f"{story.code}-X")}
            )
            (error,) = answer.data["raiseAlert"]["errors"]
            assert error["code"] in ("NOT_FOUND", "INVALID_ID")


@pytest.mark.parametrize(
    ("department", "kind"),
    [("education", "SCHOOL"), ("health", "HEALTH"), ("disabled_federation", "DISABILITY")],
)
def test_46_2_3_schools_health_and_the_federation_report_visits_of_their_own_kind(
    tell: Tell, department: str, kind: str
) -> None:
    story = tell(head(66, **UNABLE), child(9))
    before = everything_read(story, department)
    given = visit(story.one("CHILD"), externalId=story.code, found="在校表现良好,家中缺少照料")
    assert story.hub.ask(story.at(department), SEEN, {"input": given}).data == {"recordVisit": {"errors": []}}
    assert everything_read(story, department) == before
    (seen,) = story.hub.ask(story.office, VISITS, {"id": story.household}).data["node"]["visits"]["nodes"]
    assert seen == {"kind": kind, "found": given["found"], "agency": {"code": story.at(department)}}
    raised = story.write("civil_affairs", RAISE, found_on_the_spot(story.whole, externalId=story.code))
    checks = visit(
        story.whole, externalId=f"{story.code}-2", alertId=raised["alert"]["id"], visitedOn=str(today())
    )
    with story.nothing_written():
        answer = story.hub.ask(story.at(department), SEEN, {"input": checks})
        assert [error["code"] for error in answer.data["recordVisit"]["errors"]] == ["FORBIDDEN_WRITE"], (
            "an alert is checked at home by civil affairs (46-2.4)"
        )
    own = visit(story.whole, externalId=f"{story.code}-3")
    story.write(story.office, VISIT, own)
    kinds = [
        one["kind"]
        for one in story.hub.ask(story.office, VISITS, {"id": story.household}).data["node"]["visits"][
            "nodes"
        ]
    ]
    assert sorted(kinds) == sorted([kind, "ASSISTANCE"])


def test_46_2_3_an_auditor_raises_nothing_and_no_other_department_reports_visits(tell: Tell) -> None:
    story = tell(head(66, **UNABLE))
    with story.nothing_written():
        audit = story.hub.ask("audit@410105", TOLD, {"input": found_on_the_spot(story.whole)})
        assert audit.forbidden == {"Mutation.raiseAlert"}
        for department in set(FINDERS) - {"education", "health", "disabled_federation"}:
            answer = story.hub.ask(story.at(department), SEEN, {"input": visit(story.whole)})
            assert answer.forbidden == {"Mutation.recordVisit"}, department
