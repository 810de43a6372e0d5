"""The glossary: the meaning of each value of each enum, read from the TOML files in this folder.

Each enum has a table with its name, and each value has a line in it. `zh` and `en` are the names, `note_zh` and `note`
explain a name that could mislead, `code` is the code in the enum's `standard`, and `source` is the clause or law. The terms
of an `ExplainedCode` are in Python, at its members. Other words that offices write in files are in `hub/imports/vocabulary`.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Term:
    """The words for a code. `zh` is the official noun, if there is one. `code` is empty if no standard has one."""

    zh: str
    en: str
    note_zh: str = ""
    note: str = ""
    code: str = ""
    source: str = ""

    @property
    def noted_zh(self) -> str:
        """The name with its note, in Chinese."""
        return f"{self.zh}:{self.note_zh}" if self.note_zh else self.zh

    @property
    def noted(self) -> str:
        """The name with its note, in English."""
        return f"{self.en}: {self.note}" if self.note else self.en

    @property
    def description(self) -> str:
        """Everything in one line, Chinese first, as the schema prints it."""
        words = f"{self.noted_zh} {self.noted[0].upper()}{self.noted[1:]}"
        return f"{words} ({self.source})" if self.source else words


@dataclass(frozen=True, slots=True)
class CodeSet:
    """The words for an enum, and for each of its values by name. `standard` is the standard of the values' codes, if any."""

    name: str
    of: Term
    standard: str
    values: Mapping[str, Term]

    @property
    def description(self) -> str:
        """The description of the enum."""
        return f"{self.of.description} ({self.standard})" if self.standard else self.of.description


class ExplainedCode(StrEnum):
    """An enum whose members have a term and a rule beside their code.

    It is for values that are added and removed one by one, such as the findings of monitoring: each is one line. The words
    for the enum itself are in the TOML files.
    """

    term: Term
    rule: Any

    def __new__(cls, value: str, *line: Any) -> Self:
        """`line`: the term and the rule of a member."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.term, member.rule = line
        return member


def _code_set(name: str, table: Mapping[str, Any]) -> CodeSet:
    explained = {key: value for key, value in table.items() if key not in ("standard", "values")}
    values = MappingProxyType({value: Term(**words) for value, words in table.get("values", {}).items()})
    return CodeSet(name, Term(**explained), table.get("standard", ""), values)


def _read() -> Mapping[str, CodeSet]:
    """Every enum of every file, in the order of the file names; raises ValueError for an enum that is defined twice."""
    read: dict[str, CodeSet] = {}
    for file in sorted(files(__package__).iterdir(), key=lambda path: path.name):
        if file.name.endswith(".toml"):
            for name, table in tomllib.loads(file.read_text(encoding="utf-8")).items():
                if name in read:
                    raise ValueError(f"{name} stands in the glossary twice, the second time in {file.name}")
                read[name] = _code_set(name, table)
    return MappingProxyType(read)


_IN_FILES: Mapping[str, CodeSet] = _read()


@cache
def code_set(kind: type[Enum]) -> CodeSet:
    """The words for an enum; raises KeyError if the glossary has none."""
    codes = _IN_FILES[kind.__name__]
    if issubclass(kind, ExplainedCode):
        return replace(codes, values=MappingProxyType({member.name: member.term for member in kind}))
    return codes


def code_sets(kinds: Iterable[type[Enum]]) -> tuple[CodeSet, ...]:
    """The words for enums, in the order of the files. Raises KeyError if the glossary lacks an enum, or has one that is not
    among them."""
    by_name = {kind.__name__: kind for kind in kinds}
    if more := by_name.keys() - _IN_FILES.keys():
        raise KeyError(*more)
    return tuple(code_set(by_name[name]) for name in _IN_FILES)


def term(value: Enum) -> Term:
    """The words for a value; raises KeyError if the glossary has none."""
    return code_set(type(value)).values[value.name]
