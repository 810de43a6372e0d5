"""The rules of each category and of the end of a certification, with their clauses (46-1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from auth.grant import Grant
from hub.certifications.refusals import (
    CertifiedAmountInvalid,
    CertifiedAmountNotApplicable,
    DateInFuture,
    InvalidPeriod,
    NotYourCategory,
    SubtypeInvalid,
    SupportNotApplicable,
)
from hub.foundation.calendar import today
from hub.foundation.database import MOST_YUAN
from hub.foundation.errors import ForbiddenWrite, HubError
from hub.glossary.code_sets import term
from hub.model.agencies import Department
from hub.model.certifications import Category, EndReason, MonitoredSubtype, Support
from hub.policy.facts.certifications import COVERED_BY_MEMBER, SUPPORTED, Validity
from hub.policy.facts.periods import is_reversed
from hub.policy.permissions import write_scopes
from hub.policy.permissions.written_fields import CERTIFIED, CERTIFIED_AMOUNT

_COUNTY, _TOWNSHIP = 6, 9


@dataclass(frozen=True, slots=True)
class Authority:
    """A department at regions whose codes have `digits` digits (None: any), its name, and the clause."""

    department: Department
    digits: int | None
    words: str
    words_zh: str
    clause: str

    def is_that_of(self, agency: str) -> bool:
        """Whether an agency is this authority."""
        department, _, region = agency.partition("@")
        return department == self.department and self.digits in (None, len(region))


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """The authority of a category, and whether it is certified for a household as a `whole`, `by_member`, or both (46-1.1)."""

    authority: Authority
    whole: bool = True
    by_member: bool = False

    @property
    def clause(self) -> str:
        """The clause that a certification is based on."""
        return self.authority.clause


_BY_TOWNSHIP = Authority(
    Department.CIVIL_AFFAIRS, _TOWNSHIP, "the township (street)", "乡镇(街道)", "46-1.2.1"
)
_BY_AGRICULTURE = Authority(
    Department.AGRICULTURE,
    None,
    "agriculture, in its monitored list",
    "农业农村部门(监测对象名单)",
    "46-1.2.2",
)
_BY_COUNTY = Authority(
    Department.CIVIL_AFFAIRS,
    _COUNTY,
    "the development zone, district or county",
    "开发区管委会或区县(市)政府",
    "46-1.2.3",
)

CATEGORY_RULES: dict[Category, CategoryRule] = {
    Category.SUBSISTENCE_ALLOWANCE: CategoryRule(_BY_TOWNSHIP, by_member=True),
    Category.EXTREME_HARDSHIP: CategoryRule(_BY_TOWNSHIP, whole=False, by_member=True),
    Category.SUBSISTENCE_MARGIN: CategoryRule(_BY_TOWNSHIP),
    Category.RIGID_EXPENDITURE: CategoryRule(_BY_TOWNSHIP),
    Category.POVERTY_RELAPSE_MONITORED: CategoryRule(_BY_AGRICULTURE),
    Category.OTHER_HARDSHIP: CategoryRule(_BY_COUNTY, by_member=True),
}


@dataclass(frozen=True, slots=True)
class EndRule:
    """The clause of a reason (None: the category's own). `only` and `whole` limit it to a category or to certifications of
    whole households. `stated`: an office states it; other reasons follow from another certification."""

    clause: str | None
    only: Category | None = None
    whole: bool = False
    stated: bool = True


END_RULES: dict[EndReason, EndRule] = {
    EndReason.DECEASED: EndRule("46-2.2"),
    EndReason.NO_LONGER_ELIGIBLE: EndRule("46-2.4"),
    EndReason.RISK_GONE: EndRule("46-1.2.2", only=Category.POVERTY_RELAPSE_MONITORED),
    EndReason.FALSE_CLAIM: EndRule("46-4.3"),
    EndReason.MISTAKE: EndRule("46-4.3"),
    EndReason.RECERTIFIED: EndRule(None, stated=False),
    EndReason.COVERED_WHOLE: EndRule("46-2.3", only=COVERED_BY_MEMBER, stated=False),
    EndReason.COVERED_BY_MEMBER: EndRule("46-2.3", only=COVERED_BY_MEMBER, whole=True),
}


def end_clause(category: Category, because: EndReason) -> str:
    """The clause that the end of a certification is based on."""
    return END_RULES[because].clause or CATEGORY_RULES[category].clause


def authority_refusal(grant: Grant, category: Category) -> HubError | None:
    """The refusal for a grant that may not certify a category or end its certification; None if it may (46-1.2)."""
    rule = CATEGORY_RULES[category]
    if not rule.authority.is_that_of(grant.agency):
        return not_your_category(category)
    return certifying_refusal(grant)


def certifying_refusal(grant: Grant) -> ForbiddenWrite | None:
    """The refusal for a grant that lacks the scope to write certifications, or a scope to read what it would change; None if
    it has all."""
    for scope in (write_scopes.CERTIFICATION, *sorted(CERTIFIED)):
        if scope not in grant.scopes:
            return ForbiddenWrite(scope=scope.value)
    return None


def not_your_category(category: Category) -> NotYourCategory:
    """The refusal that names the authority of a category."""
    rule = CATEGORY_RULES[category]
    return NotYourCategory(
        category=term(category).en,
        category_zh=term(category).zh,
        authority=rule.authority.words,
        authority_zh=rule.authority.words_zh,
    )


def form_faults(
    category: Category,
    valid_from: date | None,
    valid_until: date | None,
    subtype: MonitoredSubtype | None,
    support: Support | None,
) -> Iterator[tuple[str, HubError]]:
    """The errors of a certification that do not depend on the day: (field of the input or of the file, error)."""
    if support is not None and category is not Category.EXTREME_HARDSHIP:
        yield "support", SupportNotApplicable()
    if (subtype is not None) != (category is Category.POVERTY_RELAPSE_MONITORED):
        yield "subtype", SubtypeInvalid()
    if valid_from is not None and is_reversed(valid_from, valid_until):
        yield "validUntil", InvalidPeriod()


def amount_fault(category: Category, amount: Decimal) -> HubError | None:
    """The error of a certified amount; None if it is valid. Only allowance and support are paid by the month (46-3.1)."""
    if category not in SUPPORTED:
        return CertifiedAmountNotApplicable()
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -2 or not 0 < amount <= MOST_YUAN:
        return CertifiedAmountInvalid()
    return None


def amount_refusal(grant: Grant) -> ForbiddenWrite | None:
    """The refusal for a grant that may not state a certified amount, because it lacks a scope to read it; None if it has all."""
    for scope in sorted(CERTIFIED_AMOUNT):
        if scope not in grant.scopes:
            return ForbiddenWrite(scope=scope.value)
    return None


def faults(
    category: Category,
    valid_from: date | None,
    valid_until: date | None,
    subtype: MonitoredSubtype | None,
    support: Support | None,
) -> Iterator[tuple[str, HubError]]:
    """The errors of a certification today: (field of the input or of the file, error)."""
    yield from form_faults(category, valid_from, valid_until, subtype, support)
    if valid_from is not None and not Validity(valid_from).had_begun_by(today()):
        yield "validFrom", DateInFuture()


def end_fault(valid_from: date, ended_on: date) -> HubError | None:
    """The error of an end on a day; None if it is valid."""
    if not Validity(valid_from).had_begun_by(ended_on):
        return InvalidPeriod()
    return None if Validity(valid_from, ended_on=ended_on).has_ended_by(today()) else DateInFuture()
