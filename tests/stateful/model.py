"""What a few households hold and who may do what with them, in plain Python, written from the domain page and the policy:
the hub's rules are not asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

Key = tuple[UUID, UUID]

IN_CHARGE: Mapping[str, tuple[str, ...]] = {
    "BASIC_LIVING": ("civil_affairs", "finance"),
    "MEDICAL": ("medical_insurance", "health"),
    "EDUCATION": ("education",),
    "HOUSING": ("housing_security", "urban_construction"),
    "EMPLOYMENT": ("human_resources",),
    "DISASTER": ("emergency_management",),
    "TEMPORARY": ("civil_affairs",),
    "SERVICE": ("civil_affairs",),
    "OTHER": ("civil_affairs", "development_reform", "disabled_federation"),
    "CHARITY": ("civil_affairs", "charity"),
}
"""46-3: which departments are in charge of a kind."""
STEPS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "accept": (("SENT",), "ACCEPTED", "to"),
    "return": (("SENT", "ACCEPTED"), "RETURNED", "to"),
    "complete": (("ACCEPTED",), "COMPLETED", "to"),
    "end": (("RETURNED",), "ENDED", "from"),
    "forward": (("RETURNED",), "FORWARDED", "from"),
}
"""docs/referrals.md: from which states a step leads to which, and which side takes it."""
NO_REFERRALS = ("audit",)


def department(agency: str) -> str:
    """Of department@region."""
    return agency.partition("@")[0]


def region(agency: str) -> str:
    """Of department@region."""
    return agency.partition("@")[2]


def _is_authority(agency: str, category: str) -> bool:
    """46-1.2."""
    match category:
        case "POVERTY_RELAPSE_MONITORED":
            return department(agency) == "agriculture"
        case "OTHER_HARDSHIP":
            return department(agency) == "civil_affairs" and len(region(agency)) == 6
        case _:
            return department(agency) == "civil_affairs" and len(region(agency)) == 9


@dataclass
class Home:
    """A household as the model knows it."""

    id: UUID
    region: str
    persons: list[UUID]


@dataclass
class Aid:
    """The current version of a record."""

    key: Key
    agency: str
    kind: str
    version: int = 1


@dataclass
class Certification:
    """One, standing or ended."""

    key: Key
    category: str
    version: int
    ended: bool


@dataclass
class Referral:
    """One, as it now stands."""

    key: Key
    sender: str
    receiver: str
    need: str
    of_person: bool
    status: str = "SENT"
    version: int = 1


@dataclass
class Alert:
    """One that an agency raised."""

    key: Key
    status: str = "OPEN"
    version: int = 1


@dataclass
class Conference:
    """One that civil affairs called."""

    key: Key
    caller: str
    status: str = "CALLED"
    version: int = 1


@dataclass
class Model:
    """Everything together, and who was shown which household."""

    homes: list[Home]
    shown: set[tuple[str, UUID]]
    certifications: list[Certification]
    referrals: list[Referral]
    aids: list[Aid] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    conferences: list[Conference] = field(default_factory=list)

    def home(self, id: UUID) -> Home:
        """By id."""
        return next(one for one in self.homes if one.id == id)

    def sees(self, agency: str, household: UUID) -> bool:
        """46-4.2: its own jurisdiction, and what was shown to it."""
        inside = self.home(household).region.startswith(region(agency))
        return inside or (agency, household) in self.shown

    def may_give(self, agency: str, kind: str, household: UUID) -> bool:
        """46-3, 46-4.2."""
        return department(agency) in IN_CHARGE[kind] and self.sees(agency, household)

    def may_certify(self, agency: str, category: str, household: UUID) -> bool:
        """46-1.2, where the household lives."""
        return _is_authority(agency, category) and self.home(household).region.startswith(region(agency))

    def is_guest(self, agency: str, category: str, household: UUID) -> bool:
        """Whether an authority of a category was shown a household that lives elsewhere."""
        seen = self.sees(agency, household) and not self.may_certify(agency, category, household)
        return seen and _is_authority(agency, category)

    def ever_certified(self, category: str, household: UUID) -> bool:
        """Whether a category was certified before, for whomever."""
        return any(one.category == category and one.key[0] == household for one in self.certifications)

    def may_send(self, agency: str, receiver: str, need: str, household: UUID) -> bool:
        """46-2.1: a need that one sees, to another agency that is in charge of it."""
        sends = department(agency) not in NO_REFERRALS and self.sees(agency, household)
        return sends and receiver != agency and department(receiver) in IN_CHARGE[need]

    def may_step(self, agency: str, step: str, one: Referral, version: int) -> bool:
        """The referral's life."""
        states, _, side = STEPS[step]
        whose = one.receiver if side == "to" else one.sender
        return agency == whose and one.status in states and version == one.version

    def answers(self, aid: Aid, one: Referral) -> bool:
        """Whether a record may be named as what answers a need: of the same household, kind and agency."""
        return aid.key[0] == one.key[0] and aid.kind == one.need and aid.agency == one.receiver

    def of_civil_affairs(self, agency: str, household: UUID) -> bool:
        """46-2.4: alerts, visits and conferences are civil affairs'."""
        return department(agency) == "civil_affairs" and self.sees(agency, household)

    def may_confer(self, agency: str) -> bool:
        """46-2.4: 县级社会救助工作联席会议."""
        return department(agency) == "civil_affairs" and len(region(agency)) <= 6

    def send(self, referral: Referral) -> None:
        """It is there, and both sides see the household."""
        self.referrals.append(referral)
        self.shown |= {(referral.sender, referral.key[0]), (referral.receiver, referral.key[0])}


def rows_of(model: Model) -> dict[str, Any]:
    """What the tables are to hold of it, by noun."""
    return {
        "referral": {
            one.key: (one.sender, one.receiver, one.need, one.status, one.version) for one in model.referrals
        },
        "alert": {one.key: (one.status, one.version) for one in model.alerts},
        "conference": {one.key: (one.caller, one.status, one.version) for one in model.conferences},
        "certification": {one.key: (one.category, one.ended, one.version) for one in model.certifications},
        "aid_record": {one.key: (one.agency, one.kind, one.version) for one in model.aids},
    }
