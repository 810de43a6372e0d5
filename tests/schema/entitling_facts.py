"""The facts by which aid is granted (46-3), as scopes. Callers with these scopes see that the records exist, but no amounts."""

from auth.scopes import Scope

ENTITLING_FACTS = frozenset(
    {
        Scope.CERTIFICATION_READ,
        Scope.HOUSEHOLD_FINANCE_READ,
        Scope.PERSON_HEALTH_READ,
        Scope.PERSON_EDUCATION_READ,
        Scope.PERSON_EMPLOYMENT_READ,
        Scope.CIRCUMSTANCE_CIVIL_AFFAIRS_READ,
        Scope.CIRCUMSTANCE_EMERGENCY_MANAGEMENT_READ,
    }
)
"""The facts of medical aid (46-3.2.1), education aid (46-3.2.2) and urgent aid (46-3.3: income, illness, lost work, a death,
a disaster)."""
