"""The words that offices write into files: the names of the glossary, what it has `also`, and the codes themselves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from hub.glossary.code_sets import term
from hub.imports.cells import Cell, compact
from hub.imports.refusals import UnknownWord
from hub.model.certifications import Category, MonitoredSubtype, Support
from hub.model.circumstances import CircumstanceKind
from hub.model.households import Residence
from hub.model.persons import DisabilityType, EducationStage, Employment, Gender, Health, Labour, Relation

E = TypeVar("E", bound=StrEnum)

NOTHING = frozenset({"无", "-", "--", "—", "——", "/", "\\", "暂无", "不适用"})
"""Cell texts that mean "does not apply", unless the vocabulary has the word."""


@dataclass(frozen=True)
class Vocabulary(Generic[E]):
    """The accepted words for the members of an enum: Chinese words and the enum's codes. `codes` and `names` list the members
    for the person whose word is refused, in English and Chinese."""

    of: Mapping[str, E]
    codes: str
    names: str

    def __call__(self, cell: Cell) -> E | None:
        """The member of a cell, or None for "does not apply"; raises UnknownWord."""
        if type(cell) is str and (exact := self.of.get(cell)) is not None:
            return exact
        word = compact(cell)
        if word is None:
            return None
        member = self.of.get(word) or self.of.get(word.upper())
        if member is None and word not in NOTHING:
            raise UnknownWord(words=self.codes, words_zh=self.names)
        return member


def vocabulary(kind: type[E], without: Collection[E] = ()) -> Vocabulary[E]:
    """The words for each member: its name in the glossary, the other words that the glossary has for it, its code in the
    enum and its code in the national standard."""
    members = [member for member in kind if member not in without]
    of = {
        word: member
        for member in members
        for word in (term(member).zh, *term(member).also.split(), member.value, term(member).code)
        if word
    }
    return Vocabulary(of, ", ".join(members), "、".join(term(member).zh for member in members))


RELATION = vocabulary(Relation)
CATEGORY = vocabulary(Category)
MONITORED_SUBTYPE = vocabulary(MonitoredSubtype)
SUPPORT = vocabulary(Support)
RESIDENCE = vocabulary(Residence)
GENDER = vocabulary(Gender)
HEALTH = vocabulary(Health)
CIRCUMSTANCE_KIND = vocabulary(CircumstanceKind)
DISABILITY_TYPE = vocabulary(DisabilityType)
EDUCATION_STAGE = vocabulary(EducationStage)
EMPLOYMENT = vocabulary(Employment)
LABOUR = vocabulary(Labour)
