"""The rules of each kind of circumstance: clause, registries, subject, required and optional fields (46-2.3)."""

from dataclasses import dataclass

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from hub.circumstances.refusals import NotYourRegistry
from hub.foundation.errors import ForbiddenWrite, HubError
from hub.glossary.code_sets import term
from hub.model.agencies import Department
from hub.model.circumstances import CircumstanceKind
from hub.policy.permissions.registry_scopes import read_scope, write_scope


@dataclass(frozen=True, slots=True)
class CircumstanceKindRule:
    """The clause under which the kind is shared; the registries that report it; whether its subject is a person, a
    household or either; the required and optional columns of `CircumstanceRow`. `since` is the day of the event; for a
    death, the day of death."""

    clause: str
    registries: tuple[Department, ...]
    of_person: bool = True
    of_household: bool = False
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ("note",)


KIND_RULES: dict[CircumstanceKind, CircumstanceKindRule] = {
    CircumstanceKind.HARDSHIP_STUDENT: CircumstanceKindRule(
        "46-2.3", (Department.EDUCATION,), must=("education_stage", "school"),
    ),
    CircumstanceKind.REGISTERED_UNEMPLOYED: CircumstanceKindRule("46-2.3", (Department.HUMAN_RESOURCES,)),
    CircumstanceKind.SERIOUS_ILLNESS: CircumstanceKindRule("46-2.3", (Department.HEALTH, Department.MEDICAL_INSURANCE)),
    CircumstanceKind.CHRONIC_ILLNESS: CircumstanceKindRule("46-2.3", (Department.HEALTH, Department.MEDICAL_INSURANCE)),
    CircumstanceKind.RIGID_EXPENSE: CircumstanceKindRule(
        "46-2.3", (Department.MEDICAL_INSURANCE,), of_household=True, must=("amount",),
    ),
    CircumstanceKind.DISABILITY: CircumstanceKindRule(
        "46-2.3", (Department.DISABLED_FEDERATION,), must=("disability_type", "disability_grade"),
    ),
    CircumstanceKind.DEATH: CircumstanceKindRule("46-2.2", (Department.CIVIL_AFFAIRS,)),
    CircumstanceKind.DISASTER: CircumstanceKindRule(
        "46-3.2.5", (Department.EMERGENCY_MANAGEMENT,), of_household=True, must=("amount",),
    ),
    CircumstanceKind.MONITORED: CircumstanceKindRule(
        "46-2.2", (Department.AGRICULTURE,), of_person=False, of_household=True,
    ),
}  # fmt: skip

FIELDS = ("disability_type", "disability_grade", "education_stage", "school", "amount", "note")
"""The fields of a report, without its days."""

REGISTRIES_OF: dict[CircumstanceKind, tuple[Department, ...]] = {
    kind: rule.registries for kind, rule in KIND_RULES.items()
}

REGISTRIES: tuple[Department, ...] = tuple(
    dict.fromkeys(department for many in REGISTRIES_OF.values() for department in many)
)


def kinds_of(registry: Department | str) -> tuple[CircumstanceKind, ...]:
    """The kinds that a registry reports."""
    return tuple(kind for kind, rule in KIND_RULES.items() if registry in rule.registries)


def registry_refusal(grant: Grant, *kinds: CircumstanceKind) -> HubError | None:
    """The refusal for a grant that cannot report these kinds (none named: any kind); None if it can."""
    department = grant.department
    for kind in kinds:
        rule = KIND_RULES[kind]
        if department not in rule.registries:
            return _not_yours(term(kind).en, term(kind).zh, rule.registries)
    if department not in REGISTRIES:
        return _not_yours("circumstances", "困难情形", REGISTRIES)
    registry = Department(department)
    lacking = [scope for scope in (write_scope(registry), read_scope(registry)) if scope not in grant.scopes]
    return ForbiddenWrite(scope=lacking[0].value) if lacking else None


def _not_yours(kind: str, kind_zh: str, registries: tuple[Department, ...]) -> NotYourRegistry:
    return NotYourRegistry(
        kind=kind,
        kind_zh=kind_zh,
        registries=", ".join(registries),
        registries_zh="、".join(DEPARTMENTS[registry].name_zh for registry in registries),
    )
