"""Families: who lives together, and their ages. Parents are at least 20 years older than children."""

from collections.abc import Callable
from datetime import date, timedelta
from enum import Enum
from random import Random

from hub.model.certifications import Category
from hub.model.persons import Gender, Relation
from hub.sample.calendar import between, years_after
from hub.sample.names import given_name, surname
from hub.sample.story import Member

_PARENT_AT_LEAST = 20
_MOTHER_AT_MOST = 42
_CHILD_AT_HOME_UNTIL = 27
_BETWEEN_BIRTHS = timedelta(days=400)
_YOUNGEST = timedelta(days=300)


class Structure(Enum):
    """The kinds of family of the sample."""

    ELDERLY_SINGLE = "elderly person alone"
    DISABLED_SINGLE = "adult alone"
    ELDERLY_COUPLE = "elderly couple"
    COUPLE_WITH_CHILDREN = "couple with children"
    SINGLE_PARENT = "one parent with children"
    THREE_GENERATIONS = "three generations"
    GRANDPARENTS = "grandparents with a grandchild"


STRUCTURES: dict[Category | None, dict[Structure, int]] = {
    Category.EXTREME_HARDSHIP: {Structure.ELDERLY_SINGLE: 78, Structure.DISABLED_SINGLE: 22},
    Category.SUBSISTENCE_ALLOWANCE: {
        Structure.ELDERLY_SINGLE: 16, Structure.ELDERLY_COUPLE: 14, Structure.COUPLE_WITH_CHILDREN: 28,
        Structure.SINGLE_PARENT: 16, Structure.THREE_GENERATIONS: 16, Structure.GRANDPARENTS: 10,
    },
    None: {
        Structure.ELDERLY_COUPLE: 10, Structure.COUPLE_WITH_CHILDREN: 45, Structure.SINGLE_PARENT: 13,
        Structure.THREE_GENERATIONS: 27, Structure.GRANDPARENTS: 5,
    },
}  # fmt: skip
"""How often each kind of family occurs in a category, in percent; None means every other category."""


def choose_structure(rng: Random, category: Category | None) -> Structure:
    """A kind of family that is usual in a category."""
    weights = STRUCTURES.get(category, STRUCTURES[None])
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def make_family(rng: Random, structure: Structure, as_of: date) -> list[Member]:
    """The members of a family, the head first."""
    return _MAKERS[structure](rng, as_of)


def _member(rng: Random, relation: Relation, gender: Gender, birth_date: date, family_name: str) -> Member:
    return Member(relation, gender, birth_date, family_name + given_name(rng, birth_date.year, gender))


def _born(rng: Random, as_of: date, youngest: int, oldest: int) -> date:
    return between(rng, years_after(as_of, -oldest), years_after(as_of, -youngest))


def _gender(rng: Random, male: float = 0.51) -> Gender:
    return Gender.MALE if rng.random() < male else Gender.FEMALE


def _spouse(rng: Random, head: Member) -> Member:
    gender = Gender.FEMALE if head.gender is Gender.MALE else Gender.MALE
    shift = timedelta(days=rng.randint(-3 * 365, 5 * 365))
    birth_date = head.birth_date + (shift if gender is Gender.FEMALE else -shift)
    return _member(rng, Relation.SPOUSE, gender, birth_date, surname(rng))


def _children(rng: Random, parents: list[Member], as_of: date) -> list[Member]:
    """One to three children. As is usual, they have the father's surname if he is there, otherwise the mother's."""
    father = next((parent for parent in parents if parent.gender is Gender.MALE), parents[0])
    mother = next((parent for parent in parents if parent.gender is Gender.FEMALE), parents[0])
    first = max(
        years_after(max(parent.birth_date for parent in parents), _PARENT_AT_LEAST) + timedelta(days=30),
        years_after(as_of, -_CHILD_AT_HOME_UNTIL),
    )
    last = min(years_after(mother.birth_date, _MOTHER_AT_MOST), as_of - _YOUNGEST)
    wanted = rng.choices((1, 2, 3), weights=(46, 44, 10))[0]
    births: list[date] = []
    for birth_date in sorted(between(rng, first, last) for _ in range(wanted)):
        if not births or birth_date - births[-1] >= _BETWEEN_BIRTHS:
            births.append(birth_date)
    return [
        _member(rng, Relation.CHILD, _gender(rng), birth_date, _surname_of(father)) for birth_date in births
    ]


def _surname_of(member: Member) -> str:
    return member.name[:2] if member.name[:2] in ("欧阳", "司马", "皇甫") else member.name[0]


def _elderly_single(rng: Random, as_of: date) -> list[Member]:
    return [_member(rng, Relation.HEAD, _gender(rng, 0.66), _born(rng, as_of, 61, 90), surname(rng))]


def _disabled_single(rng: Random, as_of: date) -> list[Member]:
    return [_member(rng, Relation.HEAD, _gender(rng, 0.75), _born(rng, as_of, 24, 58), surname(rng))]


def _elderly_couple(rng: Random, as_of: date) -> list[Member]:
    head = _member(rng, Relation.HEAD, Gender.MALE, _born(rng, as_of, 66, 88), surname(rng))
    return [head, _spouse(rng, head)]


def _couple_with_children(rng: Random, as_of: date) -> list[Member]:
    head = _member(rng, Relation.HEAD, _gender(rng, 0.86), _born(rng, as_of, 30, 52), surname(rng))
    couple = [head, _spouse(rng, head)]
    return couple + _children(rng, couple, as_of)


def _single_parent(rng: Random, as_of: date) -> list[Member]:
    head = _member(rng, Relation.HEAD, _gender(rng, 0.4), _born(rng, as_of, 30, 52), surname(rng))
    return [head, *_children(rng, [head], as_of)]


def _three_generations(rng: Random, as_of: date) -> list[Member]:
    family = _couple_with_children(rng, as_of)
    head = family[0]
    first, last = (
        years_after(head.birth_date, -36),
        years_after(head.birth_date, -_PARENT_AT_LEAST) - _YOUNGEST,
    )
    genders = rng.choices(
        ((Gender.FEMALE,), (Gender.MALE,), (Gender.MALE, Gender.FEMALE)), weights=(50, 20, 30)
    )[0]
    for gender in genders:
        name = _surname_of(head) if gender is Gender.MALE else surname(rng)
        family.append(_member(rng, Relation.PARENT, gender, between(rng, first, last), name))
    return family


def _grandparents(rng: Random, as_of: date) -> list[Member]:
    head = _member(rng, Relation.HEAD, Gender.MALE, _born(rng, as_of, 61, 76), surname(rng))
    family = [head] if rng.random() < 0.4 else [head, _spouse(rng, head)]
    birth_date = _born(rng, as_of, 5, 16)
    return [*family, _member(rng, Relation.GRANDCHILD, _gender(rng), birth_date, _surname_of(head))]


_MAKERS: dict[Structure, Callable[[Random, date], list[Member]]] = {
    Structure.ELDERLY_SINGLE: _elderly_single,
    Structure.DISABLED_SINGLE: _disabled_single,
    Structure.ELDERLY_COUPLE: _elderly_couple,
    Structure.COUPLE_WITH_CHILDREN: _couple_with_children,
    Structure.SINGLE_PARENT: _single_parent,
    Structure.THREE_GENERATIONS: _three_generations,
    Structure.GRANDPARENTS: _grandparents,
}
