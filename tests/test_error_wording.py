"""What an error says in Chinese is Chinese: no code stands in a sentence, and nothing that a caller wrote."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.foundation.errors import HubError
from hub.foundation.operating import OperatorError
from schema.errors_page import errors_page
from schema.user_errors import kinds_of_errors

ROOT = Path(__file__).parents[1]
assert errors_page(), "every error is imported"
KINDS = sorted(
    {one for one in kinds_of_errors() if not one.__module__.startswith("tests")}, key=lambda one: one.__name__
)
LATIN = {"GraphQL", "OAuth", "JSON", "UTF-8", "GET", "POST", "Accept", "Hub-Purpose", "application", "graphql-response", "json",
         "oauth", "token", "--month", "GB18030", "PostgreSQL", "HTTP", "RFC", "Host", "Authorization", "Content-Encoding",
         "Hub-Forbidden", "reject"}  # fmt: skip
"""Words that stand in Chinese as they are: names of standards, headers, addresses and options, which people type."""
COUNTED = {"most", "least", "left", "count", "cost", "seconds", "retry_after_seconds", "months", "expected", "actual", "row",
           "rows", "first", "second", "day", "valid_from", "ended_on", "held_on", "clause", "text", "county",
           "incident", "most_fields"}  # fmt: skip
"""Details that are numbers, days, clauses and the policy's own words: they read the same in both languages."""
TYPED = {
    "purposes",
    "scopes",
    "departments",
    "department",
    "agency",
    "scope",
    "columns",
    "others",
    "words",
    "coordinate",
    "methods",
}
"""Details that people type as they stand here, in the command line, in a file or in a query: scopes, purposes, columns."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_the_chinese_of_an_error_holds_no_code_and_no_english(kind: type[HubError]) -> None:
    chinese = kind._zh
    bare = re.sub(r"“[^”]*”|`[^`]*`", "", chinese)
    words = set(re.findall(r"-{0,2}[A-Za-z][\w-]*", re.sub(r"\{\w+\}", "", bare)))
    if issubclass(kind, OperatorError):  # it names settings, files and programs as an operator types them
        assert re.search(r"[\u4e00-\u9fff]", chinese)
        return
    assert words <= LATIN, "name it in Chinese, or add a word that people type"
    details = {one for one in re.findall(r"\{(\w+)\}", bare) if not one.endswith("_zh")}
    assert details <= COUNTED | TYPED, "hand a Chinese form of it in, as `…_zh`"
    assert re.search(r"[\u4e00-\u9fff]", chinese)


def _handed_in() -> Iterator[tuple[str, ast.keyword]]:
    for package in ("auth", "hub", "schema"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    for one in node.keywords:
                        if one.arg and one.arg.endswith("_zh"):
                            yield f"{file.relative_to(ROOT)}:{one.value.lineno}", one


def test_no_code_is_handed_in_as_chinese() -> None:
    """`status_zh=row.status.value` and the like; a text written out is Chinese."""
    handed_in = list(_handed_in())
    assert len(handed_in) > 80
    assert [(place, code) for place, one in handed_in for code in _codes(one.value)] == []


def _codes(value: ast.expr) -> list[str]:
    """The codes and English words in what a detail is made of."""
    nodes = list(ast.walk(value))
    keys = {id(node.slice) for node in nodes if isinstance(node, ast.Subscript)}
    found = [
        node.attr for node in nodes if isinstance(node, ast.Attribute) and node.attr in ("value", "name")
    ]
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in keys:
            found += re.findall(r"[A-Za-z][\w-]{2,}", re.sub(r"“[^”]*”", "", node.value))
    return [one for one in found if one not in LATIN]


def test_no_error_of_a_write_repeats_what_was_written() -> None:
    """The names of details that would hold what a caller wrote: the place of it stands in `path` instead."""
    given = {"external_id", "code", "value", "id_number", "number", "agency_given", "given"}
    for kind in KINDS:
        if not kind.__module__.startswith("auth"):
            assert not given & set(re.findall(r"\{(\w+)\}", kind._en + kind._zh)), kind
