"""Documents of clients and the scopes that they need, on the command line: `hub client documents`, `hub permissions explain`
and `withdraw-check`."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TestCluster
from tests.fixtures.installation import Installation, installation, told

NAMES = "query Names { households(first: 2) { nodes { code members { name } } } }\n"
INCOME = """query Poor($most: Decimal!, $f: HouseholdFilter) {
  households(first: 5, filter: {incomePerCapita: {lte: $most}}) { totalCount }
  other: households(first: 5, filter: $f) { totalCount }
}
query Codes { households(first: 5) { nodes { code } } } # 户编号
"""


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(scope="module")
def hub(cluster: TestCluster, template: str) -> Iterator[Installation]:
    """The installation of this file."""
    with installation(cluster, template) as installed:
        yield installed


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Two documents."""
    for name, text in (("names.graphql", NAMES), ("income [b].graphql", INCOME)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return str(tmp_path / "names.graphql"), str(tmp_path / "income [b].graphql")


def client(hub: Installation, agency: str, *options: str) -> str:
    """The id of a new client."""
    made = json.loads(hub.well("client", "create", "--agency", agency, *options, "--json"))
    return str(made["client_id"])


def test_a_client_held_to_its_documents_is_listed_as_such(hub: Installation) -> None:
    held = client(hub, "education@410105", "--trusted-documents-only")
    free = client(hub, "education@410105")
    listed = {client["client_id"]: client for client in json.loads(hub.well("client", "list", "--json"))}
    assert listed[held]["trusted_documents_only"] is True
    assert listed[free]["trusted_documents_only"] is False
    assert "yes 是" in hub.well("client", "list")


def test_documents_are_added_told_listed_and_removed(hub: Installation, files: tuple[str, str]) -> None:
    name = client(hub, "civil_affairs@4101")
    added: list[dict[str, Any]] = json.loads(hub.well("client", "documents", "add", name, *files, "--json"))
    assert [one["sha256"] for one in added] == [hash_of(NAMES), hash_of(INCOME)]
    assert [one["new"] for one in added] == [True, True]
    assert added[0]["operations"] == [
        {"operation": "Names", "cost": 1 + 2 * 11, "requiredScopes": [["household:read", "person:read"]]}
    ]
    assert [operation["operation"] for operation in added[1]["operations"]] == ["Poor", "Codes"]
    again = json.loads(hub.well("client", "documents", "add", name, *files, "--json"))
    assert [one["new"] for one in again] == [False, False]
    output = hub.well("client", "documents", "add", name, *files)
    assert hash_of(NAMES) in output
    assert "was registered 早已登记" in output
    assert "household.finance:read household:read" in output

    listed = json.loads(hub.well("client", "documents", "list", name, "--json"))
    assert {one["sha256"]: one["text"] for one in listed} == {hash_of(NAMES): NAMES, hash_of(INCOME): INCOME}
    assert hash_of(INCOME) in hub.well("client", "documents", "list", name)

    hub.well("client", "documents", "remove", name, hash_of(NAMES))
    left = json.loads(hub.well("client", "documents", "list", name, "--json"))
    assert [one["sha256"] for one in left] == [hash_of(INCOME)]
    assert "NOT_FOUND" in told(
        hub.run("client", "documents", "remove", name, hash_of(INCOME), hash_of(NAMES))
    )
    assert json.loads(hub.well("client", "documents", "list", name, "--json")) == left, "all of them or none"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"{ viewer {", "bad.graphql:1:11 "),
        (b"{ viewer { nobody } }", "GRAPHQL_VALIDATION_FAILED"),
        (
            b'{ household(code: "1") { ' + b"members { household { " * 11 + b"code" + b" } }" * 11 + b" } }",
            "TOO_DEEP",
        ),
        ("{ viewer { client } } # 户编号".encode("gb18030"), "INVALID_INPUT"),
        (b"", "GRAPHQL_PARSE_FAILED"),
    ],
)
def test_a_document_that_cannot_be_used_is_told_and_none_registered(
    hub: Installation, files: tuple[str, str], tmp_path: Path, text: bytes, complaint: str
) -> None:
    name = client(hub, "education@410105")
    bad = tmp_path / "bad.graphql"
    bad.write_bytes(text)
    before = hub.count("oauth_client_document")
    message = told(hub.run("client", "documents", "add", name, files[0], str(bad)))
    assert complaint in message
    assert "bad.graphql" in message
    assert hub.count("oauth_client_document") == before


@pytest.mark.parametrize(
    "command", [["add", "nobody", "{file}"], ["list", "nobody"], ["remove", "nobody", "a" * 64]]
)
def test_documents_of_nobody_are_told(hub: Installation, files: tuple[str, str], command: list[str]) -> None:
    done = hub.run("client", "documents", *(one.format(file=files[0]) for one in command))
    assert "NOT_FOUND" in told(done)


def test_explain_tells_what_a_document_needs_and_what_a_department_lacks(
    hub: Installation, files: tuple[str, str]
) -> None:
    plain = hub.well("permissions", "explain", files[0])
    assert "Query.households" in plain
    assert "household:read person:read" in plain
    assert "姓名" in plain
    assert "forbidden" not in plain

    lacking = hub.run("permissions", "explain", files[1], "--operation", "Poor", "--department", "education")
    assert lacking.returncode == 3, lacking.stderr
    assert "forbidden 禁止" in lacking.stdout
    assert "missing 缺少: household.finance:read" in lacking.stdout
    assert "$f" in lacking.stdout
    whole = ("--scope", "household:read", "--scope", "household.finance:read")
    as_json = json.loads(
        hub.well("permissions", "explain", files[1], "--operation", "Poor", *whole, "--json")
    )
    assert as_json["answeredWhole"] is True
    assert as_json["missing"] == [[]]
    options = ("--variables", '{"f": {"code": ["1"]}, "most": "1"}', "--json")
    settled = json.loads(hub.well("permissions", "explain", files[1], "--operation", "Poor", *options))
    assert settled["variables"] == []


@pytest.mark.parametrize(
    ("options", "code", "complaint"),
    [
        ([], 1, "OPERATION_NOT_FOUND"),
        (["--operation", "Nobody"], 1, "OPERATION_NOT_FOUND"),
        (["--operation", "Poor", "--variables", '{"most": [1]}'], 1, "BAD_USER_INPUT"),
        (["--operation", "Poor", "--variables", "["], 2, "not JSON"),
        (["--operation", "Poor", "--variables", "[]"], 2, "not a JSON object"),
        (["--department", "cooking"], 1, "UNKNOWN_DEPARTMENT"),
        (["--scope", "person:eat"], 1, "UNKNOWN_SCOPE"),
        (["--scope", "person:read", "--department", "education"], 2, "not both"),
    ],
)
def test_what_cannot_be_explained_is_told(
    hub: Installation, files: tuple[str, str], options: list[str], code: int, complaint: str
) -> None:
    assert complaint in told(hub.run("permissions", "explain", files[1], *options), code)


def lost(hub: Installation, *arguments: str) -> dict[tuple[str, str], set[tuple[str, str | None]]]:
    """The documents that would break, by client and operation; asserts that the exit code agrees."""
    done = hub.run("permissions", "withdraw-check", *arguments, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == (3 if found else 0), done.stderr
    return {
        (one["client_id"], one["operation"]): {(each["coordinate"], each["variable"]) for each in one["lost"]}
        for one in found
    }


def test_a_withdrawal_is_checked_against_every_registered_document(
    hub: Installation, files: tuple[str, str]
) -> None:
    city, district = client(hub, "civil_affairs@4101"), client(hub, "civil_affairs@410106")
    gone, without = (
        client(hub, "civil_affairs@410106"),
        client(hub, "civil_affairs@410106", "--scope", "household:read"),
    )
    for one in (city, district, gone, without):
        hub.well("client", "documents", "add", one, *files)
    hub.well("client", "revoke", gone)
    hub.well("client", "documents", "remove", city, hash_of(NAMES))

    by_income = {("Household.incomePerCapita", None), ("Household.incomePerCapita", "f")}
    there = lost(hub, "household.finance:read", "--agency", "civil_affairs@410106")
    assert there[district, "Poor"] <= by_income
    assert there.keys() == {(district, "Poor")}, "neither the revoked client nor who never had the scope"
    everywhere = lost(hub, "household.finance:read", "--department", "civil_affairs")
    assert {(city, "Poor"), (district, "Poor")} <= everywhere.keys()
    names = lost(hub, "person:read", "--department", "civil_affairs")
    assert names[district, "Names"] == {("Household.members", None), ("Person.name", None)}
    assert (city, "Names") not in names, "it was removed"
    assert lost(hub, "aid.charity:write", "--agency", "civil_affairs@410106") == {}

    shown = hub.run("permissions", "withdraw-check", "person:read", "--agency", "civil_affairs@410106")
    assert shown.returncode == 3
    assert "2 documents of 1 clients would break" in shown.stdout, (
        "$f of the other could ask for partlyCovered"
    )
    assert "Person.name" in shown.stdout
    none = hub.well("permissions", "withdraw-check", "aid.charity:write", "--agency", "civil_affairs@410106")
    assert "0 documents of 0 clients would break" in none


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["person:eat"], 1, "UNKNOWN_SCOPE"),
        (["person:read", "--department", "cooking"], 1, "UNKNOWN_DEPARTMENT"),
        (["person:read", "--agency", "education@999999"], 1, "UNKNOWN_AGENCY"),
        (["person:read", "--agency", "education@4101", "--department", "education"], 2, "not both"),
    ],
)
def test_a_withdrawal_that_cannot_be_checked_is_told(
    hub: Installation, arguments: list[str], code: int, complaint: str
) -> None:
    assert complaint in told(hub.run("permissions", "withdraw-check", *arguments), code)
