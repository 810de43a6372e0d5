"""The fields of households and persons: their names in inputs, files and events, and their columns."""

OF_HOUSEHOLD = {
    "region": "region",
    "residence": "residence",
    "address": "address",
    "incomePerCapita": "income_per_capita",
}
"""Columns of `HouseholdRow`."""

OF_PERSON = {
    "name": "name", "relation": "relation", "phone": "phone_sealed", "account": "account_sealed",
    "health": "health", "disabilityType": "disability_type", "disabilityGrade": "disability_grade",
    "educationStage": "education_stage", "school": "school", "employment": "employment", "labour": "labour",
}  # fmt: skip
"""Columns of `PersonRow`."""
