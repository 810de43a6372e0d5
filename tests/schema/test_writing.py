"""The refusals of writes, with a coded error and its path in the input. A refused write saves no part of its input."""

from typing import Any

import pytest

from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody, in_region
from tests.journeys.outcomes import (
    AMEND_AID,
    CREATE_REFERRAL,
    RECORD_AID,
    RECORD_AIDS,
    REVOKE_AID,
    grant_of_a_pupil,
    need,
    step,
    urgent_payment,
)


@pytest.fixture(scope="module")
def somebody(hub: Served) -> Somebody:
    """A resident of 金水区 in the sample that is only read."""
    return in_region(hub, "410105")[0]


@pytest.fixture(scope="module")
def stranger(hub: Served) -> Somebody:
    """A resident of 二七区."""
    return in_region(hub, "410103")[0]


def refused(served: Served, agency: str, mutation: str, given: dict[str, Any]) -> tuple[str, list[str]]:
    """The code and path of the only error; fails if anything was written."""
    before = served.everything_written()
    (payload,) = served.ask(agency, mutation, {"input": given}).data.values()
    (error,) = payload["errors"]
    assert served.everything_written() == before, "a refused write wrote something"
    return error["code"], error["path"]


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"externalId": " "}, "INVALID_INPUT", "externalId"),
        ({"externalId": "x" * 65}, "INVALID_INPUT", "externalId"),
        ({"program": ""}, "INVALID_INPUT", "program"),
        ({"program": "a\x00b"}, "INVALID_INPUT", "program"),
        ({"outcome": "结" * 1001}, "INVALID_INPUT", "outcome"),
        ({"periodUntil": "2026-08-31"}, "INVALID_INPUT", "periodUntil"),
        ({"decidedOn": "2999-01-01"}, "INVALID_INPUT", "decidedOn"),
        ({"amount": "-1"}, "INVALID_INPUT", "amount"),
        ({"amount": "1.005"}, "INVALID_INPUT", "amount"),
        ({"amount": "10000000000"}, "INVALID_INPUT", "amount"),
        ({"amount": "NaN"}, "INVALID_INPUT", "amount"),
        ({"amount": "Infinity"}, "INVALID_INPUT", "amount"),
        ({"paidOn": None}, "INVALID_INPUT", "paidOn"),
        ({"amount": None}, "INVALID_INPUT", "amount"),
        (
            {"detail": {"education": {"form": "GRANT", "schoolYear": 0, "stage": "PRIMARY"}}},
            "INVALID_INPUT",
            "detail",
        ),
        ({"detail": {"medical": {"form": "COST_AID"}}}, "FORBIDDEN_WRITE", "detail"),
        ({"subject": {"idNumber": "410199190001010010"}}, "NOT_FOUND", "subject"),
        ({"subject": {"idNumber": "'; drop table person; --"}}, "INVALID_IDENTITY_NUMBER", "subject"),
        ({"subject": {"personId": "nonsense"}}, "INVALID_ID", "subject"),
    ],
)
def test_an_outcome_that_cannot_be_kept_is_refused_with_its_place(
    hub: Served, somebody: Somebody, changes: dict[str, Any], code: str, path: str
) -> None:
    given = grant_of_a_pupil({"personId": somebody.person_id}) | changes
    found, at = refused(hub, "education@410105", RECORD_AID, given)
    assert found == code
    assert at[0] == "input"
    assert at[1].startswith(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"periodFrom": "2026-13-01"}, {"status": "GIVEN"}, {"amount": "much"}, {"detail": {}}, {"subject": {}},
        {"detail": {"education": {"form": "GRANT", "schoolYear": 2026, "stage": "PRIMARY"}, "medical": {"form": "COST_AID"}}},
        {"subject": {"idNumber": "1", "personId": "2"}}, {"detail": {"education": {"form": "GRANT"}}}, {"unknown": 1},
    ],
)  # fmt: skip
def test_an_input_of_the_wrong_shape_is_refused_before_anything_runs(
    hub: Served, somebody: Somebody, changes: dict[str, Any]
) -> None:
    before = hub.everything_written()
    given = grant_of_a_pupil({"personId": somebody.person_id}) | changes
    reply = hub.ask("education@410105", RECORD_AID, {"input": given})
    assert (reply.status, set(reply.codes)) == (400, {"BAD_USER_INPUT"})
    assert hub.everything_written() == before


def test_service_aid_is_given_without_money(hub: Served, somebody: Somebody) -> None:
    detail = {"service": {"form": "VISIT", "provider": "街道社工站", "times": 2}}
    given = grant_of_a_pupil({"personId": somebody.person_id}, detail=detail, status="DELIVERED")
    assert refused(hub, "civil_affairs@410105", RECORD_AID, given) == ("INVALID_INPUT", ["input", "amount"])


def test_urgent_aid_names_a_region_that_exists(hub: Served, somebody: Somebody) -> None:
    given = urgent_payment({"personId": somebody.person_id}, region="410105999")
    assert refused(hub, "civil_affairs@410105", RECORD_AID, given)[0] == "NOT_FOUND"


def test_a_client_without_any_write_scope_cannot_even_call(hub: Served, somebody: Somebody) -> None:
    before = hub.everything_written()
    reply = hub.ask("audit@4101", RECORD_AID, {"input": grant_of_a_pupil({"personId": somebody.person_id})})
    assert reply.body["data"] == {"recordAid": None}
    assert reply.forbidden == {"Mutation.recordAid"}
    assert hub.everything_written() == before


def test_a_person_out_of_sight_is_not_found_by_number_or_id_or_household(
    hub: Served, stranger: Somebody
) -> None:
    for subject in (
        {"idNumber": stranger.id_number},
        {"personId": stranger.person_id},
        {"householdId": stranger.household_id},
    ):
        code, _ = refused(hub, "education@410105", RECORD_AID, grant_of_a_pupil(subject))
        assert code == "NOT_FOUND"


def test_urgent_aid_is_paid_where_the_trouble_happens_and_shows_its_record_alone(
    writable_hub: Served,
) -> None:
    stranger = in_region(writable_hub, "410103")[0]
    look = "query ($c: String!) { household(code: $c) { code } }"
    assert (
        writable_hub.ask("civil_affairs@410105", look, {"c": stranger.household_code}).data["household"]
        is None
    )
    refused(
        writable_hub, "civil_affairs@410105", RECORD_AID, urgent_payment({"personId": stranger.person_id})
    )
    paid = writable_hub.ask(
        "civil_affairs@410105", RECORD_AID, {"input": urgent_payment({"idNumber": stranger.id_number})}
    )
    assert paid.data["recordAid"]["errors"] == []
    assert paid.data["recordAid"]["aidRecord"]["kind"] == "TEMPORARY"
    assert (
        writable_hub.ask("civil_affairs@410105", look, {"c": stranger.household_code}).data["household"]
        is None
    )


def test_the_same_outcome_again_answers_the_same_record_and_other_content_conflicts(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    subject = {"personId": of_jinshui[0].person_id}
    first = writable_hub.ask("education@410105", RECORD_AID, {"input": grant_of_a_pupil(subject)}).data[
        "recordAid"
    ]
    before = writable_hub.everything_written()
    by_number = grant_of_a_pupil({"idNumber": of_jinshui[0].id_number})
    again = writable_hub.ask("education@410105", RECORD_AID, {"input": by_number}).data["recordAid"]
    assert again["aidRecord"]["id"] == first["aidRecord"]["id"]
    assert writable_hub.everything_written() == before
    other = grant_of_a_pupil(subject, amount="1251.00")
    assert refused(writable_hub, "education@410105", RECORD_AID, other) == (
        "CONFLICT",
        ["input", "externalId"],
    )


def test_a_batch_answers_each_outcome_in_its_place(writable_hub: Served, of_jinshui: list[Somebody]) -> None:
    good = grant_of_a_pupil({"personId": of_jinshui[0].person_id}, externalId="B-1")
    outcomes = [
        good,
        grant_of_a_pupil({"personId": "nonsense"}, externalId="B-2"),
        good,
        grant_of_a_pupil({"personId": of_jinshui[1].person_id}, externalId="B-1"),
        grant_of_a_pupil({"personId": of_jinshui[1].person_id}, externalId="B-3", amount="-5"),
        grant_of_a_pupil({"personId": of_jinshui[1].person_id}, externalId="B-4"),
    ]
    answered = writable_hub.ask("education@410105", RECORD_AIDS, {"input": {"outcomes": outcomes}}).data[
        "recordAids"
    ]
    assert [outcome["created"] for outcome in answered["outcomes"]] == [
        True,
        False,
        False,
        False,
        False,
        True,
    ]
    codes = [[error["code"] for error in outcome["errors"]] for outcome in answered["outcomes"]]
    assert codes == [[], ["INVALID_ID"], [], ["CONFLICT"], ["INVALID_INPUT"], []]
    assert answered["outcomes"][4]["errors"][0]["path"] == ["input", "outcomes", "4", "amount"]
    assert answered["outcomes"][0]["aidRecord"] == answered["outcomes"][2]["aidRecord"]
    assert writable_hub.rows("select count(*) from aid_record where external_id like 'B-%%'") == [(2,)]


def test_a_batch_that_is_too_large_writes_nothing(hub: Served, somebody: Somebody) -> None:
    one = grant_of_a_pupil({"personId": somebody.person_id})
    outcomes = [one | {"externalId": f"L-{place}"} for place in range(1001)]
    assert refused(hub, "education@410105", RECORD_AIDS, {"outcomes": outcomes})[0] == "BATCH_TOO_LARGE"


def test_what_two_agencies_give_twice_is_kept_with_a_warning_that_tells_no_more(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    subject = {"idNumber": of_jinshui[3].id_number}
    first = urgent_payment(subject, program="临时救助(重复)", amount="1234.56")
    assert (
        writable_hub.ask("civil_affairs@410105", RECORD_AID, {"input": first}).data["recordAid"]["warnings"]
        == []
    )
    second = urgent_payment(subject, region="410103001", program="临时救助(重复)", externalId="URGENT-2")
    kept = writable_hub.ask("civil_affairs@410103", RECORD_AID, {"input": second}).data["recordAid"]
    assert kept["aidRecord"] is not None
    (warning,) = kept["warnings"]
    assert warning["code"] == "DUPLICATE_AID"
    assert "410105" not in str(warning)
    assert "1234" not in str(warning)


@pytest.fixture
def recorded(writable_hub: Served, of_jinshui: list[Somebody]) -> dict[str, Any]:
    """A grant of the education bureau of 金水区."""
    given = grant_of_a_pupil({"personId": of_jinshui[0].person_id})
    record: dict[str, Any] = writable_hub.ask("education@410105", RECORD_AID, {"input": given}).data[
        "recordAid"
    ]["aidRecord"]
    return record


def test_an_amendment_keeps_the_first_record_and_both_are_read(
    writable_hub: Served, recorded: dict[str, Any]
) -> None:
    first = "select program, amount::text, outcome, recorded_at from aid_record where external_id = 'GRANT-1' and version = 1"
    before = writable_hub.rows(first)
    given = {
        "id": recorded["id"],
        "expectedVersion": 1,
        "reason": "金额录入有误",
        "amount": "1200.00",
        "outcome": "已更正",
    }
    amended = writable_hub.ask("education@410105", AMEND_AID, {"input": given}).data["amendAid"]
    assert amended["errors"] == []
    assert amended["aidRecord"]["version"] == 2
    assert [(record["version"], record["outcome"]) for record in amended["aidRecord"]["history"]] == [
        (1, None),
        (2, "已更正"),
    ]
    assert amended["aidRecord"]["history"][0]["supersededAt"] is not None
    assert writable_hub.rows(first) == before
    assert writable_hub.rows(
        "select amount::text from aid_record where external_id = 'GRANT-1' order by version"
    ) == [
        ("1250.00",),
        ("1200.00",),
    ]
    listed = 'query ($p: String) { aidRecords(filter: {program: $p, agency: "education@410105"}) { nodes { id version } } }'
    found = writable_hub.ask("education@410105", listed, {"p": "困难学生助学金"}).data["aidRecords"]["nodes"]
    assert [one for one in found if one["id"] == recorded["id"]] == [{"id": recorded["id"], "version": 2}]


@pytest.mark.parametrize(
    ("agency", "changes", "code"),
    [
        ("education@410105", {"expectedVersion": 2}, "STALE_VERSION"),
        ("education@4101", {}, "NOT_YOUR_RECORD"),
        ("education@410103", {}, "NOT_FOUND"),
        ("education@410105", {"reason": " "}, "INVALID_INPUT"),
        ("education@410105", {"program": None}, "INVALID_INPUT"),
        ("education@410105", {"amount": "-1"}, "INVALID_INPUT"),
        ("education@410105", {"periodUntil": "2020-01-01"}, "INVALID_INPUT"),
        ("education@410105", {"detail": {"medical": {"form": "COST_AID"}}}, "DETAIL_KIND_MISMATCH"),
        ("education@410105", {"id": "nonsense"}, "INVALID_ID"),
    ],
)
def test_an_amendment_that_cannot_be_made_changes_nothing(
    writable_hub: Served, recorded: dict[str, Any], agency: str, changes: dict[str, Any], code: str
) -> None:
    given = {"id": recorded["id"], "expectedVersion": 1, "reason": "更正", "outcome": "x"} | changes
    assert refused(writable_hub, agency, AMEND_AID, given)[0] == code


def test_a_revoked_record_is_not_amended(writable_hub: Served, recorded: dict[str, Any]) -> None:
    given = {"id": recorded["id"], "expectedVersion": 1, "because": "MISTAKE", "reason": "错发"}
    revoked = writable_hub.ask("education@410105", REVOKE_AID, {"input": given}).data["revokeAid"]
    assert (revoked["errors"], revoked["aidRecord"]["status"]) == ([], "REVOKED")
    again = {"id": recorded["id"], "expectedVersion": 2, "reason": "恢复", "status": "PAID"}
    assert refused(writable_hub, "education@410105", AMEND_AID, again)[0] == "ALREADY_REVOKED"
    other = given | {"expectedVersion": 2, "because": "DUPLICATE"}
    assert refused(writable_hub, "education@410105", REVOKE_AID, other)[0] == "ALREADY_REVOKED"


def test_nothing_is_recorded_or_amended_as_revoked_since_no_reason_would_stand(
    writable_hub: Served, recorded: dict[str, Any], of_jinshui: list[Somebody]
) -> None:
    given = {"id": recorded["id"], "expectedVersion": 1, "reason": "错发", "status": "REVOKED"}
    refusal = ("USE_REVOKE_AID", ["input", "status"])
    assert refused(writable_hub, "education@410105", AMEND_AID, given) == refusal
    new = grant_of_a_pupil({"personId": of_jinshui[0].person_id}, externalId="GRANT-2", status="REVOKED")
    assert refused(writable_hub, "education@410105", RECORD_AID, new) == refusal


@pytest.mark.parametrize(
    ("agency", "changes", "code", "at"),
    [
        ("education@410105", {"expectedVersion": 2}, "STALE_VERSION", "expectedVersion"),
        ("education@4101", {}, "NOT_YOUR_RECORD", "id"),
        ("education@410103", {}, "NOT_FOUND", "id"),
        ("education@410105", {"reason": " "}, "INVALID_INPUT", "reason"),
        ("education@410105", {"reason": "错" * 501}, "INVALID_INPUT", "reason"),
        ("education@410105", {"id": "nonsense"}, "INVALID_ID", "id"),
    ],
)
def test_a_revocation_that_cannot_be_made_changes_nothing(
    writable_hub: Served, recorded: dict[str, Any], agency: str, changes: dict[str, Any], code: str, at: str
) -> None:
    given = {"id": recorded["id"], "expectedVersion": 1, "because": "MISTAKE", "reason": "错发"} | changes
    assert refused(writable_hub, agency, REVOKE_AID, given) == (code, ["input", at])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"toAgency": "education@999999"}, "NOT_FOUND"),
        ({"toAgency": "medical_insurance@410105"}, "NOT_IN_CHARGE"),
        ({"toAgency": "civil_affairs@410105", "need": "SERVICE"}, "INVALID_INPUT"),
        ({"dueAt": "2020-01-01T00:00:00Z"}, "INVALID_INPUT"),
        ({"reason": ""}, "INVALID_INPUT"),
        ({"externalId": ""}, "INVALID_INPUT"),
        ({"subject": {"idNumber": "410199190001010010"}}, "NOT_FOUND"),
    ],
)
def test_a_referral_that_cannot_be_sent_is_refused(
    hub: Served, somebody: Somebody, changes: dict[str, Any], code: str
) -> None:
    given = need({"householdId": somebody.household_id}, "education@410105") | changes
    assert refused(hub, "civil_affairs@410105", CREATE_REFERRAL, given)[0] == code


@pytest.fixture
def referral(writable_hub: Served, of_jinshui: list[Somebody]) -> str:
    """A need that was just sent to the education bureau of 金水区."""
    given = need({"householdId": of_jinshui[0].household_id}, "education@410105")
    sent = writable_hub.ask("civil_affairs@410105", CREATE_REFERRAL, {"input": given}).data["createReferral"]
    return str(sent["referral"]["id"])


def test_a_referral_takes_only_the_steps_that_its_state_allows(writable_hub: Served, referral: str) -> None:
    receiver, at = "education@410105", {"id": referral, "expectedVersion": 1}
    complete = at | {"outcome": "已办"}
    assert refused(writable_hub, receiver, step("complete"), complete)[0] == "REFERRAL_STATUS_CONFLICT"
    assert refused(writable_hub, "civil_affairs@410105", step("accept"), at)[0] == "NOT_YOUR_REFERRAL"
    assert refused(writable_hub, "education@410103", step("accept"), at)[0] == "NOT_FOUND"
    assert refused(writable_hub, receiver, step("accept"), at | {"expectedVersion": 7})[0] == "STALE_VERSION"
    assert refused(writable_hub, receiver, step("return"), at | {"reason": " "})[0] == "INVALID_INPUT"
    writable_hub.ask(receiver, step("accept"), {"input": at})
    accepted = {"id": referral, "expectedVersion": 2}
    assert refused(writable_hub, receiver, step("accept"), accepted)[0] == "REFERRAL_STATUS_CONFLICT"
    writable_hub.ask(receiver, step("return"), {"input": accepted | {"reason": "无此需求"}})
    closed = {"id": referral, "expectedVersion": 3}
    for name, more in (("accept", {}), ("return", {"reason": "x"}), ("complete", {"outcome": "x"})):
        assert refused(writable_hub, receiver, step(name), closed | more)[0] == "REFERRAL_STATUS_CONFLICT"


def test_a_referral_is_completed_only_with_records_of_its_own_household(
    writable_hub: Served, referral: str, of_jinshui: list[Somebody]
) -> None:
    elsewhere = grant_of_a_pupil({"personId": of_jinshui[1].person_id})
    record = writable_hub.ask("education@410105", RECORD_AID, {"input": elsewhere}).data["recordAid"][
        "aidRecord"
    ]["id"]
    writable_hub.ask("education@410105", step("accept"), {"input": {"id": referral, "expectedVersion": 1}})
    given = {"id": referral, "expectedVersion": 2, "outcome": "已发放", "aidRecordIds": [record]}
    code, path = refused(writable_hub, "education@410105", step("complete"), given)
    assert (code, path) == ("NOT_FOUND", ["input", "aidRecordIds", "0"])


def test_text_that_looks_like_sql_is_kept_as_text(writable_hub: Served, of_jinshui: list[Somebody]) -> None:
    text = "Robert'); DROP TABLE aid_record; --"
    given = grant_of_a_pupil({"personId": of_jinshui[0].person_id}, program=text, outcome=text)
    writable_hub.ask("education@410105", RECORD_AID, {"input": given})
    assert writable_hub.rows("select program, outcome from aid_record where external_id = 'GRANT-1'") == [
        (text, text)
    ]
