"""Stories before they become rows: reproducible and credible."""

from collections import Counter
from datetime import date, timedelta

import pytest

from hub.aid.drafts import detail_columns
from hub.model.aid import AidKind, AidStatus
from hub.model.certifications import Category
from hub.model.circumstances import CircumstanceKind
from hub.model.ledger import EventType
from hub.model.persons import EducationStage, Employment, Health, Labour, Relation
from hub.persons.identity_number import parse_identity_number
from hub.sample.calendar import years_after
from hub.sample.chains import events_of
from hub.sample.make import make_stories
from hub.sample.places import spread
from hub.sample.story import Story
from tests.hub.evaluation.entitlements.days import age
from tests.policy import IN_CHARGE, KNOWN_BY

AS_OF = date(2026, 11, 20)
OTHER_DAYS = (date(2026, 9, 1), date(2027, 1, 2), date(2028, 2, 29), date(2026, 3, 10))


def told(story: Story) -> tuple[object, ...]:
    return (
        story.id,
        story.code,
        story.address,
        story.income_per_capita,
        story.members,
        story.certifications,
        story.circumstances,
        story.aids,
        story.referrals,
        events_of(story),
    )


@pytest.fixture(scope="module")
def stories() -> list[Story]:
    return list(make_stories(600, 5, AS_OF))


def test_the_same_size_seed_and_day_tell_the_same_stories() -> None:
    first = [told(story) for story in make_stories(150, 3, AS_OF)]
    assert first == [told(story) for story in make_stories(150, 3, AS_OF)]
    assert first != [told(story) for story in make_stories(150, 4, AS_OF)]


@pytest.mark.parametrize("as_of", OTHER_DAYS)
def test_nothing_is_told_of_the_day_itself_or_later(as_of: date) -> None:
    for story in make_stories(150, 2, as_of):
        for event in events_of(story):
            assert event.occurred_at is not None
            assert event.occurred_at.date() < as_of
        for aid in story.aids:
            assert aid.draft.decided_on < as_of
            assert aid.draft.paid_on is None or aid.draft.decided_on <= aid.draft.paid_on < as_of
        assert all(member.birth_date < as_of for member in story.members)


def test_parents_are_twenty_years_older_than_their_children(stories: list[Story]) -> None:
    gap = {Relation.CHILD: 20, Relation.GRANDCHILD: 40, Relation.PARENT: -20}
    for story in stories:
        couple = [member for member in story.members if member.relation in (Relation.HEAD, Relation.SPOUSE)]
        assert story.head.relation is Relation.HEAD
        for member in story.members:
            if member.relation in (Relation.CHILD, Relation.GRANDCHILD):
                for elder in couple:
                    assert member.birth_date >= years_after(elder.birth_date, gap[member.relation])
            if member.relation is Relation.PARENT:
                assert member.birth_date <= years_after(story.head.birth_date, -20)


def test_a_couple_is_one_man_and_one_woman_and_no_household_has_two_heads(stories: list[Story]) -> None:
    for story in stories:
        relations = Counter(member.relation for member in story.members)
        assert relations[Relation.HEAD] == 1
        assert relations[Relation.SPOUSE] <= 1
        spouse = next((member for member in story.members if member.relation is Relation.SPOUSE), story.head)
        assert spouse is story.head or spouse.gender is not story.head.gender


def test_identity_numbers_are_valid_of_nobodys_region_and_fit_their_holders(stories: list[Story]) -> None:
    seen = Counter[str]()
    for story in stories:
        for member in story.members:
            parsed = parse_identity_number(member.number, sample=True)
            assert member.number.startswith("410199")
            assert (parsed.birth_date, parsed.gender) == (member.birth_date, member.gender)
            seen[member.number] += 1
    assert [count for count in seen.values() if count > 1] == [2], "the mother of two households, nobody else"


def test_school_work_and_ability_fit_age(stories: list[Story]) -> None:
    usual = {
        EducationStage.KINDERGARTEN: (3, 7),
        EducationStage.PRIMARY: (6, 13),
        EducationStage.JUNIOR_HIGH: (12, 16),
        EducationStage.SENIOR_HIGH: (15, 19),
        EducationStage.VOCATIONAL: (15, 19),
        EducationStage.COLLEGE: (18, 23),
    }
    for story in stories:
        for member in story.members:
            years = story.age(member)
            if member.stage is not None:
                assert usual[member.stage][0] <= years <= usual[member.stage][1]
                assert member.school
                assert member.employment is Employment.STUDYING
            if years < 16 or years >= 70:
                assert member.labour is Labour.NONE
                assert member.employment not in (Employment.EMPLOYED, Employment.UNEMPLOYED)
            assert member.labour is not Labour.FULL or member.health is Health.HEALTHY


def test_incomes_lie_on_the_right_side_of_the_subsistence_line(stories: list[Story]) -> None:
    for story in stories:
        line = 760 if story.place.township_name.endswith("街道") else 560
        supported = story.category in (Category.SUBSISTENCE_ALLOWANCE, Category.EXTREME_HARDSHIP)
        assert (story.income_per_capita < line) is supported


def test_certifications_come_from_the_authority_of_their_clause(stories: list[Story]) -> None:
    authority = {
        "46-1.2.1": ("civil_affairs", 9),
        "46-1.2.2": ("agriculture", 6),
        "46-1.2.3": ("civil_affairs", 6),
    }
    for story in stories:
        for certification in story.certifications:
            department, _, region = certification.authority.partition("@")
            assert (department, len(region)) == authority[certification.clause]
            assert story.place.code.startswith(region)


def test_circumstances_come_from_their_registry_and_are_true(stories: list[Story]) -> None:
    for story in stories:
        for circumstance in story.circumstances:
            assert circumstance.agency == f"{KNOWN_BY[circumstance.kind][0]}@{story.place.county}"
            member = circumstance.member
            assert (member is None) == (
                circumstance.kind in (CircumstanceKind.MONITORED, CircumstanceKind.DISASTER)
            )
            if member is not None:
                assert circumstance.since >= member.birth_date
            match circumstance.kind:
                case CircumstanceKind.HARDSHIP_STUDENT:
                    assert member is not None and member.stage is not None  # noqa: PT018  narrows for the checker
                case CircumstanceKind.REGISTERED_UNEMPLOYED:
                    assert member is not None and member.employment is Employment.UNEMPLOYED  # noqa: PT018
                case CircumstanceKind.SERIOUS_ILLNESS:
                    assert member is not None and member.health is Health.SERIOUS  # noqa: PT018
                case CircumstanceKind.DISABILITY:
                    assert member is not None and member.disability_grade  # noqa: PT018


def test_aid_comes_from_a_department_in_charge_with_the_details_of_its_kind(stories: list[Story]) -> None:
    kinds = Counter[AidKind]()
    for story in stories:
        for aid in story.aids:
            kinds[aid.draft.kind] += 1
            assert aid.agency.partition("@")[0] in IN_CHARGE[aid.draft.kind][1]
            columns = detail_columns(aid.draft.kind)
            assert aid.draft.detail.keys() <= columns.keys()
            for name, (kind, required) in columns.items():
                value = aid.draft.detail.get(name)
                assert isinstance(value, kind) or (value is None and not required)
            assert (aid.draft.status is AidStatus.PAID) == (aid.draft.paid_on is not None)
            assert aid.draft.amount is None or aid.draft.amount > 0
    assert set(kinds) == set(AidKind)
    assert 8 <= kinds.total() / len(stories) <= 14


def test_a_month_of_allowance_is_the_gap_to_the_line_and_the_supplements(stories: list[Story]) -> None:
    checked = 0
    for story in stories:
        if (
            story.category is not Category.SUBSISTENCE_ALLOWANCE
            or story.certified_members
            or len(story.living) < len(story.members)
        ):
            continue
        line = 760 if story.place.township_name.endswith("街道") else 560
        for aid in story.aids:
            if aid.draft.kind is AidKind.BASIC_LIVING:
                gap = (line - story.income_per_capita) * len(story.members)
                assert aid.draft.amount == gap + aid.draft.detail["month_supplement"]
                minors = sum(age(member.birth_date, aid.draft.period_from) < 18 for member in story.members)
                assert aid.draft.detail["month_supplement"] >= 100 * minors
                checked += 1
    assert checked > 500


def test_a_chain_begins_with_the_registration_and_rises_in_time(stories: list[Story]) -> None:
    for story in stories:
        drafts = events_of(story)
        assert drafts[0].type is EventType.HOUSEHOLD_REGISTERED
        instants = [draft.occurred_at for draft in drafts if draft.occurred_at]
        assert instants == sorted(instants)
        assert len(instants) == len(drafts)


def test_referrals_are_answered_in_time_except_where_planted(stories: list[Story]) -> None:
    for story in stories[13:]:
        for referral in story.referrals:
            assert referral.sent_at < referral.due_at
            assert referral.accepted_at is None or referral.sent_at < referral.accepted_at
            assert referral.closed_at is None or referral.sent_at < referral.closed_at <= referral.due_at
            assert referral.closed_at is not None or referral.due_at.date() > AS_OF + timedelta(days=1)


@pytest.mark.parametrize("households", [0, 1, 14, 100, 2000])
def test_the_counties_shares_add_up(households: int) -> None:
    assert sum(share for _, share in spread(households)) == households


def test_a_small_sample_holds_as_many_households_as_were_asked_for() -> None:
    assert len(list(make_stories(5, 1, AS_OF))) == 5
    assert len(list(make_stories(40, 1, AS_OF))) == 40
