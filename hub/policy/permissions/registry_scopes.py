"""The scopes of each registry of circumstances."""

from collections.abc import Mapping

from auth.scopes import Scope
from hub.model.agencies import Department

_SCOPES: Mapping[Department, tuple[Scope, Scope]] = {
    Department.EDUCATION: (Scope.CIRCUMSTANCE_EDUCATION_READ, Scope.CIRCUMSTANCE_EDUCATION_WRITE),
    Department.HUMAN_RESOURCES: (
        Scope.CIRCUMSTANCE_HUMAN_RESOURCES_READ,
        Scope.CIRCUMSTANCE_HUMAN_RESOURCES_WRITE,
    ),
    Department.HEALTH: (Scope.CIRCUMSTANCE_HEALTH_READ, Scope.CIRCUMSTANCE_HEALTH_WRITE),
    Department.MEDICAL_INSURANCE: (
        Scope.CIRCUMSTANCE_MEDICAL_INSURANCE_READ,
        Scope.CIRCUMSTANCE_MEDICAL_INSURANCE_WRITE,
    ),
    Department.DISABLED_FEDERATION: (
        Scope.CIRCUMSTANCE_DISABLED_FEDERATION_READ,
        Scope.CIRCUMSTANCE_DISABLED_FEDERATION_WRITE,
    ),
    Department.CIVIL_AFFAIRS: (Scope.CIRCUMSTANCE_CIVIL_AFFAIRS_READ, Scope.CIRCUMSTANCE_CIVIL_AFFAIRS_WRITE),
    Department.EMERGENCY_MANAGEMENT: (
        Scope.CIRCUMSTANCE_EMERGENCY_MANAGEMENT_READ,
        Scope.CIRCUMSTANCE_EMERGENCY_MANAGEMENT_WRITE,
    ),
    Department.AGRICULTURE: (Scope.CIRCUMSTANCE_AGRICULTURE_READ, Scope.CIRCUMSTANCE_AGRICULTURE_WRITE),
}

REGISTRIES = tuple(_SCOPES)
"""The departments that have a registry. `hub/circumstances/rules.py` says what each reports, and a test compares the two."""


def read_scope(registry: Department) -> Scope:
    """The scope to read what a registry reports."""
    return _SCOPES[registry][0]


def write_scope(registry: Department) -> Scope:
    """The scope with which a registry reports."""
    return _SCOPES[registry][1]
