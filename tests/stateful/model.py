"""The state of a few households, and what each agency may do with them, in plain Python. It is written from the domain page
and the policy, not from the hub's rules."""

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
"""46-3: the departments in charge of each kind of aid."""
STEPS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "accept": (("SENT",), "ACCEPTED", "to"),
    "return": (("SENT", "ACCEPTED"), "RETURNED", "to"),
    "complete": (("ACCEPTED",), "COMPLETED", "to"),
    "end": (("RETURNED",), "ENDED", "from"),
    "forward": (("RETURNED",), "FORWARDED", "from"),
}
"""docs/referrals.md: for each step, the statuses before it, the status after it, and the side that takes it."""
NO_REFERRALS = ("audit",)
WITHOUT_MONEY = ("SERVICE",)
"""46-3.4."""
PAY_FIRST_MONTHS = 3
"""46-3.3: 当地3倍月低保标准."""


def department(agency: str) -> str:
    """The department of an agency `department@region`."""
    return agency.partition("@")[0]


def region(agency: str) -> str:
    """The region of an agency `department@region`."""
    return agency.partition("@")[2]


def _is_authority(agency: str, category: str) -> bool:
    """Whether the agency may certify the category (46-1.2), wherever the household lives."""
    match category:
        case "POVERTY_RELAPSE_MONITORED":
            return department(agency) == "agriculture"
        case "OTHER_HARDSHIP":
            return department(agency) == "civil_affairs" and len(region(agency)) == 6
        case _:
            return department(agency) == "civil_affairs" and len(region(agency)) == 9


@dataclass
class Home:
    """A household in the model; `number` is the identity number of its first person."""

    id: UUID
    region: str
    persons: list[UUID]
    number: str


@dataclass
class Aid:
    """The current version of a record. `yuan` is its amount, `paid` the highest amount that was paid for it; `papers` is OWED
    or SUPPLIED if it was paid first."""

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
        """The amount of a paid or delivered record counts as paid, even if it is lowered later."""
        if self.status in ("PAID", "DELIVERED"):
            self.paid = max(self.paid, self.yuan or Decimal(0))

    @property
    def wrongly_paid(self) -> Decimal:
        """46-4.3: the amount that was paid without a right to it."""
        if self.revoked is not None or not self.paid:
            return self.paid
        return self.paid - (self.yuan or 0)


@dataclass
class Certification:
    """A certification, in force or ended."""

    key: Key
    category: str
    version: int
    ended: bool


@dataclass
class Referral:
    """The current version of a referral."""

    key: Key
    sender: str
    receiver: str
    need: str
    of_person: bool
    status: str = "SENT"
    version: int = 1
    long_ago: bool = False

    def shows(self, agency: str, household: UUID) -> bool:
        """46-2.1, 46-4.2: the receiver sees the household until it answers, and for 90 days after it completed the referral."""
        lasts = self.status in ("SENT", "ACCEPTED") or (self.status == "COMPLETED" and not self.long_ago)
        return lasts and (agency, household) == (self.receiver, self.key[0])


@dataclass
class Alert:
    """An alert that an agency raised."""

    key: Key
    status: str = "OPEN"
    version: int = 1
    disposition: str | None = None


@dataclass
class Conference:
    """A conference that civil affairs called, with the caller's `number`. Its decision: `doer` gives aid of a `kind`, up to
    `yuan` if an amount was set."""

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
    """The amount to be recovered for a record, and the amount still owed."""

    key: Key
    aid: Aid
    because: str
    yuan: Decimal
    left: Decimal
    waived: Decimal | None = None
    version: int = 1


@dataclass
class Model:
    """The whole state, and the agencies that see a household through a conference. `standards` are the monthly subsistence
    standards in force, by county and residence; `names` are the names of the regions."""

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
        """The household of an id."""
        return next(home for home in self.homes if home.id == id)

    def sees(self, agency: str, household: UUID) -> bool:
        """46-4.2: an agency sees its own jurisdiction, and the households shown to it by a referral or a conference."""
        inside = self.home(household).region.startswith(region(agency))
        shown = any(referral.shows(agency, household) for referral in self.referrals)
        return inside or shown or (agency, household) in self.shown

    def may_raise(self, agency: str, household: UUID) -> bool:
        """46-2.3: agencies of all levels and departments (各级各部门) raise alerts for households that they see; audit raises
        none."""
        return department(agency) != "audit" and self.sees(agency, household)

    def may_visit(self, agency: str, household: UUID, *, of_alert: bool) -> bool:
        """46-2.3, 46-2.4: civil affairs checks alerts; education, health and the disabled persons' federation make visits of
        their own."""
        own = {"education", "health", "disabled_federation"}
        by_duty = self.of_civil_affairs(agency, household) or (department(agency) in own and not of_alert)
        return by_duty and self.sees(agency, household)

    def in_charge(self, agency: str, kind: str) -> bool:
        """Whether the agency's department is in charge of the kind (46-3)."""
        return department(agency) in IN_CHARGE[kind]

    def may_give(self, agency: str, kind: str, household: UUID) -> bool:
        """Whether the agency may give aid of the kind to the household (46-3, 46-4.2)."""
        return self.in_charge(agency, kind) and self.sees(agency, household)

    def may_help_urgently(self, agency: str, household: UUID, *, by_number: bool) -> bool:
        """46-3.3: wherever the person is registered, if the identity number is known."""
        return self.in_charge(agency, "TEMPORARY") and (by_number or self.sees(agency, household))

    def most_paid_first(self, region: str) -> Decimal | None:
        """46-3.3: in yuan. For a street the limit follows the urban standard, for another township the rural one; if only the
        county is known, the higher of both. None if the place or the standard is not known."""
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
        """46-3.3: whether a conference on the household decided that the agency may give this amount of urgent aid."""
        held = conference.key[0] == household and conference.status == "HELD"
        return (
            held
            and (conference.doer, conference.kind) == (agency, "TEMPORARY")
            and (conference.yuan is None or yuan <= conference.yuan)
        )

    def left_to_recover(self, aid: Aid) -> Decimal:
        """46-4.3: the amount wrongly paid for a record, less the amounts in recoveries."""
        return aid.wrongly_paid - sum(recovery.yuan for recovery in self.recoveries if recovery.aid is aid)

    def may_recover(self, agency: str, aid: Aid) -> bool:
        """46-4.3: the agency that gave the aid, or civil affairs of the place where the household lives."""
        lives = self.home(aid.key[0]).region.startswith(region(agency))
        return agency == aid.agency or (department(agency) == "civil_affairs" and lives)

    def may_waive(self, agency: str, recovery: Recovery) -> bool:
        """46-4.3: an office above the townships, if something is still owed and it was not obtained by a false claim."""
        above = self.may_recover(agency, recovery.aid) and len(region(agency)) <= 6
        return above and recovery.because != "FALSE_CLAIM" and recovery.left > 0

    def may_certify(self, agency: str, category: str, household: UUID) -> bool:
        """46-1.2: the authority for the category, where the household lives."""
        return _is_authority(agency, category) and self.home(household).region.startswith(region(agency))

    def is_guest(self, agency: str, category: str, household: UUID) -> bool:
        """Whether the agency is an authority for the category and sees the household, which lives elsewhere."""
        seen = self.sees(agency, household) and not self.may_certify(agency, category, household)
        return seen and _is_authority(agency, category)

    def ever_certified(self, category: str, household: UUID) -> bool:
        """Whether the category was certified before, for the household or any of its members."""
        return any(
            certification.category == category and certification.key[0] == household
            for certification in self.certifications
        )

    def may_send(self, agency: str, receiver: str, need: str, household: UUID) -> bool:
        """46-2.1: a need of a household that the agency sees, to another agency that is in charge of it and may be brought
        in."""
        sends = department(agency) not in NO_REFERRALS and self.sees(agency, household)
        brings = self.may_bring_in(agency, receiver, household)
        return sends and receiver != agency and department(receiver) in IN_CHARGE[need] and brings

    def may_bring_in(self, agency: str, other: str, household: UUID) -> bool:
        """46-2.1, 46-3.3: any agency may bring in one of the place where the household lives; civil affairs of that place may
        bring in others too."""
        lives = self.home(household).region
        own = department(agency) == "civil_affairs" and lives.startswith(region(agency))
        return own or lives.startswith(region(other))

    def may_step(self, agency: str, step: str, referral: Referral, version: int) -> bool:
        """Whether the agency may take the step now: docs/referrals.md."""
        states, _, side = STEPS[step]
        whose = referral.receiver if side == "to" else referral.sender
        return agency == whose and referral.status in states and version == referral.version

    def of_need(self, aid: Aid, referral: Referral) -> bool:
        """Whether a record has the household, kind and agency that a referral asks for."""
        return aid.key[0] == referral.key[0] and aid.kind == referral.need and aid.agency == referral.receiver

    def answers(self, aid: Aid, referral: Referral) -> bool:
        """Whether a record may be named as the answer to a referral; a revoked record may not."""
        return self.of_need(aid, referral) and aid.revoked is None

    def of_civil_affairs(self, agency: str, household: UUID) -> bool:
        """46-2.4: civil affairs is in charge of alerts, visits and conferences."""
        return department(agency) == "civil_affairs" and self.sees(agency, household)

    def may_confer(self, agency: str) -> bool:
        """46-2.4: 县级社会救助工作联席会议."""
        return department(agency) == "civil_affairs" and len(region(agency)) <= 6

    def send(self, referral: Referral) -> None:
        """Add a referral."""
        self.referrals.append(referral)


def rows_of(model: Model) -> dict[str, Any]:
    """The rows that the tables must contain, by noun."""
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
