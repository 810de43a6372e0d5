"""Which registry contributes which circumstance (46-2.2, 46-2.3), and the scopes that open it."""

from auth.scopes import Scope
from hub.agencies.tables import Department
from hub.circumstances.tables import CircumstanceKind

REGISTRIES_OF: dict[CircumstanceKind, tuple[Department, ...]] = {
    CircumstanceKind.HARDSHIP_STUDENT: (Department.EDUCATION,),
    CircumstanceKind.REGISTERED_UNEMPLOYED: (Department.HUMAN_RESOURCES,),
    CircumstanceKind.SERIOUS_ILLNESS: (Department.HEALTH, Department.MEDICAL_INSURANCE),
    CircumstanceKind.CHRONIC_ILLNESS: (Department.HEALTH, Department.MEDICAL_INSURANCE),
    CircumstanceKind.RIGID_EXPENSE: (Department.MEDICAL_INSURANCE,),
    CircumstanceKind.DISABILITY: (Department.DISABLED_FEDERATION,),
    CircumstanceKind.DEATH: (Department.CIVIL_AFFAIRS,),
    CircumstanceKind.DISASTER: (Department.EMERGENCY_MANAGEMENT,),
    CircumstanceKind.MONITORED: (Department.AGRICULTURE,),
}

REGISTRIES: tuple[Department, ...] = tuple(
    dict.fromkeys(one for many in REGISTRIES_OF.values() for one in many)
)


def read_scope(registry: Department) -> Scope:
    """The scope that opens what a registry contributes."""
    return Scope[f"CIRCUMSTANCE_{registry.name}_READ"]
