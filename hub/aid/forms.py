"""The departments that may give each form of a kind (46-3), where the policy names different departments for its forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from hub.foundation.errors import HubError
from hub.glossary.code_sets import term
from hub.model.agencies import Department
from hub.model.aid import HousingForm, MedicalForm, OtherForm, TemporaryForm


class AidFormNotYours(HubError):
    """Aid of the form {form} is given by {departments} ({clause}); refer the need there.
    该救助形式由{departments_zh}负责({clause}),请转办。
    """


class CountyConfirmationRequired(HubError):
    """Aid of the form {form} is confirmed by an office of the county or the city; a township pays first ({clause}).
    {form_zh}由县级民政部门确认,乡镇(街道)可先行救助({clause})。
    """


@dataclass(frozen=True, slots=True)
class FormRule:
    """The departments that give a form, with the clause. `by_county`: no township's office confirms it."""

    clause: str
    in_charge: tuple[Department, ...]
    by_county: bool = False


_COUNTY = 6
"""The number of digits of a county's code; a township's has more."""
_INSURANCE = FormRule("46-3.2.1", (Department.MEDICAL_INSURANCE,))
_EMERGENCY = FormRule("46-3.2.1", (Department.HEALTH,))
_RENTALS = FormRule("46-3.2.3", (Department.HOUSING_SECURITY,))
_RURAL_HOUSES = FormRule("46-3.2.3", (Department.URBAN_CONSTRUCTION,))
_TEMPORARY = FormRule("46-3.3", (Department.CIVIL_AFFAIRS,), by_county=True)
"""国发〔2014〕47号: the county's civil affairs office confirms what a township has examined."""
_CIVIL = FormRule("46-3.5", (Department.CIVIL_AFFAIRS,))
_PRICES = FormRule("46-3.5", (Department.DEVELOPMENT_REFORM, Department.CIVIL_AFFAIRS))
_DISABLED = FormRule("46-3.5", (Department.DISABLED_FEDERATION, Department.CIVIL_AFFAIRS))

FORM_RULES: Mapping[StrEnum, FormRule] = MappingProxyType(
    {
        MedicalForm.PREMIUM_SUBSIDY: _INSURANCE,
        MedicalForm.COST_AID: _INSURANCE,
        MedicalForm.INPATIENT_AID: _INSURANCE,
        MedicalForm.OUTPATIENT_AID: _INSURANCE,
        MedicalForm.EMERGENCY_FUND: _EMERGENCY,
        HousingForm.PUBLIC_RENTAL: _RENTALS,
        HousingForm.RENT_SUBSIDY: _RENTALS,
        HousingForm.HOUSE_RENOVATION: _RURAL_HOUSES,
        TemporaryForm.EMERGENCY_TYPE: _TEMPORARY,
        TemporaryForm.EXPENDITURE_TYPE: _TEMPORARY,
        OtherForm.HEATING: _CIVIL,
        OtherForm.FUNERAL_FEES: _CIVIL,
        OtherForm.ELECTRICITY: _PRICES,
        OtherForm.WATER: _PRICES,
        OtherForm.GAS: _PRICES,
        OtherForm.DISABILITY_LIVING: _DISABLED,
        OtherForm.DISABILITY_NURSING: _DISABLED,
        OtherForm.CHILD_REHABILITATION: _DISABLED,
        OtherForm.BARRIER_FREE: _DISABLED,
    }
)
"""A form that is not listed is given by every department in charge of its kind (`KIND_RULES`). Price subsidies and
disability allowances also belong to civil affairs: 46-3.5 names it first and does not divide the forms."""


def form_refusal(agency: str, form: StrEnum) -> HubError | None:
    """The refusal for an agency that does not give a form, without a path; None if it does."""
    rule = FORM_RULES.get(form)
    if rule is None:
        return None
    department, _, region = agency.partition("@")
    if department in rule.in_charge:
        if rule.by_county and len(region) > _COUNTY:
            return CountyConfirmationRequired(form=term(form).en, form_zh=term(form).zh, clause=rule.clause)
        return None
    return AidFormNotYours(
        form=term(form).en,
        clause=rule.clause,
        departments=" or ".join(term(department).en for department in rule.in_charge),
        departments_zh="、".join(term(department).zh for department in rule.in_charge),
    )
