"""The words that offices write into files: the names of the glossary, and the vocabulary of each column.

A vocabulary is a CSV file in `vocabulary/`, named after the enum. Each line has a word, its value, the source of the word,
and a value that the word implies for another column (`肢体二级` is a type of disability and a grade: `disabilityGrade=2`). A
value `A|B` means two meanings: the word is refused and both are named (`-` among them means "none of the column's values").
An empty value means that the word says nothing about the column.
"""

import csv
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from functools import cached_property
from importlib.resources import files
from typing import Any, Generic, TypeVar

from hub.foundation.errors import HubError
from hub.glossary.code_sets import term
from hub.imports.cells import Cell, compact
from hub.imports.refusals import UnknownWord
from hub.model.certifications import Category, MonitoredSubtype, Support
from hub.model.circumstances import CircumstanceKind
from hub.model.households import Residence
from hub.model.persons import DisabilityType, EducationStage, Employment, Gender, Health, Labour, Relation

V = TypeVar("V")
E = TypeVar("E", bound=StrEnum)

NOTHING = frozenset(
    {
        "无",
        "没有",
        "暂无",
        "不适用",
        "未填",
        "未填写",
        "-",
        "--",
        "---",
        "—",
        "——",
        "/",
        "//",
        "\\",
        "N/A",
        "NA",
        "NULL",
        "NONE",
    }
)
"""Cell texts that mean "nothing" or "does not apply", unless the vocabulary has the word."""

_LONGEST_NOTHING = 8
_NONE = "none of these", "均不是"
_PARTS = re.compile(r"[,、;/+|和及]")


class AmbiguousWord(HubError):
    """The word has more than one meaning here; write which: {words}.
    该词在此列有多种含义,请写明是哪一种:{words_zh}。
    """


class ColumnMismatch(HubError):
    """It contradicts the column {column}; correct one of the two.
    与“{column_zh}”列所填不一致,请核对后更正。
    """


@dataclass(frozen=True, slots=True)
class Meaning(Generic[V]):
    """What a word means: one value, several possible ones, or none. `more`: the values that it gives to other columns."""

    values: tuple[V | None, ...]
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fuller(Generic[V]):
    """The value of a cell that also contains values of other columns, by key. `counted`: a notice that the report counts."""

    value: V
    more: Mapping[str, Any]
    counted: type[HubError] | None = None


@dataclass(frozen=True)
class ColumnVocabulary(Generic[V]):
    """The accepted words of a column, with the name of their file. `codes` and `names` list its values in English and
    Chinese, for the person whose word is refused; `name_of` gives one value's name in both."""

    name: str
    of: Mapping[str, Meaning[V]]
    codes: str
    names: str
    name_of: Mapping[V, tuple[str, str]]

    def also_with(self, words: Mapping[str, str]) -> "ColumnVocabulary[V]":
        """The same vocabulary with the words of an office, each of which means another word of the vocabulary."""
        meanings = {word: self._found(compact(value) or "") for word, value in words.items()}
        return replace(
            self,
            of={**self.of, **{word: meaning for word, meaning in meanings.items() if meaning is not None}},
        )

    @cached_property
    def single(self) -> Mapping[str, V]:
        """The words that have one value and imply nothing for other columns. Most cells are such words."""
        return {
            word: value
            for word, meaning in self.of.items()
            if len(meaning.values) == 1 and not meaning.more and (value := meaning.values[0]) is not None
        }

    def __call__(self, cell: Cell) -> V | Fuller[V] | None:
        """The value of a cell, or None for "does not apply"; raises UnknownWord, AmbiguousWord."""
        if type(cell) is str and (exact := self.single.get(cell)) is not None:
            return exact
        written = compact(cell)
        if written is None:
            return None
        meaning = self._found(written) or self._of_parts(written)
        if meaning is None:
            if written.upper() in NOTHING:
                return None
            raise UnknownWord(words=self.codes, words_zh=self.names)
        if len(meaning.values) > 1:
            names = [_NONE if value is None else self.name_of[value] for value in meaning.values]
            raise AmbiguousWord(
                words=", ".join(en for en, _ in names), words_zh="、".join(zh for _, zh in names)
            )
        value = meaning.values[0] if meaning.values else None
        return Fuller(value, meaning.more) if value is not None and meaning.more else value

    def _found(self, word: str) -> Meaning[V] | None:
        return self.of.get(word) or self.of.get(word.upper())

    def _of_parts(self, written: str) -> Meaning[V] | None:
        """The meaning of `患有大病,残疾`: the meanings of its words together, if each word is known."""
        found = [self._found(part) for part in _PARTS.split(written) if part]
        if len(found) < 2 or None in found:
            return None
        values = dict.fromkeys(value for meaning in found if meaning for value in meaning.values)
        return Meaning(
            tuple(values), {key: value for meaning in found if meaning for key, value in meaning.more.items()}
        )


Line = tuple[str, str, str, str]
"""A word, its value, the source of the word, and a value that it implies for another column."""


def lines_of(name: str) -> list[Line]:
    """The lines of a vocabulary file."""
    written = files(__package__).joinpath("vocabulary", f"{name}.csv").read_text("utf-8")
    return [
        (line["word"], line["value"], line["source"], line["more"])
        for line in csv.DictReader(written.splitlines())
    ]


def file_of(kind: type[StrEnum]) -> str:
    """The name of an enum's vocabulary file: `DisabilityType` is `disability_type`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def vocabulary(
    kind: type[E], without: Collection[E] = (), more: Mapping[str, "ColumnVocabulary[Any]"] | None = None
) -> ColumnVocabulary[E]:
    """The words for each member: its name in the glossary, its code in the enum, its code in the national standard, and the
    words of its file. `more`: the vocabularies of other columns for which its words may imply values, by key."""
    members = [member for member in kind if member not in without]
    official = {
        word: Meaning((member,))
        for member in members
        for word in (term(member).zh, member.value, term(member).code)
        if word
    }
    by_name = {member.name: member for member in members}
    of = official | dict(_meanings(lines_of(file_of(kind)), by_name, more or {}))
    names = {member: (member.value, term(member).zh) for member in members}
    return ColumnVocabulary(
        file_of(kind), of, ", ".join(members), "、".join(zh for _, zh in names.values()), names
    )


def _meanings(
    lines: Iterable[Line], values: Mapping[str, V], more: Mapping[str, ColumnVocabulary[Any]]
) -> Iterator[tuple[str, Meaning[V]]]:
    """The meaning of each word, in the form in which cells are compared. Words whose values may not be written are left out."""
    for word, value, _, mention in lines:
        meant = [part for part in value.split("|") if part]
        if all(part in values or part == "-" for part in meant):
            others = dict(_elsewhere(mention, more)) if mention else {}
            yield (compact(word) or "").upper(), Meaning(tuple(values.get(part) for part in meant), others)


def _elsewhere(mention: str, more: Mapping[str, ColumnVocabulary[Any]]) -> Iterator[tuple[str, Any]]:
    key, _, value = mention.partition("=")
    if key in more:
        yield key, more[key](value)


def or_nothing(read: Callable[[Cell], V | None]) -> Callable[[Cell], V | None]:
    """The reader of an optional column: a cell that says "nothing" (`无`, `/`) is read as an empty cell."""

    def of(cell: Cell) -> V | None:
        if type(cell) is str and len(cell) <= _LONGEST_NOTHING and cell.strip().upper() in NOTHING:
            return None
        return read(cell)

    return of


def _grades() -> ColumnVocabulary[int]:
    """残疾等级, 1 (the most severe) to 4 (GB/T 26341)."""
    values = {str(grade): grade for grade in range(1, 5)}
    names = {grade: (str(grade), f"{numeral}级") for grade, numeral in enumerate("一二三四", 1)}
    lines = lines_of("disability_grade")
    meanings = dict(_meanings(lines, values, {}))
    return ColumnVocabulary("disability_grade", meanings, "1, 2, 3, 4", "一级、二级、三级、四级", names)


class RowChange(Enum):
    """What a row of a list of households ends: a life, a membership, or certifications."""

    DEATH = "DEATH"
    LEFT = "LEFT"
    STOPPED = "STOPPED"


def _row_changes() -> ColumnVocabulary[RowChange]:
    """变动: a word that ends nothing (新增, 在保) has an empty value."""
    names = {
        RowChange.DEATH: ("DEATH", "死亡"),
        RowChange.LEFT: ("LEFT", "迁出"),
        RowChange.STOPPED: ("STOPPED", "停保"),
    }
    meanings = dict(_meanings(lines_of("row_change"), {change.name: change for change in RowChange}, {}))
    meanings |= {change.value: Meaning((change,)) for change in RowChange}
    return ColumnVocabulary("row_change", meanings, "DEATH, LEFT, STOPPED", "死亡、迁出、停保", names)


RELATION = vocabulary(Relation)
SUPPORT = vocabulary(Support)
CATEGORY = vocabulary(Category)
CATEGORY_WITH_SUPPORT = vocabulary(Category, more={"support": SUPPORT})
MONITORED_SUBTYPE = vocabulary(MonitoredSubtype)
RESIDENCE = vocabulary(Residence)
GENDER = vocabulary(Gender)
HEALTH = vocabulary(Health)
CIRCUMSTANCE_KIND = vocabulary(CircumstanceKind)
DISABILITY_GRADE = _grades()
DISABILITY_TYPE = vocabulary(DisabilityType, more={"disabilityGrade": DISABILITY_GRADE})
EDUCATION_STAGE = vocabulary(EducationStage)
EMPLOYMENT = vocabulary(Employment)
LABOUR = vocabulary(Labour)
ROW_CHANGE = _row_changes()
