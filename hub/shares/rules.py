"""The monthly list of each registry, with its clause and its last day (46-2.2, 46-2.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from auth.grant import Grant
from hub.circumstances.rules import registry_refusal
from hub.foundation.calendar import today
from hub.foundation.errors import HubError, InvalidInput
from hub.foundation.months import month_end
from hub.model.agencies import Department
from hub.model.circumstances import CircumstanceKind
from hub.shares.refusals import CountyOfficeRequired

COUNTY_DIGITS = 6


@dataclass(frozen=True, slots=True)
class ShareRule:
    """The monthly list of a registry, and the clause that requires it."""

    kind: CircumstanceKind
    clause: str


SHARE_RULES: Mapping[Department, ShareRule] = MappingProxyType(
    {
        Department.AGRICULTURE: ShareRule(CircumstanceKind.MONITORED, "46-2.2"),
        Department.CIVIL_AFFAIRS: ShareRule(CircumstanceKind.DEATH, "46-2.2"),
        Department.EDUCATION: ShareRule(CircumstanceKind.HARDSHIP_STUDENT, "46-2.3"),
        Department.HUMAN_RESOURCES: ShareRule(CircumstanceKind.REGISTERED_UNEMPLOYED, "46-2.3"),
        Department.HEALTH: ShareRule(CircumstanceKind.SERIOUS_ILLNESS, "46-2.3"),
        Department.MEDICAL_INSURANCE: ShareRule(CircumstanceKind.RIGID_EXPENSE, "46-2.3"),
        Department.DISABLED_FEDERATION: ShareRule(CircumstanceKind.DISABILITY, "46-2.3"),
    }
)
"""46-2.2 requires the first two lists each month (每月). The lists of 46-2.3 are cross-matched with them, so they are
required as often. Chronic illness and disasters may be shared for a month too, and are never late."""


def due_on(month: date) -> date:
    """The last day on which a month's list is on time: the last day of the month, because the policy says 每月 and names no
    day."""
    return month_end(month)


def expected(registry: Department, kind: CircumstanceKind) -> ShareRule | None:
    """The rule that requires this list; None if it is optional."""
    rule = SHARE_RULES.get(registry)
    return rule if rule is not None and rule.kind is kind else None


def share_refusal(grant: Grant, month: date) -> HubError | None:
    """The refusal for an agency that cannot share a list for a month today; None if it can."""
    return sharer_refusal(grant) or future_fault(month)


def sharer_refusal(grant: Grant) -> HubError | None:
    """The refusal for an agency that cannot share the list of any month; None if it can."""
    if error := registry_refusal(grant):
        return error
    return CountyOfficeRequired(path=("month",)) if len(grant.region) > COUNTY_DIGITS else None


def future_fault(month: date) -> HubError | None:
    """The error of a month that has no list yet; None if it can have one."""
    if month <= today():
        return None
    return InvalidInput(path=("month",), field="month", reason="it lies in the future", reason_zh="晚于本月")
