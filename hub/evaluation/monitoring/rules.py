"""The findings that monitoring looks for, and the condition of each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select

from hub.evaluation.monitoring import duplicates, outside, unmet, wrong
from hub.model.alerts import Finding

Condition = Callable[[], Select[Any]]
"""SQL of (household_id, person_id, evidence) of a part of the households, on a day (`ground.Part`)."""

CONDITIONS: Mapping[Finding, Condition] = MappingProxyType(
    {
        Finding.STUDENT_WITHOUT_AID: unmet.students_without_aid,
        Finding.UNEMPLOYED_WITHOUT_AID: unmet.unemployed_without_aid,
        Finding.ZERO_EMPLOYMENT: unmet.zero_employment,
        Finding.ILLNESS_OUTSIDE: outside.illness_outside,
        Finding.SEVERE_DISABILITY_OUTSIDE: outside.severe_disability_outside,
        Finding.DECEASED_RECIPIENT: wrong.deceased_recipient,
        Finding.PARTLY_COVERED: outside.partly_covered,
        Finding.WITHOUT_LABOUR: outside.without_labour,
        Finding.PREMIUM_NOT_IN_FULL: unmet.premium_not_in_full,
        Finding.SUPPLEMENT_MISSING: unmet.supplement_missing,
        Finding.ALLOWANCE_LATE: unmet.allowance_late,
        Finding.DUPLICATE_AID: duplicates.duplicate_aid,
        Finding.PERSON_IN_TWO_HOUSEHOLDS: wrong.person_in_two_households,
        Finding.REFERRAL_OVERDUE: unmet.referral_overdue,
        Finding.INCOME_ABOVE_LINE: outside.income_above_line,
    }
)

FINDINGS: tuple[Finding, ...] = (*CONDITIONS, Finding.MONTHLY_SHARE_LATE)
"""All that a run looks for: the conditions of households, and the lists that did not come, which are of no household."""
