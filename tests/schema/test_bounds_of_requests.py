"""Bounds of what a request asks, by value: the bound itself is answered, one beyond it is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fixtures.served import Reply, Served

CITY, AUDIT = "civil_affairs@4101", "audit@4101"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def deep(levels: int) -> str:
    """A query of so many levels, of single objects alone."""
    names = ['household(code: "1")', *["chain", "head", "household"] * 20][: levels - 1]
    leaf = {"household": "code", "chain": "__typename", "head": "number"}[names[-1].partition("(")[0]]
    return "{ " + " { ".join(names) + " { " + leaf + " }" * len(names) + " }"


@pytest.mark.parametrize(("levels", "answered"), [(19, True), (20, True), (21, False)])
def test_an_operation_has_at_most_twenty_levels(hub: Served, levels: int, answered: bool) -> None:
    reply = hub.ask(CITY, deep(levels))
    assert reply.codes == ([] if answered else ["TOO_DEEP"])
    assert answered or "20 levels" in reply.body["errors"][0]["message"]


@pytest.mark.parametrize(("tokens", "answered"), [(4999, True), (5000, True), (5001, False)])
def test_a_document_has_at_most_five_thousand_tokens(hub: Served, tokens: int, answered: bool) -> None:
    around = "{ households ( filter : { code : [ ] } ) { totalCount } }"
    codes = ' "1"' * (tokens - len(around.split()))
    reply = hub.ask(CITY, around.replace("[", f"[{codes}"))
    assert reply.codes == ([] if answered else ["GRAPHQL_PARSE_FAILED"])


@pytest.mark.parametrize(("length", "answered"), [(199, True), (200, True), (201, False)])
def test_the_name_of_an_operation_has_at_most_two_hundred_characters(
    hub: Served, length: int, answered: bool
) -> None:
    name = "N" * length
    body = {"query": f"query {name} {{ viewer {{ client }} }}", "operationName": name}
    reply = hub.http.post("/graphql", json=body, headers={"authorization": f"Bearer {hub.token(CITY)}"})
    assert (reply.status_code == 200) is answered
    assert answered or reply.json()["errors"][0]["extensions"]["code"] == "MALFORMED_REQUEST"


def refusal(reply: Reply) -> tuple[list[str], Any]:
    """The codes, and where in the arguments the refused one stands."""
    return reply.codes, [error["extensions"].get("path") for error in reply.body.get("errors", ())]


TEXTS = {
    "aidRecords program": (CITY, "aidRecords(filter: {program: $text})"),
    "accessRecords client": (AUDIT, "accessRecords(filter: {client: $text})"),
    "accessRecords person": (AUDIT, "accessRecords(filter: {person: $text})"),
    "accessRecords operation": (AUDIT, "accessRecords(filter: {operation: $text})"),
    "accessRecords coordinate": (AUDIT, "accessRecords(filter: {coordinate: $text})"),
    "accessRecords code": (AUDIT, "accessRecords(filter: {code: $text})"),
    "households code": (CITY, "households(filter: {code: [$text]})"),
}
"""Arguments that are a text."""


@pytest.mark.parametrize(
    ("length", "answered"), [(0, False), (1, True), (199, True), (200, True), (201, False)]
)
@pytest.mark.parametrize("name", TEXTS)
def test_a_text_of_a_filter_has_from_one_to_two_hundred_characters(
    hub: Served, name: str, length: int, answered: bool
) -> None:
    agency, field = TEXTS[name]
    kind = "String!" if "[$text]" in field else "String"
    reply = hub.ask(agency, f"query ($text: {kind}) {{ {field} {{ totalCount }} }}", {"text": "x" * length})
    assert reply.codes == ([] if answered else ["INVALID_INPUT"])
    assert answered or "1 to 200 characters" in reply.body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("code", "answered"), [("x", True), ("x" * 200, True), ("x" * 201, False), ("", False)]
)
def test_the_code_that_a_household_is_asked_by_has_from_one_to_two_hundred_characters(
    hub: Served, code: str, answered: bool
) -> None:
    reply = hub.ask(CITY, "query ($code: String!) { household(code: $code) { code } }", {"code": code})
    assert reply.codes == ([] if answered else ["INVALID_INPUT"])


@pytest.mark.parametrize(
    ("span", "answered"),
    [
        (timedelta(0), False),
        (timedelta(microseconds=1), True),
        (timedelta(days=31), True),
        (timedelta(days=31, microseconds=1), False),
    ],
)
def test_unusual_accesses_are_of_a_span_of_at_most_31_days(
    hub: Served, span: timedelta, answered: bool
) -> None:
    asked = (
        "query ($from: DateTime!, $until: DateTime!) { unusualAccess(from: $from, until: $until) { kind } }"
    )
    reply = hub.ask(AUDIT, asked, {"from": NOW.isoformat(), "until": (NOW + span).isoformat()})
    assert reply.codes == ([] if answered else ["INVALID_INPUT"])


@pytest.mark.parametrize(
    ("rows", "answered"), [(-1, False), (0, False), (1, True), (2**31 - 1, True), (2**31, False)]
)
def test_access_records_are_asked_for_by_one_row_at_least(hub: Served, rows: int, answered: bool) -> None:
    reply = hub.ask(AUDIT, f"{{ accessRecords(filter: {{minRows: {rows}}}) {{ totalCount }} }}")
    assert (reply.codes == []) is answered, reply.body


def test_more_than_a_thousand_waiting_events_are_reported_as_a_thousand(hub: Served) -> None:
    asked = "{ chainEvents(last: 1000) { totalCount edges { cursor } } }"
    page = hub.ask(CITY, asked).data["chainEvents"]
    assert page["totalCount"] > 1002
    last_999 = page["edges"][0]["cursor"]
    before = "query ($at: String) { chainEvents(last: 2, before: $at) { edges { cursor } } }"
    more = [one["cursor"] for one in hub.ask(CITY, before, {"at": last_999}).data["chainEvents"]["edges"]]

    def waiting(cursor: str | None) -> int:
        status = "query ($at: String) { feedStatus(after: $at) { waiting } }"
        found: int = hub.ask(CITY, status, {"at": cursor}).data["feedStatus"]["waiting"]
        return found

    assert [waiting(one) for one in (last_999, more[1], more[0], None)] == [999, 1000, 1000, 1000]


@pytest.mark.parametrize(("faults", "named"), [(19, 19), (20, 20), (21, 20)])
def test_twenty_faults_of_a_document_or_of_its_variables_are_named(
    hub: Served, faults: int, named: int
) -> None:
    names = " ".join(f"no{place}" for place in range(faults))
    document = hub.ask(CITY, f"{{ viewer {{ {names} }} }}")
    declared = ", ".join(f"$v{place}: Int" for place in range(faults))
    used = " ".join(f"a{place}: households(first: $v{place}) {{ totalCount }}" for place in range(faults))
    values = {f"v{place}": "x" for place in range(faults)}
    variables = hub.ask(CITY, f"query ({declared}) {{ {used} }}", values)
    for reply in (document, variables):
        messages = [error["message"] for error in reply.body["errors"]]
        assert [one.startswith("Too many") for one in messages] == [
            *[False] * named,
            *[True] * (faults > named),
        ]
