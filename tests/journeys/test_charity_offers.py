"""46-3.6: an offer of an organisation is found for a need. Aid from the offer uses it up, never below zero."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from hub.foundation.calendar import today
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import RECORD_AID, REVOKE_AID, grant_of_a_pupil

CHARITY, CIVIL_AFFAIRS = "charity@410105", "civil_affairs@410105"
OFFER = """
mutation ($input: OfferCharityInput!) {
  offerCharity(input: $input) {
    offer { id version remaining open agency { code } } errors { code message messageZh path }
  }
}
"""
WITHDRAW = """
mutation ($input: WithdrawOfferInput!) {
  withdrawOffer(input: $input) { offer { open withdrawnAt version } errors { code path } }
}
"""
OFFERS = """
query ($filter: CharityOfferFilter) {
  charityOffers(filter: $filter, first: 20) { nodes { externalId remaining quantity open what } }
}
"""


def wheelchairs(**changes: Any) -> dict[str, Any]:
    given = {
        "externalId": "供-1",
        "organisation": "金水区慈善总会",
        "what": "轮椅",
        "region": "410105",
        "quantity": 3,
        "until": str(today() + timedelta(days=30)),
    }
    return given | changes


def offer(hub: Served, agency: str = CHARITY, **changes: Any) -> Any:
    return hub.ask(agency, OFFER, {"input": wheelchairs(**changes)}).data["offerCharity"]


def gift(somebody: Somebody, number: str, offered: str = "供-1", **changes: Any) -> dict[str, Any]:
    detail = {"charity": {"form": "PROJECT", "organisation": "金水区慈善总会", "offer": offered}}
    subject = {"householdId": somebody.household_id}
    return grant_of_a_pupil(
        subject,
        detail=detail,
        externalId=number,
        program="慈善帮扶",
        decidedOn=str(today()),
        status="DELIVERED",
        paidOn=None,
        amount=None,
        **changes,
    )


def give(hub: Served, somebody: Somebody, number: str, agency: str = CHARITY, **changes: Any) -> Any:
    return hub.ask(agency, RECORD_AID, {"input": gift(somebody, number, **changes)}).data["recordAid"]


def left(hub: Served) -> int:
    ((remaining,),) = hub.rows("select remaining from charity_offer where external_id = '供-1'")
    return int(remaining)


def test_an_offer_is_kept_once_and_found_where_and_for_whom_it_is(writable_hub: Served) -> None:
    first = offer(writable_hub)
    assert first["errors"] == []
    assert (first["offer"]["remaining"], first["offer"]["open"]) == (3, True)
    assert offer(writable_hub)["offer"]["id"] == first["offer"]["id"]
    assert [error["code"] for error in offer(writable_hub, quantity=4)["errors"]] == ["CONFLICT"]
    offer(writable_hub, externalId="供-2", what="书包", category="SUBSISTENCE_ALLOWANCE")

    def found(agency: str = CIVIL_AFFAIRS, **filter: Any) -> set[str]:
        nodes = writable_hub.ask(agency, OFFERS, {"filter": filter}).data["charityOffers"]["nodes"]
        return {node["externalId"] for node in nodes}

    ((village,),) = writable_hub.rows("select min(code) from region where code like '410105001___'")
    assert found(region=village, open=True) == {"供-1", "供-2"}
    assert found(region="410103") == set()
    assert found(category="SUBSISTENCE_ALLOWANCE") == {"供-1", "供-2"}
    assert found(category="OTHER_HARDSHIP") == {"供-1"}
    closed = writable_hub.ask("education@410105", OFFERS, {"filter": {}})
    assert closed.forbidden == {"Query.charityOffers"}


def test_what_cannot_be_offered_is_refused_in_both_languages(writable_hub: Served) -> None:
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"quantity": 0}, "INVALID_INPUT", "quantity"),
        ({"what": " "}, "INVALID_INPUT", "what"),
        ({"until": "2026-01-01"}, "INVALID_INPUT", "until"),
        ({"region": "410103"}, "NOT_FOUND", "region"),
    ]
    for changes, code, field in wrong:
        (error,) = offer(writable_hub, **changes)["errors"]
        assert (error["code"], error["path"]) == (code, ["input", field])
        assert error["message"].isascii()
        assert not error["messageZh"].isascii()
    assert writable_hub.rows("select count(*) from charity_offer") == [(0,)]


def test_what_is_given_of_an_offer_uses_it_up_once_and_ends_in_the_chain(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    offer(writable_hub, quantity=1)
    given = give(writable_hub, of_jinshui[0], "GIFT-1")
    assert given["errors"] == []
    assert give(writable_hub, of_jinshui[0], "GIFT-1")["aidRecord"]["id"] == given["aidRecord"]["id"]
    assert left(writable_hub) == 0
    before = writable_hub.everything_written()
    for number, changes, code in (
        ("GIFT-2", {}, "OFFER_EXHAUSTED"),
        ("GIFT-3", {"offered": "没有"}, "NOT_FOUND"),
        ("GIFT-4", {"agency": CIVIL_AFFAIRS}, "NOT_FOUND"),
    ):
        (error,) = give(writable_hub, of_jinshui[1], number, **changes)["errors"]
        assert (error["code"], error["path"]) == (code, ["input", "detail", "charity", "offer"])
    assert writable_hub.everything_written() == before
    ((kind, clause, offered),) = writable_hub.rows(
        "select e.type, e.policy_basis, e.body->'detail'->>'offer' from chain_event e"
        " join household h on h.id = e.household_id where h.code = %s order by number desc limit 1",
        of_jinshui[0].household_code,
    )
    assert (kind, clause, offered) == ("AID_RECORDED", "46-3.6", "供-1")

    revoked = {"id": given["aidRecord"]["id"], "expectedVersion": 1, "because": "MISTAKE", "reason": "未领取"}
    assert writable_hub.ask(CHARITY, REVOKE_AID, {"input": revoked}).data["revokeAid"]["errors"] == []
    assert left(writable_hub) == 1, "what was revoked can be given to another"
    assert give(writable_hub, of_jinshui[1], "GIFT-5")["errors"] == []


def test_many_at_once_are_given_no_more_than_there_is(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    offer(writable_hub)
    many = list(enumerate((of_jinshui * 16)[:16]))
    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(lambda one: give(writable_hub, one[1], f"GIFT-{one[0]}"), many))
    codes = sorted(error["code"] for answer in answers for error in answer["errors"])
    assert codes == ["OFFER_EXHAUSTED"] * 13
    assert left(writable_hub) == 0


def test_an_offer_that_was_withdrawn_is_given_no_more(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    made = offer(writable_hub)["offer"]

    def withdraw(agency: str, version: int) -> Any:
        given = {"id": made["id"], "expectedVersion": version}
        return writable_hub.ask(agency, WITHDRAW, {"input": given}).data["withdrawOffer"]

    assert [error["code"] for error in withdraw(CIVIL_AFFAIRS, 1)["errors"]] == ["NOT_FOUND"]
    assert [error["code"] for error in withdraw(CHARITY, 7)["errors"]] == ["STALE_VERSION"]
    assert withdraw(CHARITY, 1)["offer"]["open"] is False
    assert [error["code"] for error in withdraw(CHARITY, 2)["errors"]] == ["OFFER_WITHDRAWN"]
    assert [error["code"] for error in give(writable_hub, of_jinshui[0], "GIFT-1")["errors"]] == [
        "OFFER_EXHAUSTED"
    ]
