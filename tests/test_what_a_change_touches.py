"""How many files a change touches: a declaration in one place is repeated in no second list, and docs/changing.md names the
place."""

import re
import subprocess
from enum import StrEnum
from pathlib import Path

import pytest

from hub.model.agencies import Department
from hub.model.aid import AidKind
from hub.model.alerts import Finding

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "changing.md").read_text("utf-8")
WHERE_THE_POLICY_SAYS_SO = {
    "hub/evaluation/entitlements/rules.py",
    "hub/overlaps/rules.py",
    "hub/policy/permissions/implied_facts.py",
}
"""Who is entitled to aid of a kind, what two records of it mean together, and who else may know of it: no kind needs a line
in these files."""
LISTED: list[tuple[type[StrEnum], str, set[str]]] = [
    (
        AidKind,
        "A kind of aid",
        {
            "auth/departments.toml",
            "auth/scopes.py",
            "hub/aid/rules.py",
            "hub/glossary/aid.toml",
            "hub/model/aid.py",
            "schema/aid/types.py",
        }
        | WHERE_THE_POLICY_SAYS_SO,
    ),
    (Department, "A department", {"auth/departments.toml", "hub/model/agencies.py"}),
    (Finding, "A finding of monitoring", {"hub/model/alerts.py"}),
]
"""For each enum, the heading of its section in the page of changes, and the files that name all of its members."""


def sources() -> dict[str, str]:
    """Every hand-written file of the hub, with its text."""
    listed = subprocess.run(
        ["git", "ls-files", "auth", "hub", "schema"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    return {name: (ROOT / name).read_text("utf-8") for name in listed if name.endswith((".py", ".toml"))}


def names(text: str, member: StrEnum) -> bool:
    """Whether a text names a member: as code, as a table of TOML, or in the scopes of a kind."""
    word = member.name.lower()
    spelled = rf'(?<![A-Z]){member.name}(?![A-Z])|"{word}"|^\[{word}\]|aid\.{word}:'
    return re.search(spelled, text, re.M) is not None


@pytest.mark.parametrize(("enum", "heading", "places"), LISTED, ids=lambda one: getattr(one, "__name__", ""))
def test_no_other_file_lists_every_member_and_the_page_names_those_that_do(
    enum: type[StrEnum], heading: str, places: set[str]
) -> None:
    found = {name for name, text in sources().items() if all(names(text, member) for member in enum)}
    assert found == places
    section = PAGE.partition(f"## {heading} ·")[2].partition("\n## ")[0]
    assert [place for place in sorted(places) if f"`{place}`" not in section] == []


def test_each_condition_of_monitoring_is_named_by_its_own_module_and_the_list_of_findings() -> None:
    texts = sources()
    for finding in set(Finding) - {
        Finding.DUPLICATE_AID,
        Finding.MONTHLY_SHARE_LATE,
        Finding.FOUND_ON_THE_SPOT,
    }:
        modules = [name for name, text in texts.items() if f"Finding.{finding.name}" in text]
        assert len(modules) == 1, finding
        assert modules[0].startswith("hub/evaluation/monitoring/"), finding


@pytest.mark.parametrize("group", ["health", "disability", "education", "employment"])
def test_a_column_of_a_person_is_guarded_by_its_group_alone(group: str) -> None:
    table = (ROOT / "hub/policy/permissions/field_scopes.py").read_text("utf-8")
    person = table.partition("PERSON = noun(")[2].partition("MONTHLY_SUPPLEMENT")[0]
    assert group not in person
