"""The glossary: what each value of each enum means, read from the TOML files beside this one.

An enum is a table of its name; a value stands under its own. `zh` and `en` name it, `note_zh` and `note` say more where
the name alone would mislead, `code` is its code in the enum's `standard`, `source` the clause or law it comes from.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from importlib.resources import files
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Term:
    """A code in words. `zh` is the official noun, where there is one; `code` is empty where no standard has it."""

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


def _code_set(name: str, table: Mapping[str, Any]) -> CodeSet:
    said = {key: value for key, value in table.items() if key not in ("standard", "values")}
    values = MappingProxyType({value: Term(**words) for value, words in table["values"].items()})
    return CodeSet(name, Term(**said), table.get("standard", ""), values)


def _read() -> Mapping[str, CodeSet]:
    """Every enum of every file, in the order of the files' names; raises ValueError where one stands twice."""
    read: dict[str, CodeSet] = {}
    for file in sorted(files(__package__).iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            for name, table in tomllib.loads(file.read_text(encoding="utf-8")).items():
                if name in read:
                    raise ValueError(f"{name} stands in the glossary twice, the second time in {file.name}")
                read[name] = _code_set(name, table)
    return MappingProxyType(read)


CODE_SETS: Mapping[str, CodeSet] = _read()
"""Every enum of the domain that callers meet, by its name."""


def code_set(kind: type[Enum]) -> CodeSet:
    """An enum in words; raises KeyError where the glossary lacks it."""
    return CODE_SETS[kind.__name__]


def term(value: Enum) -> Term:
    """A value in words; raises KeyError where the glossary lacks it."""
    return code_set(type(value)).values[value.name]
