"""The rules of each aid kind, with their clauses."""

from dataclasses import dataclass

from hub.model.agencies import Department
from hub.model.aid import AidKind, CorrectionReason


@dataclass(frozen=True, slots=True)
class KindRule:
    """The clause of 46-3; the departments in charge, which receive referrals; whether the aid is money; whether it is given
    wherever the trouble happens, regardless of household registration (46-3.3)."""

    clause: str
    in_charge: tuple[Department, ...]
    money: bool = True
    anywhere: bool = False


KIND_RULES: dict[AidKind, KindRule] = {
    AidKind.BASIC_LIVING: KindRule("46-3.1", (Department.CIVIL_AFFAIRS, Department.FINANCE)),
    AidKind.MEDICAL: KindRule("46-3.2.1", (Department.MEDICAL_INSURANCE, Department.HEALTH)),
    AidKind.EDUCATION: KindRule("46-3.2.2", (Department.EDUCATION,)),
    AidKind.HOUSING: KindRule("46-3.2.3", (Department.HOUSING_SECURITY, Department.URBAN_CONSTRUCTION)),
    AidKind.EMPLOYMENT: KindRule("46-3.2.4", (Department.HUMAN_RESOURCES,)),
    AidKind.DISASTER: KindRule("46-3.2.5", (Department.EMERGENCY_MANAGEMENT,)),
    AidKind.TEMPORARY: KindRule("46-3.3", (Department.CIVIL_AFFAIRS,), anywhere=True),
    AidKind.SERVICE: KindRule("46-3.4", (Department.CIVIL_AFFAIRS,), money=False),
    AidKind.OTHER: KindRule(
        "46-3.5", (Department.CIVIL_AFFAIRS, Department.DEVELOPMENT_REFORM, Department.DISABLED_FEDERATION)
    ),
    AidKind.CHARITY: KindRule("46-3.6", (Department.CIVIL_AFFAIRS, Department.CHARITY)),
}


@dataclass(frozen=True, slots=True)
class CorrectionRule:
    """The clause of each reason to revoke aid."""

    clause: str


CORRECTION_RULES: dict[CorrectionReason, CorrectionRule] = {
    CorrectionReason.MISTAKE: CorrectionRule("46-4.3"),
    CorrectionReason.FALSE_CLAIM: CorrectionRule("46-4.3"),
    CorrectionReason.NO_LONGER_ENTITLED: CorrectionRule("46-2.4"),
    CorrectionReason.DECEASED: CorrectionRule("46-2.2"),
    CorrectionReason.DUPLICATE: CorrectionRule("46-2.1"),
}
