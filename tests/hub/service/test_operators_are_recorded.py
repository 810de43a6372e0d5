"""The commands of an operator are in the access ledger: who, what, for which client."""

import getpass
import json
from pathlib import Path

import psycopg

from tests.conftest import TestCluster
from tests.fixtures.installation import installation
from tests.hub.service.calls_of_commands import CALLS

RECORDED = {
    "client create",
    "client list",
    "client revoke",
    "client documents add",
    "client documents list",
    "client documents remove",
    "verify",
    "proof export",
}
"""The commands that leave an access record of the operator."""
BY_THE_AGENCY = {"visits list", "import undo"} | {call for call in CALLS if call.startswith("import ")} - {
    "import template"
}
"""These commands act for an agency, and leave a record of the agency (tests/hub/imports/test_access_records.py, test_cli.py)."""
TELLS_NOTHING_OF_ANYBODY = {
    "demo": "serves invented data",
    "serve": "records what it answers",
    "migrate": "changes the form of tables",
    "coverage": "counts",
    "schedule": "shows when jobs ran",
    "schema": "prints what is built in",
    "errors": "prints what is built in",
    "glossary": "prints what is built in",
    "bench": "works on a sample",
    "import template": "writes a file of headings and words",
    "seal": "counts what it seals",
    "proof log": "writes digests",
    "keys create": "writes a file",
    "keys use": "writes a file",
    "keys add": "writes a file",
    "keys list": "reads a file",
    "monitor run": "counts; each alert is an event of a chain",
    "monitor rules": "prints what is built in",
    "permissions": "prints what is built in",
    "permissions explain": "prints what is built in",
    "permissions withdraw-check": "reads the documents of clients",
    "referrals remind": "counts; each reminder is an event of a chain",
    "referrals diagram": "prints what is built in",
}
ACTS = "select operation_name, agency_id, person, rows from access_record where client_id = 'hub-operator' order by at, id"


def test_every_command_is_recorded_or_tells_nothing_of_anybody() -> None:
    assert RECORDED | BY_THE_AGENCY | TELLS_NOTHING_OF_ANYBODY.keys() == set(CALLS)


def test_an_operator_leaves_who_did_what(cluster: TestCluster, template: str, tmp_path: Path) -> None:
    document = tmp_path / "query.graphql"
    document.write_text("{ viewer { client } }")
    with installation(cluster, template) as hub:
        made = json.loads(hub.well("client", "create", "--agency", "education@410105", "--json"))["client_id"]
        hub.well("client", "list")
        digest = json.loads(hub.well("client", "documents", "add", made, str(document), "--json"))[0][
            "sha256"
        ]
        hub.well("client", "documents", "list", made)
        hub.well("client", "documents", "remove", made, digest)
        hub.well("client", "revoke", made)
        hub.well("verify")
        with psycopg.connect(hub.database_url) as connection:
            _first, *acts = connection.execute(ACTS).fetchall()
    who, agency = getpass.getuser(), "education@410105"
    assert acts == [
        (f"client create {made}", agency, who, 0),
        ("client list", "", who, 1),
        (f"client documents add {made}", agency, who, 1),
        (f"client documents list {made}", agency, who, 1),
        (f"client documents remove {made}", agency, who, 1),
        (f"client revoke {made}", agency, who, 0),
        ("verify", "", who, 0),
    ]
