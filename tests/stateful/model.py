"""What a few households hold and who may do what with them, in plain Python, written from the domain page and the policy:
the hub's rules are not asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
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
    "RELAPSE_PREVENTION": ("agriculture",),
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
WITHOUT_MONEY = ("SERVICE",)
"""46-3.4."""
PAY_FIRST_MONTHS = 3
"""46-3.3: 当地3倍月低保标准."""


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
    """A household as the model knows it; `number` is the identity number of the first of its persons."""

    id: UUID
    region: str
    persons: list[UUID]
    number: str


@dataclass
class Aid:
    """The current version of a record. `yuan` is what it says, `paid` the most that went out for it; `papers` is OWED or
    SUPPLIED where it was paid first."""

    key: Key
    agency: str
    kind: str
    version: int = 1
    status: str = "APPROVED"
    yuan: Decimal | None = None
    paid: Decimal = Decimal(0)
    revoked: str | None = None
    papers: str | None = None

    def goes_out(self) -> None:
        """What was paid or delivered is with the household."""
        if self.status in ("PAID", "DELIVERED"):
            self.paid = max(self.paid, self.yuan or Decimal(0))

    @property
    def wrongly_paid(self) -> Decimal:
        """46-4.3: what went out and is not rightful."""
        if self.revoked is not None or not self.paid:
            return self.paid
        return self.paid - (self.yuan or 0)


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
    long_ago: bool = False

    def shows(self, agency: str, household: UUID) -> bool:
        """46-2.1, 46-4.2: who is to answer it sees the household, and still for 90 days after the answer."""
        lasts = self.status in ("SENT", "ACCEPTED") or (self.status == "COMPLETED" and not self.long_ago)
        return lasts and (agency, household) == (self.receiver, self.key[0])


@dataclass
class Alert:
    """One that an agency raised."""

    key: Key
    status: str = "OPEN"
    version: int = 1
    disposition: str | None = None


@dataclass
class Conference:
    """One that civil affairs called, under a `number` of theirs. What it decided: `doer` gives a `kind`, up to `yuan` where
    a sum was set."""

    key: Key
    caller: str
    number: str
    status: str = "CALLED"
    version: int = 1
    doer: str | None = None
    kind: str | None = None
    yuan: Decimal | None = None


@dataclass
class Recovery:
    """What is to be got back of a record, and what is still owed of it."""

    key: Key
    aid: Aid
    because: str
    yuan: Decimal
    left: Decimal
    waived: Decimal | None = None
    version: int = 1


@dataclass
class Model:
    """Everything together, and who takes part in a conference of which household. `standards` are the monthly subsistence
    standards now in force by county and residence, `names` those of the regions."""

    homes: list[Home]
    shown: set[tuple[str, UUID]]
    certifications: list[Certification]
    referrals: list[Referral]
    standards: Mapping[tuple[str, str], Decimal]
    names: Mapping[str, str]
    aids: list[Aid] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    conferences: list[Conference] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)

    def home(self, id: UUID) -> Home:
        """By id."""
        return next(home for home in self.homes if home.id == id)

    def sees(self, agency: str, household: UUID) -> bool:
        """46-4.2: its own jurisdiction, and what is shown to it by a need or a conference."""
        inside = self.home(household).region.startswith(region(agency))
        shown = any(referral.shows(agency, household) for referral in self.referrals)
        return inside or shown or (agency, household) in self.shown

    def may_raise(self, agency: str, household: UUID) -> bool:
        """46-2.3: 各级各部门, each whom it finds; audit finds nobody."""
        return department(agency) != "audit" and self.sees(agency, household)

    def may_visit(self, agency: str, household: UUID, *, of_alert: bool) -> bool:
        """46-2.3, 46-2.4: civil affairs checks alerts; schools, health and the disabled persons' federation visit their own."""
        own = {"education", "health", "disabled_federation"}
        by_duty = self.of_civil_affairs(agency, household) or (department(agency) in own and not of_alert)
        return by_duty and self.sees(agency, household)

    def in_charge(self, agency: str, kind: str) -> bool:
        """46-3."""
        return department(agency) in IN_CHARGE[kind]

    def may_give(self, agency: str, kind: str, household: UUID) -> bool:
        """46-3, 46-4.2."""
        return self.in_charge(agency, kind) and self.sees(agency, household)

    def may_help_urgently(self, agency: str, household: UUID, *, by_number: bool) -> bool:
        """46-3.3: wherever somebody is registered, whose number is known."""
        return self.in_charge(agency, "TEMPORARY") and (by_number or self.sees(agency, household))

    def most_paid_first(self, region: str) -> Decimal | None:
        """46-3.3: yuan; that of the town in a street, of the country in another township, the higher of both where only the
        county is told. None where no such place or standard is known."""
        township = self.names.get(region[:9]) if len(region) >= 9 else None
        if region not in self.names:
            return None
        residences: tuple[str, ...] = ("URBAN", "RURAL")
        if township is not None:
            residences = residences[:1] if township.endswith("街道") else residences[1:]
        known = [
            self.standards[region[:6], residence]
            for residence in residences
            if (region[:6], residence) in self.standards
        ]
        return max(known) * PAY_FIRST_MONTHS if known else None

    def decided(self, conference: Conference, household: UUID, agency: str, yuan: Decimal) -> bool:
        """46-3.3: whether the minutes of a conference of a household let an agency give so much urgent aid."""
        held = conference.key[0] == household and conference.status == "HELD"
        return (
            held
            and (conference.doer, conference.kind) == (agency, "TEMPORARY")
            and (conference.yuan is None or yuan <= conference.yuan)
        )

    def left_to_recover(self, aid: Aid) -> Decimal:
        """46-4.3: what was wrongly paid for a record, less what is being recovered."""
        return aid.wrongly_paid - sum(recovery.yuan for recovery in self.recoveries if recovery.aid is aid)

    def may_recover(self, agency: str, aid: Aid) -> bool:
        """46-4.3: who gave it, or civil affairs where the household lives."""
        lives = self.home(aid.key[0]).region.startswith(region(agency))
        return agency == aid.agency or (department(agency) == "civil_affairs" and lives)

    def may_waive(self, agency: str, recovery: Recovery) -> bool:
        """46-4.3: an office above the townships, where something is owed that was not obtained by a false claim."""
        above = self.may_recover(agency, recovery.aid) and len(region(agency)) <= 6
        return above and recovery.because != "FALSE_CLAIM" and recovery.left > 0

    def may_certify(self, agency: str, category: str, household: UUID) -> bool:
        """46-1.2, where the household lives."""
        return _is_authority(agency, category) and self.home(household).region.startswith(region(agency))

    def is_guest(self, agency: str, category: str, household: UUID) -> bool:
        """Whether an authority of a category was shown a household that lives elsewhere."""
        seen = self.sees(agency, household) and not self.may_certify(agency, category, household)
        return seen and _is_authority(agency, category)

    def ever_certified(self, category: str, household: UUID) -> bool:
        """Whether a category was certified before, for whomever."""
        return any(
            certification.category == category and certification.key[0] == household
            for certification in self.certifications
        )

    def may_send(self, agency: str, receiver: str, need: str, household: UUID) -> bool:
        """46-2.1: a need that one sees, to another agency that is in charge of it and may be brought in."""
        sends = department(agency) not in NO_REFERRALS and self.sees(agency, household)
        brings = self.may_bring_in(agency, receiver, household)
        return sends and receiver != agency and department(receiver) in IN_CHARGE[need] and brings

    def may_bring_in(self, agency: str, other: str, household: UUID) -> bool:
        """46-2.1, 46-3.3: an agency of where the household lives; civil affairs of there brings in others too."""
        lives = self.home(household).region
        own = department(agency) == "civil_affairs" and lives.startswith(region(agency))
        return own or lives.startswith(region(other))

    def may_step(self, agency: str, step: str, referral: Referral, version: int) -> bool:
        """The referral's life."""
        states, _, side = STEPS[step]
        whose = referral.receiver if side == "to" else referral.sender
        return agency == whose and referral.status in states and version == referral.version

    def of_need(self, aid: Aid, referral: Referral) -> bool:
        """Whether a record is what a need asks for: of the same household, kind and agency."""
        return aid.key[0] == referral.key[0] and aid.kind == referral.need and aid.agency == referral.receiver

    def answers(self, aid: Aid, referral: Referral) -> bool:
        """Whether a record may be named as what answers a need: not one that was taken back."""
        return self.of_need(aid, referral) and aid.revoked is None

    def of_civil_affairs(self, agency: str, household: UUID) -> bool:
        """46-2.4: alerts, visits and conferences are civil affairs'."""
        return department(agency) == "civil_affairs" and self.sees(agency, household)

    def may_confer(self, agency: str) -> bool:
        """46-2.4: 县级社会救助工作联席会议."""
        return department(agency) == "civil_affairs" and len(region(agency)) <= 6

    def send(self, referral: Referral) -> None:
        """It is there."""
        self.referrals.append(referral)


def rows_of(model: Model) -> dict[str, Any]:
    """What the tables are to hold of it, by noun."""
    return {
        "referral": {
            referral.key: (
                referral.sender,
                referral.receiver,
                referral.need,
                referral.status,
                referral.version,
            )
            for referral in model.referrals
        },
        "alert": {alert.key: (alert.status, alert.version, alert.disposition) for alert in model.alerts},
        "conference": {
            conference.key: (conference.caller, conference.status, conference.version)
            for conference in model.conferences
        },
        "certification": {
            certification.key: (certification.category, certification.ended, certification.version)
            for certification in model.certifications
        },
        "aid_record": {
            aid.key: (aid.agency, aid.kind, aid.version, aid.status, aid.yuan, aid.revoked)
            for aid in model.aids
        },
        "recovery": {
            recovery.key: (
                recovery.aid.key[1],
                recovery.because,
                recovery.yuan,
                recovery.waived,
                recovery.left,
                recovery.version,
            )
            for recovery in model.recoveries
        },
    }
