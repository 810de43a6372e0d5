"""The data of one household of the sample before it becomes rows: members, certifications, facts, aid, referrals."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from hub.aid.drafts import AidDraft
from hub.model.agencies import Department
from hub.model.aid import AidKind
from hub.model.certifications import Category, EndReason, MonitoredSubtype, Support
from hub.model.circumstances import CircumstanceKind
from hub.model.persons import DisabilityType, EducationStage, Employment, Gender, Health, Labour, Relation
from hub.model.referrals import ReferralStatus
from hub.policy.facts.ages import full_years
from hub.sample.calendar import SampleCalendar
from hub.sample.identities import NIL, sample_id
from hub.sample.lines import line
from hub.sample.places import Village


@dataclass(slots=True)
class Member:
    """One person of a household."""

    relation: Relation
    gender: Gender
    birth_date: date
    name: str
    id: UUID = NIL
    number: str = ""
    health: Health = Health.HEALTHY
    disability_type: DisabilityType | None = None
    disability_grade: int | None = None
    stage: EducationStage | None = None
    school: str | None = None
    employment: Employment = Employment.NONE
    labour: Labour = Labour.NONE
    died_on: date | None = None

    @property
    def severely_disabled(self) -> bool:
        """重度残疾: grade 1 or 2."""
        return self.disability_grade in (1, 2)

    @property
    def able(self) -> bool:
        """Whether the member could work: able to work, and not at school."""
        return self.labour is not Labour.NONE and self.stage is None


@dataclass(frozen=True, slots=True)
class SampleCertification:
    """A certification; `member` None: of the household as a whole."""

    id: UUID
    member: Member | None
    category: Category
    subtype: MonitoredSubtype | None
    support: Support | None
    valid_from: date
    valid_until: date | None
    authority: str
    clause: str
    at: datetime
    ended_on: date | None = None
    ended_because: EndReason | None = None
    end_reason: str | None = None


@dataclass(frozen=True, slots=True)
class SampleCircumstance:
    """A fact of a registry; `member` None: of the household as a whole."""

    id: UUID
    member: Member | None
    kind: CircumstanceKind
    since: date
    agency: str
    at: datetime
    amount: Decimal | None = None
    note: str | None = None

    @property
    def content(self) -> dict[str, Any]:
        """The values of the report, by column."""
        disabled = self.member if self.kind is CircumstanceKind.DISABILITY else None
        student = self.member if self.kind is CircumstanceKind.HARDSHIP_STUDENT else None
        return {
            "since": self.since,
            "until": None,
            "disability_type": disabled and disabled.disability_type,
            "disability_grade": disabled and disabled.disability_grade,
            "education_stage": student and student.stage,
            "school": student and student.school,
            "amount": self.amount,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class SampleAid:
    """An aid record and the agency that gave it."""

    id: UUID
    member: Member | None
    agency: str
    draft: AidDraft
    at: datetime


@dataclass(frozen=True, slots=True)
class SampleReferral:
    """A referral with the times of its steps.

    `answered_by` is the aid that fulfilled it; `forwarded_from` is the returned referral that it replaces.
    """

    id: UUID
    from_agency: str
    to_agency: str
    need: AidKind
    reason: str
    status: ReferralStatus
    sent_at: datetime
    due_at: datetime
    external_id: str
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    return_reason: str | None = None
    outcome: str | None = None
    answered_by: SampleAid | None = None
    end_reason: str | None = None
    forwarded_from: UUID | None = None


@dataclass(slots=True)
class Story:
    """One household from its registration to the day of the sample."""

    serial: int
    rng: Random
    calendar: SampleCalendar
    place: Village
    category: Category | None
    id: UUID
    code: str
    address: str
    members: list[Member]
    registered_at: datetime = field(init=False)
    subtype: MonitoredSubtype | None = None
    support: Support | None = None
    certified_from: date | None = None
    certified_members: list[Member] | None = None
    income_per_capita: Decimal = Decimal(0)
    certifications: list[SampleCertification] = field(default_factory=list)
    circumstances: list[SampleCircumstance] = field(default_factory=list)
    aids: list[SampleAid] = field(default_factory=list)
    aid_count: int = 0
    referrals: list[SampleReferral] = field(default_factory=list)

    def line(self, category: Category) -> int:
        """The line of a category at the household's place, in yuan a month for one person."""
        return line(self.place.county, self.place.residence, category)

    @property
    def head(self) -> Member:
        """户主."""
        return self.members[0]

    @property
    def living(self) -> list[Member]:
        """The members who are alive."""
        return [member for member in self.members if member.died_on is None]

    @property
    def covered(self) -> list[Member]:
        """The living members whom a certification covers: all, or those who were certified if only some were."""
        if self.category is None:
            return []
        chosen = self.members if self.certified_members is None else self.certified_members
        return [member for member in chosen if member.died_on is None]

    def age(self, member: Member) -> int:
        """A member's age on the day of the sample."""
        return full_years(member.birth_date, self.calendar.as_of)

    def new_id(self, at: datetime) -> UUID:
        """An id for a record of this household, for an instant."""
        return sample_id(self.rng, int(at.timestamp() * 1000))

    def township_office(self) -> str:
        """The street office or township government."""
        return f"{Department.CIVIL_AFFAIRS}@{self.place.township}"

    def at_county(self, department: Department) -> str:
        """A department of the county."""
        return f"{department}@{self.place.county}"

    def at_city(self, department: Department) -> str:
        """A department of the city."""
        return f"{department}@{self.place.county[:4]}"

    def suffering(self, kind: CircumstanceKind) -> Iterator[Member]:
        """The living members with a reported circumstance."""
        for circumstance in self.circumstances:
            if circumstance.kind is kind and circumstance.member and circumstance.member.died_on is None:
                yield circumstance.member
