"""46-2.3 (现行救助政策是否落实到位) and 46-4.3: whether aid is carried out in full and in time. Civil affairs finds aid that
is certified and not paid, paid and not certified, or paid in another amount than certified."""

from datetime import date, timedelta
from typing import Any

from hub.foundation.calendar import today
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import EMPLOYED, child, head, parent
from tests.journeys.clauses.story import Story, long_ago
from tests.journeys.outcomes import CERTIFY, certification
from tests.journeys.overlaps import AMEND

ALLOWANCE = {"basicLiving": {"form": "SUBSISTENCE_ALLOWANCE", "payee": "PERSON"}}
AMOUNT = "query ($id: ID!) { node(id: $id) { ... on Certification { certifiedAmount } } }"


def month_due(story: Story) -> dict[str, Any]:
    """The days of a payment in time for the last month that is due."""
    window = story.entitled("SUBSISTENCE_ALLOWANCE")
    first = date.fromisoformat(window["windowFrom"])
    return {
        "periodFrom": window["windowFrom"],
        "periodUntil": window["windowUntil"],
        "decidedOn": str(first),
        "paidOn": str(first + timedelta(days=4)),
    }


def closed(story: Story, finding: str) -> bool:
    """Whether the family's alert of a finding was closed because the fact is gone."""
    story.monitor(finding)
    return bool(story.alerts()[finding]["closedBecause"] == "FACT_GONE")


def test_46_3_1_who_is_certified_and_never_paid_is_found_until_paid(tell: Tell) -> None:
    story = tell(head(**EMPLOYED))
    story.certify("SUBSISTENCE_ALLOWANCE")
    story.monitor("ALLOWANCE_MISSING")
    found = story.alerts(story.office)["ALLOWANCE_MISSING"]
    assert (found["status"], found["policyBasis"], found["to"]["code"]) == ("OPEN", "46-3.1", story.office)
    assert story.entitled("SUBSISTENCE_ALLOWANCE")["status"] == "MISSING"
    story.give("civil_affairs", "ALLOWANCE", None, ALLOWANCE, **month_due(story))
    assert closed(story, "ALLOWANCE_MISSING")


def test_46_4_3_another_amount_than_the_certified_one_is_found_until_it_is_corrected(tell: Tell) -> None:
    story = tell(head(**EMPLOYED))
    made = story.certify("SUBSISTENCE_ALLOWANCE", certifiedAmount="560.00")
    read = story.hub.ask(story.office, AMOUNT, {"id": made["id"]}).data["node"]
    assert read == {"certifiedAmount": "560.00"}
    given = story.give("civil_affairs", "ALLOWANCE", None, ALLOWANCE, **month_due(story), amount="500.00")[
        "aidRecord"
    ]
    story.monitor("AMOUNT_DIFFERS")
    assert story.alerts(story.office)["AMOUNT_DIFFERS"]["policyBasis"] == "46-4.3"
    change = {"id": given["id"], "expectedVersion": 1, "reason": "少发", "amount": "560.00"}
    story.write("civil_affairs", AMEND, change)
    assert closed(story, "AMOUNT_DIFFERS")


def test_46_4_3_the_event_of_a_certification_proves_the_certified_amount(tell: Tell) -> None:
    story = tell(head(**EMPLOYED))
    story.certify("SUBSISTENCE_ALLOWANCE", certifiedAmount="560.00")
    amounts = story.hub.rows(
        "select e.body ->> 'category', e.body ->> 'certifiedAmount' from chain_event e"
        " join household h on h.id = e.household_id where h.code = %s and e.type = 'CERTIFIED'",
        story.code,
    )
    assert amounts == [("SUBSISTENCE_ALLOWANCE", "560.00")]


def test_46_3_1_only_allowance_and_support_have_a_certified_amount(tell: Tell) -> None:
    story = tell(head(**EMPLOYED))
    margin = certification(
        story.whole, "SUBSISTENCE_MARGIN", validFrom=str(long_ago()), certifiedAmount="560.00"
    )
    nothing = margin | {"category": "SUBSISTENCE_ALLOWANCE", "certifiedAmount": "0.00"}
    with story.nothing_written():
        assert story.refused(story.office, CERTIFY, margin) == (
            "CERTIFIED_AMOUNT_NOT_APPLICABLE",
            "certifiedAmount",
        )
        assert story.refused(story.office, CERTIFY, nothing) == (
            "CERTIFIED_AMOUNT_INVALID",
            "certifiedAmount",
        )


def test_46_4_3_an_allowance_to_a_household_that_nobody_certified_is_found(tell: Tell) -> None:
    story = tell(head(**EMPLOYED))
    story.give("civil_affairs", "ALLOWANCE", None, ALLOWANCE)
    story.monitor("AID_WITHOUT_TITLE")
    assert story.alerts(story.office)["AID_WITHOUT_TITLE"]["policyBasis"] == "46-4.3"
    first = str(today().replace(day=1))
    story.certify("SUBSISTENCE_ALLOWANCE", validFrom=first)
    assert closed(story, "AID_WITHOUT_TITLE")


def test_46_3_1_a_supplement_for_one_is_not_in_full_for_two(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child(9), parent(76))
    story.certify("SUBSISTENCE_ALLOWANCE")
    one = {"basicLiving": {**ALLOWANCE["basicLiving"], "monthSupplement": "100.00"}}
    given = story.give("civil_affairs", "ALLOWANCE", None, one, **month_due(story))["aidRecord"]
    story.monitor("SUPPLEMENT_MISSING")
    assert story.alerts(story.office)["SUPPLEMENT_MISSING"]["policyBasis"] == "46-3.1"
    two = {"basicLiving": {**ALLOWANCE["basicLiving"], "monthSupplement": "200.00"}}
    change = {"id": given["id"], "expectedVersion": 1, "reason": "增发金额有误", "detail": two}
    story.write("civil_affairs", AMEND, change)
    assert closed(story, "SUPPLEMENT_MISSING")


def test_46_3_5_funeral_fees_are_of_who_was_certified_when_he_died(tell: Tell) -> None:
    story = tell(head(40, **EMPLOYED), parent(88))
    died = today() - timedelta(days=60)
    story.report("civil_affairs", "DEATH", "PARENT", since=str(died))
    story.certify("SUBSISTENCE_MARGIN", validFrom=str(died + timedelta(days=1)))
    story.monitor("FUNERAL_FEES_MISSING")
    assert "FUNERAL_FEES_MISSING" not in story.alerts()

    other = tell(head(40, **EMPLOYED), parent(88))
    other.certify("SUBSISTENCE_MARGIN")
    other.report("civil_affairs", "DEATH", "PARENT", since=str(died))
    other.monitor("FUNERAL_FEES_MISSING")
    assert other.alerts()["FUNERAL_FEES_MISSING"]["policyBasis"] == "46-3.5"
    other.give("civil_affairs", "FUNERAL", None, {"other": {"form": "FUNERAL_FEES"}}, periodFrom=str(died))
    assert closed(other, "FUNERAL_FEES_MISSING")
