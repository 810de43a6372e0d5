"""The glossary is complete in both directions: a term for every code, and a code for every term."""

import re
from enum import Enum

import pytest

from auth.departments import DEPARTMENTS
from hub.glossary.code_sets import code_set, code_sets, term
from hub.model.agencies import Department
from schema.enums import IN_SENTENCES, WORDS

EVERY = (*WORDS, *IN_SENTENCES)
CHINESE, ENGLISH = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]{3,}|\bid\b")
CLAUSE = re.compile(r"46-[1-4](\.\d){0,2}|46-3|民法典 \d+|GB/T \d+|国发〔\d{4}〕\d+号")


def test_every_enum_that_callers_meet_stands_in_the_glossary_and_no_other() -> None:
    assert {word.__name__ for word in EVERY} == {codes.name for codes in code_sets(EVERY)}
    with pytest.raises(KeyError, match="Severity"):
        code_sets(word for word in EVERY if word.__name__ != "Severity")


def test_every_value_has_its_line_and_no_line_is_without_a_value() -> None:
    for word in EVERY:
        assert {value.name for value in word} == set(code_set(word).values), word.__name__


def test_a_term_says_each_thing_in_its_own_language() -> None:
    for codes in code_sets(EVERY):
        for one in (codes.of, *codes.values.values()):
            assert CHINESE.search(one.zh), one
            assert ENGLISH.search(one.en), one
            assert not CHINESE.search(one.en + one.note), one
            assert bool(one.note_zh) == bool(one.note), one
            assert not one.note_zh or CHINESE.search(one.note_zh), one


def test_no_two_values_of_an_enum_have_one_name() -> None:
    for codes in code_sets(EVERY):
        for language in ("zh", "en"):
            names = [getattr(one, language) for one in codes.values.values()]
            assert len(names) == len(set(names)), (codes.name, language)


def test_the_code_of_a_standard_stands_under_a_named_standard_once() -> None:
    for codes in code_sets(EVERY):
        standard = [one.code for one in codes.values.values() if one.code]
        assert bool(standard) == bool(codes.standard), codes.name
        assert len(standard) == len(set(standard)), codes.name


def test_a_source_is_a_clause_a_law_or_a_standard() -> None:
    for codes in code_sets(EVERY):
        for one in (codes.of, *codes.values.values()):
            assert all(CLAUSE.fullmatch(part) for part in one.source.split(", ") if part), one


def test_a_department_has_one_name() -> None:
    for department in Department:
        assert term(department).zh.startswith(DEPARTMENTS[department].name_zh), department


def test_a_value_that_the_glossary_lacks_is_an_error() -> None:
    class Colour(Enum):
        RED = "RED"

    with pytest.raises(KeyError, match="Colour"):
        term(Colour.RED)
