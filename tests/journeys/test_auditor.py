"""An auditor: who read what, when, for what purpose; who wrote what; and the proof that nothing was changed."""

from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import RECORD_AID, grant_of_a_pupil

ACCESS = """
{ accessRecords(first: 50) { nodes {
    agency { code } client purpose operationName coordinates forbidden householdCount rows outcome code milliseconds at
} } }
"""
OF_HOUSEHOLD = """
query ($code: String!) {
  household(code: $code) {
    accessRecords(first: 20) { totalCount nodes { agency { code } operationName } }
    chain { head { type client body hash previousHash } verified { whole length brokenAt reason } }
  }
}
"""


def test_an_auditor_sees_who_read_what_and_for_what_purpose(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody = of_jinshui[0]
    query = "query Look($c: String!) { household(code: $c) { code address } }"
    purpose = writable_hub.grant("education@410105").purposes[-1]
    headers = {"hub-purpose": purpose}
    writable_hub.ask("education@410105", query, {"c": somebody.household_code}, headers=headers)

    records = writable_hub.ask("audit@4101", ACCESS).data["accessRecords"]["nodes"]
    (ours,) = [record for record in records if record["agency"]["code"] == "education@410105"]
    assert (ours["client"], ours["purpose"], ours["operationName"]) == (
        "test-education@410105",
        purpose,
        "Look",
    )
    assert ours["coordinates"] == ["Household.code", "Query.household"]
    assert ours["forbidden"] == ["Household.address"]
    assert (ours["householdCount"], ours["rows"], ours["outcome"]) == (1, 1, "PARTLY_FORBIDDEN")

    found = writable_hub.ask("audit@4101", OF_HOUSEHOLD, {"code": somebody.household_code}).data["household"]
    assert "education@410105" in {node["agency"]["code"] for node in found["accessRecords"]["nodes"]}


def test_a_refused_request_leaves_a_record_too(writable_hub: Served) -> None:
    query = "{ households(filter: {incomePerCapita: {lte: 500}}) { totalCount } }"
    refused = writable_hub.ask("education@410105", query)
    assert refused.codes == ["FORBIDDEN_FILTER"]
    latest = writable_hub.ask("audit@4101", ACCESS).data["accessRecords"]["nodes"][0]
    assert (latest["outcome"], latest["code"]) == ("REFUSED", "FORBIDDEN_FILTER")
    assert latest["forbidden"] == ["Household.incomePerCapita"]
    assert (latest["coordinates"], latest["rows"]) == ([], 0)


def test_a_refused_write_leaves_its_reason_alone_and_in_a_batch(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    """46-4.3: a caller who repeats refused writes can be seen."""
    pupil = {"personId": of_jinshui[0].person_id}
    good, wrong = (
        grant_of_a_pupil(pupil),
        grant_of_a_pupil(pupil, externalId="GRANT-2", periodUntil="2026-08-01"),
    )
    batch = "mutation ($input: RecordAidsInput!) { recordAids(input: $input) { outcomes { created errors { code } } } }"
    ended = []
    for query, given in ((RECORD_AID, wrong), (batch, {"outcomes": [good, wrong]}), (RECORD_AID, good)):
        writable_hub.ask("education@410105", query, {"input": given})
        latest = writable_hub.ask("audit@4101", ACCESS).data["accessRecords"]["nodes"][0]
        ended.append((latest["outcome"], latest["code"]))
    assert ended == [
        ("WRITE_REFUSED", "INVALID_INPUT"),
        ("WRITE_REFUSED", "INVALID_INPUT"),
        ("ANSWERED", None),
    ]


def test_the_auditor_of_a_district_does_not_see_the_records_of_another(writable_hub: Served) -> None:
    for agency in ("education@410105", "education@410103"):
        writable_hub.ask(agency, "{ viewer { client } }")
    records = writable_hub.ask("audit@410103", ACCESS).data["accessRecords"]["nodes"]
    assert {record["agency"]["code"] for record in records} == {"education@410103"}


def test_what_was_written_is_proved_link_by_link(writable_hub: Served, of_jinshui: list[Somebody]) -> None:
    somebody = of_jinshui[0]
    outcome = grant_of_a_pupil({"personId": somebody.person_id})
    writable_hub.ask("education@410105", RECORD_AID, {"input": outcome})
    chain = writable_hub.ask("audit@4101", OF_HOUSEHOLD, {"code": somebody.household_code}).data["household"][
        "chain"
    ]
    assert chain["head"]["client"] == "test-education@410105"
    assert chain["head"]["body"]["externalId"] == "GRANT-1"
    assert chain["head"]["body"]["amount"] == "1250.00"
    assert chain["verified"] == {
        "whole": True,
        "length": chain["verified"]["length"],
        "brokenAt": None,
        "reason": None,
    }


def test_the_permissions_of_every_department_are_shown(hub: Served) -> None:
    matrix = hub.ask("audit@4101", "{ permissionMatrix { department scopes purposes } }").data[
        "permissionMatrix"
    ]
    education = next(one for one in matrix if one["department"] == "EDUCATION")
    assert "aid.education:write" in education["scopes"]
    assert "aid.medical:write" not in education["scopes"]


def test_who_may_not_audit_learns_nothing_of_the_access_records(hub: Served) -> None:
    reply = hub.ask("education@4101", ACCESS)
    assert reply.body["data"] == {"accessRecords": None}
    assert reply.forbidden == {"Query.accessRecords"}
