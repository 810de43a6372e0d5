"""Every clause of 郑政办〔2024〕46号 that the hub cites exists, and every quotation is word for word."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.evaluation.entitlements.rules import RULES, EntitlementRule
from hub.evaluation.visits.rules import CLAUSE, VisitReason
from hub.glossary.code_sets import term
from hub.overlaps.rules import OVERLAP_RULES, OverlapRule
from hub.policy.clauses import CLAUSES, Clause, clause

ROOT = Path(__file__).parents[3]
POLICY = ROOT / "hub" / "policy" / "zhengzhou_2024_46.txt"
TABLE = "hub/policy/clauses.toml"
MADE_OF_THE_TABLE = "docs/glossary.md"
AS_IT_WAS = ("migrations/", "schema/released.graphql")
"""Files that are never rewritten."""

CITED = re.compile(r"\b46-\d+(?:\.\d+)*")
CHINESE = "\u4e00-\u9fff"
RUN = rf"[{CHINESE}“][{CHINESE}“”、,。;()\d\s]{{2,}}"
AFTER_ITS_CLAUSE = re.compile(rf'\b(46-\d(?:\.\d)*)(?:: ?|, | \(| )"?({RUN})')
"""As in 46-2.1: 避免救助遗漏或重复救助."""
IN_MARKS = re.compile(rf'"([{CHINESE}][^"A-Za-z]+)"')
NUMBERS = (re.compile(r"([一二三四])、"), re.compile(r"\(([一二三四五六])\)"), re.compile(r"(\d)\."))


def collapsed(text: str) -> str:
    """A text without white space."""
    return re.sub(r"\s+", "", text)


def sections() -> dict[str, str]:
    """The policy's sections by their numbers, as in 46-3.2.1: each with its heading, without its subsections."""
    found: dict[str, str] = {}
    at: list[str] = []
    for line in POLICY.read_text("utf-8").splitlines():
        for depth, number in enumerate(NUMBERS):
            if begins := number.match(line):
                counted = begins[1] if begins[1].isdigit() else str("一二三四五六".index(begins[1]) + 1)
                at = [*at[:depth], counted]
                break
        if at:
            name = f"46-{'.'.join(at)}"
            found[name] = found.get(name, "") + collapsed(line[begins.end() if begins else 0 :])
    return found


SECTIONS = sections()
WHOLE = collapsed(POLICY.read_text("utf-8"))


def under(cited: str) -> str:
    """The text of a section and its subsections."""
    return "".join(text for name, text in SECTIONS.items() if f"{name}.".startswith(f"{cited}."))


def tracked() -> Iterator[tuple[str, str]]:
    """Each text file of the project, with its text."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in names:
        if (
            Path(name).suffix in {".py", ".toml", ".md", ".graphql", ".csv", ".html", ".txt"}
            and (ROOT / name).is_file()
        ):
            yield name, (ROOT / name).read_text("utf-8")


def prose(source: str) -> Iterator[str]:
    """The docstrings and comments of a module."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.value.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def test_every_section_of_the_policy_is_a_clause_in_the_policy_s_order() -> None:
    assert list(CLAUSES) == list(SECTIONS)
    assert len(CLAUSES) == 27


@pytest.mark.parametrize("one", CLAUSES.values(), ids=lambda one: one.id)
def test_a_clause_has_the_policy_s_heading_and_its_sentences_word_for_word_and_in_their_order(
    one: Clause,
) -> None:
    section = SECTIONS[one.id]
    assert section.startswith(one.heading)
    places = [section.find(collapsed(sentence)) for sentence in one.sentences]
    assert -1 not in places
    assert places == sorted(set(places))
    assert all(sentence.endswith("。") for sentence in one.sentences)
    assert bool(one.sentences) == ("。" in section), "a section that says nothing itself has no sentence"
    assert re.fullmatch(r"[A-Z0-9].*[a-z]\.", one.gist)


def test_every_clause_that_any_file_cites_is_one_of_the_policy_s() -> None:
    unknown = {
        (name, cited)
        for name, text in tracked()
        if not name.startswith(AS_IT_WAS)
        for cited in CITED.findall(text)
        if cited not in CLAUSES
    }
    assert unknown == set()


def test_every_clause_is_cited_somewhere_else() -> None:
    cited = {
        one
        for name, text in tracked()
        if name not in (TABLE, MADE_OF_THE_TABLE)
        for one in CITED.findall(text)
    }
    assert set(CLAUSES) - cited == set()


def test_a_clause_that_the_policy_has_not_is_an_error() -> None:
    with pytest.raises(KeyError, match="47-1"):
        clause("47-1")


@pytest.mark.parametrize("rule", OVERLAP_RULES, ids=lambda rule: rule.code.value)
def test_the_text_of_an_overlap_rule_stands_in_its_clause(rule: OverlapRule) -> None:
    assert collapsed(rule.text) in SECTIONS[rule.clause]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_text_of_an_entitlement_stands_in_its_clause(rule: EntitlementRule) -> None:
    assert collapsed(rule.text) in SECTIONS[rule.clause]


def test_a_reason_to_visit_first_is_named_in_the_policy_s_words() -> None:
    named = [SECTIONS[CLAUSE].find(term(reason).zh) for reason in VisitReason]
    assert -1 not in named
    assert named == sorted(named), "they stand in the policy's order"


def bare(words: str) -> str:
    """Quoted words without the punctuation at their end, or the closing brackets around them."""
    words = collapsed(words)
    while words.count(")") > words.count("("):
        words = words[: words.rindex(")")]
    return words.rstrip(",、;。(")


def quotations() -> Iterator[tuple[str, str, str]]:
    """The quotations in docstrings and comments: file, clause, words."""
    for name, source in tracked():
        if name.endswith(".py") and not name.startswith(AS_IT_WAS):
            for text in prose(source):
                for cited, words in AFTER_ITS_CLAUSE.findall(text):
                    yield name, under(cited), words
                if CITED.search(text):
                    for words in IN_MARKS.findall(text):
                        yield name, WHOLE, words


def test_what_docstrings_and_comments_quote_is_the_policy_s() -> None:
    quoted = [(name, bare(words), where) for name, where, words in quotations()]
    assert len(quoted) > 20
    assert [(name, words) for name, words, where in quoted if words not in where] == []
