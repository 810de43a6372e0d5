"""46-4.3: aid is revoked for a reason, records that rested on it follow, and a wrong payment is recovered in the end."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth.scopes import Scope
from hub.foundation.calendar import today
from tests.fixtures.days import day, this_year
from tests.fixtures.served import Reply, Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import (
    AMEND_AID,
    CREATE_REFERRAL,
    OPEN_RECOVERY,
    RECORD_AID,
    RECORD_REPAYMENT,
    REVOKE_AID,
    WAIVE_RECOVERY,
    grant_of_a_pupil,
    need,
    step,
)
from tests.schema.test_writing import refused

SCHOOLS, OFFICE, CITY, AUDITOR = (
    "education@410105",
    "civil_affairs@410105",
    "civil_affairs@4101",
    "audit@4101",
)
LOOK = """
query ($code: String!) {
  household(code: $code) {
    entitlements { rule status person { id } }
    referrals(first: 5) { nodes { id status answerRevoked aidRecords { status } } }
    recoveries(first: 5) { totalCount nodes {
      id version because kind amount repaid outstanding status aidRecord { id status }
      repayments { number amount } waived waivedBy { code } policyBasis } }
    chain { verified { whole } events(last: 30) { totalCount nodes {
      type policyBasis summary summaryZh agency { code } aidRecord { id } recovery { id } followsFrom { type } } } }
  }
}
"""
SEEN = """
query ($code: String!, $id: ID!) {
  recoveries(first: 50) { totalCount nodes { id } } node(id: $id) { id }
  household(code: $code) { recoveries { totalCount }
    chain { events(first: 1000) { totalCount nodes { type summary recovery { id } } } } }
}
"""


def write(hub: Served, agency: str, mutation: str, **given: Any) -> Any:
    """The payload of a write that must succeed."""
    (payload,) = hub.ask(agency, mutation, {"input": given}).data.values()
    assert payload["errors"] == [], payload["errors"]
    return payload


def paid(hub: Served, somebody: Somebody, amount: str = "1250.00", number: str = "GRANT-1") -> str:
    """The id of a grant of this school year that was paid."""
    detail = {"education": {"form": "GRANT", "schoolYear": this_year(), "stage": "PRIMARY"}}
    given = grant_of_a_pupil(
        {"personId": somebody.person_id}, externalId=number, amount=amount, detail=detail,
        periodFrom=f"{this_year()}-09-01", periodUntil=f"{this_year() + 1}-07-15",
        decidedOn=day(), paidOn=day(),
    )  # fmt: skip
    return str(write(hub, SCHOOLS, RECORD_AID, **given)["aidRecord"]["id"])


def revoke(hub: Served, aid: str, because: str = "FALSE_CLAIM", version: int = 1) -> Any:
    return write(
        hub, SCHOOLS, REVOKE_AID, id=aid, expectedVersion=version, because=because, reason="经查不符"
    )


def history(hub: Served, aid: str) -> list[tuple[Any, ...]]:
    query = """query ($id: ID!) { node(id: $id) { ... on EducationAid { history { status
      ... on EducationAid { amount revokedBecause } } } } }"""
    versions = hub.ask(SCHOOLS, query, {"id": aid}).data["node"]["history"]
    return [(version["status"], version["amount"], version["revokedBecause"]) for version in versions]


def recovery_of(aid: str, **changes: Any) -> dict[str, Any]:
    given = {
        "externalId": "追-1", "aidRecordId": aid, "because": "FALSE_CLAIM", "amount": "1250.00", "reason": "虚报材料",
    }  # fmt: skip
    return given | changes


def repayment(recovery: str, amount: str, number: str = "还-1", **changes: Any) -> dict[str, Any]:
    return {"externalId": number, "recoveryId": recovery, "amount": amount, "repaidOn": day()} | changes


def look(hub: Served, somebody: Somebody, agency: str = CITY, **asked: Any) -> Any:
    return hub.ask(agency, LOOK, {"code": somebody.household_code}, **asked).body["data"]["household"]


def test_a_false_claim_is_revoked_recovered_in_instalments_and_told_in_the_chain(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    pupil = of_jinshui[0]
    sent = write(writable_hub, OFFICE, CREATE_REFERRAL, **need({"personId": pupil.person_id}, SCHOOLS))
    referral = sent["referral"]["id"]
    aid = paid(writable_hub, pupil)
    write(writable_hub, SCHOOLS, step("accept"), id=referral, expectedVersion=1)
    answer = {"id": referral, "expectedVersion": 2, "outcome": "已发放", "aidRecordIds": [aid]}
    write(writable_hub, SCHOOLS, step("complete"), **answer)
    answered = look(writable_hub, pupil)["referrals"]["nodes"][0]
    assert (answered["id"], answered["status"], answered["answerRevoked"]) == (referral, "COMPLETED", False)

    revoked = revoke(writable_hub, aid)
    assert [warning["code"] for warning in revoked["warnings"]] == ["RECOVERY_DUE", "ANSWER_REVOKED"]
    assert history(writable_hub, aid) == [("PAID", "1250.00", None), ("REVOKED", "1250.00", "FALSE_CLAIM")]
    before = writable_hub.everything_written()
    assert revoke(writable_hub, aid)["aidRecord"]["version"] == 2
    assert writable_hub.everything_written() == before, "asked again in the same words, it writes nothing"
    (stands,) = [node for node in look(writable_hub, pupil)["referrals"]["nodes"] if node["id"] == referral]
    assert (stands["answerRevoked"], stands["aidRecords"]) == (True, [{"status": "REVOKED"}])
    listed = (
        "query { referrals(first: 50, filter: {answerRevoked: true, need: [EDUCATION]}) { nodes { id } } }"
    )
    assert writable_hub.ask(OFFICE, listed).data["referrals"]["nodes"] == [{"id": referral}]

    opened = write(writable_hub, SCHOOLS, OPEN_RECOVERY, **recovery_of(aid))["recovery"]
    assert (opened["status"], opened["outstanding"]) == ("OPEN", "1250.00")
    assert write(writable_hub, SCHOOLS, OPEN_RECOVERY, **recovery_of(aid))["recovery"]["id"] == opened["id"]
    first = write(writable_hub, SCHOOLS, RECORD_REPAYMENT, **repayment(opened["id"], "250.50"))["recovery"]
    assert (first["status"], first["repaid"], first["outstanding"]) == ("PARTLY_REPAID", "250.50", "999.50")
    again = write(writable_hub, SCHOOLS, RECORD_REPAYMENT, **repayment(opened["id"], "250.50"))["recovery"]
    assert again == first, "an instalment that is sent twice is kept once"
    last = write(writable_hub, OFFICE, RECORD_REPAYMENT, **repayment(opened["id"], "999.50"))["recovery"]
    assert (last["status"], last["outstanding"]) == ("REPAID", "0.00")
    assert [(one["number"], one["agency"]["code"]) for one in last["repayments"]] == [
        (1, SCHOOLS),
        (2, OFFICE),
    ]

    seen = look(writable_hub, pupil)
    (recovery,) = seen["recoveries"]["nodes"]
    assert (recovery["because"], recovery["kind"], recovery["policyBasis"]) == (
        "FALSE_CLAIM",
        "EDUCATION",
        "46-4.3",
    )
    assert recovery["aidRecord"] == {"id": aid, "status": "REVOKED"}
    assert seen["chain"]["verified"]["whole"]
    told = seen["chain"]["events"]["nodes"][-4:]
    assert [(event["type"], event["policyBasis"]) for event in told] == [
        ("AID_REVOKED", "46-4.3"), ("RECOVERY_OPENED", "46-4.3"), ("RECOVERY_REPAID", "46-4.3"), ("RECOVERY_REPAID", "46-4.3"),
    ]  # fmt: skip
    assert told[0]["aidRecord"]["id"] == aid
    assert [one["followsFrom"]["type"] for one in told] == [
        "REFERRAL_COMPLETED", "AID_REVOKED", "RECOVERY_OPENED", "RECOVERY_REPAID",
    ]  # fmt: skip
    assert {one["recovery"]["id"] for one in told[1:]} == {opened["id"]}
    assert "撤销救助记录:教育救助" in told[0]["summaryZh"]
    assert told[0]["summaryZh"].endswith("金额 1250.00 元,原因:骗取、套取救助资金。")
    assert told[1]["summaryZh"].endswith("启动追回:教育救助,金额 1250.00 元,原因:骗取、套取救助资金。")
    assert told[2]["summary"].endswith(
        f"received a repayment: 250.50 yuan on {day()}; 999.50 yuan still owed."
    )
    flagged = (
        "{ recoveries(first: 9, filter: {because: [FALSE_CLAIM], status: [REPAID]}) { nodes { id amount } } }"
    )
    assert writable_hub.ask(AUDITOR, flagged).data["recoveries"]["nodes"] == [
        {"id": opened["id"], "amount": "1250.00"}
    ]


def test_an_entitlement_whose_aid_is_revoked_is_missing_again(writable_hub: Served) -> None:
    code, person, aid, agency, version = receiving(writable_hub)
    pupil = Somebody("", code, person, "")

    def status() -> list[str]:
        mine = (
            entitlement
            for entitlement in look(writable_hub, pupil)["entitlements"]
            if entitlement["rule"] == "EDUCATION_AID"
        )
        return [one["status"] for one in mine if one["person"]["id"] == person]

    assert status() == ["RECEIVED"]
    given = {"id": aid, "expectedVersion": version, "because": "NO_LONGER_ENTITLED", "reason": "已退学"}
    write(writable_hub, agency, REVOKE_AID, **given)
    assert status() == ["MISSING"]
    event = look(writable_hub, pupil)["chain"]["events"]["nodes"][-1]
    assert (event["type"], event["policyBasis"]) == ("AID_REVOKED", "46-2.4")


def receiving(hub: Served) -> tuple[str, str, str, str, int]:
    """A household's code, and for one of its members who receives the education aid that it is entitled to, by one record:
    the person's id, the record's id, its agency and version."""
    query = """query { households(first: 60, filter: {category: [SUBSISTENCE_ALLOWANCE, SUBSISTENCE_MARGIN]}) { nodes {
      code entitlements { rule status person { id aidRecords(first: 20) { nodes {
        id kind version agency { code } period { end } } } } } } } }"""
    for household in hub.ask(CITY, query).data["households"]["nodes"]:
        for entitlement in household["entitlements"]:
            if (entitlement["rule"], entitlement["status"]) == ("EDUCATION_AID", "RECEIVED"):
                records = entitlement["person"]["aidRecords"]["nodes"]
                now = [aid for aid in records if aid["kind"] == "EDUCATION" and aid["period"]["end"] >= day()]
                if len(now) == 1:
                    aid = now[0]
                    code, person = household["code"], entitlement["person"]["id"]
                    return code, person, aid["id"], aid["agency"]["code"], aid["version"]
    raise AssertionError("nobody receives education aid")


def test_what_was_overpaid_by_mistake_is_recovered_and_the_rest_may_be_waived_by_the_county(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    pupil = of_jinshui[0]
    aid = paid(writable_hub, pupil)
    write(
        writable_hub, SCHOOLS, AMEND_AID, id=aid, expectedVersion=1, reason="标准用错", amount="1000.00"
    )  # fmt: skip
    mistake = recovery_of(aid, because="MISTAKE", amount="250.01")
    assert refused(writable_hub, OFFICE, OPEN_RECOVERY, mistake) == (
        "AMOUNT_EXCEEDS_PAID",
        ["input", "amount"],
    )
    opened = write(writable_hub, OFFICE, OPEN_RECOVERY, **(mistake | {"amount": "250.00"}))["recovery"]
    write(writable_hub, OFFICE, RECORD_REPAYMENT, **repayment(opened["id"], "100.00"))
    waiver = {"id": opened["id"], "expectedVersion": 2, "reason": "家庭确无能力退还"}
    township = f"civil_affairs@{village(writable_hub, pupil)[:9]}"
    assert refused(writable_hub, township, WAIVE_RECOVERY, waiver) == (
        "WAIVER_BY_COUNTY_REQUIRED",
        ["input", "id"],
    )
    stale = waiver | {"expectedVersion": 1}
    assert refused(writable_hub, OFFICE, WAIVE_RECOVERY, stale) == (
        "STALE_VERSION",
        ["input", "expectedVersion"],
    )
    waived = write(writable_hub, OFFICE, WAIVE_RECOVERY, **waiver)["recovery"]
    assert waived == {
        "status": "WAIVED", "waived": "150.00", "waiveReason": "家庭确无能力退还", "waivedBy": {"code": OFFICE},
        "outstanding": "0.00", "version": 3,
    }  # fmt: skip
    for mutation, more, place in (
        (WAIVE_RECOVERY, waiver | {"expectedVersion": 3}, "id"),
        (RECORD_REPAYMENT, repayment(opened["id"], "1.00", "还-9"), "recoveryId"),
    ):
        assert refused(writable_hub, OFFICE, mutation, more) == ("RECOVERY_SETTLED", ["input", place])
    again = recovery_of(aid, because="MISTAKE", amount="1.00", externalId="追-2")
    assert refused(writable_hub, OFFICE, OPEN_RECOVERY, again) == (
        "ALREADY_RECOVERED",
        ["input", "aidRecordId"],
    )
    event = look(writable_hub, pupil)["chain"]["events"]["nodes"][-1]
    assert event["summaryZh"].endswith("决定对未退回部分免予追回:150.00 元,原因:家庭确无能力退还。")


def village(hub: Served, somebody: Somebody) -> str:
    ((region,),) = hub.rows("select region from household where code = %s", somebody.household_code)
    return str(region)


def messages(reply: Reply) -> tuple[str, str]:
    """The message of the only error of a write, in both languages."""
    (payload,) = reply.data.values()
    (error,) = payload["errors"]
    return error["message"], error["messageZh"]


def test_every_refusal_of_a_recovery_is_told_with_its_place_and_writes_nothing(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    hub, pupil = writable_hub, of_jinshui[0]
    aid = paid(hub, pupil)
    asked = recovery_of(aid)
    assert refused(hub, SCHOOLS, OPEN_RECOVERY, asked) == ("NOTHING_TO_RECOVER", ["input", "aidRecordId"])
    english, chinese = messages(hub.ask(SCHOOLS, OPEN_RECOVERY, {"input": asked}))
    assert english.startswith("There is nothing to recover for this record")
    assert chinese.startswith("该记录没有应追回的款项")
    revoke(hub, aid)
    for agency, changes, code, place in (
        (SCHOOLS, {"because": "MISTAKE"}, "INVALID_INPUT", "because"),
        (SCHOOLS, {"amount": "1250.01"}, "AMOUNT_EXCEEDS_PAID", "amount"),
        (SCHOOLS, {"amount": "0"}, "INVALID_INPUT", "amount"),
        (SCHOOLS, {"amount": "1.001"}, "INVALID_INPUT", "amount"),
        (SCHOOLS, {"amount": "NaN"}, "INVALID_INPUT", "amount"),
        (SCHOOLS, {"reason": " "}, "INVALID_INPUT", "reason"),
        (SCHOOLS, {"externalId": ""}, "INVALID_INPUT", "externalId"),
        (SCHOOLS, {"dueOn": str(today() - timedelta(days=1))}, "INVALID_INPUT", "dueOn"),
        (SCHOOLS, {"aidRecordId": "nonsense"}, "INVALID_ID", "aidRecordId"),
        ("education@410103", {}, "NOT_FOUND", "aidRecordId"),
        ("education@4101", {}, "NOT_YOUR_RECOVERY", "aidRecordId"),
        ("human_resources@410105", {}, "NOT_FOUND", "aidRecordId"),
        ("medical_insurance@410105", {}, "NOT_FOUND", "aidRecordId"),
    ):
        found = refused(hub, agency, OPEN_RECOVERY, recovery_of(aid, **changes))
        assert found == (code, ["input", place]), changes
    opened = write(hub, SCHOOLS, OPEN_RECOVERY, **asked)["recovery"]["id"]
    other = recovery_of(aid, amount="2.00")
    assert refused(hub, SCHOOLS, OPEN_RECOVERY, other) == ("CONFLICT", ["input", "externalId"])
    for agency, sent, code, place in (
        (SCHOOLS, repayment(opened, "1250.01"), "AMOUNT_EXCEEDS_OUTSTANDING", "amount"),
        (SCHOOLS, repayment(opened, "-1"), "INVALID_INPUT", "amount"),
        (SCHOOLS, repayment(opened, "1", repaidOn="2999-01-01"), "INVALID_INPUT", "repaidOn"),
        (SCHOOLS, repayment(opened, "1", repaidOn="2020-01-01"), "INVALID_INPUT", "repaidOn"),
        ("education@410103", repayment(opened, "1"), "NOT_FOUND", "recoveryId"),
        ("education@4101", repayment(opened, "1"), "NOT_YOUR_RECOVERY", "recoveryId"),
    ):
        assert refused(hub, agency, RECORD_REPAYMENT, sent) == (code, ["input", place]), sent
    waiver = {"id": opened, "expectedVersion": 1, "reason": "无力退还"}
    assert refused(hub, OFFICE, WAIVE_RECOVERY, waiver) == ("FALSE_CLAIM_NOT_WAIVABLE", ["input", "id"])
    assert refused(hub, OFFICE, WAIVE_RECOVERY, waiver | {"reason": ""}) == (
        "INVALID_INPUT",
        ["input", "reason"],
    )


def test_who_does_not_read_the_kind_learns_of_no_recovery_from_lists_counts_ids_or_the_chain(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    hub, pupil = writable_hub, of_jinshui[0]
    aid = paid(hub, pupil)
    revoke(hub, aid)
    without = hub.grant(OFFICE).scopes - {"aid.education:read"}

    def seen(agency: str, scopes: frozenset[Scope] | None = None) -> Any:
        variables = {"code": pupil.household_code, "id": opened}
        return hub.ask(agency, SEEN, variables, scopes=scopes).body["data"]

    opened = pupil.household_id
    before = [seen("medical_insurance@410105"), seen(OFFICE, without)]
    opened = write(hub, SCHOOLS, OPEN_RECOVERY, **recovery_of(aid))["recovery"]["id"]
    full = seen(OFFICE)
    assert full["recoveries"]["totalCount"] == full["household"]["recoveries"]["totalCount"] == 1
    assert "RECOVERY_OPENED" in str(full["household"]["chain"])
    after = [seen("medical_insurance@410105"), seen(OFFICE, without)]
    assert [one.pop("node") for one in after] == [None, None]
    for one, standing in zip(after, before, strict=True):
        standing.pop("node")
        assert one == standing
        assert one["recoveries"] == {"totalCount": 0, "nodes": []}
    unread, of_a_pupil = (
        [e["summary"] for e in one["household"]["chain"]["events"]["nodes"] if e["type"] == "AID_REVOKED"]
        for one in after
    )
    assert unread == [], "school aid tells who studies, which medical insurance does not read"
    (revoked,) = of_a_pupil
    assert "false claim" not in revoked, "why it was revoked is told to those who read the kind"
    (told,) = (e for e in full["household"]["chain"]["events"]["nodes"] if e["type"] == "AID_REVOKED")
    assert "false claim" in told["summary"]


@pytest.fixture
def payer(writable_hub: Served, of_jinshui: list[Somebody]) -> tuple[Served, Somebody]:
    """A hub that all examples of a property write into."""
    return writable_hub, of_jinshui[0]


CENTS = st.integers(1, 200_000).map(lambda cents: Decimal(cents) / 100)
_COUNT = iter(range(1_000_000))


@settings(
    max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(amount=CENTS, asked=CENTS, instalments=st.lists(CENTS, max_size=4))
def test_never_more_is_asked_than_was_paid_and_never_more_comes_than_was_asked(
    payer: tuple[Served, Somebody], amount: Decimal, asked: Decimal, instalments: list[Decimal]
) -> None:
    hub, pupil = payer
    number = next(_COUNT)
    aid = paid(hub, pupil, f"{amount:.2f}", f"G-{number}")
    revoke(hub, aid)
    given = recovery_of(aid, amount=f"{asked:.2f}", externalId=f"R-{number}")
    answered = hub.ask(SCHOOLS, OPEN_RECOVERY, {"input": given}).data["openRecovery"]
    assert [error["code"] for error in answered["errors"]] == (
        ["AMOUNT_EXCEEDS_PAID"] if asked > amount else []
    )
    if asked > amount:
        return
    left = asked
    recovery = answered["recovery"]["id"]
    for place, instalment in enumerate(instalments):
        sent = repayment(recovery, f"{instalment:.2f}", f"P-{number}-{place}")
        told = hub.ask(SCHOOLS, RECORD_REPAYMENT, {"input": sent}).data["recordRepayment"]
        expected = (
            "RECOVERY_SETTLED" if left == 0 else "AMOUNT_EXCEEDS_OUTSTANDING" if instalment > left else None
        )
        assert [error["code"] for error in told["errors"]] == ([expected] if expected else [])
        if expected is None:
            left -= instalment
            status = "REPAID" if left == 0 else "PARTLY_REPAID"
            stands = told["recovery"]
            assert (Decimal(stands["outstanding"]), Decimal(stands["repaid"]), stands["status"]) == (
                left,
                asked - left,
                status,
            )
