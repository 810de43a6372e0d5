"""Published tools against GraphQL, unchanged, against the served hub. `make attacks` installs them in a folder of their own
(`.ci/lock/attacks.txt`) and passes it in `HUB_ATTACK_TOOLS`.

clairvoyance reconstructs a schema from error messages. Here it gets half of the names of the fields of households and
persons. For a guessed name that the grant does not cover, the error names the required scope; no error contains another name.
schemathesis sends drawn operations and checks the responses. The test reads the findings from the files that the tools write.
An expected finding is in `EXPECTED` with its reason.
"""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from auth.departments import scope_of
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from schema.hub_schema import build
from tests.fixtures.served import Served, serve

TOOLS = os.environ.get("HUB_ATTACK_TOOLS", "")
pytestmark = pytest.mark.skipif(not TOOLS, reason="make attacks installs the tools")
NARROW = frozenset({scope_of("household:read"), scope_of("aid:read")})
SCHOOLS = "education@410105"
HOOKS = """
import schemathesis
from graphql import BooleanValueNode, IntValueNode, StringValueNode
from hypothesis import strategies as st

def texts(*values):
    return st.sampled_from(values).map(lambda text: StringValueNode(value=text))

schemathesis.graphql.scalar("Date", texts("2026-01-31", "1900-01-01", "not a day"))
schemathesis.graphql.scalar("DateTime", texts("2026-01-31T10:00:00+08:00", "2026"))
schemathesis.graphql.scalar("Decimal", texts("0", "650.00", "-1", "1e9"))
schemathesis.graphql.scalar("JSON", st.integers(0, 9).map(lambda number: IntValueNode(value=str(number))))
"""
EXPECTED: Mapping[str, str] = {
    "INVALID_PAGE": "a page is requested from both ends, or with a negative size",
    "INVALID_ID": "a drawn text is no id",
    "INVALID_IDENTITY_NUMBER": "a drawn text is no identity number",
    "INVALID_INPUT": "a filter names an unknown region, or an invalid range",
}
"""schemathesis takes every error of a field for a server failure, whatever its code. These codes refuse the request."""
CODE = re.compile(r'"code":\s*"([A-Z_]+)"')
FILLER = "dummy"
"""The name that clairvoyance puts into a type of which it knows no field."""
NAMED = ("Query", "Household", "Person")


def run(
    tool: str, *arguments: str, seconds: float = 900, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a tool; it must end without being stopped."""
    return subprocess.run(
        [str(Path(TOOLS) / tool), *arguments],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "NO_COLOR": "1", **variables},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def coordinates(types: list[dict[str, Any]]) -> set[str]:
    """The fields of the types of an introspection, without introspection's own types."""
    return {
        f"{one['name']}.{field['name']}"
        for one in types
        if not one["name"].startswith("__")
        for field in (*(one.get("fields") or ()), *(one.get("inputFields") or ()))
    }


@pytest.fixture
def patient_hub(sample_copy_url: str, settings: Settings, keys: Keys) -> Any:
    """A hub with a high cost limit for a client."""
    generous = settings.model_copy(update={"cost_per_minute": 10**9})
    with serve(sample_copy_url, generous, keys) as served:
        yield served


def test_clairvoyance_finds_no_name_that_it_did_not_guess(patient_hub: Served, tmp_path: Path) -> None:
    names, found = tmp_path / "names.txt", tmp_path / "found.json"
    kinds: Mapping[str, Any] = build().graphql.type_map
    guessed = set(sorted(field for name in NAMED for field in kinds[name].fields)[::2])
    names.write_text("\n".join(sorted(guessed)), "utf-8")
    token = patient_hub.token(SCHOOLS, scopes=NARROW)
    done = run(
        "clairvoyance", "-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json",
        "-w", str(names), "-o", str(found), "-c", "8", f"{patient_hub.url}/graphql",
    )  # fmt: skip
    assert found.exists(), done.stderr[-2000:]
    rebuilt = coordinates(json.loads(found.read_text("utf-8"))["data"]["__schema"]["types"])
    assert {one for one in rebuilt if one.startswith("Query.")}, "it found nothing at all, and proves nothing"
    found_names = {one.partition(".")[2] for one in rebuilt} - {FILLER}
    assert found_names <= guessed, "an error gave a name away"


def test_clairvoyance_without_a_token_finds_nothing(hub: Served, tmp_path: Path) -> None:
    names, found = tmp_path / "names.txt", tmp_path / "found.json"
    names.write_text("households\nviewer\nperson\n", "utf-8")
    run("clairvoyance", "-w", str(names), "-o", str(found), "-m", "1", f"{hub.url}/graphql", seconds=120)
    rebuilt = json.loads(found.read_text("utf-8"))["data"]["__schema"]["types"] if found.exists() else []
    assert {one for one in coordinates(rebuilt) if one.startswith("Query.")} == set()


def test_schemathesis_finds_no_failure_of_the_server(patient_hub: Served, tmp_path: Path) -> None:
    (tmp_path / "hooks.py").write_text(HOOKS, "utf-8")
    report = tmp_path / "report.xml"
    done = run(
        "schemathesis", "run", f"{patient_hub.url}/graphql",
        "-H", f"Authorization: Bearer {patient_hub.token(SCHOOLS)}",
        "--checks", "not_a_server_error", "--phases", "fuzzing", "--max-examples", "15", "--seed", "16",
        "--continue-on-failure", "--suppress-health-check", "all", "--generation-database", "none",
        "--report", "junit", "--output-truncate", "false", "--report-junit-path", str(report),
        SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=str(tmp_path),
    )  # fmt: skip
    assert report.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    failed = {
        case.get("name", ""): one.text or ""
        for case in cases
        for one in (*case.iter("failure"), *case.iter("error"))
    }
    unexpected = {
        name: text[:2000]
        for name, text in failed.items()
        if not (codes := set(CODE.findall(text))) or codes - EXPECTED.keys()
    }
    assert unexpected == {}
    assert len(cases) > 20, "every root field of the schema is one case"
