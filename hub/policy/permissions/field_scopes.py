"""The fields of households and persons that departments share, by the name that files and events give them, and the scopes
that open each. A test holds them to the scopes of the schema's own fields."""

from collections.abc import Iterable, Mapping

from auth.grant import Grant
from auth.scopes import Scope

OF_HOUSEHOLD: Mapping[str, frozenset[Scope]] = {
    "code": frozenset({Scope.HOUSEHOLD_READ}),
    "region": frozenset({Scope.HOUSEHOLD_READ}),
    "residence": frozenset({Scope.HOUSEHOLD_READ}),
    "address": frozenset({Scope.HOUSEHOLD_READ, Scope.HOUSEHOLD_ADDRESS_READ}),
    "incomePerCapita": frozenset({Scope.HOUSEHOLD_READ, Scope.HOUSEHOLD_FINANCE_READ}),
}


def _of_person(*more: Scope) -> frozenset[Scope]:
    return frozenset({Scope.HOUSEHOLD_READ, Scope.PERSON_READ, *more})


OF_PERSON: Mapping[str, frozenset[Scope]] = {
    "name": _of_person(),
    "idNumber": _of_person(Scope.PERSON_IDENTITY_READ),
    "birthDate": _of_person(),
    "gender": _of_person(),
    "relation": _of_person(),
    "phone": _of_person(Scope.PERSON_CONTACT_READ),
    "account": _of_person(Scope.HOUSEHOLD_FINANCE_READ),
    "health": _of_person(Scope.PERSON_HEALTH_READ),
    "disabilityType": _of_person(Scope.PERSON_DISABILITY_READ),
    "disabilityGrade": _of_person(Scope.PERSON_DISABILITY_READ),
    "educationStage": _of_person(Scope.PERSON_EDUCATION_READ),
    "school": _of_person(Scope.PERSON_EDUCATION_READ),
    "employment": _of_person(Scope.PERSON_EMPLOYMENT_READ),
    "labour": _of_person(Scope.PERSON_EMPLOYMENT_READ),
}


def open_fields(fields: Mapping[str, Iterable[Scope]], grant: Grant) -> list[str]:
    """The fields that a grant opens, in their order."""
    return [name for name, scopes in fields.items() if grant.scopes.issuperset(scopes)]
