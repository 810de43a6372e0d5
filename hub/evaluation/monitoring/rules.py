"""The findings of monitoring and the condition of each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select

from hub.evaluation.monitoring import duplicates, irregular, uncovered, unfulfilled
from hub.model.alerts import Finding

Condition = Callable[[], Select[Any]]
"""SQL of (household_id, person_id, evidence) of a part of the households, on a day (`household_part.Part`)."""

CONDITIONS: Mapping[Finding, Condition] = MappingProxyType(
    {
        Finding.STUDENT_WITHOUT_AID: unfulfilled.students_without_aid,
        Finding.UNEMPLOYED_WITHOUT_AID: unfulfilled.unemployed_without_aid,
        Finding.ZERO_EMPLOYMENT: unfulfilled.zero_employment,
        Finding.ILLNESS_OUTSIDE: uncovered.illness_not_covered,
        Finding.SEVERE_DISABILITY_OUTSIDE: uncovered.severe_disability_not_covered,
        Finding.DECEASED_RECIPIENT: irregular.deceased_recipient,
        Finding.PARTLY_COVERED: uncovered.partly_covered,
        Finding.WITHOUT_LABOUR: uncovered.without_labour,
        Finding.PREMIUM_NOT_IN_FULL: unfulfilled.premium_not_in_full,
        Finding.SUPPLEMENT_MISSING: unfulfilled.supplement_missing,
        Finding.ALLOWANCE_LATE: unfulfilled.allowance_late,
        Finding.DUPLICATE_AID: duplicates.duplicate_aid,
        Finding.PERSON_IN_TWO_HOUSEHOLDS: irregular.person_in_two_households,
        Finding.REFERRAL_OVERDUE: unfulfilled.referral_overdue,
        Finding.INCOME_ABOVE_LINE: uncovered.income_above_line,
    }
)

FINDINGS: tuple[Finding, ...] = (*CONDITIONS, Finding.MONTHLY_SHARE_LATE)
"""All findings of a run: those of households, and late lists, which belong to no household."""
