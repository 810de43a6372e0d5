"""The access record of a refused write holds the household or the digest of the identity number, every code, and the numbers
of refused and saved results (46-4.3)."""

from typing import Any

import pytest

from auth.scopes import Scope
from hub.policy.permissions.field_scopes import opened_by
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import RECORD_AID, grant_of_a_pupil
from tests.schema.desk import STREET, ArgumentValue, Desk, document, errors_in, registered
from tests.schema.inputs_that_are_kept import KEPT
from tests.schema.test_naming_by_number import nobody
from tests.schema.test_sent_again import from_elsewhere

EDUCATION = "education@410105"
OF_NO_HOUSEHOLD = {
    "offerCharity",
    "withdrawOffer",
    "recordCountyOption",
    "endCountyOption",
    "publishDisclosure",
    "withdrawDisclosure",
}
OF_A_LIST = {"objectToDisclosure"}
"""It names a line of a list. Only those who see the list know whose line it is."""
RECORDS = """{ accessRecords(first: 1) { nodes {
    agency { code } outcome code codes refused kept numbersNamed householdCount } } }"""
OF_HOUSEHOLD = "query ($code: String!) { household(code: $code) { accessRecords(first: 1) { nodes { outcome codes } } } }"
BATCH = "mutation ($input: RecordAidsInput!) { recordAids(input: $input) { outcomes { created errors { code } } } }"


def latest(served: Served) -> dict[str, Any]:
    """The last access record, as an auditor sees it."""
    (record,) = served.ask("audit@4101", RECORDS).data["accessRecords"]["nodes"]
    return dict(record)


def recorded(served: Served, given: dict[str, Any], scopes: frozenset[Scope] | None = None) -> dict[str, Any]:
    """The access record of an outcome that is written back."""
    served.ask(EDUCATION, RECORD_AID, {"input": given}, scopes=scopes)
    return latest(served)


def test_a_number_under_which_nobody_is_in_sight_leaves_its_digest(
    writable_hub: Served, of_jinshui: list[Somebody], of_erqi: list[Somebody]
) -> None:
    unknown = recorded(writable_hub, grant_of_a_pupil({"idNumber": nobody()}))
    assert (unknown["outcome"], unknown["codes"]) == ("WRITE_REFUSED", ["NOT_FOUND"])
    assert (unknown["refused"], unknown["kept"], unknown["householdCount"]) == (1, 0, 0)
    (digest,) = unknown["numbersNamed"]
    assert len(digest) == 64
    assert recorded(writable_hub, grant_of_a_pupil({"idNumber": nobody()}))["numbersNamed"] == [digest]
    elsewhere = recorded(writable_hub, grant_of_a_pupil({"idNumber": of_erqi[0].id_number}))
    assert elsewhere["numbersNamed"] not in ([], [digest])
    assert elsewhere == unknown | {"numbersNamed": elsewhere["numbersNamed"]}
    here = recorded(
        writable_hub, grant_of_a_pupil({"idNumber": of_jinshui[0].id_number}, periodUntil="2026-08-01")
    )
    assert here["numbersNamed"] != [], "what is refused for its shape is looked for nowhere"
    kept = recorded(writable_hub, grant_of_a_pupil({"idNumber": of_jinshui[0].id_number}))
    assert (kept["outcome"], kept["codes"], kept["refused"], kept["kept"]) == ("ANSWERED", [], 0, 1)
    assert (kept["numbersNamed"], kept["householdCount"]) == ([], 1)


def test_a_write_that_is_answered_field_by_field_is_recorded_as_every_other(writable_hub: Served) -> None:
    """A field that cannot be compiled sends the mutation to the reference executor."""
    asked = """mutation ($input: RecordAidInput!) { recordAid(input: $input) {
        created errors { code } aidRecord { household { chain { verified { whole } } } } } }"""
    given = grant_of_a_pupil({"idNumber": nobody()})
    writable_hub.ask(EDUCATION, asked, {"input": given})
    by_reference = latest(writable_hub)
    assert by_reference == recorded(writable_hub, given)
    assert (by_reference["outcome"], len(by_reference["numbersNamed"])) == ("WRITE_REFUSED", 1)


def test_who_may_name_nobody_by_number_is_recorded_with_the_number_that_was_named(
    writable_hub: Served,
) -> None:
    scopes = writable_hub.grant(EDUCATION).scopes - {Scope.PERSON_IDENTITY_READ}
    record = recorded(writable_hub, grant_of_a_pupil({"idNumber": nobody()}), scopes)
    assert (record["codes"], len(record["numbersNamed"])) == (["FORBIDDEN_WRITE"], 1)


def test_a_household_that_is_named_by_its_id_is_recorded_though_nothing_is_looked_up(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    subject = {"householdId": of_jinshui[0].household_id}
    of_other_kinds = frozenset(Scope) - {Scope.AID_EDUCATION_WRITE}
    record = recorded(writable_hub, grant_of_a_pupil(subject), of_other_kinds)
    assert (record["codes"], record["householdCount"]) == (["FORBIDDEN_WRITE"], 1)
    seen = writable_hub.ask("audit@4101", OF_HOUSEHOLD, {"code": of_jinshui[0].household_code}).data
    assert seen["household"]["accessRecords"]["nodes"][0] == {
        "outcome": "WRITE_REFUSED",
        "codes": ["FORBIDDEN_WRITE"],
    }


def test_a_batch_is_recorded_with_every_code_and_its_counts(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    good = grant_of_a_pupil({"personId": of_jinshui[0].person_id})
    wrong = grant_of_a_pupil(
        {"personId": of_jinshui[1].person_id}, externalId="G-2", periodUntil="2026-08-01"
    )
    unknown = grant_of_a_pupil({"idNumber": nobody()}, externalId="G-3")
    writable_hub.ask(EDUCATION, BATCH, {"input": {"outcomes": [good, wrong, unknown, unknown]}})
    record = latest(writable_hub)
    assert (record["outcome"], record["code"]) == ("WRITE_REFUSED", "INVALID_INPUT")
    assert (record["codes"], record["refused"], record["kept"]) == (["INVALID_INPUT", "NOT_FOUND"], 3, 1)
    assert (record["householdCount"], len(record["numbersNamed"])) == (2, 1)
    seen = writable_hub.ask("audit@4101", OF_HOUSEHOLD, {"code": of_jinshui[1].household_code}).data[
        "household"
    ]
    assert seen["accessRecords"]["nodes"] == [
        {"outcome": "WRITE_REFUSED", "codes": ["INVALID_INPUT", "NOT_FOUND"]}
    ]


def test_members_who_are_refused_are_recorded_by_their_numbers(desk: Desk) -> None:
    stands, new = registered(desk), registered(desk)
    asked = document("upsertHouseholds")
    desk.served.ask(STREET, asked, {"input": {"households": [stands]}})
    blind = desk.served.grant(STREET).scopes - {Scope.PERSON_HEALTH_READ}
    reply = desk.served.ask(STREET, asked, {"input": {"households": [stands, new]}}, scopes=blind)
    assert {one["code"] for one in errors_in(reply.body["data"]["upsertHouseholds"])} == {"FORBIDDEN_WRITE"}
    record = latest(desk.served)
    assert (record["codes"], record["refused"], record["kept"]) == (["FORBIDDEN_WRITE"], 2, 0)
    assert len(record["numbersNamed"]) == 2


def names_nobody(mutation: str, given: ArgumentValue) -> bool:
    """Whether an input names no household and no person by a number: a person without papers is described only by words
    (46-3.3)."""
    return mutation in OF_NO_HOUSEHOLD | OF_A_LIST or "knownAs" in str(given)


@pytest.mark.parametrize("place", range(len(KEPT)), ids=lambda place: f"{KEPT[place][0]}-{place}")
def test_no_write_is_refused_without_a_record_of_whom_it_was_about(desk: Desk, place: int) -> None:
    mutation, agency, make = KEPT[place]
    given = make(desk)
    errors = errors_in(from_elsewhere(desk, agency, mutation, given))
    ((outcome, codes, refused, households, numbers),) = desk.served.rows(
        "select outcome, codes, refused, cardinality(household_ids), cardinality(numbers_named) from access_record"
        " order by at desc, id desc limit 1"
    )
    if not errors:
        assert (outcome, refused) == ("ANSWERED", 0)
        return
    assert (outcome, set(codes)) == ("WRITE_REFUSED", {one["code"] for one in errors})
    assert refused > 0
    assert households + numbers > 0 or names_nobody(mutation, given)


@pytest.mark.parametrize("place", range(len(KEPT)), ids=lambda place: f"{KEPT[place][0]}-{place}")
def test_a_mutation_that_a_client_may_not_send_at_all_leaves_whom_it_named(desk: Desk, place: int) -> None:
    mutation, agency, make = KEPT[place]
    given = {"input": make(desk)}
    closed = {scope for one in opened_by(f"Mutation.{mutation}") for scope in one if scope.endswith(":write")}
    reply = desk.served.ask(
        agency, document(mutation), given, scopes=desk.served.grant(agency).scopes - closed
    )
    assert reply.forbidden == {f"Mutation.{mutation}"}
    record = latest(desk.served)
    assert (record["outcome"], record["kept"]) == ("PARTLY_FORBIDDEN", 0)
    named = record["householdCount"] + len(record["numbersNamed"])
    assert (named > 0) != names_nobody(mutation, given["input"])


def test_a_request_that_is_refused_before_it_runs_leaves_whom_its_writes_named(desk: Desk) -> None:
    scopes = desk.served.grant(EDUCATION).scopes - {Scope.AID_EDUCATION_WRITE}
    given = grant_of_a_pupil({"idNumber": nobody()})
    reject = {"Hub-Forbidden": "reject"}
    desk.served.ask(EDUCATION, RECORD_AID, {"input": given}, scopes=scopes, headers=reject)
    record = latest(desk.served)
    assert (record["outcome"], record["codes"]) == ("REFUSED", [])
    assert len(record["numbersNamed"]) == 1


def test_a_value_that_cannot_be_leaves_whom_it_was_sent_for(desk: Desk) -> None:
    record = recorded(desk.served, grant_of_a_pupil(desk.household(), outcome="已发放\u0007"))
    assert record["outcome"] == "WRITE_REFUSED"
    assert record["householdCount"] == 1
