"""What is said of households and persons, by the names that inputs, files and events have, and the columns that keep it."""

OF_HOUSEHOLD = {
    "region": "region", "residence": "residence", "address": "address", "incomePerCapita": "income_per_capita",
}  # fmt: skip
"""Columns of `HouseholdRow`."""

OF_PERSON = {
    "name": "name", "relation": "relation", "phone": "phone_sealed", "account": "account_sealed",
    "health": "health", "disabilityType": "disability_type", "disabilityGrade": "disability_grade",
    "educationStage": "education_stage", "school": "school", "employment": "employment", "labour": "labour",
}  # fmt: skip
"""Columns of `PersonRow`."""
