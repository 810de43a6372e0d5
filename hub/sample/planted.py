"""Planted cases: households that the monitoring rules must find in the sample. No other household matches.

They are the first households of every sample, always in the same positions, so their codes never change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import groupby

from hub.model.agencies import Department
from hub.model.aid import AidKind
from hub.model.certifications import Category, MonitoredSubtype
from hub.model.circumstances import CircumstanceKind
from hub.model.households import Residence
from hub.model.persons import DisabilityType, EducationStage, Employment, Gender, Health, Labour, Relation
from hub.model.referrals import ReferralStatus
from hub.persons.identity_number import SAMPLE_REGION, check_digit
from hub.sample.aid.temporary import pay_first
from hub.sample.calendar import years_after
from hub.sample.conditions import settle_work
from hub.sample.facts import report
from hub.sample.families import Structure
from hub.sample.household_story import HouseholdWish, household_code
from hub.sample.places import Village, places
from hub.sample.referrals import unanswered
from hub.sample.story import Member, Story


class Planted(StrEnum):
    """The names of the cases."""

    DUPLICATE_ACROSS_DISTRICTS = "DUPLICATE_ACROSS_DISTRICTS"
    DECEASED_RECIPIENT = "DECEASED_RECIPIENT"
    STUDENT_WITHOUT_AID = "STUDENT_WITHOUT_AID"
    SEVERE_DISABILITY_OUTSIDE = "SEVERE_DISABILITY_OUTSIDE"
    PARTLY_COVERED = "PARTLY_COVERED"
    ZERO_EMPLOYMENT = "ZERO_EMPLOYMENT"
    OVERDUE_REFERRAL = "OVERDUE_REFERRAL"
    LATE_PAYMENT = "LATE_PAYMENT"
    PERSON_IN_TWO_HOUSEHOLDS = "PERSON_IN_TWO_HOUSEHOLDS"
    MONITORED_UNSTABLE = "MONITORED_UNSTABLE"
    MONITORED_MARGINAL = "MONITORED_MARGINAL"
    MONITORED_SUDDEN_HARDSHIP = "MONITORED_SUDDEN_HARDSHIP"


@dataclass(frozen=True, slots=True)
class PlantedHousehold:
    """One household of a case, in a county."""

    case: Planted
    county: str
    residence: Residence
    wish: HouseholdWish

    @property
    def place(self) -> Village:
        """The first place of that residence in the county."""
        return next(place for place in places()[self.county] if place.residence is self.residence)


def _drop_aid(story: Story, kind: AidKind) -> None:
    story.aids = [aid for aid in story.aids if aid.draft.kind is not kind]


def _help_twice(story: Story) -> None:
    """Two counties pay the same person the same urgent aid in overlapping periods (46-2.1)."""
    _drop_aid(story, AidKind.TEMPORARY)
    day = story.calendar.months[4]
    pay_first(story, story.head, day + timedelta(days=4), "410105", story.place.residence)
    pay_first(story, story.head, day + timedelta(days=11), "410103", story.place.residence)


def _die_unnoticed(story: Story) -> None:
    """A death in the funeral records, and payments that continue (46-2.2)."""
    report(story, CircumstanceKind.DEATH, story.head, story.calendar.months[3] + timedelta(days=14))


def _has_pupil(story: Story) -> bool:
    return any(
        member.stage in (EducationStage.PRIMARY, EducationStage.JUNIOR_HIGH) for member in story.members
    )


def _forget_student(story: Story) -> None:
    _drop_aid(story, AidKind.EDUCATION)


def _disable_spouse(story: Story) -> None:
    """Only the spouse is severely disabled."""
    for member in story.members:
        member.disability_type = member.disability_grade = None
        member.health = Health.HEALTHY
    spouse = story.members[1]
    spouse.disability_type, spouse.disability_grade = DisabilityType.PHYSICAL, 2
    spouse.stage, spouse.labour = None, Labour.NONE
    settle_work(story)


def _cover_spouse_only(story: Story) -> None:
    """非整户保: only the disabled spouse of the family is covered (46-2.3)."""
    _disable_spouse(story)
    story.certified_members = [story.members[1]]


def _nobody_works(story: Story) -> None:
    """All members of working age are able to work, and none works (46-3.2.4)."""
    for member in story.members:
        member.disability_type = member.disability_grade = None
        member.health = Health.HEALTHY
        if member.labour is not Labour.NONE or member in story.members[:2]:
            member.labour = Labour.FULL
        if member.able:
            member.employment = Employment.UNEMPLOYED


def _leave_unemployed(story: Story) -> None:
    _drop_aid(story, AidKind.EMPLOYMENT)


def _leave_waiting(story: Story) -> None:
    story.referrals.append(unanswered(story, ReferralStatus.ACCEPTED, days_ago=40))


def _pay_late(story: Story) -> None:
    """One month's allowance was paid on the 17th (46-3.1)."""
    month = story.calendar.months[3]
    for place, aid in enumerate(story.aids):
        if aid.draft.kind is AidKind.BASIC_LIVING and aid.draft.period_from == month:
            paid_on = month + timedelta(days=16)
            at = aid.at.replace(day=paid_on.day)
            story.aids[place] = replace(aid, draft=replace(aid.draft, paid_on=paid_on), at=at)


def _take_mother_in(story: Story) -> None:
    """An old mother is registered with two of her children."""
    birth_date = years_after(story.calendar.as_of, -74)
    story.members.append(
        Member(Relation.PARENT, Gender.FEMALE, birth_date, "王秀兰", employment=Employment.RETIRED)
    )


def _number_mother(story: Story) -> None:
    mother = story.members[-1]
    first17 = f"{SAMPLE_REGION}{mother.birth_date:%Y%m%d}000"
    mother.number = first17 + check_digit(first17)


def _number_mother_elsewhere(story: Story) -> None:
    _number_mother(story)
    story.aids = [aid for aid in story.aids if aid.member is not story.members[-1]]


_ALLOWANCE, _MARGIN = Category.SUBSISTENCE_ALLOWANCE, Category.SUBSISTENCE_MARGIN
_COUPLE, _ELDERLY = Structure.COUPLE_WITH_CHILDREN, Structure.ELDERLY_COUPLE


def _monitored(subtype: MonitoredSubtype) -> HouseholdWish:
    return HouseholdWish(Category.POVERTY_RELAPSE_MONITORED, _COUPLE, subtype)


PLANTED: tuple[PlantedHousehold, ...] = (
    PlantedHousehold(Planted.DUPLICATE_ACROSS_DISTRICTS, "410105", Residence.URBAN,
                     HouseholdWish(_ALLOWANCE, _COUPLE, touch=_help_twice)),
    PlantedHousehold(Planted.DECEASED_RECIPIENT, "410181", Residence.RURAL,
                     HouseholdWish(Category.EXTREME_HARDSHIP, Structure.ELDERLY_SINGLE, shape=lambda _: None,
                                   touch=_die_unnoticed)),
    PlantedHousehold(Planted.STUDENT_WITHOUT_AID, "410102", Residence.URBAN,
                     HouseholdWish(_ALLOWANCE, Structure.SINGLE_PARENT, fits=_has_pupil, touch=_forget_student)),
    PlantedHousehold(Planted.SEVERE_DISABILITY_OUTSIDE, "410183", Residence.RURAL,
                     HouseholdWish(None, _ELDERLY, shape=_disable_spouse)),
    PlantedHousehold(Planted.PARTLY_COVERED, "410103", Residence.URBAN,
                     HouseholdWish(_ALLOWANCE, _COUPLE, shape=_cover_spouse_only)),
    PlantedHousehold(Planted.ZERO_EMPLOYMENT, "410104", Residence.URBAN,
                     HouseholdWish(_ALLOWANCE, _COUPLE, shape=_nobody_works, touch=_leave_unemployed)),
    PlantedHousehold(Planted.OVERDUE_REFERRAL, "410105", Residence.URBAN,
                     HouseholdWish(_MARGIN, _COUPLE, touch=_leave_waiting)),
    PlantedHousehold(Planted.LATE_PAYMENT, "410182", Residence.RURAL,
                     HouseholdWish(_ALLOWANCE, _ELDERLY, touch=_pay_late)),
    PlantedHousehold(Planted.PERSON_IN_TWO_HOUSEHOLDS, "410105", Residence.URBAN,
                     HouseholdWish(_ALLOWANCE, _COUPLE, shape=_take_mother_in, touch=_number_mother)),
    PlantedHousehold(Planted.PERSON_IN_TWO_HOUSEHOLDS, "410184", Residence.RURAL,
                     HouseholdWish(_MARGIN, _COUPLE, shape=_take_mother_in, touch=_number_mother_elsewhere)),
    PlantedHousehold(Planted.MONITORED_UNSTABLE, "410122", Residence.RURAL, _monitored(MonitoredSubtype.UNSTABLE)),
    PlantedHousehold(Planted.MONITORED_MARGINAL, "410185", Residence.RURAL, _monitored(MonitoredSubtype.MARGINAL)),
    PlantedHousehold(Planted.MONITORED_SUDDEN_HARDSHIP, "410183", Residence.RURAL,
                     _monitored(MonitoredSubtype.SUDDEN_HARDSHIP)),
)  # fmt: skip
"""The cases in the order of every sample. A small sample has only the first cases."""


@dataclass(frozen=True, slots=True)
class PlantedList:
    """A monthly list that is missing: its registry and county, `months_ago` before the month of the sample's day."""

    registry: Department
    county: str
    months_ago: int


LATE_LIST = PlantedList(Department.AGRICULTURE, "410185", 1)
"""The monthly list that monitoring must find late. It belongs to no household (46-2.2)."""


def planted_codes() -> Mapping[Planted, tuple[str, ...]]:
    """The codes of the households of each case, the same in every sample."""
    coded = [
        (planted.case, household_code(planted.place.township, serial))
        for serial, planted in enumerate(PLANTED, start=1)
    ]
    return {
        case: tuple(code for _, code in group) for case, group in groupby(coded, key=lambda pair: pair[0])
    }
