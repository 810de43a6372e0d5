"""The glossary: what each value of each enum means, read from the TOML files beside this one.

An enum is a table of its name; a value stands under its own. `zh` and `en` name it, `note_zh` and `note` say more where
the name alone would mislead, `code` is its code in the enum's `standard`, `source` the clause or law it comes from, `also` is
what offices write for it in their files besides its name, parted by spaces. The values of an `ExplainedCode` carry their words
themselves.
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
    """A code in words. `zh` is the official noun, where there is one; `code` is empty where no standard has it."""

    zh: str
    en: str
    note_zh: str = ""
    note: str = ""
    code: str = ""
    source: str = ""
    also: str = ""

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
        """All of it in one line, Chinese first, as the schema prints it."""
        words = f"{self.noted_zh} {self.noted[0].upper()}{self.noted[1:]}"
        return f"{words} ({self.source})" if self.source else words


@dataclass(frozen=True, slots=True)
class CodeSet:
    """An enum in words, and each of its values by name. `standard` is the one that the values' codes are of, if any."""

    name: str
    of: Term
    standard: str
    values: Mapping[str, Term]

    @property
    def description(self) -> str:
        """What the enum is."""
        return f"{self.of.description} ({self.standard})" if self.standard else self.of.description


class ExplainedCode(StrEnum):
    """An enum each of whose members is the whole of a value: its code, its words, and its rule.

    For values that come and go by themselves, as a rule of monitoring does: one line says all of it. What the enum is
    stands in the files, as of any other.
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
    """Every enum of every file, in the order of the files' names; raises ValueError where one stands twice."""
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
    """An enum in words; raises KeyError where the glossary lacks it."""
    codes = _IN_FILES[kind.__name__]
    if issubclass(kind, ExplainedCode):
        return replace(codes, values=MappingProxyType({member.name: member.term for member in kind}))
    return codes


def code_sets(kinds: Iterable[type[Enum]]) -> tuple[CodeSet, ...]:
    """Enums in words, in the order of the files; raises KeyError where the glossary lacks one, or has one that is not theirs."""
    by_name = {kind.__name__: kind for kind in kinds}
    if more := by_name.keys() - _IN_FILES.keys():
        raise KeyError(*more)
    return tuple(code_set(by_name[name]) for name in _IN_FILES)


def term(value: Enum) -> Term:
    """A value in words; raises KeyError where the glossary lacks it."""
    return code_set(type(value)).values[value.name]
