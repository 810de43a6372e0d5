"""The findings of monitoring, each with its condition from the module that judges it."""

from hub.evaluation.monitoring import (
    absent,
    amounts,
    duplicates,
    incomes,
    irregular,
    uncovered,
    unfulfilled,
    untitled,
)
from hub.evaluation.monitoring.household_part import Conditions
from hub.model.alerts import Finding

_STATED = {
    **absent.CONDITIONS,
    **unfulfilled.CONDITIONS,
    **uncovered.CONDITIONS,
    **amounts.CONDITIONS,
    **incomes.CONDITIONS,
    **irregular.CONDITIONS,
    **untitled.CONDITIONS,
    **duplicates.CONDITIONS,
}

CONDITIONS: Conditions = {finding: _STATED[finding] for finding in Finding if finding in _STATED}
"""In the order of the findings."""

FINDINGS: tuple[Finding, ...] = (*CONDITIONS, Finding.MONTHLY_SHARE_LATE)
"""All findings of a run: those of households, and late lists, which belong to no household."""
