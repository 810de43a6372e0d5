"""46-4.3: "加大对骗取救助资金、物资或服务行为的查处力度,依法依规追回非法获取的物资、救助金": goods and services are recovered
too."""

from typing import Any

import pytest

from hub.foundation.calendar import today
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import EMPLOYED, child, head
from tests.journeys.clauses.story import Story, begun
from tests.journeys.outcomes import OPEN_RECOVERY, RECORD_REPAYMENT, REVOKE_AID

IN_KIND: dict[str, Any] = {"status": "DELIVERED", "paidOn": None, "amount": None}
WHEELCHAIR = {"charity": {"form": "DONATION", "organisation": "金水区慈善总会"}}
CARE = {"service": {"form": "CARE", "provider": "金水区阳光社工", "times": 4}}
READ = """query ($id: ID!) { node(id: $id) { ... on Recovery {
  kind because manner goods amount repaid outstanding status } } }"""


def taken_back(
    story: Story, by: str, detail: dict[str, Any], because: str = "FALSE_CLAIM", **kept: Any
) -> tuple[str, Any]:
    """Aid that was given and revoked: its id, and the payload of the revocation."""
    given = story.give(by, "GIVEN", None, detail, **kept)["aidRecord"]["id"]
    revoked = {"id": given, "expectedVersion": 1, "because": because, "reason": "虚报家庭情况"}
    return given, story.write(by, REVOKE_AID, revoked)


def recovery(story: Story, aid: str, **changes: Any) -> dict[str, Any]:
    """A recovery of goods worth 650 yuan."""
    return {
        "externalId": f"{story.code}-追",
        "aidRecordId": aid,
        "because": "FALSE_CLAIM",
        "amount": "650.00",
        "reason": "虚报家庭情况",
        "manner": "IN_KIND",
        "goods": "轮椅1辆",
    } | changes


def test_46_4_3_goods_given_on_a_false_claim_are_returned_as_such(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child(9))
    story.certify("SUBSISTENCE_ALLOWANCE")
    aid, revoked = taken_back(story, "charity", WHEELCHAIR, **IN_KIND)
    assert [one["code"] for one in revoked["warnings"]] == ["RECOVERY_DUE"]
    with story.nothing_written():
        unnamed = recovery(story, aid, goods=None)
        assert story.refused("charity", OPEN_RECOVERY, unnamed) == ("INVALID_INPUT", "goods")
        as_money = recovery(story, aid, goods=None, manner=None)
        assert story.refused("charity", OPEN_RECOVERY, as_money) == ("NOTHING_TO_RECOVER", "aidRecordId")
        without = recovery(story, aid, manner=None)
        assert story.refused("charity", OPEN_RECOVERY, without) == ("INVALID_INPUT", "manner")
    opened = story.write("charity", OPEN_RECOVERY, recovery(story, aid))["recovery"]["id"]
    with story.nothing_written():
        again = recovery(story, aid, externalId=f"{story.code}-追2")
        assert story.refused("charity", OPEN_RECOVERY, again) == ("ALREADY_RECOVERED", "aidRecordId")
    returned = {
        "externalId": f"{story.code}-还",
        "recoveryId": opened,
        "amount": "650.00",
        "repaidOn": str(today()),
    }
    story.write("charity", RECORD_REPAYMENT, returned)
    assert story.hub.ask(story.office, READ, {"id": opened}).data["node"] == {
        "kind": "CHARITY",
        "because": "FALSE_CLAIM",
        "manner": "IN_KIND",
        "goods": "轮椅1辆",
        "amount": "650.00",
        "repaid": "650.00",
        "outstanding": "0.00",
        "status": "REPAID",
    }
    chain = story.told(
        *begun(story),
        ("AID_RECORDED", "charity", "46-3.6"),
        ("AID_REVOKED", "charity", "46-4.3"),
        ("RECOVERY_OPENED", "charity", "46-4.3"),
        ("RECOVERY_REPAID", "charity", "46-4.3"),
    )
    assert "物资或服务:轮椅1辆" in chain[4].summary_zh


def test_46_4_3_a_service_given_on_a_false_claim_is_recovered_by_its_value(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child(9))
    aid, revoked = taken_back(story, story.office, CARE, **IN_KIND)
    assert [one["code"] for one in revoked["warnings"]] == ["RECOVERY_DUE"]
    service = {"goods": "照护服务4次", "amount": "400.00"}
    with story.nothing_written():
        as_such = recovery(story, aid, **service)
        assert story.refused(story.office, OPEN_RECOVERY, as_such) == ("INVALID_INPUT", "manner")
    by_value = recovery(story, aid, manner="BY_VALUE", **service)
    assert story.write(story.office, OPEN_RECOVERY, by_value)["recovery"]["outstanding"] == "400.00"


@pytest.mark.parametrize("amount", ["500.00", "650.01"])
def test_46_4_3_goods_with_a_value_on_record_come_back_up_to_it(tell: Tell, amount: str) -> None:
    story = tell(head(**EMPLOYED), child(9))
    kept = IN_KIND | {"amount": "500.00"}
    aid, _ = taken_back(story, "charity", WHEELCHAIR, **kept)
    given = recovery(story, aid, amount=amount)
    if amount == "500.00":
        assert story.write("charity", OPEN_RECOVERY, given)["recovery"]["outstanding"] == amount
    else:
        assert story.refused("charity", OPEN_RECOVERY, given) == ("AMOUNT_EXCEEDS_PAID", "amount")


def test_46_4_3_money_is_recovered_as_money(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child(9))
    aid, _ = taken_back(story, "charity", WHEELCHAIR, amount="650.00")
    with story.nothing_written():
        in_kind = recovery(story, aid)
        assert story.refused("charity", OPEN_RECOVERY, in_kind) == ("INVALID_INPUT", "manner")
    money = recovery(story, aid, manner=None, goods=None)
    assert story.write("charity", OPEN_RECOVERY, money)["recovery"]["outstanding"] == "650.00"
