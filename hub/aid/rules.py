"""The rules of each aid kind, with their clauses."""

from dataclasses import dataclass

from hub.model.agencies import Department
from hub.model.aid import AidKind, CorrectionReason
from hub.model.households import Residence


@dataclass(frozen=True, slots=True)
class AidKindRule:
    """The rules of one kind of aid.

    `clause`: the clause of 46-3. `in_charge`: the departments to which a need is referred. A need of an application (46-4.1)
    goes to the first of them, or to `answers` if this is set, or for a rural household to `rural` if this is set. `withheld`:
    why a public list of aid (46-4.3) leaves the kind out; None: it is listed. `money`: whether the kind is money. `anywhere`:
    whether it is given where the trouble happens, regardless of the household register (46-3.3).
    """

    clause: str
    in_charge: tuple[Department, ...]
    withheld: str | None
    answers: Department | None = None
    rural: Department | None = None
    money: bool = True
    anywhere: bool = False

    def answered_by(self, residence: Residence) -> Department:
        """The department to which a need in an application goes, for a household of this residence."""
        of_rural = self.rural if residence is Residence.RURAL else None
        return of_rural or self.answers or self.in_charge[0]


KIND_RULES: dict[AidKind, AidKindRule] = {
    AidKind.BASIC_LIVING: AidKindRule(
        "46-3.1", (Department.CIVIL_AFFAIRS, Department.FINANCE), withheld=None
    ),
    AidKind.MEDICAL: AidKindRule(
        "46-3.2.1", (Department.MEDICAL_INSURANCE, Department.HEALTH), withheld="it tells illness"
    ),
    AidKind.EDUCATION: AidKindRule(
        "46-3.2.2", (Department.EDUCATION,), withheld="it is given to pupils, most of them minors"
    ),
    AidKind.HOUSING: AidKindRule(
        "46-3.2.3",
        (Department.HOUSING_SECURITY, Department.URBAN_CONSTRUCTION),
        withheld=None,
        rural=Department.URBAN_CONSTRUCTION,
    ),
    AidKind.EMPLOYMENT: AidKindRule("46-3.2.4", (Department.HUMAN_RESOURCES,), withheld=None),
    AidKind.DISASTER: AidKindRule("46-3.2.5", (Department.EMERGENCY_MANAGEMENT,), withheld=None),
    AidKind.TEMPORARY: AidKindRule("46-3.3", (Department.CIVIL_AFFAIRS,), withheld=None, anywhere=True),
    AidKind.SERVICE: AidKindRule(
        "46-3.4",
        (Department.CIVIL_AFFAIRS,),
        withheld="it tells who cannot look after themselves",
        money=False,
    ),
    AidKind.OTHER: AidKindRule(
        "46-3.5",
        (Department.CIVIL_AFFAIRS, Department.DEVELOPMENT_REFORM, Department.DISABLED_FEDERATION),
        withheld="its forms tell disability and death",
    ),
    AidKind.CHARITY: AidKindRule(
        "46-3.6",
        (Department.CIVIL_AFFAIRS, Department.CHARITY),
        withheld="it is the giver's to publish",
        answers=Department.CHARITY,
    ),
    AidKind.RELAPSE_PREVENTION: AidKindRule(
        "46-3", (Department.AGRICULTURE,), withheld="it tells why a household may fall back into poverty"
    ),
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
