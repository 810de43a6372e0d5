"""三, opening: "对防止返贫监测对象,同时按照现行防止返贫动态监测和帮扶机制给予针对性帮扶措施,切实防止规模性返贫。"""

from hub.foundation.calendar import today
from hub.model.aid import AidKind, RelapsePreventionForm
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import EMPLOYED, child, head
from tests.journeys.clauses.story import answering
from tests.journeys.outcomes import CREATE_REFERRAL, RECORD_AID, need

FARMS = "agriculture"


def helped(form: str) -> dict[str, dict[str, str]]:
    """Targeted help of a form."""
    return {"relapsePrevention": {"form": form, "measure": "发放鸡苗并安排技术指导"}}


def test_46_3_opening_a_monitored_household_gets_targeted_help_from_agriculture(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child(9))
    story.certify("POVERTY_RELAPSE_MONITORED", by=story.at(FARMS), subtype="MARGINAL", validFrom=str(today()))
    story.only((FARMS,), None, helped("INDUSTRY"))
    kept = {"status": "DELIVERED", "paidOn": None, "amount": None}
    story.answered("RELAPSE_PREVENTION", None, FARMS, helped("INDUSTRY"), **kept)
    for form in RelapsePreventionForm:
        if form is not RelapsePreventionForm.INDUSTRY:
            given = story.give(FARMS, form, None, helped(form), amount="500.00")
            assert given["warnings"] == [] or {one["code"] for one in given["warnings"]} == {"TOPPING_UP"}
    assert story.forms(AidKind.RELAPSE_PREVENTION) == set(RelapsePreventionForm)
    chain = story.told(
        ("HOUSEHOLD_REGISTERED", story.office, "46-2.2"),
        ("CERTIFIED", FARMS, "46-1.2.2"),
        *answering(FARMS, "46-3", story.office),
        *[("AID_RECORDED", FARMS, "46-3")] * (len(RelapsePreventionForm) - 1),
    )
    assert "防止返贫帮扶" in chain[2].summary_zh
    story.skeleton(FARMS, opened=(FARMS,))
    story.skeleton("education")
    story.skeleton("charity")


def test_46_3_opening_only_who_is_monitored_is_entitled_to_targeted_help(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child(9))
    story.certify("SUBSISTENCE_MARGIN")
    asked = "query ($id: ID!) { node(id: $id) { ... on Household { entitlements { rule } } } }"
    found = story.hub.ask(story.office, asked, {"id": story.household}).data["node"]["entitlements"]
    assert "RELAPSE_PREVENTION" not in {one["rule"] for one in found}


def test_46_3_opening_the_need_is_pushed_to_agriculture_alone(tell: Tell) -> None:
    story = tell(head(**EMPLOYED))
    with story.nothing_written():
        given = need(
            story.whole,
            story.at("education"),
            "RELAPSE_PREVENTION",
            externalId=f"{story.code}-N",
            reason="需帮扶",
        )
        sent = story.hub.ask(story.office, CREATE_REFERRAL, {"input": given}).data["createReferral"]
        assert [error["code"] for error in sent["errors"]] == ["NOT_IN_CHARGE"]
        wrong = story.aid("WRONG", None, helped("INDUSTRY"))
        assert story.refused("civil_affairs", RECORD_AID, wrong) == ("FORBIDDEN_WRITE", "detail")
    referral = story.refer("RELAPSE_PREVENTION", None, FARMS)
    story.complete(referral, FARMS)
