"""Each row of the policy's tables has a story whose name begins with its clause."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from string import ascii_lowercase

import pytest

import tests.journeys.clauses as stories
from hub.model.alerts import Disposition
from tests.policy import CERTIFIED_UNDER, IN_CHARGE

ROOT = Path(__file__).parents[3]
FOUR = [way for way in Disposition if way is not Disposition.UNFOUNDED]
"""46-2.4 has dispositions for alerts that the home visit confirmed."""
OPENING = "46-3-opening"
"""三, the sentence before (一): "对防止返贫监测对象,同时……给予针对性帮扶措施"."""
ROWS: Mapping[str, Collection[str]] = {
    "Who certifies": set(CERTIFIED_UNDER.values()),
    "The platform's duties": {
        "46-2.1",
        "46-2.2",
        "46-2.3",
        *(f"46-2.4-{letter}" for letter, _ in zip(ascii_lowercase, FOUR, strict=False)),
    },
    "What each household or person may be entitled to": {
        OPENING if clause == "46-3" else clause for clause, _ in IN_CHARGE.values()
    },
    "Safeguards": {"46-4.1", "46-4.2", "46-4.3"},
}
"""The rows of each table. Rows that the hub holds as data are read from there; the others are written here."""
EVERY_ROW = sorted(clause for rows in ROWS.values() for clause in rows)
_CLAUSE = re.compile(r"\b46-[1-9](?:\.[1-9])*")


def named(clause: str) -> str:
    """The beginning of the name of a row's story."""
    return f"test_{re.sub('[-.]', '_', clause)}_"


def told() -> Iterator[str]:
    """The stories that pytest collects and runs: functions `test_*` in `test_*.py` that are neither skipped nor expected to
    fail."""
    for module in pkgutil.iter_modules(stories.__path__, f"{stories.__name__}."):
        if module.name.rpartition(".")[2].startswith("test_"):
            for name, one in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
                marks = {mark.name for mark in getattr(one, "pytestmark", ())}
                if (
                    name.startswith("test_")
                    and one.__module__ == module.name
                    and not marks & {"skip", "skipif", "xfail"}
                ):
                    yield name


def missing(names: Sequence[str]) -> list[str]:
    """The rows without a story."""
    return [clause for clause in EVERY_ROW if not any(name.startswith(named(clause)) for name in names)]


def test_each_row_of_the_tables_has_a_story_named_by_its_clause() -> None:
    assert [len(rows) for rows in ROWS.values()] == [3, 7, 11, 3]
    assert missing(list(told())) == []


def test_each_story_is_named_by_a_row() -> None:
    starts = tuple(map(named, EVERY_ROW))
    of_rows = [name for name in told() if name.startswith("test_46_")]
    assert [name for name in of_rows if not name.startswith(starts)] == []


@pytest.mark.parametrize("clause", EVERY_ROW)
def test_a_row_without_its_stories_is_missed(clause: str) -> None:
    assert missing([name for name in told() if not name.startswith(named(clause))]) == [clause]


def test_every_clause_that_the_hub_cites_is_a_row_or_a_heading_over_rows() -> None:
    cited = {
        clause
        for folder in ("hub", "schema", "auth")
        for file in sorted((ROOT / folder).rglob("*"))
        if file.suffix in {".py", ".toml"} and file.name != "clauses.toml"
        for clause in _CLAUSE.findall(file.read_text("utf-8"))
    }
    assert cited >= {clause for clause in EVERY_ROW if not clause[-1].isalpha()}, "a row that nothing cites"
    headings = {
        clause for clause in cited if any(row.startswith((f"{clause}.", f"{clause}-")) for row in EVERY_ROW)
    }
    assert cited - headings - set(EVERY_ROW) == {"46-1.1"}, "the population itself, which has no row"
