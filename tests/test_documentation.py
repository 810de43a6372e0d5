"""The pages agree with the code."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from hub.foundation.settings import Settings
from hub.service.glossary_page import glossary_page
from schema.errors_page import errors_page
from schema.hub_schema import build

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
FOLDERS = (ROOT, DOCS, DOCS / "adr", ROOT / "bench", ROOT / "tests" / "mutants")
PAGES = sorted(page for folder in FOLDERS for page in folder.glob("*.md"))
LONGEST_README = 120
PLACE = re.compile(
    r"(?<![\w/.-])((?:hub|schema|auth|migrations|tests|bench)/[\w/]*(?:\.py|\.toml|\.csv|/))(?!\w)"
)


def named(page: Path) -> str:
    """The path of a page, for the test's id."""
    return page.relative_to(ROOT).as_posix()


def test_every_setting_stands_on_its_page_with_its_default() -> None:
    rows = dict(
        re.findall(r"^\| `(HUB_\w+)` \| (.*?) \|", (DOCS / "configuration.md").read_text("utf-8"), re.M)
    )
    settings = {f"HUB_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    assert rows.keys() == settings.keys()
    for name, default in settings.items():
        assert default is None or rows[name] == f"`{default}`", name


def test_every_error_code_stands_in_the_errors_page() -> None:
    assert (DOCS / "errors.md").read_text("utf-8") == errors_page(), "run `make schema`"


def test_every_code_stands_in_the_glossary_s_page() -> None:
    assert (DOCS / "glossary.md").read_text("utf-8") == glossary_page(), "run `make schema`"


def test_every_command_stands_on_the_page_of_operators() -> None:
    from hub.service.cli import app

    names = {
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    }
    page = (DOCS / "operations.md").read_text("utf-8")
    assert all(f"`{name}" in page for name in names), names


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_page_that_a_page_points_at_exists(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "```graphql" in page.read_text("utf-8")], ids=named
)
def test_every_query_of_a_page_fits_the_schema(page: Path) -> None:
    for query in re.findall(r"^```graphql\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
        assert validate(build().graphql, parse(query)) == [], query


def test_the_readme_points_at_every_page_and_is_read_in_one_sitting() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    pages = {file.relative_to(ROOT).as_posix() for file in DOCS.glob("*.md")}
    assert [page for page in pages if f"({page})" not in readme] == []
    assert len(readme.splitlines()) <= LONGEST_README
    assert [
        file.name for file in (DOCS / "adr").glob("*.md") if not re.fullmatch(r"\d{4}-[a-z-]+\.md", file.name)
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_place_of_the_code_that_a_page_names_is_there(page: Path) -> None:
    places = PLACE.findall(page.read_text("utf-8"))
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_every_threat_names_the_test_that_tries_it() -> None:
    lines = (DOCS / "threats.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith(("| tries", "| ---"))]
    assert len(rows) > 30
    for row in rows:
        named_tests = re.findall(r"`(tests/[\w/]+\.py)`", row.split("|")[-2])
        assert named_tests, row
        for test in named_tests:
            assert "def test_" in (ROOT / test).read_text("utf-8"), test


def test_every_attacker_has_what_is_accepted() -> None:
    parts = re.split(r"^## ", (DOCS / "threats.md").read_text("utf-8"), flags=re.M)[1:]
    attackers = [part.partition(" ·")[0] for part in parts]
    assert attackers == [
        "An office clerk",
        "A developer of a department",
        "A neighbour county",
        "An administrator",
        "A thief of a backup",
        "An outsider",
    ]
    assert all("\nAccepted: " in part for part in parts)
