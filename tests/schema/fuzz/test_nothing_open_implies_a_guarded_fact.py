"""A classifier over all data that is open to a department predicts no fact that is guarded from it (46-4.2).

Agencies, clauses, types of events, programmes, counts, months: every value of a household or a person is a sign. Conditional
frequencies of one half of the sample predict the other half. They may be right no more often than the base rate among people
who have the same open attributes. Exceptions are reviewed (`inference/reviewed.py`).
"""

import os
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import psycopg
import pytest

from auth.departments import DEPARTMENTS, scope_of
from auth.grant import Grant
from hub.foundation.calendar import today
from hub.foundation.settings import Settings
from tests.conftest import TestCluster
from tests.schema.fuzz.conftest import Both
from tests.schema.fuzz.inference.frequencies import Prediction, base_rates, predictions
from tests.schema.fuzz.inference.open_values import Signs, signs
from tests.schema.fuzz.inference.reviewed import FACTS, REMAINS, SETTLED, remaining

WITH_PERSONS = "household:read person:read"
NARROW = (
    WITH_PERSONS,
    f"{WITH_PERSONS} aid:read",
    f"{WITH_PERSONS} referral:read",
    f"{WITH_PERSONS} certification:read",
    f"{WITH_PERSONS} alert:read visit:read",
    f"{WITH_PERSONS} conference:read overlap:read disclosure:read statistics:read",
    f"{WITH_PERSONS} aid:read referral:read certification:read household.address:read",
    f"{WITH_PERSONS} aid:read referral:read certification:read alert:read visit:read conference:read overlap:read"
    " disclosure:read aid.other:read aid.housing:read",
    "household:read aid:read referral:read",
)
"""Scope sets that are smaller than any department's. A client may have such a set."""


IN_EVERY_RUN = ("disabled_federation",)
"""Departments that are tested in every run; `make fuzz` tests all."""
ALL = bool(os.environ.get("HUB_FUZZ_EXAMPLES"))


def _grants() -> Iterator[Grant]:
    """The grants of departments, and of clients with fewer scopes."""
    for department, one in DEPARTMENTS.items():
        if remaining(one.scopes) >= FACTS.keys() or not (ALL or department in IN_EVERY_RUN):
            continue
        yield Grant(f"{department}@4101", "inference", one.scopes, ("4101",), "test")
    for words in NARROW if ALL else NARROW[::2]:
        yield Grant(
            "agriculture@4101", "inference", frozenset(map(scope_of, words.split())), ("4101",), "test"
        )


@dataclass(frozen=True)
class Sample:
    """For each fact the subjects for whom it holds, and the attributes by which people are grouped."""

    holds: Mapping[str, frozenset[str]]
    persons: Mapping[str, tuple[Hashable, ...]]
    households: Mapping[str, tuple[Hashable, ...]]
    categories: Mapping[str, Hashable]
    household_of: Mapping[str, str]

    @classmethod
    def of(cls, url: str) -> "Sample":
        """The sample of a database, read by its owner."""
        with psycopg.connect(url) as connection:

            def rows(query: str) -> list[tuple[object, ...]]:
                return connection.execute(query.encode()).fetchall()

            on = today()
            return cls(
                {name: frozenset(str(one) for (one,) in rows(fact.sql)) for name, fact in FACTS.items()},
                {
                    str(id): (_band(born, on), relation, gender)
                    for id, born, relation, gender in rows(
                        "select id, birth_date, relation, gender from person"
                    )
                },
                {
                    str(id): (residence, min(int(str(members)), 4))
                    for id, residence, members in rows(
                        "select h.id, h.residence, count(*) from household h join person p on p.household_id = h.id group by 1, 2"
                    )
                },
                {
                    str(id): categories
                    for id, categories in rows(
                        "select household_id, string_agg(distinct category, ' ' order by category) from certification"
                        " where ended_on is null group by 1"
                    )
                },
                {str(id): str(of) for id, of in rows("select id, household_id from person")},
            )

    def alike(self, grant: Grant, of_person: bool) -> Mapping[str, Sequence[Hashable]]:
        """The groups of each subject, by the attributes that the grant reads anyway."""
        reads_category = "certification:read" in grant.scopes
        if of_person:
            return {
                one: (about[0], self._category(self.household_of[one], reads_category), *about[1:])
                for one, about in self.persons.items()
            }
        return {one: (self._category(one, reads_category), *about) for one, about in self.households.items()}

    def _category(self, household: str, reads_category: bool) -> Hashable:
        return self.categories.get(household) if reads_category else None


def _band(born: object, on: date) -> int:
    """Age groups of the policy: before school, at school, in college, of working age, old."""
    assert isinstance(born, date)
    age = (on - born).days // 365
    return sum(age >= begin for begin in (3, 6, 12, 15, 18, 23, 40, 60, 70))


@pytest.fixture(scope="module")
def patient(both: Both, settings: Settings) -> Both:
    """The executors without a limit on the cost of a request."""
    boundless = settings.model_copy(
        update={"cost_per_minute": 10**12, "max_cost": 10**12, "statement_timeout_ms": 600_000}
    )
    return replace(both, executor=both.another(settings=boundless))


@pytest.fixture(scope="module")
def people(cluster: TestCluster, furnished_template: str, both: Both) -> Sample:
    """The sample that the executors read."""
    return Sample.of(cluster.url(f"{furnished_template}_read"))


def foretold(found: Signs, people: Sample, grant: Grant, name: str) -> list[Prediction]:
    """The predictions of a fact from all data that is open to a grant."""
    fact = FACTS[name]
    alike, holds = people.alike(grant, fact.of_person), people.holds[name]
    rates = base_rates(alike.keys(), holds, alike.__getitem__)
    of = found.of_person if fact.of_person else found.of_household
    return predictions({one: frozenset(some) for one, some in of.items()}, holds, rates)


@pytest.mark.parametrize(
    "grant", list(_grants()), ids=lambda grant: f"{grant.department}-{len(grant.scopes)}"
)
def test_nothing_open_to_a_department_predicts_a_fact_that_is_guarded_from_it(
    patient: Both, people: Sample, grant: Grant
) -> None:
    found = signs(patient, grant)
    guarded = FACTS.keys() - remaining(grant.scopes)
    leaks = {
        name: one
        for name in sorted(guarded)
        for one in foretold(found, people, grant, name)
        if one.is_better_than_the_base_rate
    }
    assert leaks == {}


def test_the_classifier_finds_facts_by_events_alone_where_all_events_are_open(
    patient: Both, people: Sample
) -> None:
    """Otherwise a negative result would prove nothing: types, agencies and clauses of all events once revealed disabled
    people and students."""
    grant = Grant(
        "audit@4101",
        "inference",
        frozenset(map(scope_of, f"{WITH_PERSONS} audit:read".split())),
        ("4101",),
        "test",
    )
    found = signs(patient, grant)
    named = {
        name
        for name in FACTS
        if any(one.is_better_than_the_base_rate for one in foretold(found, people, grant, name))
    }
    assert named >= {"disability", "education", "subsistence allowance"}


def test_every_line_that_remains_names_a_scope_facts_and_a_clause() -> None:
    for scope, (facts, reason) in REMAINS.items():
        assert scope_of(scope)
        assert all(one in FACTS or one in ("all", "every category") for one in facts.split(", "))
        assert reason
    assert SETTLED
