"""The civil-affairs platform pushes a need, follows it to its outcome, and reads the feed without losing or doubling an
event."""

from tests.fixtures.feed import events_in_order
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import CREATE_REFERRAL, RECORD_AID, grant_of_a_pupil, need, step

FEED = """
query ($after: String) {
  chainEvents(first: 500, after: $after) {
    nodes { number type household { code } agency { code } referral { status } }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def test_a_need_is_pushed_accepted_and_completed_with_the_aid_that_answers_it(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody, receiver = of_jinshui[1], "education@410103"
    look = {"code": somebody.household_code}
    query = "query ($code: String!) { household(code: $code) { code } }"
    assert writable_hub.ask(receiver, query, look).data["household"] is None

    sent = writable_hub.ask(
        "civil_affairs@410105", CREATE_REFERRAL, {"input": need({"personId": somebody.person_id}, receiver)}
    )
    referral = sent.data["createReferral"]["referral"]
    assert sent.data["createReferral"]["errors"] == []
    assert (referral["status"], referral["to"], referral["household"]) == ("SENT", {"code": receiver}, look)
    assert referral["overdue"] is False
    assert writable_hub.ask(receiver, query, look).data["household"] == look, (
        "a referral shows the household to its receiver"
    )

    accepted = writable_hub.ask(
        receiver, step("accept"), {"input": {"id": referral["id"], "expectedVersion": 1}}
    )
    assert accepted.data["acceptReferral"]["referral"]["status"] == "ACCEPTED"
    aid = writable_hub.ask(
        receiver, RECORD_AID, {"input": grant_of_a_pupil({"personId": somebody.person_id})}
    )
    aid_id = aid.data["recordAid"]["aidRecord"]["id"]
    answer = {"id": referral["id"], "expectedVersion": 2, "outcome": "已发放助学金", "aidRecordIds": [aid_id]}
    completed = writable_hub.ask(receiver, step("complete"), {"input": answer}).data["completeReferral"]
    assert completed["errors"] == []
    assert completed["referral"]["status"] == "COMPLETED"
    assert completed["referral"]["aidRecords"] == [{"id": aid_id, "kind": "EDUCATION"}]

    events = writable_hub.rows(
        "select e.type from chain_event e join household h on h.id = e.household_id where h.code = %s"
        " order by number desc limit 6",
        somebody.household_code,
    )
    assert [one for (one,) in events] == [
        "REFERRAL_COMPLETED",
        "SIGHT_GIVEN",
        "AID_RECORDED",
        "REFERRAL_ACCEPTED",
        "SIGHT_GIVEN",
        "REFERRAL_SENT",
    ]


def test_a_need_that_is_returned_carries_the_reason_back_to_its_sender(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    draft = need({"householdId": of_jinshui[2].household_id}, "education@410105")
    sent = writable_hub.ask("civil_affairs@410105", CREATE_REFERRAL, {"input": draft})
    key = sent.data["createReferral"]["referral"]["id"]
    answer = {"id": key, "expectedVersion": 1, "reason": "家中无在校学生"}
    returned = writable_hub.ask("education@410105", step("return"), {"input": answer})
    assert returned.data["returnReferral"]["referral"]["status"] == "RETURNED"
    mine = "query ($id: ID!) { node(id: $id) { ... on Referral { status returnReason closedAt } } }"
    seen = writable_hub.ask("civil_affairs@410105", mine, {"id": key}).data["node"]
    assert (seen["status"], seen["returnReason"]) == ("RETURNED", "家中无在校学生")
    assert seen["closedAt"] is not None


def test_the_same_need_again_answers_the_same_referral_and_writes_nothing(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    draft = need({"householdId": of_jinshui[3].household_id}, "education@410105")
    first = writable_hub.ask("civil_affairs@410105", CREATE_REFERRAL, {"input": draft}).data["createReferral"]
    written = writable_hub.everything_written()
    again = writable_hub.ask("civil_affairs@410105", CREATE_REFERRAL, {"input": draft}).data["createReferral"]
    assert again["referral"]["id"] == first["referral"]["id"]
    other = writable_hub.ask(
        "civil_affairs@410105", CREATE_REFERRAL, {"input": draft | {"reason": "另有原因"}}
    )
    assert [error["code"] for error in other.data["createReferral"]["errors"]] == ["CONFLICT"]
    assert writable_hub.everything_written() == written


def test_the_feed_is_read_to_its_end_and_continued_without_loss_or_doubling(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    def read_on(after: str | None) -> tuple[list[tuple[str, int]], str | None]:
        events: list[tuple[str, int]] = []
        while True:
            page = writable_hub.ask("civil_affairs@4101", FEED, {"after": after}).data["chainEvents"]
            events += [(node["household"]["code"], node["number"]) for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"] or after
            if not page["pageInfo"]["hasNextPage"]:
                return events, after

    before, cursor = read_on(None)
    assert before == events_in_order(writable_hub)
    for place, somebody in enumerate(of_jinshui[:5]):
        draft = need({"householdId": somebody.household_id}, "education@410105", externalId=f"FEED-{place}")
        writable_hub.ask("civil_affairs@410105", CREATE_REFERRAL, {"input": draft})
    sent = [somebody.household_code for somebody in of_jinshui[:5]]
    after, _ = read_on(cursor)
    assert before + after == events_in_order(writable_hub)
    assert [code for code, _ in after] == sent
