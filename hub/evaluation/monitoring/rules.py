"""The findings of monitoring, each with its condition. Each condition is in the module that evaluates it."""

from auth.grant import Grant
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
from hub.policy.permissions.bases import AUDIT

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
"""All findings of a run: those of households, and late lists, which have no household."""


def findings_withheld(grant: Grant) -> list[Finding]:
    """The findings whose alerts a grant does not see, because it does not read every fact behind them. Auditors see all
    alerts (46-4.3)."""
    if grant.covers(AUDIT):
        return []
    return [
        finding for finding, condition in CONDITIONS.items() if not grant.scopes.issuperset(condition.needs)
    ]
