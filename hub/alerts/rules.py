"""What the policy says of each finding and each disposition, as data with its clause (46-2.3, 46-2.4)."""

from dataclasses import dataclass

from auth.scopes import Scope
from hub.model.agencies import Department
from hub.model.aid import AidKind
from hub.model.alerts import Disposition, Finding, Severity
from hub.model.ledger import EventType
from hub.policy.permissions import aid_scopes
from hub.policy.permissions.field_scopes import CERTIFICATION, HOUSEHOLD, OVERLAP_CASE, PERSON, REFERRAL
from hub.policy.permissions.registry_scopes import read_scope

CLAUSE = "46-2.4"
"""An alert is checked at home within a deadline, and disposed of in one of four ways."""


@dataclass(frozen=True, slots=True)
class FindingRule:
    """`clause` of the duty that is not met; how urgent; working days to check it; the scopes that open the facts it
    tells; whether it is checked `at_home` first (what stands in records alone is not). The glossary says what it is."""

    clause: str
    severity: Severity
    within: int
    needs: tuple[Scope, ...] = ()
    at_home: bool = True


_URGENT, _HIGH, _NORMAL = 3, 10, 20
"""Working days. The policy names no number (规定时限内); the office's own, by how urgent a finding is."""

_CERTIFIED, _PAID = CERTIFICATION.only("category"), aid_scopes.read_scope(AidKind.BASIC_LIVING)

FINDING_RULES: dict[Finding, FindingRule] = {
    Finding.STUDENT_WITHOUT_AID: FindingRule(
        "46-3.2.2", Severity.HIGH, _HIGH, (read_scope(Department.EDUCATION),),
    ),
    Finding.UNEMPLOYED_WITHOUT_AID: FindingRule(
        "46-3.2.4", Severity.NORMAL, _NORMAL, (read_scope(Department.HUMAN_RESOURCES),),
    ),
    Finding.ZERO_EMPLOYMENT: FindingRule("46-3.2.4", Severity.HIGH, _HIGH, (PERSON.only("employment"),)),
    Finding.ILLNESS_OUTSIDE: FindingRule(
        "46-2.3", Severity.HIGH, _HIGH,
        (read_scope(Department.HEALTH), read_scope(Department.MEDICAL_INSURANCE), _CERTIFIED),
    ),
    Finding.SEVERE_DISABILITY_OUTSIDE: FindingRule(
        "46-2.3", Severity.HIGH, _HIGH,
        (read_scope(Department.DISABLED_FEDERATION), PERSON.only("disabilityGrade"), _CERTIFIED),
    ),
    Finding.DECEASED_RECIPIENT: FindingRule(
        "46-2.2", Severity.URGENT, _URGENT, (read_scope(Department.CIVIL_AFFAIRS),), at_home=False,
    ),
    Finding.PARTLY_COVERED: FindingRule("46-2.3", Severity.NORMAL, _NORMAL, (_CERTIFIED,)),
    Finding.WITHOUT_LABOUR: FindingRule("46-2.3", Severity.NORMAL, _NORMAL, (PERSON.only("employment"),)),
    Finding.PREMIUM_NOT_IN_FULL: FindingRule(
        "46-3.2.1", Severity.HIGH, _HIGH, (_CERTIFIED, aid_scopes.read_scope(AidKind.MEDICAL)), at_home=False,
    ),
    Finding.SUPPLEMENT_MISSING: FindingRule(
        "46-3.1", Severity.HIGH, _HIGH,
        (_CERTIFIED, _PAID, PERSON.only("health"), PERSON.only("disabilityGrade"), PERSON.only("educationStage")),
        at_home=False,
    ),
    Finding.ALLOWANCE_LATE: FindingRule("46-3.1", Severity.URGENT, _URGENT, (_CERTIFIED, _PAID), at_home=False),
    Finding.DUPLICATE_AID: FindingRule("46-2.1", Severity.HIGH, _HIGH, (OVERLAP_CASE.only("rule"),), at_home=False),
    Finding.PERSON_IN_TWO_HOUSEHOLDS: FindingRule("46-2.2", Severity.HIGH, _HIGH, at_home=False),
    Finding.REFERRAL_OVERDUE: FindingRule("46-2.1", Severity.HIGH, _URGENT, (REFERRAL.only("need"),), at_home=False),
    Finding.INCOME_ABOVE_LINE: FindingRule(
        "46-2.4", Severity.NORMAL, _NORMAL, (_CERTIFIED, *sorted(HOUSEHOLD["incomePerCapita"][0])),
    ),
    Finding.MONTHLY_SHARE_LATE: FindingRule("46-2.2", Severity.HIGH, _URGENT, at_home=False),
    Finding.FOUND_ON_THE_SPOT: FindingRule("46-2.3", Severity.HIGH, _HIGH),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DispositionRule:
    """What a disposition leads to: needs pushed, a conference called, or a certification ended."""

    leads_to: EventType


DISPOSITION_RULES: dict[Disposition, DispositionRule] = {
    Disposition.CARRY_OUT: DispositionRule(EventType.REFERRAL_SENT),
    Disposition.INCLUDE: DispositionRule(EventType.REFERRAL_SENT),
    Disposition.CONFERENCE: DispositionRule(EventType.CONFERENCE_CALLED),
    Disposition.TERMINATE: DispositionRule(EventType.CERTIFICATION_ENDED),
}  # fmt: skip
