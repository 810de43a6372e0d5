"""46-4.3: "追究相应责任"; "建立容错纠错机制,落实“三个区分开来”要求": records of who is liable and whose mistake is tolerated."""

from typing import Any

from auth.departments import DEPARTMENTS
from hub.foundation.calendar import today
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import EMPLOYED, child, head
from tests.journeys.clauses.story import Story, begun
from tests.journeys.outcomes import REVOKE_AID

DECIDE = """mutation ($input: RecordLiabilityInput!) { recordLiability(input: $input) {
  liabilityDecision { id party outcome reason measure decidedOn policyBasis agency { code } aidRecord { id status } }
  errors { code message messageZh path } } }"""
CHAIN = """query ($id: ID!) { node(id: $id) { ... on Household { chain { events(last: 1) { nodes {
  type liabilityDecision { outcome } followsFrom { type } } } } } } }"""
HEATING = {"other": {"form": "HEATING"}}
COUNTY = "civil_affairs"


def given_and_revoked(story: Story, because: str) -> str:
    """The id of aid that was given and revoked."""
    aid: str = story.give(COUNTY, because, None, HEATING)["aidRecord"]["id"]
    revoked = {"id": aid, "expectedVersion": 1, "because": because, "reason": "经核查"}
    story.write(COUNTY, REVOKE_AID, revoked)
    return aid


def decision(story: Story, aid: str, party: str, outcome: str, **changes: Any) -> dict[str, Any]:
    """A decision of today."""
    held = {"measure": "三年内不予受理临时救助申请"} if outcome == "HELD_LIABLE" else {}
    return {
        "externalId": f"{story.code}-{party}-{outcome}",
        "aidRecordId": aid,
        "party": party,
        "outcome": outcome,
        "reason": "名单接口故障导致重复发放,次日即更正",
        "decidedOn": str(today()),
        **held,
    } | changes


def test_46_4_3_an_honest_mistake_that_was_corrected_is_tolerated_and_the_decision_is_a_record(
    tell: Tell,
) -> None:
    story = tell(head(**EMPLOYED), child(9))
    story.certify("SUBSISTENCE_ALLOWANCE")
    aid = given_and_revoked(story, "MISTAKE")
    exempted = decision(story, aid, "OFFICIAL", "EXEMPTED")
    with story.nothing_written():
        assert story.refused(story.office, DECIDE, exempted)[0] == "LIABILITY_BY_COUNTY_REQUIRED"
        for wrong, refusal in (
            ({"measure": "通报"}, ("INVALID_INPUT", "measure")),
            ({"reason": " "}, ("INVALID_INPUT", "reason")),
            ({"decidedOn": "2099-01-01"}, ("INVALID_INPUT", "decidedOn")),
            ({"outcome": "HELD_LIABLE", "measure": " "}, ("INVALID_INPUT", "measure")),
            ({"party": "CLAIMANT"}, ("LIABILITY_NOT_APPLICABLE", "aidRecordId")),
        ):
            assert story.refused(COUNTY, DECIDE, exempted | wrong) == refusal
    made = story.write(COUNTY, DECIDE, exempted)["liabilityDecision"]
    assert (made["party"], made["outcome"], made["measure"]) == ("OFFICIAL", "EXEMPTED", None)
    assert made["aidRecord"] == {"id": aid, "status": "REVOKED"}
    assert story.write(COUNTY, DECIDE, exempted)["liabilityDecision"] == made, "sent again it is the same"
    (event,) = story.hub.ask(COUNTY + "@410105", CHAIN, {"id": story.household}).data["node"]["chain"][
        "events"
    ]["nodes"]
    assert event == {
        "type": "LIABILITY_DECIDED",
        "liabilityDecision": {"outcome": "EXEMPTED"},
        "followsFrom": event["followsFrom"],
    }
    assert event["followsFrom"]
    chain = story.told(
        *begun(story),
        ("AID_RECORDED", COUNTY, "46-3.5"),
        ("AID_REVOKED", COUNTY, "46-4.3"),
        ("LIABILITY_DECIDED", COUNTY, "46-4.3"),
    )
    assert "经办人员,免于问责" in chain[-1].summary_zh
    story.skeleton("development_reform", opened=(COUNTY,))


def test_46_4_3_who_made_a_false_claim_is_held_liable_and_nobody_is_exempted_for_it(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child(9))
    aid = given_and_revoked(story, "FALSE_CLAIM")
    with story.nothing_written():
        for party in ("CLAIMANT", "OFFICIAL"):
            exempted = decision(story, aid, party, "EXEMPTED")
            assert story.refused(COUNTY, DECIDE, exempted) == ("LIABILITY_NOT_APPLICABLE", "aidRecordId")
    for party in ("CLAIMANT", "OFFICIAL"):
        held = decision(story, aid, party, "HELD_LIABLE")
        assert story.write(COUNTY, DECIDE, held)["liabilityDecision"]["outcome"] == "HELD_LIABLE"


def test_46_4_3_what_was_not_corrected_is_not_tolerated_and_other_departments_decide_nothing(
    tell: Tell,
) -> None:
    story = tell(head(**EMPLOYED), child(9))
    aid = story.give(COUNTY, "STANDS", None, HEATING)["aidRecord"]["id"]
    exempted = decision(story, aid, "OFFICIAL", "EXEMPTED")
    with story.nothing_written():
        assert story.refused(COUNTY, DECIDE, exempted) == ("LIABILITY_NOT_APPLICABLE", "aidRecordId")
        elsewhere = story.refused("civil_affairs@410104", DECIDE, exempted)
        assert elsewhere == ("NOT_FOUND", "aidRecordId")
        for department in set(DEPARTMENTS) - {"civil_affairs"}:
            refused = story.refused(department, DECIDE, exempted)
            assert refused == ("FORBIDDEN_FIELD", "Mutation.recordLiability"), department
