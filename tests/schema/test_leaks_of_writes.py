"""A write's payload reveals no more than the writer may read. The write is saved all the same."""

from typing import Any

import pytest

from auth.scopes import Scope
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import AMEND_AID, CREATE_REFERRAL, RECORD_AID, grant_of_a_pupil, need

EDUCATION = "education@410105"
WRITER = frozenset({Scope.AID_EDUCATION_WRITE})
PUPILS = frozenset({Scope.CERTIFICATION_READ, Scope.PERSON_EDUCATION_READ})
"""The facts by which education aid is granted (46-3.2.2): callers with these scopes see that the aid exists, but not its
amount."""
CURIOUS = """
mutation ($input: RecordAidInput!) {
  recordAid(input: $input) {
    created errors { code } warnings { code }
    aidRecord {
      id __typename kind amount out: amount program agency { code } person { name idNumber phone }
      household { code address incomePerCapita members { name } chain { head { hash } } accessRecords { totalCount } }
      history { amount } ... on EducationAid { school outcome } ... on MedicalAid { hospital }
    }
  }
}
"""


def kept(served: Served) -> int:
    """The number of records of these tests in the table."""
    return int(served.rows("select count(*) from aid_record where external_id = 'GRANT-1'")[0][0])


def test_a_writer_that_may_not_read_gets_its_payload_closed_and_its_record_kept(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    given = grant_of_a_pupil({"personId": of_jinshui[0].person_id})
    reply = writable_hub.ask(EDUCATION, CURIOUS, {"input": given}, scopes=WRITER)
    payload = reply.body["data"]["recordAid"]
    assert (payload["created"], payload["errors"]) == (True, [])
    assert set(reply.codes) == {"FORBIDDEN_FIELD"}
    assert kept(writable_hub) == 1
    told = str(payload["aidRecord"])
    (name,) = {
        name
        for (name,) in writable_hub.rows(
            "select p.name from person p join aid_record r on r.person_id = p.id where r.external_id = 'GRANT-1'"
        )
    }
    for secret in ("1250", "困难学生助学金", "文化路中等职业学校", name, of_jinshui[0].household_code):
        assert secret not in told
    again = writable_hub.ask(EDUCATION, CURIOUS, {"input": given}, scopes=WRITER)
    assert again.body["data"]["recordAid"] == {**payload, "created": False}
    assert kept(writable_hub) == 1


@pytest.mark.parametrize(
    ("more", "opened"),
    [
        ({Scope.AID_READ, *PUPILS}, {"kind", "program", "agency"}),
        (
            {Scope.AID_READ, Scope.AID_EDUCATION_READ},
            {"kind", "program", "agency", "amount", "out", "school", "outcome"},
        ),
        ({Scope.AID_READ, *PUPILS, Scope.AID_MEDICAL_READ}, {"kind", "program", "agency"}),
        ({Scope.AID_READ}, set()),
        ({Scope.AID_READ, Scope.AID_MEDICAL_READ}, set()),
        ({Scope.AID_EDUCATION_READ}, set()),
    ],
    ids=["facts", "own-kind", "facts-and-another-kind", "neither", "another-kind", "kind-alone"],
)
def test_each_part_of_a_payload_is_opened_by_its_own_scope_and_no_other(
    writable_hub: Served, of_jinshui: list[Somebody], more: set[Scope], opened: set[str]
) -> None:
    query = """mutation ($input: RecordAidInput!) { recordAid(input: $input) { aidRecord {
        kind program agency { code } amount out: amount ... on EducationAid { school outcome } } } }"""
    given = grant_of_a_pupil({"personId": of_jinshui[0].person_id}, outcome="已发放")
    reply = writable_hub.ask(EDUCATION, query, {"input": given}, scopes=WRITER | more)
    record = reply.body["data"]["recordAid"]["aidRecord"] or {}
    assert {name for name, value in record.items() if value is not None} == opened
    assert kept(writable_hub) == 1


def test_who_wants_forbidden_fields_rejected_writes_nothing(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    before = writable_hub.everything_written()
    given = {"input": grant_of_a_pupil({"personId": of_jinshui[0].person_id})}
    reply = writable_hub.ask(EDUCATION, CURIOUS, given, scopes=WRITER, headers={"hub-forbidden": "reject"})
    assert (reply.status, set(reply.codes), "data" in reply.body) == (400, {"FORBIDDEN_FIELD"}, False)
    assert writable_hub.everything_written() == before


def test_who_may_read_all_of_a_payload_still_writes_nothing_without_the_scope_to_write(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    before = writable_hub.everything_written()
    given = grant_of_a_pupil({"personId": of_jinshui[0].person_id})
    reader = frozenset({Scope.AID_READ, Scope.AID_EDUCATION_READ, Scope.PERSON_READ, Scope.HOUSEHOLD_READ})
    reply = writable_hub.ask(EDUCATION, RECORD_AID, {"input": given}, scopes=reader)
    assert (reply.body["data"], reply.forbidden) == ({"recordAid": None}, {"Mutation.recordAid"})
    assert writable_hub.everything_written() == before


def test_an_amendment_and_a_referral_close_their_payloads_alike(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    subject = {"personId": of_jinshui[0].person_id}
    record = writable_hub.ask(EDUCATION, RECORD_AID, {"input": grant_of_a_pupil(subject)}).data["recordAid"]
    change: dict[str, Any] = {
        "id": record["aidRecord"]["id"],
        "expectedVersion": 1,
        "reason": "金额有误",
        "amount": "4321.09",
    }
    for more, code, at in (
        (set(), "FORBIDDEN_WRITE", []),
        ({Scope.AID_READ}, "NOT_FOUND", ["id"]),
        ({Scope.AID_READ, *PUPILS}, "FORBIDDEN_WRITE", ["amount"]),
    ):
        refused = writable_hub.ask(EDUCATION, AMEND_AID, {"input": change}, scopes=WRITER | more)
        told = [(error["code"], error["path"]) for error in refused.body["data"]["amendAid"]["errors"]]
        assert told == [(code, ["input", *at])], "who may not read a value overwrites none"
    reader = WRITER | {Scope.AID_READ, Scope.AID_EDUCATION_READ}
    amended = writable_hub.ask(EDUCATION, AMEND_AID, {"input": change}, scopes=reader)
    assert amended.body["data"]["amendAid"]["errors"] == []
    assert writable_hub.rows("select max(version) from aid_record where external_id = 'GRANT-1'") == [(2,)]
    given = need(subject, "health@410105", "MEDICAL", reason="秘密事由")
    sender = frozenset({Scope.REFERRAL_WRITE, Scope.HOUSEHOLD_READ})
    sent = writable_hub.ask(EDUCATION, CREATE_REFERRAL, {"input": given}, scopes=sender)
    payload = sent.body["data"]["createReferral"]
    assert payload["errors"] == []
    assert {"Referral.status", "Referral.to", "Referral.household"} <= sent.forbidden
    assert of_jinshui[0].household_code not in str(payload)
    assert writable_hub.rows("select count(*) from referral where reason = '秘密事由'") == [(1,)]
