"""The reviewed lists of inference: the guarded facts, and the open data that still reveals them, each with its reason.

A line is added only if a reviewer finds that the duty of a department cannot be done without it (46-4.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """A guarded fact: the SQL of the ids for which it holds, whether these are persons, and the scopes, each of which opens
    it."""

    sql: str
    of_person: bool
    opened_by: frozenset[str]


def _of_person(where: str, kinds: str, *opened_by: str) -> Fact:
    reported = f"select person_id from circumstance where kind in ({kinds})"
    return Fact(f"select id from person where {where} union {reported}", True, frozenset(opened_by))


def _of_household(sql: str, *opened_by: str) -> Fact:
    return Fact(sql, False, frozenset(opened_by))


FACTS: Mapping[str, Fact] = {
    "disability": _of_person(
        "disability_grade is not null",
        "'DISABILITY'",
        "person.disability:read",
        "circumstance.disabled_federation:read",
    ),
    "serious illness": _of_person(
        "health = 'SERIOUS'",
        "'SERIOUS_ILLNESS', 'RIGID_EXPENSE'",
        "person.health:read",
        "circumstance.health:read",
        "circumstance.medical_insurance:read",
    ),
    "chronic illness": _of_person(
        "health = 'CHRONIC'", "'CHRONIC_ILLNESS'", "person.health:read", "circumstance.health:read"
    ),
    "education": _of_person(
        "education_stage is not null",
        "'HARDSHIP_STUDENT'",
        "person.education:read",
        "circumstance.education:read",
    ),
    "college": _of_person("education_stage = 'COLLEGE'", "''", "person.education:read"),
    "unemployment": _of_person(
        "employment = 'UNEMPLOYED'",
        "'REGISTERED_UNEMPLOYED'",
        "person.employment:read",
        "circumstance.human_resources:read",
    ),
    "death": _of_person("false", "'DEATH'", "circumstance.civil_affairs:read"),
    **{
        category.lower().replace("_", " "): _of_household(
            f"select household_id from certification where category = '{category}' and ended_on is null",
            "certification:read",
        )
        for category in (
            "SUBSISTENCE_ALLOWANCE",
            "EXTREME_HARDSHIP",
            "POVERTY_RELAPSE_MONITORED",
            "SUBSISTENCE_MARGIN",
            "RIGID_EXPENDITURE",
        )
    },
    "low income": _of_household(
        "select id from household where income_per_capita < (select percentile_cont(0.5) within group"
        " (order by income_per_capita) from household)",
        "household.finance:read",
    ),
    "disaster": _of_household(
        "select household_id from circumstance where kind = 'DISASTER'",
        "circumstance.emergency_management:read",
    ),
    "urgent trouble": _of_household(
        "select household_id from aid_record where kind = 'TEMPORARY'", "aid.temporary:read"
    ),
}
"""By name. `urgent trouble` is the reason for which urgent aid was granted."""

REMAINS: Mapping[str, tuple[str, str]] = {
    "aid.basic_living:read": (
        "disability, serious illness, education, college, death, low income, every category",
        "46-3.1: the payer reads the category and the 100 yuan a month for severe disability, illness, college; "
        "payments end with a death",
    ),
    "aid.medical:read": ("serious illness, chronic illness, every category", "46-3.2.1: aid that was granted for an illness"),
    "aid.education:read": ("education, college, every category", "46-3.2.2: aid that was granted to a student"),
    "aid.employment:read": ("unemployment", "46-3.2.4: aid that was granted to a person without work"),
    "aid.disaster:read": ("disaster", "46-3.2.5: aid that was granted after a disaster"),
    "aid.temporary:read": ("urgent trouble, serious illness, disaster", "46-3.3: aid that was granted for a trouble, in words"),
    "aid.service:read": ("disability, death", "46-3.4: aid that was granted to a person who needs care"),
    "aid.charity:read": ("serious illness, education, college, disability", "46-3.6: the project states the need"),
    "certification:read": (
        "low income", "46-3: the category is open, and it is granted by income below a line that is public",
    ),
    "household.finance:read": ("every category", "46-1.2: categories are granted by income below a line that is public"),
    "circumstance.agriculture:read": ("every category", "46-2.2: the monthly list contains the monitored households"),
    "circumstance.disabled_federation:read": ("disability", "the registry's own fact"),
    "audit:read": ("all", "46-4.3: auditors read who wrote what, in every event's body"),
}  # fmt: skip
"""By scope, the facts that its holders learn, and the reason why this cannot be avoided."""

NO_SIGN = frozenset(
    {
        "Household.code", "Household.region", "Household.updatedAt", "Household.version",
        "ChainEvent.body", "ChainEvent.client", "ChainEvent.hash", "ChainEvent.previousHash",
        "Person.name", "Person.idNumber", "Person.idNumberMasked", "Person.phone", "Person.account",
    }
)  # fmt: skip
"""Names, numbers and hashes, which belong to one household or person each; where they live; and fields for auditors only."""

SETTLED: Mapping[str, str] = {
    "Person.birthDate": "46-2.2: the person's identity. Age makes school, work and death likely, so that age groups are compared",
    "Person.gender": "46-2.2: the person's identity",
    "Person.relation": "46-2.2: the person's identity",
    "Household.residence": "46-2.2: rural or urban decides who is in charge of a house",
    "Household.members": "46-2.2: the members of the household",
}
"""Open attributes that are connected with facts in any population. A prediction is compared with the frequency among those
who have the same values of these attributes and of the facts that the grant opens."""


def remaining(scopes: frozenset[str]) -> set[str]:
    """The facts that are open to scopes, or that their duty reveals."""
    found = {name for name, fact in FACTS.items() if fact.opened_by & scopes}
    for scope in scopes & REMAINS.keys():
        for name in REMAINS[scope][0].split(", "):
            match name:
                case "all":
                    found |= FACTS.keys()
                case "every category":
                    found |= {one for one, fact in FACTS.items() if "certification:read" in fact.opened_by}
                case _:
                    found.add(name)
    return found
