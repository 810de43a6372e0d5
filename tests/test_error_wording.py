"""The Chinese text of an error is Chinese: it contains no code, and nothing that a caller wrote."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type

from hub.foundation.errors import HubError
from hub.foundation.operating import OperatorError
from hub.glossary.code_sets import CodeSet, code_sets
from hub.model.ledger import EventType
from schema.chain.sentences import SENTENCES
from schema.enums import IN_SENTENCES, WORDS
from schema.errors_page import errors_page
from schema.hub_schema import build
from schema.user_errors import kinds_of_errors
from tests.fixtures.english import CHINESE, QUOTING

ROOT = Path(__file__).parents[1]
assert errors_page(), "every error is imported"
KINDS = sorted(
    {error for error in kinds_of_errors() if not error.__module__.startswith("tests")},
    key=lambda one: one.__name__,
)
LATIN = {"GraphQL", "OAuth", "JSON", "UTF-8", "GET", "POST", "Accept", "Hub-Purpose", "application", "graphql-response", "json",
         "oauth", "token", "--month", "GB18030", "PostgreSQL", "HTTP", "RFC", "Host", "Authorization", "Content-Encoding",
         "Hub-Forbidden", "reject", "--sheet", "Excel", "WPS", "CSV", "XLSX", "XLSB", "GB"}  # fmt: skip
"""Words that appear unchanged in Chinese: names of standards, headers, addresses and options, which people type."""
COUNTED = {"most", "least", "left", "count", "cost", "seconds", "retry_after_seconds", "months", "expected", "actual", "row",
           "rows", "first", "second", "day", "valid_from", "other_from", "ended_on", "held_on", "clause", "county",
           "incident", "most_fields", "households"}  # fmt: skip
"""Details that are numbers, days and clauses: they read the same in both languages."""
TYPED = {
    "purposes",
    "scopes",
    "departments",
    "department",
    "agency",
    "scope",
    "columns",
    "sheets",
    "others",
    "coordinate",
    "methods",
}
"""Details that people type as they are, in the command line, in a file or in a query: scopes, purposes, columns."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_the_chinese_of_an_error_holds_no_code_and_no_english(kind: type[HubError]) -> None:
    chinese = kind._zh
    bare = re.sub(r"“[^”]*”|`[^`]*`", "", chinese)
    words = set(re.findall(r"-{0,2}[A-Za-z][\w-]*", re.sub(r"\{\w+\}", "", bare)))
    if issubclass(
        kind, OperatorError
    ):  # its text names settings, files and programs as an operator types them
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
                    for keyword in node.keywords:
                        if keyword.arg and keyword.arg.endswith("_zh"):
                            yield f"{file.relative_to(ROOT)}:{keyword.value.lineno}", keyword


def test_the_english_of_an_error_holds_no_chinese() -> None:
    assert [kind.code for kind in KINDS if CHINESE.search(kind._en)] == []


def test_a_detail_that_quotes_somebody_is_a_detail_of_its_error() -> None:
    english = {kind.code: kind._en for kind in KINDS}
    for place in QUOTING:
        code, _, detail = place.partition(".")
        assert f"{{{detail}}}" in english[code], place


CHINESE_FORMS = {"zh", "name", "heading", "text"}
"""Attributes with Chinese text besides those in `_zh`: names of agencies and regions, and texts of the policy."""


def _english_details() -> Iterator[tuple[str, ast.expr]]:
    """The details that errors get for their English text, each with its place in the code."""
    templates = {kind.__name__: kind for kind in KINDS if not issubclass(kind, OperatorError)}
    for package in ("auth", "hub", "schema"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                    continue
                if kind := templates.get(node.func.id):
                    details = set(re.findall(r"\{(\w+)\}", kind._en)) - COUNTED
                    for keyword in node.keywords:
                        if keyword.arg in details and f"{kind.code}.{keyword.arg}" not in QUOTING:
                            yield f"{file.relative_to(ROOT)}:{node.lineno} {keyword.arg}", keyword.value


def test_nothing_chinese_is_handed_in_as_english() -> None:
    """The counterpart of the tests below: finds `agency=row.name`, `need=term(need).zh`, or a literal Chinese text."""
    details = list(_english_details())
    assert len(details) > 100
    assert [place for place, value in details if _is_chinese(value)] == []


def _is_chinese(value: ast.expr) -> bool:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value):
            return True
        if isinstance(node, ast.Attribute) and (node.attr in CHINESE_FORMS or node.attr.endswith("_zh")):
            return True
        if isinstance(node, ast.Name) and node.id.endswith("_zh"):
            return True
    return False


def test_no_code_is_handed_in_as_chinese() -> None:
    """Finds `status_zh=row.status.value` and the like; a literal text must be Chinese."""
    handed_in = list(_handed_in())
    assert len(handed_in) > 80
    assert [(place, code) for place, one in handed_in for code in _codes(one.value)] == []


def _codes(value: ast.expr) -> list[str]:
    """The codes and English words in the value of a detail."""
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
    """Refuses names of details that would hold a caller's text: `path` names its place instead."""
    names = {"external_id", "code", "value", "id_number", "number", "agency_given", "given"}
    for kind in KINDS:
        if not kind.__module__.startswith("auth"):
            assert not names & set(re.findall(r"\{(\w+)\}", kind._en + kind._zh)), kind


CODES = {
    name
    for kind in build().graphql.type_map.values()
    if isinstance(kind, GraphQLEnumType) and not kind.name.startswith("__")
    for name in kind.values
}
CODE = re.compile(r"(?<![A-Za-z_])[A-Z][A-Z0-9_]+(?![A-Za-z_])")


def codes_in(text: str) -> set[str]:
    """The enum codes of the schema that occur in a text."""
    return CODES & set(CODE.findall(text))


def _chinese_texts() -> Iterator[tuple[str, str]]:
    """Every Chinese text of `hub/` and `auth/` that is not a docstring: messages, warnings, findings, conditions to check."""
    for package in ("auth", "hub"):
        for file in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
            for node in constants:
                if id(node) not in docstrings and isinstance(node.value, str) and CHINESE.search(node.value):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node.value


def test_no_chinese_text_holds_a_code_of_the_schema() -> None:
    texts = [*_chinese_texts()]
    texts += [(kind.code, kind._zh) for kind in KINDS]
    texts += [
        (codes.name, text) for codes in code_sets((*WORDS, *IN_SENTENCES)) for text in _names_and_notes(codes)
    ]
    texts += [(type_, sentence.zh) for type_, sentence in SENTENCES.items()]
    assert len(texts) > 1500
    assert [(place, text) for place, text in texts if codes_in(text)] == []


def _names_and_notes(codes: CodeSet) -> Iterator[str]:
    for term in (codes.of, *codes.values.values()):
        yield term.zh
        yield term.note_zh


PARTS = [(type_, name) for type_, sentence in SENTENCES.items() for name in sentence.parts]


@pytest.mark.parametrize(("type_", "name"), PARTS, ids=str)
def test_a_code_in_an_event_is_written_in_words(type_: EventType, name: str) -> None:
    """A part whose field is an enum of the schema has a word for each of its codes. A part that follows the type of the event
    has no field of its own."""
    part = SENTENCES[type_].parts[name]
    for coordinate in {*part.coordinates} - {"ChainEvent.type"}:
        parent, _, field = coordinate.partition(".")
        owner = build().graphql.type_map[parent]
        assert isinstance(owner, GraphQLObjectType)
        kind = get_named_type(owner.fields[field].type)
        if isinstance(kind, GraphQLEnumType):
            words = {word.value: both for word, both in part.words.items()}
            assert {value.value for value in kind.values.values()} <= set(words), coordinate
            assert not any(codes_in(zh) for _, zh in words.values())
